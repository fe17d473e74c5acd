/** What an identity's roles permit, told to itself: by it a console shows what can be done and hides what cannot. */
import {
  accountPermissions,
  type AccountPermission,
  instancePermissions,
  type InstancePermission,
  keystorePermissions,
  type KeystorePermission,
  type Role,
  trackerPermissions,
  type TrackerPermission,
} from './permissions.ts'
import { grantScope, type GrantScope, type RoleGrant } from './role-grants.ts'

export type Permission = AccountPermission | InstancePermission | KeystorePermission | TrackerPermission

/** Everything that holds at one place. */
export interface Right {
  readonly scope: GrantScope
  /** In alphabetical order, each once. */
  readonly roles: readonly Role[]
  /** The same. On a key ring, keystore or key they count for what lies in it. */
  readonly can: readonly Permission[]
}

/** One of each scope that roles were granted on, the account's first. */
export function rightsOf(grants: readonly RoleGrant[]): Right[] {
  const places = new Map<string, RoleGrant[]>()
  for (const grant of grants) {
    const { scope, scopeId, keyRing, resourceType, resource } = grant
    const place = [scope, scopeId, keyRing, resourceType, resource].join('/')
    places.set(place, [...(places.get(place) ?? []), grant])
  }
  const inOrder = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, granted]) => granted)
  return inOrder.flatMap((granted) => {
    const [first] = granted
    if (first === undefined) return []
    const roles = sorted(granted.map(({ role }) => role))
    return [{ scope: grantScope(first), roles, can: sorted(granted.flatMap(permissionsOf)) }]
  })
}

/** The words of `Access` for one grant. */
export function permissionsOf(grant: RoleGrant): Permission[] {
  const { role, scope, keyRing, resourceType } = grant
  const isOnInstances = scope === 'account' || scope === 'instance'
  const found: Permission[] = []
  // What counts for one keystore or key only shows that there is an instance, and nothing else of it.
  if (isOnInstances && resourceType === '') found.push(...permitting(instancePermissions, role))
  else if (isOnInstances) found.push('instance.read')
  if (isOnInstances && keyRing === '') found.push(...permitting(keystorePermissions, role))
  if (scope === 'account' || scope === 'tracker') found.push(...permitting(trackerPermissions, role))
  if (scope === 'account') found.push(...permitting(accountPermissions, role))
  // Administrators of the account see that its instances exist; what is inside needs a role of its own.
  if (scope === 'account' && role === 'Administrator') found.push('instance.read')
  return found
}

function permitting<Name extends Permission>(table: Readonly<Record<Name, readonly Role[]>>, role: Role): Name[] {
  return (Object.keys(table) as Name[]).filter((name) => table[name].includes(role))
}

function sorted<Word extends string>(words: readonly Word[]): Word[] {
  return [...new Set(words)].toSorted((a, b) => (a < b ? -1 : 1))
}
