/** What the operations on keystores receive: the facts of a call, and the few parts they work with. */
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import type { Access } from '../iam/roles.ts'
import type { Instance } from '../instances/instance.ts'
import type { Sealer } from '../seal.ts'
import type { Ep11Client } from '../units/ep11-client.ts'
import type { KeystoreStore } from './store.ts'

/** Who calls about which instance, whatever protocol the call came by. */
export interface KeystoreCall {
  readonly caller: Caller
  readonly instance: Instance
}

export interface KeystoreParts {
  readonly keystores: KeystoreStore
  readonly ep11: Ep11Client
  readonly access: Pick<Access, 'requireKeystore' | 'keystores'>
  /** For what is under no master key. */
  readonly sealer: Sealer
  readonly clock: Pick<Clock, 'now'>
  /** Fresh random bytes, for ids. */
  readonly random: (bytes: number) => Uint8Array
  /** What was deleted is to leave the rest of the data folder too. */
  readonly oweForgetting: () => void
}
