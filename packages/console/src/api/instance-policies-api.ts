/** Policies of an instance (`/api/v2/instance/policies`): what holds for all its keys, and from where it takes calls. */
import type { Calls } from './client.ts'

/** What each policy says besides whether it is on. */
interface PolicyAttributes {
  readonly dualAuthDelete: Readonly<Record<string, never>>
  readonly rotation: { readonly interval_month?: number }
  readonly keyCreateImportAccess: {
    readonly create_root_key: boolean
    readonly create_standard_key: boolean
    readonly import_root_key: boolean
    readonly import_standard_key: boolean
    readonly enforce_token: boolean
  }
  readonly allowedNetwork: { readonly allowed_network: 'public-and-private' | 'private-only' }
  /** CIDR blocks. */
  readonly allowedIP: { readonly allowed_ip: readonly string[] }
  readonly metrics: Readonly<Record<string, never>>
}

export type PolicyKind = keyof PolicyAttributes

/** A policy of one kind, as it stands or as it is to be. */
export type PolicyValue<Kind extends PolicyKind = PolicyKind> = {
  [K in Kind]: { readonly kind: K; readonly isOn: boolean; readonly attributes: PolicyAttributes[K] }
}[Kind]

/** A policy that somebody has set. */
export interface SetPolicy {
  readonly value: PolicyValue
  /** RFC 3339. */
  readonly setAt: string
  /** Id of an identity. */
  readonly setBy: string
}

interface PoliciesRead {
  /** Those that were ever set; of the others what holds without them. */
  readonly policies: readonly SetPolicy[]
  /** The event of the trail that says that they were read. */
  readonly event: string | undefined
}

export interface InstancePoliciesApi {
  policies(signal?: AbortSignal): Promise<PoliciesRead>
  set(policy: PolicyValue): Promise<void>
}

interface Resource {
  readonly policy_type: PolicyKind
  readonly policy_data: { readonly enabled: boolean; readonly attributes?: object }
  readonly lastUpdated: string
  readonly updatedBy: string
}

const path = '/api/v2/instance/policies'
const policyType = 'application/vnd.ibm.kms.policy+json'

export function createInstancePoliciesApi({ send }: Calls, instance: string): InstancePoliciesApi {
  const headers = { 'Bluemix-Instance': instance }
  return {
    async policies(signal) {
      const response = await send(path, { headers, signal: signal ?? null })
      const { resources = [] } = (await response.json()) as { resources?: readonly Resource[] }
      return { policies: resources.map(policyOf), event: response.headers.get('Keywitness-Event-Id') ?? undefined }
    },
    async set({ kind, isOn, attributes }) {
      const data = { enabled: isOn, ...(Object.keys(attributes).length > 0 && { attributes }) }
      await send(`${path}?policy=${kind}`, {
        method: 'PUT',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          metadata: { collectionType: policyType, collectionTotal: 1 },
          resources: [{ policy_type: kind, policy_data: data }],
        }),
      })
    },
  }
}

function policyOf({ policy_type: kind, policy_data: data, lastUpdated, updatedBy }: Resource): SetPolicy {
  // The attributes are those of the kind: so the API is published.
  const value = { kind, isOn: data.enabled, attributes: data.attributes ?? {} } as PolicyValue
  return { value, setAt: lastUpdated, setBy: updatedBy }
}
