/** Who may do what: the decision every operation asks for, read from the store each time and never cached. */
import type { Caller } from '../caller.ts'
import type { Instance } from '../instances/instance.ts'
import type { AccountPermission, InstancePermission, TrackerPermission } from './permissions.ts'

/** The key rings in which a caller has a permission. */
export type Rings = 'all' | ReadonlySet<string>

/** Decisions. Every `require…` throws `Refusal` `UNAUTHORIZED_ERR` (401) when the permission is missing. */
export interface Access {
  /** With `keyRing`, a role on the instance or on that ring permits; without, only a role on the whole instance. */
  requireInstance(caller: Caller, instance: Instance, permission: InstancePermission, keyRing?: string): void
  /** For lists and for finding a key whose ring is not known yet: refuses only when the caller has it nowhere. */
  rings(caller: Caller, instance: Instance, permission: InstancePermission): Rings
  requireTracker(caller: Caller, location: string, permission: TrackerPermission): void
  requireAccount(caller: Caller, permission: AccountPermission): void
}
