/** KMIP adapters of an instance, their certificates and objects (`/api/v2/kmip_adapters`), and where their listener is. */
import type { Calls } from './client.ts'
import { type KeyStateName, type ObjectState, objectStates } from './key-states.ts'
import type { Part } from './types.ts'

export interface KmipAdapter {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly profile_data: { readonly crk_id: string }
  readonly created_at: string
  readonly created_by: string
}

export interface KmipCertificate {
  readonly id: string
  readonly name: string
  readonly created_at: string
  readonly created_by: string
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string
  readonly subject: string
  /** Both left out for a time that no date can tell. */
  readonly notBefore?: string
  readonly notAfter?: string
}

export interface KmipObject {
  readonly id: string
  /** KMIP's enumeration. */
  readonly kmip_object_type: number
  /** 1 pre-active to 6 destroyed compromised. */
  readonly state: number
  readonly created_at?: string
  readonly created_by?: string
  readonly updated_at?: string
  readonly updated_by?: string
  readonly destroyed_at?: string
  readonly destroyed_by?: string
}

interface NewAdapter {
  readonly name: string
  readonly description: string
  /** Id or alias. */
  readonly rootKey: string
  readonly isExpiringKeyAllowed: boolean
}

/** A root key; an adapter can be bound to an active one. */
export interface RootKey {
  readonly id: string
  readonly name: string
  readonly state: KeyStateName
  readonly expiresAt?: string
}

/** The listener of the server. */
export interface KmipEndpoint {
  /** None when it listens on all addresses. */
  readonly host?: string
  readonly port: number
  readonly fingerprint: string
  readonly subject: string
  readonly notAfter: string
  /** PEM; none when the certificate is the operator's own. */
  readonly caCertificate?: string
}

export interface KmipApi {
  adapters(after: string | null, signal?: AbortSignal): Promise<Part<KmipAdapter>>
  create(adapter: NewAdapter): Promise<KmipAdapter>
  remove(adapter: string): Promise<void>
  certificates(adapter: string, signal?: AbortSignal): Promise<readonly KmipCertificate[]>
  addCertificate(adapter: string, name: string, pem: string): Promise<KmipCertificate>
  removeCertificate(adapter: string, certificate: string): Promise<void>
  /** @param states in any of them when none is given */
  objects(
    adapter: string,
    states: readonly ObjectState[],
    after: string | null,
    signal?: AbortSignal,
  ): Promise<Part<KmipObject>>
  /** Destroys it. @param force also while it is active */
  removeObject(adapter: string, object: string, force: boolean): Promise<void>
  /** Root keys that are not destroyed, the first 200. */
  rootKeys(signal?: AbortSignal): Promise<readonly RootKey[]>
  /** Undefined when it is off. */
  endpoint(signal?: AbortSignal): Promise<KmipEndpoint | undefined>
}

interface Envelope<Resource> {
  readonly resources: readonly Resource[]
}

const root = '/api/v2/kmip_adapters'
const pageSize = 100

export function createKmipApi({ send, read }: Calls, instance: string): KmipApi {
  const headers = { 'Bluemix-Instance': instance }
  const pathOf = (adapter: string, ...more: readonly string[]): string =>
    [root, ...[adapter, ...more].map(encodeURIComponent)].join('/')
  const list = <T>(path: string, signal?: AbortSignal): Promise<Envelope<T>> =>
    read<Envelope<T>>(path, { headers, signal: signal ?? null })
  async function page<T>(path: string, query: string, after: string | null, signal?: AbortSignal): Promise<Part<T>> {
    const offset = after === null ? 0 : Number(after)
    const { resources } = await list<T>(`${path}?limit=${pageSize}&offset=${offset}${query}`, signal)
    return { items: resources, next: resources.length < pageSize ? null : String(offset + pageSize) }
  }
  async function make<T>(path: string, type: string, resource: object): Promise<T> {
    const body = {
      metadata: { collectionType: `application/vnd.ibm.kms.${type}+json`, collectionTotal: 1 },
      resources: [resource],
    }
    const init = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' } }
    const { resources } = await read<Envelope<T>>(path, { ...init, body: JSON.stringify(body) })
    // The server answers with what it made; an answer without it cannot be shown, and is none of its own.
    return resources[0] as T
  }
  const remove = async (path: string): Promise<void> => void (await send(path, { method: 'DELETE', headers }))
  return {
    adapters: (after, signal) => page<KmipAdapter>(root, '', after, signal),
    create: ({ name, description, rootKey, isExpiringKeyAllowed }) =>
      make<KmipAdapter>(isExpiringKeyAllowed ? `${root}?allowExpiringKey=true` : root, 'kmip_adapter', {
        profile: 'native_1.0',
        profile_data: { crk_id: rootKey },
        name,
        ...(description !== '' && { description }),
      }),
    remove: (adapter) => remove(pathOf(adapter)),
    certificates: async (adapter, signal) =>
      (await list<KmipCertificate>(`${pathOf(adapter, 'certificates')}?limit=200`, signal)).resources,
    addCertificate: (adapter, name, certificate) =>
      make<KmipCertificate>(pathOf(adapter, 'certificates'), 'kmip_client_certificate', {
        certificate,
        ...(name !== '' && { name }),
      }),
    removeCertificate: (adapter, certificate) => remove(pathOf(adapter, 'certificates', certificate)),
    objects(adapter, states, after, signal) {
      const asked = states.length === 0 ? objectStates : states
      return page<KmipObject>(pathOf(adapter, 'kmip_objects'), `&state=${asked.join(',')}`, after, signal)
    },
    removeObject: (adapter, object, force) =>
      remove(`${pathOf(adapter, 'kmip_objects', object)}${force ? '?force=true' : ''}`),
    rootKeys: async (signal) => {
      const path = `/v1/instances/${encodeURIComponent(instance)}/inventory/keys?kind=root&limit=200`
      return (await read<{ keys: readonly RootKey[] }>(path, { signal: signal ?? null })).keys
    },
    endpoint: async (signal) =>
      (await read<{ endpoints: { kmip?: KmipEndpoint } }>('/v1/locations', { signal: signal ?? null })).endpoints.kmip,
  }
}
