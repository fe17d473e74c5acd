/** Granted roles in the server store. */
import type { Change, Reader } from '../store/store.ts'
import { accountResourceCrn } from './names.ts'
import type { Role } from './permissions.ts'

type ScopeKind = 'account' | 'instance' | 'tracker'

export interface RoleGrant {
  /** UUID. */
  readonly id: string
  readonly account: string
  readonly identity: string
  readonly role: Role
  readonly scope: ScopeKind
  /** GUID of the instance or location of the tracker; empty for the account. */
  readonly scopeId: string
  /** Empty: the whole instance. */
  readonly keyRing: string
  /** Empty: no limit; otherwise the role counts for one EP11 keystore or key only, and for nothing else. */
  readonly resourceType: '' | 'keystore' | 'key'
  /** UUID of that keystore or key; nothing need have it yet. */
  readonly resource: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly createdBy: string
}

/** Where a role counts, as answers show it. */
export interface GrantScope {
  readonly kind: ScopeKind
  /** GUID of the instance or location of the tracker. */
  readonly id?: string
  readonly keyRing?: string
  readonly keystore?: string
  readonly key?: string
}

export function grantScope({ scope, scopeId, keyRing, resourceType, resource }: RoleGrant): GrantScope {
  return {
    kind: scope,
    ...(scopeId === '' ? {} : { id: scopeId }),
    ...(keyRing === '' ? {} : { keyRing }),
    ...(resourceType === '' ? {} : { [resourceType]: resource }),
  }
}

/** Roles of one identity. Decisions read them all, so this also bounds what a decision costs. */
export const roleGrantsMax = 200

/** The columns of a grant, as `RoleGrant` names them, of the table by this name. */
export function grantColumns(table: string): string {
  const [t, as] = [`${table}.`, (column: string, name: string) => `${table}.${column} AS ${name}`]
  const limited = [as('key_ring', 'keyRing'), as('resource_type', 'resourceType'), `${t}resource`]
  const renamed = [as('scope_id', 'scopeId'), ...limited, as('created_at', 'createdAt')]
  return `${t}id, ${t}account, ${t}identity, ${t}role, ${t}scope, ${renamed.join(', ')}, ${as('created_by', 'createdBy')}`
}

const columns = grantColumns('role_grants')

export interface RoleGrants {
  find(account: string, id: string): RoleGrant | undefined
  /** All of one identity. */
  of(account: string, identity: string): RoleGrant[]
  /** Those that count now: none of an identity that is disabled, even for what it had begun before. */
  inForce(account: string, identity: string): readonly RoleGrant[]
  list(account: string, after: string, limit: number): RoleGrant[]
  /** Identities other than this one that administer the account and are not disabled. */
  otherAdministrators(account: string, identity: string): number
}

export function readRoleGrants(reader: Reader): RoleGrants {
  return {
    find: (account, id) =>
      reader.get<RoleGrant>(`SELECT ${columns} FROM role_grants WHERE id = ? AND account = ?`, id, account),
    of: (account, identity) =>
      reader.all<RoleGrant>(`SELECT ${columns} FROM role_grants WHERE identity = ? AND account = ?`, identity, account),
    inForce: (account, identity) =>
      reader.rememberedAll<RoleGrant>(
        `SELECT ${columns} FROM role_grants WHERE identity = ?1 AND account = ?2
         AND EXISTS (SELECT 1 FROM identities WHERE id = ?1 AND state = 'active')`,
        identity,
        account,
      ),
    list: (account, after, limit) =>
      reader.all<RoleGrant>(
        `SELECT ${columns} FROM role_grants WHERE account = ? AND id > ? ORDER BY id LIMIT ?`,
        account,
        after,
        limit,
      ),
    otherAdministrators: (account, identity) =>
      reader.get<{ count: number }>(`SELECT (${otherAdministrators}) AS count`, account, identity)?.count ?? 0,
  }
}

const otherAdministrators = `SELECT count(*) FROM role_grants g JOIN identities i ON i.id = g.identity
  WHERE g.account = ? AND g.scope = 'account' AND g.role = 'Administrator' AND i.state = 'active' AND i.id <> ?`

export function insertRoleGrant(grant: RoleGrant): Change {
  const { id, account, identity, role, scope, scopeId, keyRing, resourceType, resource, createdAt, createdBy } = grant
  const where = [scope, scopeId, keyRing, resourceType, resource]
  return {
    sql: `INSERT INTO role_grants (id, account, identity, role, scope, scope_id, key_ring, resource_type, resource,
        created_at, created_by)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
      WHERE (SELECT count(*) FROM role_grants WHERE identity = ?) < ${roleGrantsMax}
      ON CONFLICT DO NOTHING`,
    params: [id, account, identity, role, ...where, createdAt, createdBy, identity],
    rows: 1,
  }
}

export function deleteRoleGrant(grant: RoleGrant): Change {
  return { sql: 'DELETE FROM role_grants WHERE id = ? AND account = ?', params: [grant.id, grant.account], rows: 1 }
}

/**
 * Holds as long as somebody else administers the account: stands beside a change that takes an administrator away.
 * It touches the account's own row, so that it affects exactly one.
 */
export function administratorRemains(account: string, without: string): Change {
  return {
    sql: `UPDATE accounts SET id = id WHERE id = ? AND (${otherAdministrators}) > 0`,
    params: [account, account, without],
    rows: 1,
  }
}

/** What the event of a grant or its end says. */
export function factsOfGrant(cname: string, grant: RoleGrant, identityName: string) {
  const { id, account, identity, role, scope, scopeId, keyRing, resourceType, resource } = grant
  return {
    target: { id: accountResourceCrn(cname, account, 'role', id), name: identityName },
    request: {
      role,
      identityId: identity,
      scope: [scope, scopeId, keyRing, resourceType, resource].filter((part) => part !== '').join('/'),
    },
  }
}
