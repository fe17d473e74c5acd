/** Who may do what in the account (`/v1/iam`), and who reaches the audit of a location. */
import type { Calls } from './client.ts'
import type { Part, Scope } from './types.ts'

export type IdentityKind = 'user' | 'serviceId'
type IdentityState = 'active' | 'disabled'

export interface Identity {
  readonly id: string
  readonly kind: IdentityKind
  readonly name: string
  readonly email?: string
  readonly description?: string
  readonly state: IdentityState
  readonly createdAt: string
  readonly createdBy: string
}

export interface ApiKey {
  readonly id: string
  readonly identity: string
  readonly name: string
  readonly state: IdentityState
  readonly createdAt: string
  readonly createdBy: string
}

export interface RoleGrant {
  readonly id: string
  readonly identity: string
  readonly role: string
  readonly scope: Scope
  readonly createdAt: string
  readonly createdBy: string
}

/** An identity with a role that reaches a tracker. */
export interface AuditHolder {
  readonly identity: { readonly id: string; readonly kind: string; readonly name: string; readonly state: string }
  /** What it may now: nothing while it is disabled. */
  readonly can: readonly string[]
  /** Grants roles, to itself too. */
  readonly administersAccount: boolean
  readonly roles: readonly {
    readonly id: string
    readonly role: string
    readonly scope: Scope
    readonly grantedAt: string
    readonly grantedBy: { readonly id: string; readonly name?: string }
  }[]
}

interface NewIdentity {
  readonly name: string
  /** Email of a user, description of a service ID; empty for none. */
  readonly about: string
}

export interface IamApi {
  identities(kind: IdentityKind, after: string | null, signal?: AbortSignal): Promise<Part<Identity>>
  create(kind: IdentityKind, wish: NewIdentity): Promise<Identity>
  setState(kind: IdentityKind, id: string, state: IdentityState): Promise<void>
  remove(kind: IdentityKind, id: string): Promise<void>
  apiKeys(identity: string, after: string | null, signal?: AbortSignal): Promise<Part<ApiKey>>
  /** The secret of the new API key: told this once. */
  createApiKey(identity: string, name: string): Promise<string>
  setApiKeyState(id: string, state: IdentityState): Promise<void>
  removeApiKey(id: string): Promise<void>
  /** Of everybody in the account, as far as `rolesMost` goes. */
  roles(signal?: AbortSignal): Promise<{ readonly roles: readonly RoleGrant[]; readonly isWhole: boolean }>
  grant(identity: string, role: string, scope: Scope): Promise<void>
  revoke(id: string): Promise<void>
  auditHolders(location: string, after: string | null, signal?: AbortSignal): Promise<Part<AuditHolder>>
}

const paths = { user: '/v1/iam/users', serviceId: '/v1/iam/service-ids' } as const
const lists = { user: 'users', serviceId: 'serviceIds' } as const
const about = { user: 'email', serviceId: 'description' } as const
const limit = 200
/** More than this the page does not gather; it says so. */
const rolesMost = 5_000

export function createIamApi({ send, read }: Calls): IamApi {
  const from = (after: string | null): string => (after === null ? '' : `&after=${encodeURIComponent(after)}`)
  async function page<Item>(
    path: string,
    list: string,
    after: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Part<Item>> {
    const sign = path.includes('?') ? '&' : '?'
    const answer = await read<Record<string, readonly Item[]> & { next: string | null }>(
      `${path}${sign}limit=${limit}${from(after)}`,
      { signal: signal ?? null },
    )
    return { items: answer[list] ?? [], next: answer.next }
  }
  const said = (method: string, body: object): RequestInit => ({
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const change = async (path: string, init: RequestInit): Promise<void> => {
    await send(path, init)
  }
  const one = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`
  return {
    identities: (kind, after, signal) => page(paths[kind], lists[kind], after, signal),
    create: (kind, wish) =>
      read(paths[kind], said('POST', { name: wish.name, ...(wish.about !== '' && { [about[kind]]: wish.about }) })),
    setState: (kind, id, state) => change(one(paths[kind], id), said('PATCH', { state })),
    remove: (kind, id) => change(one(paths[kind], id), { method: 'DELETE' }),
    apiKeys: (identity, after, signal) =>
      page(`/v1/iam/api-keys?identity=${encodeURIComponent(identity)}`, 'apiKeys', after, signal),
    createApiKey: async (identity, name) =>
      (await read<{ apikey: string }>('/v1/iam/api-keys', said('POST', { identity, name }))).apikey,
    setApiKeyState: (id, state) => change(one('/v1/iam/api-keys', id), said('PATCH', { state })),
    removeApiKey: (id) => change(one('/v1/iam/api-keys', id), { method: 'DELETE' }),
    async roles(signal) {
      const roles: RoleGrant[] = []
      let after: string | null = null
      do {
        const part: Part<RoleGrant> = await page('/v1/iam/roles', 'roles', after, signal)
        roles.push(...part.items)
        after = part.next
      } while (after !== null && roles.length < rolesMost)
      return { roles, isWhole: after === null }
    },
    grant: (identity, role, scope) => change('/v1/iam/roles', said('POST', { identity, role, scope })),
    revoke: (id) => change(one('/v1/iam/roles', id), { method: 'DELETE' }),
    auditHolders: (location, after, signal) =>
      page(`/v1/trackers/${encodeURIComponent(location)}/access`, 'access', after, signal),
  }
}
