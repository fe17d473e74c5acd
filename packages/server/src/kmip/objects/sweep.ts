/** What is left of an adapter that was removed, destroyed objects all of them, leaves a few at a time: nobody waits for it. */
import type { Change, Reader } from '../../store/store.ts'
import type { TimerJob } from '../../timers/timers.ts'
import type { Place } from './object-store.ts'

/** Objects that leave in one commit. */
const objectsAtOnce = 500

const next = 'SELECT instance, adapter FROM kmip_adapters_removed LIMIT 1'
const some = `SELECT number FROM kmip_objects INDEXED BY kmip_objects_created WHERE instance = ?1 AND adapter = ?2
  LIMIT ${objectsAtOnce}`
const count = `SELECT count(*) AS count FROM (${some})`
const remove = `DELETE FROM kmip_objects WHERE number IN (${some})`
const swept = 'DELETE FROM kmip_adapters_removed WHERE instance = ? AND adapter = ?'

export interface SweepParts {
  readonly reader: Reader
  /** Commits what needs no event: that of the adapter's removal has told of it. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export function sweepJob({ reader, carry }: SweepParts): TimerJob {
  return {
    name: 'objects of removed KMIP adapters',
    nextDue: () => (reader.get(next) === undefined ? undefined : 0),
    run: async () => {
      const place = reader.get<Place>(next)
      if (place === undefined) return
      const params = [place.instance, place.adapter]
      const rows = reader.get<{ count: number }>(count, ...params)?.count ?? 0
      const isLast = rows < objectsAtOnce
      await carry([
        ...(rows === 0 ? [] : [{ sql: remove, params, rows }]),
        ...(isLast ? [{ sql: swept, params, rows: 1 }] : []),
      ])
    },
  }
}
