/** Whose numbers other servers deliver here: bound to one service ID each, so that nobody else can add to them. */
import type { Destination } from '../../audit.ts'
import type { Change, Reader } from '../../store/store.ts'

export interface DeliveringProducer extends Destination {
  readonly producer: string
  /** Id of the service ID that delivers. */
  readonly identity: string
  readonly bound_at: number
  /** When an administrator took the numbers from it; null while it delivers. */
  readonly released_at: number | null
}

const columns = 'account, location, producer, identity, bound_at, released_at'
const isIt = 'account = ? AND location = ? AND producer = ?'

/** Each account's trackers are bound by themselves: none learns what is bound elsewhere, or takes it away. */
export interface DeliveringProducers {
  find(place: Destination, producer: string): DeliveringProducer | undefined
  list(place: Destination): DeliveringProducer[]
  /** Holds at commit only while nobody has bound it. */
  bind(producer: Omit<DeliveringProducer, 'released_at'>): Change
  /** Ends it; it stays bound, so that nobody can bind it again. */
  release(producer: DeliveringProducer, now: number): Change
  /** Lets a released one be bound again, by whoever delivers then. */
  admit(producer: DeliveringProducer): Change
  /** Whether the numbers are those of the account's events on this server, which nobody delivers. */
  isOwn(account: string, producer: string): boolean
}

/** Whether it is this service ID that delivers. */
export function isBoundTo(known: DeliveringProducer | undefined, identity: string): boolean {
  return known?.identity === identity && known.released_at === null
}

export function deliveringProducers(reader: Reader): DeliveringProducers {
  return {
    find: ({ account, location }, producer) =>
      reader.get<DeliveringProducer>(
        `SELECT ${columns} FROM delivering_producers WHERE ${isIt}`,
        account,
        location,
        producer,
      ),
    list: ({ account, location }) =>
      reader.all<DeliveringProducer>(
        `SELECT ${columns} FROM delivering_producers WHERE account = ? AND location = ? ORDER BY bound_at, producer`,
        account,
        location,
      ),
    bind: ({ account, location, producer, identity, bound_at: boundAt }) => ({
      sql: `INSERT OR IGNORE INTO delivering_producers (${columns}) VALUES (?, ?, ?, ?, ?, NULL)`,
      params: [account, location, producer, identity, boundAt],
      rows: 1,
    }),
    release: ({ account, location, producer, identity }, now) => ({
      sql: `UPDATE delivering_producers SET released_at = ? WHERE ${isIt} AND identity = ? AND released_at IS NULL`,
      params: [now, account, location, producer, identity],
      rows: 1,
    }),
    admit: ({ account, location, producer }) => ({
      sql: `DELETE FROM delivering_producers WHERE ${isIt} AND released_at IS NOT NULL`,
      params: [account, location, producer],
      rows: 1,
    }),
    isOwn: (account, producer) =>
      reader.get('SELECT 1 AS own FROM producers WHERE account = ? AND producer = ?', account, producer) !== undefined,
  }
}
