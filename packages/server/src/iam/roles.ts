/** Who may do what: the decision every operation asks for, read from the store each time and never cached. */
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import {
  type AccountPermission,
  accountPermissions,
  type InstancePermission,
  instancePermissions,
  type KeystorePermission,
  keystorePermissions,
  type Role,
  type TrackerPermission,
  trackerPermissions,
} from './permissions.ts'
import type { RoleGrant, RoleGrants } from './role-grants.ts'

/** The key rings in which a caller has a permission. */
export type Rings = 'all' | ReadonlySet<string>

/** The EP11 keystores and keys for which a caller has a permission: of those listed, only what is public. */
export type Keystores = 'all' | { readonly keystores: ReadonlySet<string>; readonly keys: ReadonlySet<string> }

/** A keystore that there is, and the key in it that a call is about. */
export interface KeystorePlace {
  readonly id: string
  readonly isPublic: boolean
  readonly key?: string
}

/** Decisions. Every `require…` throws `Refusal` `UNAUTHORIZED_ERR` (401) when the permission is missing. */
export interface Access {
  /** With `keyRing`, a role on the instance or on that ring permits; without, only a role on the whole instance. */
  requireInstance(caller: Caller, instance: Instance, permission: InstancePermission, keyRing?: string): void
  /** For lists and for finding a key whose ring is not known yet: refuses only when the caller has it nowhere. */
  rings(caller: Caller, instance: Instance, permission: InstancePermission): Rings
  /**
   * With a role on the instance, or on this public keystore or key alone. A key ring's roles say nothing of keystores.
   * `place` undefined: for creating, and for what there is nothing to look up of.
   */
  requireKeystore(
    caller: Caller,
    instance: Instance,
    permission: KeystorePermission,
    place: KeystorePlace | undefined,
  ): void
  /** For lists: refuses only when the caller has it nowhere. */
  keystores(caller: Caller, instance: Instance, permission: KeystorePermission): Keystores
  requireTracker(caller: Caller, location: string, permission: TrackerPermission): void
  requireAccount(caller: Caller, permission: AccountPermission): void
  /** As `requireAccount`, as a question: for what others may do, too. */
  mayOnAccount(caller: Caller, permission: AccountPermission): boolean
  /** As `requireInstance` and `requireTracker`, as a question: for lists that show only what the caller may see. */
  maySeeInstance(caller: Caller, instance: Instance): boolean
  mayReadTracker(caller: Caller, location: string): boolean
  mayAdministerTracker(caller: Caller, location: string): boolean
}

/** Whether a permission on some keystores and keys reaches this one: never into a private keystore. */
export function isWithin(allowed: Keystores, { id, isPublic, key }: KeystorePlace): boolean {
  if (allowed === 'all') return true
  return isPublic && (allowed.keystores.has(id) || (key !== undefined && allowed.keys.has(key)))
}

export function createAccess(grants: Pick<RoleGrants, 'inForce'>): Access {
  const grantsOf = (caller: Caller): readonly RoleGrant[] => grants.inForce(caller.account, caller.id)

  function rings(caller: Caller, instance: Instance, permission: InstancePermission): Rings | undefined {
    // An instance of another account is never the caller's, whatever was granted.
    if (instance.account !== caller.account) return undefined
    const permitting: readonly Role[] = instancePermissions[permission]
    const found = new Set<string>()
    for (const grant of grantsOf(caller)) {
      const covers = grant.scope === 'account' || (grant.scope === 'instance' && grant.scopeId === instance.guid)
      if (!covers) continue
      // Administrators of the account see that its instances exist; what is inside needs a role of its own.
      const administers = permission === 'instance.read' && grant.scope === 'account' && grant.role === 'Administrator'
      if (!administers && !permitting.includes(grant.role)) continue
      // What counts for one keystore or key only shows that there is an instance, and nothing else of it.
      if (grant.resourceType !== '' && permission !== 'instance.read') continue
      if (grant.resourceType === '' && grant.keyRing === '') return 'all'
      found.add(grant.keyRing)
    }
    return found.size > 0 ? found : undefined
  }

  function keystores(caller: Caller, instance: Instance, permission: KeystorePermission): Keystores {
    const permitting: readonly Role[] = keystorePermissions[permission]
    const found = { keystores: new Set<string>(), keys: new Set<string>() }
    if (instance.account !== caller.account) return found
    for (const { role, scope, scopeId, keyRing, resourceType, resource } of grantsOf(caller)) {
      const covers = scope === 'account' || (scope === 'instance' && scopeId === instance.guid && keyRing === '')
      if (!covers || !permitting.includes(role)) continue
      if (resourceType === '') return 'all'
      found[resourceType === 'keystore' ? 'keystores' : 'keys'].add(resource)
    }
    return found
  }

  function mayUseTracker(caller: Caller, location: string, permission: TrackerPermission): boolean {
    const permitting: readonly Role[] = trackerPermissions[permission]
    return grantsOf(caller).some(
      (grant) =>
        permitting.includes(grant.role) &&
        (grant.scope === 'account' || (grant.scope === 'tracker' && grant.scopeId === location)),
    )
  }

  function mayOnAccount(caller: Caller, permission: AccountPermission): boolean {
    const permitting: readonly Role[] = accountPermissions[permission]
    return grantsOf(caller).some((grant) => grant.scope === 'account' && permitting.includes(grant.role))
  }

  return {
    requireInstance(caller, instance, permission, keyRing) {
      const allowed = rings(caller, instance, permission)
      if (allowed === 'all') return
      if (keyRing !== undefined && allowed?.has(keyRing) === true) return
      throw new Refusal('UNAUTHORIZED_ERR')
    },
    rings(caller, instance, permission) {
      const allowed = rings(caller, instance, permission)
      if (allowed === undefined) throw new Refusal('UNAUTHORIZED_ERR')
      return allowed
    },
    requireKeystore(caller, instance, permission, place) {
      const allowed = keystores(caller, instance, permission)
      if (allowed === 'all' || (place !== undefined && isWithin(allowed, place))) return
      throw new Refusal('UNAUTHORIZED_ERR')
    },
    keystores(caller, instance, permission) {
      const allowed = keystores(caller, instance, permission)
      if (allowed === 'all' || allowed.keystores.size + allowed.keys.size > 0) return allowed
      throw new Refusal('UNAUTHORIZED_ERR')
    },
    requireTracker(caller, location, permission) {
      if (!mayUseTracker(caller, location, permission)) throw new Refusal('UNAUTHORIZED_ERR')
    },
    requireAccount(caller, permission) {
      if (!mayOnAccount(caller, permission)) throw new Refusal('UNAUTHORIZED_ERR')
    },
    mayOnAccount,
    maySeeInstance: (caller, instance) => rings(caller, instance, 'instance.read') !== undefined,
    mayReadTracker: (caller, location) => mayUseTracker(caller, location, 'trail.read'),
    mayAdministerTracker: (caller, location) => mayUseTracker(caller, location, 'trail.administer'),
  }
}
