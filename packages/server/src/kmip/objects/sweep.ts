/** What is left of an adapter that was removed, destroyed objects all of them, leaves a few at a time: nobody waits for it. */
import { remainsAt } from '../../store/remains.ts'
import type { Change, Reader } from '../../store/store.ts'
import type { TimerJob } from '../../timers/timers.ts'

const place = {
  owners: 'kmip_adapters_removed',
  owner: ['instance', 'adapter'],
  rows: 'kmip_objects',
  index: 'kmip_objects_created',
  atOnce: 500,
} as const

export interface SweepParts {
  readonly reader: Reader
  /** Commits what needs no event: that of the adapter's removal has told of it. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export function sweepJob({ reader, carry }: SweepParts): TimerJob {
  const remains = remainsAt(reader, place)
  return {
    name: 'objects of removed KMIP adapters',
    nextDue: () => (remains.areThere ? 0 : undefined),
    run: async () => {
      const piece = remains.next()
      if (piece !== undefined) await carry(piece.changes)
    },
  }
}
