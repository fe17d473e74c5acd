/** The tracker as a producer of its own: its identity, and up to which anomaly it has told. */
import { randomUUID } from 'node:crypto'
import type { Anomaly } from '../api.ts'
import type { Database, Statement } from '../store/disk.ts'

export interface OwnProducer {
  readonly producer: string
  /** Number of the last anomaly that an event tells of. */
  readonly told: number
}

type AnomalyRow = Omit<Anomaly, 'index' | 'received'> & { readonly entry: number; readonly number: number }

/** An anomaly with the number that the store gave it. */
export type NumberedAnomaly = Omit<Anomaly, 'received'> & { readonly number: number }

export class OwnRows {
  readonly #read: Statement<OwnProducer>
  readonly #insert: Statement<never>
  readonly #update: Statement<never>
  readonly #untold: Statement<AnomalyRow>
  #own: OwnProducer | undefined

  constructor(db: Database) {
    this.#read = db.prepare('SELECT producer, told FROM own_producer')
    this.#insert = db.prepare('INSERT INTO own_producer (producer, told) VALUES (?, ?)')
    this.#update = db.prepare('UPDATE own_producer SET told=?')
    this.#untold = db.prepare(
      'SELECT number, kind, producer, epoch, first, last, entry FROM anomalies WHERE number>? ORDER BY number LIMIT ?',
    )
  }

  /** Who the tracker is as a producer; a new identity until its first event is kept. */
  own(): OwnProducer {
    this.#own ??= this.#read.get() ?? { producer: randomUUID(), told: 0 }
    return this.#own
  }

  /** Whether this producer is the tracker itself. */
  isOwn(producer: string): boolean {
    return producer === this.own().producer
  }

  untold(limit: number): NumberedAnomaly[] {
    return this.#untold.all(this.own().told, limit).map(({ entry, ...anomaly }) => ({ ...anomaly, index: entry }))
  }

  /** Notes up to which anomaly is told; part of the transaction that keeps the events which tell it. */
  setTold(told: number): void {
    if (this.#update.run(told).changes === 0) this.#insert.run(this.own().producer, told)
  }

  /** The transaction is committed. */
  adopt(told: number): void {
    this.#own = { ...this.own(), told }
  }
}
