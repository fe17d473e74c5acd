/** The EP11 keystores of a server: what their operations work with, and the work that falls due. */
import type { Access } from '../iam/roles.ts'
import type { Clock } from '../clock.ts'
import type { Sealer } from '../seal.ts'
import type { Forgetting } from '../store/forget.ts'
import type { Change, Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { Ep11Client } from '../units/ep11-client.ts'
import type { KeystoreParts } from './parts.ts'
import { keystoreStore } from './store.ts'
import { sweepJob } from './sweep.ts'

export interface KeystoreComposition {
  readonly reader: Reader
  readonly ep11: Ep11Client
  readonly access: Access
  readonly sealer: Sealer
  readonly clock: Pick<Clock, 'now'>
  readonly random: (bytes: number) => Uint8Array
  readonly forgetting: Pick<Forgetting, 'owe'>
  /** Commits bookkeeping without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export interface OpenKeystores {
  readonly parts: KeystoreParts
  readonly jobs: readonly TimerJob[]
}

export function openKeystores({ reader, forgetting, carry, ...others }: KeystoreComposition): OpenKeystores {
  const oweForgetting = (): void => forgetting.owe()
  return {
    parts: { ...others, keystores: keystoreStore(reader), oweForgetting },
    jobs: [sweepJob({ reader, carry, oweForgetting })],
  }
}
