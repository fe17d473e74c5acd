/** What was in a keystore that was deleted leaves a few objects at a time: nobody waits for it, and nobody finds it. */
import type { Change, Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'

/** Objects that leave in one commit. */
const objectsAtOnce = 250

const next = 'SELECT keystore FROM keystores_removed LIMIT 1'
const some = `SELECT number FROM keystore_objects INDEXED BY keystore_objects_in_order WHERE keystore = ?1
  LIMIT ${objectsAtOnce}`
const count = `SELECT count(*) AS count FROM (${some})`
const remove = `DELETE FROM keystore_objects WHERE number IN (${some})`
const swept = 'DELETE FROM keystores_removed WHERE keystore = ?'

export interface SweepParts {
  readonly reader: Reader
  /** Commits what needs no event: that of the keystore's deletion has told of it. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
  readonly oweForgetting: () => void
}

export function sweepJob({ reader, carry, oweForgetting }: SweepParts): TimerJob {
  return {
    name: 'objects of deleted EP11 keystores',
    nextDue: () => (reader.get(next) === undefined ? undefined : 0),
    run: async () => {
      const keystore = reader.get<{ keystore: number }>(next)?.keystore
      if (keystore === undefined) return
      const rows = reader.get<{ count: number }>(count, keystore)?.count ?? 0
      const isLast = rows < objectsAtOnce
      await carry([
        ...(rows === 0 ? [] : [{ sql: remove, params: [keystore], rows }]),
        ...(isLast ? [{ sql: swept, params: [keystore], rows: 1 }] : []),
      ])
      if (isLast) oweForgetting()
    },
  }
}
