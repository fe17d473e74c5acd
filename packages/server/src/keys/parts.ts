/** What the key operations receive: the facts of a call, and the few parts they work with. */
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import type { Access } from '../iam/roles.ts'
import type { Instance } from '../instances/instance.ts'
import type { UnitClient } from '../units/unit-client.ts'
import type { KeyLimits } from './limits.ts'
import type { KeyStore } from './store.ts'

/** Who calls about which instance, whatever protocol the call came by. */
export interface KeyCall {
  readonly caller: Caller
  readonly instance: Instance
  /** The key ring the caller named, if any. */
  readonly keyRing?: string
}

export interface KeyParts {
  readonly keys: KeyStore
  readonly unit: UnitClient
  readonly access: Pick<Access, 'requireInstance' | 'rings'>
  readonly clock: Pick<Clock, 'now'>
  /** Fresh random bytes, for ids. */
  readonly random: (bytes: number) => Uint8Array
  readonly limits: KeyLimits
}

/** A permission, as the roles grant it. */
export type Permission = Parameters<Access['requireInstance']>[2]
