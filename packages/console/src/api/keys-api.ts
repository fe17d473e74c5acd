/** The keys of an instance: their inventory, and what is done to them. Payloads are never asked for. */
import type { Calls } from './client.ts'
import type { KeyKind, KeyStateName } from './key-states.ts'
import type { Part } from './types.ts'

/** An identity; without a name when it is gone. */
export interface Who {
  readonly id: string
  readonly name?: string
}

/** As the inventory lists it. Times are RFC 3339. */
export interface InventoryKey {
  readonly id: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly description?: string
  readonly tags?: readonly string[]
  readonly ring: string
  readonly kind: KeyKind
  readonly imported: boolean
  readonly state: KeyStateName
  readonly createdAt: string
  readonly createdBy: Who
  readonly rotatedAt?: string
  readonly versions: number
  /** Of the policy in force; months of 30 days. */
  readonly rotation: { readonly everyMonths: number; readonly dueAt: string | null; readonly overdue: boolean } | null
  readonly expiresAt?: string
  /** Two people must agree to its deletion. */
  readonly needsTwo: boolean
  /** The first of two people has agreed. */
  readonly deletion: { readonly by: Who; readonly at: string; readonly expiresAt: string } | null
  readonly deletedAt?: string
  readonly deletedBy?: Who
  readonly restoreUntil?: string
  /** From then on somebody may purge it; at `purgeAt` the service does. */
  readonly purgeFrom?: string
  readonly purgeAt?: string
  /** Resources that it protects, and whether one of them forbids its deletion. */
  readonly registrations: number
  readonly protectedByRegistration: boolean
}

export type InventoryCounts = Readonly<Record<KeyStateName | 'waiting' | 'overdue', number>>

export interface InventoryQuery {
  readonly state?: readonly KeyStateName[] | undefined
  readonly kind?: KeyKind | undefined
  readonly ring?: string | undefined
  /** Rotation due within so many days; 0: overdue. */
  readonly due?: number | undefined
  readonly waiting?: boolean | undefined
  readonly search?: string | undefined
}

/** When the server answered; milliseconds. */
export interface Answered {
  /** By its own clock. */
  readonly at: number
  /** What is added to this computer's time to have the server's. */
  readonly clockOffset: number
}

export interface InventoryPart extends Part<InventoryKey> {
  readonly counts: InventoryCounts
  readonly answered: Answered
}

interface KeyVersion {
  readonly id: string
  readonly creationDate: string
}

interface Registration {
  readonly resourceCrn: string
  readonly description?: string
  readonly preventKeyDeletion: boolean
  readonly creationDate: string
}

/** A group of keys, on which roles can be granted. `default` is there always, made by nobody. */
export interface KeyRing {
  readonly id: string
  readonly creationDate?: string
  /** Id of an identity. */
  readonly createdBy?: string
}

/** A key that the service makes: its material is never given, and never asked for. */
export interface NewKey {
  readonly kind: KeyKind
  readonly name: string
  /** Empty for none. */
  readonly description: string
  readonly aliases: readonly string[]
  readonly ring: string
  /** RFC 3339. */
  readonly expiresAt: string | undefined
  /** In place of what the instance gives to new keys; undefined: that. */
  readonly policies: { readonly needsTwo: boolean; readonly rotationMonths: number | null } | undefined
}

/** What is done to a key with nothing said besides. */
type PlainAct = 'rotate' | 'enable' | 'disable' | 'setKeyForDeletion' | 'unsetKeyForDeletion'

export interface KeysApi {
  inventory(query: InventoryQuery, after: string | null, signal?: AbortSignal): Promise<InventoryPart>
  /** Of all keys that one may see. */
  counts(signal?: AbortSignal): Promise<InventoryCounts>
  key(id: string, signal?: AbortSignal): Promise<{ readonly key: InventoryKey; readonly answered: Answered }>
  versions(id: string, signal?: AbortSignal): Promise<readonly KeyVersion[]>
  registrations(id: string, signal?: AbortSignal): Promise<readonly Registration[]>
  rings(signal?: AbortSignal): Promise<readonly KeyRing[]>
  createRing(id: string): Promise<void>
  /** @param force also with keys in it, if all are destroyed: they move to `default` */
  removeRing(id: string, force: boolean): Promise<void>
  /** Gives its id. */
  create(key: NewKey): Promise<string>
  act(id: string, act: PlainAct): Promise<void>
  /** @param force also while it protects resources */
  remove(id: string, force: boolean): Promise<void>
  restore(id: string): Promise<void>
  /** Nothing is left of it then. */
  purge(id: string): Promise<void>
  addAlias(id: string, alias: string): Promise<void>
  removeAlias(id: string, alias: string): Promise<void>
  move(id: string, ring: string): Promise<void>
  /** @param months between rotations; null: no rotation by policy */
  setRotation(id: string, months: number | null): Promise<void>
  /** From then on two people must agree to the deletion; nothing takes that back. */
  requireTwo(id: string): Promise<void>
}

const keyType = 'application/vnd.ibm.kms.key+json'
const policyType = 'application/vnd.ibm.kms.policy+json'
/** More than a key may have versions, or a page registrations. */
const most = 1_000

