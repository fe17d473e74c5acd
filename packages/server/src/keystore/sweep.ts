/** What was in a keystore that was deleted leaves a few objects at a time: nobody waits for it, and nobody finds it. */
import { remainsAt } from '../store/remains.ts'
import type { Change, Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'

const place = {
  owners: 'keystores_removed',
  owner: ['keystore'],
  rows: 'keystore_objects',
  index: 'keystore_objects_in_order',
  atOnce: 250,
} as const

export interface SweepParts {
  readonly reader: Reader
  /** Commits what needs no event: that of the keystore's deletion has told of it. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
  readonly oweForgetting: () => void
}

export function sweepJob({ reader, carry, oweForgetting }: SweepParts): TimerJob {
  const remains = remainsAt(reader, place)
  return {
    name: 'objects of deleted EP11 keystores',
    nextDue: () => (remains.areThere ? 0 : undefined),
    run: async () => {
      const piece = remains.next()
      if (piece === undefined) return
      await carry(piece.changes)
      if (piece.isLastOfOwner) oweForgetting()
    },
  }
}
