/** Who may see and change the audit of one location: every identity with a role that reaches its tracker. */
import type { Reader } from '../store/store.ts'
import { type Identity, readIdentities } from './identities.ts'
import { type TrackerPermission, trackerPermissions, trackerRoles } from './permissions.ts'
import { permissionsOf } from './rights.ts'
import { grantColumns, type RoleGrant } from './role-grants.ts'

/** A role that reaches the tracker. */
export interface TrackerGrant {
  readonly grant: RoleGrant
  readonly can: readonly TrackerPermission[]
  /** Undefined for who is gone, or was none of the account. */
  readonly grantedByName: string | undefined
}

export interface TrackerHolder {
  readonly identity: Pick<Identity, 'id' | 'kind' | 'name' | 'state'>
  /** What it may now: nothing while it is disabled. */
  readonly can: readonly TrackerPermission[]
  /** Grants roles, to itself too. */
  readonly administersAccount: boolean
  readonly grants: readonly TrackerGrant[]
}

export interface TrackerAccess {
  /** In the order of their ids, those after `after`. */
  holders(account: string, location: string, after: string, limit: number): TrackerHolder[]
}

const roles = trackerRoles.map((role) => `'${role}'`).join(', ')

/** ?1 location. The account's administrators are among them: their role reaches every tracker. */
const reaches = `g.role IN (${roles}) AND (g.scope = 'account' OR (g.scope = 'tracker' AND g.scope_id = ?1))`

const page = `SELECT i.id, i.kind, i.name, i.state FROM identities i
  WHERE i.account = ?2 AND i.id > ?3 AND EXISTS (SELECT 1 FROM role_grants g WHERE g.identity = i.id AND ${reaches})
  ORDER BY i.id LIMIT ?4`

const grantsOf = `SELECT ${grantColumns('g')} FROM (SELECT value AS holder FROM json_each(?2))
  CROSS JOIN role_grants g ON g.identity = holder WHERE ${reaches} ORDER BY g.created_at, g.id`

export function readTrackerAccess(reader: Reader): TrackerAccess {
  const identities = readIdentities(reader)
  return {
    holders(account, location, after, limit) {
      const found = reader.all<TrackerHolder['identity']>(page, location, account, after, limit)
      const grants = reader.all<RoleGrant>(grantsOf, location, JSON.stringify(found.map(({ id }) => id)))
      const names = identities.namesOf(
        account,
        grants.map(({ createdBy }) => createdBy),
      )
      const held = Map.groupBy(grants, ({ identity }) => identity)
      return found.map((identity) => holderOf(identity, held.get(identity.id) ?? [], names))
    },
  }
}

function holderOf(
  identity: TrackerHolder['identity'],
  held: readonly RoleGrant[],
  names: ReadonlyMap<string, string>,
): TrackerHolder {
  const grants = held.map((grant) => ({
    grant,
    can: permissionsOf(grant).filter((name) => isOfTracker(name)),
    grantedByName: names.get(grant.createdBy),
  }))
  const isActive = identity.state === 'active'
  return {
    identity,
    can: isActive ? [...new Set(grants.flatMap(({ can }) => can))].toSorted((a, b) => (a < b ? -1 : 1)) : [],
    administersAccount: held.some(({ role, scope }) => scope === 'account' && role === 'Administrator'),
    grants,
  }
}

function isOfTracker(name: string): name is TrackerPermission {
  return Object.hasOwn(trackerPermissions, name)
}
