/** Whose numbers other servers deliver here: bound to one service ID each, so that nobody else can add to them. */
import type { Destination } from '../audit.ts'
import type { Change, Reader } from '../store/store.ts'

export interface DeliveringProducer {
  readonly producer: string
  readonly account: string
  readonly location: string
  /** Id of the service ID that delivers. */
  readonly identity: string
  readonly bound_at: number
}

const columns = 'producer, account, location, identity, bound_at'

export interface DeliveringProducers {
  find(producer: string): DeliveringProducer | undefined
  list(place: Destination): DeliveringProducer[]
  /** Holds at commit only while nobody has bound it. */
  bind(producer: DeliveringProducer): Change
  release(producer: DeliveringProducer): Change
  /** Whether the numbers are this server's own, which nobody delivers. */
  isOwn(producer: string): boolean
}

export function deliveringProducers(reader: Reader): DeliveringProducers {
  return {
    find: (producer) =>
      reader.get<DeliveringProducer>(`SELECT ${columns} FROM delivering_producers WHERE producer = ?`, producer),
    list: ({ account, location }) =>
      reader.all<DeliveringProducer>(
        `SELECT ${columns} FROM delivering_producers WHERE account = ? AND location = ? ORDER BY bound_at, producer`,
        account,
        location,
      ),
    bind: ({ producer, account, location, identity, bound_at: boundAt }) => ({
      sql: `INSERT INTO delivering_producers (${columns}) VALUES (?, ?, ?, ?, ?)`,
      params: [producer, account, location, identity, boundAt],
      rows: 1,
    }),
    release: ({ producer, identity }) => ({
      sql: 'DELETE FROM delivering_producers WHERE producer = ? AND identity = ?',
      params: [producer, identity],
      rows: 1,
    }),
    isOwn: (producer) => reader.get('SELECT 1 AS own FROM producers WHERE producer = ?', producer) !== undefined,
  }
}
