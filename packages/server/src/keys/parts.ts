/** What the key operations receive: the facts of a call, and the few parts they work with. */
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import type { RingGrants } from '../iam/role-grants-of-ring.ts'
import type { Access } from '../iam/roles.ts'
import type { Instance } from '../instances/instance.ts'
import type { SecureImports } from '../import-token/secure-import.ts'
import type { AdapterUse } from '../kmip/management/adapters.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { PoliciesInForce } from '../policies/in-force.ts'
import type { Registrations } from '../registrations/registrations.ts'
import type { UnitClient } from '../units/unit-client.ts'
import type { KeyLimits } from './limits.ts'
import type { KeyStore } from './store.ts'

/** Who calls about which instance, whatever protocol the call came by. */
export interface KeyCall {
  readonly caller: Caller
  readonly instance: Instance
  /** The key ring the caller named, if any. */
  readonly keyRing?: string
  readonly correlationId?: string
}

export interface KeyParts {
  readonly keys: KeyStore
  readonly unit: UnitClient
  readonly access: Pick<Access, 'requireInstance' | 'rings'>
  readonly clock: Pick<Clock, 'now'>
  /** Fresh random bytes, for ids. */
  readonly random: (bytes: number) => Uint8Array
  readonly limits: KeyLimits
  readonly policies: Pick<
    PoliciesInForce,
    'requireCreation' | 'requireToken' | 'dualAuthDeleteOf' | 'forNewKey' | 'keyPolicies' | 'purged'
  >
  readonly registrations: Registrations
  readonly lifecycle: Lifecycle
  readonly adapters: AdapterUse
  readonly ringGrants: RingGrants
  readonly imports: SecureImports
  /** Takes what a commit has erased out of the rest of the data folder too. */
  readonly forget: () => Promise<void>
}

/** A permission, as the roles grant it. */
export type Permission = Parameters<Access['requireInstance']>[2]