export function createKeysApi({ send, read }: Calls, instance: string): KeysApi {
  const inventory = `/v1/instances/${encodeURIComponent(instance)}/inventory/keys`
  const headers = { 'Bluemix-Instance': instance }
  const pathOf = (id: string): string => `/api/v2/keys/${encodeURIComponent(id)}`
  const ringPath = (id: string): string => `/api/v2/key_rings/${encodeURIComponent(id)}`
  const list = <T>(path: string, signal: AbortSignal | undefined): Promise<Resources<T>> =>
    read(path, { headers, signal: signal ?? null })
  const change = async (method: string, path: string, body?: object): Promise<void> => {
    const said =
      body === undefined
        ? { headers }
        : { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
    await send(path, { method, ...said })
  }
  const setPolicy = (id: string, name: string, policy: object): Promise<void> =>
    change('PUT', `${pathOf(id)}/policies?policy=${name}`, {
      metadata: { collectionType: policyType, collectionTotal: 1 },
      resources: [{ type: policyType, [name]: policy }],
    })
  return {
    async inventory(query, after, signal) {
      const params = paramsOf(query)
      if (after !== null) params.set('after', after)
      const response = await send(`${inventory}?${params}`, { signal: signal ?? null })
      const body = (await response.json()) as Omit<InventoryPart, 'items'> & { keys: readonly InventoryKey[] }
      return { items: body.keys, counts: body.counts, next: body.next, answered: answeredAt(response) }
    },
    counts: async (signal) =>
      (await read<{ counts: InventoryCounts }>(`${inventory}?limit=1`, { signal: signal ?? null })).counts,
    async key(id, signal) {
      const response = await send(`${inventory}/${encodeURIComponent(id)}`, { signal: signal ?? null })
      return { key: (await response.json()) as InventoryKey, answered: answeredAt(response) }
    },
    versions: async (id, signal) =>
      (await list<KeyVersion>(`${pathOf(id)}/versions?allKeyStates=true&limit=${most}`, signal)).resources ?? [],
    registrations: async (id, signal) =>
      (await list<Registration>(`${pathOf(id)}/registrations?limit=${most}`, signal)).resources ?? [],
    rings: async (signal) => (await list<KeyRing>('/api/v2/key_rings', signal)).resources ?? [],
    createRing: (id) => change('POST', ringPath(id)),
    removeRing: (id, force) => change('DELETE', `${ringPath(id)}${force ? '?force=true' : ''}`),
    async create(key) {
      const path = key.policies === undefined ? '/api/v2/keys' : '/api/v2/keys_with_policy_overrides'
      const answer = await read<Resources<{ id: string }>>(path, {
        method: 'POST',
        headers: {
          ...headers,
          'Content-Type': 'application/json',
          'X-Kms-Key-Ring': key.ring,
          // The payload of a standard key stays where it is.
          Prefer: 'return=minimal',
        },
        body: JSON.stringify({
          metadata: { collectionType: keyType, collectionTotal: 1 },
          resources: [resourceOf(key)],
        }),
      })
      return answer.resources?.[0]?.id ?? ''
    },
    act: (id, act) => change('POST', `${pathOf(id)}/actions/${act}`),
    remove: (id, force) => change('DELETE', `${pathOf(id)}${force ? '?force=true' : ''}`),
    restore: (id) => change('POST', `${pathOf(id)}/restore`),
    purge: (id) => change('DELETE', `${pathOf(id)}/purge`),
    addAlias: (id, alias) => change('POST', `${pathOf(id)}/aliases/${encodeURIComponent(alias)}`),
    removeAlias: (id, alias) => change('DELETE', `${pathOf(id)}/aliases/${encodeURIComponent(alias)}`),
    move: (id, ring) => change('PATCH', pathOf(id), { keyRingID: ring }),
    setRotation: (id, months) =>
      setPolicy(id, 'rotation', months === null ? { enabled: false } : { enabled: true, interval_month: months }),
    requireTwo: (id) => setPolicy(id, 'dualAuthDelete', { enabled: true }),
  }
}

interface Resources<T> {
  /** Absent from an empty list. */
  readonly resources?: readonly T[]
}

function resourceOf({ kind, name, description, aliases, expiresAt, policies }: NewKey): object {
  return {
    type: keyType,
    name,
    extractable: kind === 'standard',
    ...(description !== '' && { description }),
    ...(aliases.length > 0 && { aliases }),
    ...(expiresAt !== undefined && { expirationDate: expiresAt }),
    ...(policies !== undefined && {
      dualAuthDelete: { enabled: policies.needsTwo },
      ...(policies.rotationMonths !== null && {
        rotation: { enabled: true, interval_month: policies.rotationMonths },
      }),
    }),
  }
}

function paramsOf({ state, kind, ring, due, waiting, search }: InventoryQuery): URLSearchParams {
  const params = new URLSearchParams({ limit: '200' })
  if (state !== undefined && state.length > 0) params.set('state', state.join(','))
  if (kind !== undefined) params.set('kind', kind)
  if (ring !== undefined) params.set('ring', ring)
  if (due !== undefined) params.set('due', String(due))
  if (waiting === true) params.set('waiting', 'true')
  if (search !== undefined) params.set('search', search)
  return params
}

/** By the header `Date`, which is exact to the second. */
function answeredAt({ headers }: Response): Answered {
  const here = Date.now()
  const there = Date.parse(headers.get('Date') ?? '')
  return Number.isNaN(there) ? { at: here, clockOffset: 0 } : { at: there, clockOffset: there - here }
}
