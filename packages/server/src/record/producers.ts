/** Who numbers events: one producer per destination, so that each log sees gap-free numbers; an epoch per start. */
import { randomUUID } from 'node:crypto'
import type { Destination } from '../audit.ts'
import type { Store } from '../store/store.ts'
import { type OpenPeriod, openPeriodOf } from './counting.ts'

/** State of one destination. Only the committer moves it, and only after the commit that says the same. */
export interface Producer {
  readonly destination: number
  readonly account: string
  readonly location: string
  readonly id: string
  epoch: number
  /** Last number given; the next event gets the one after. */
  sequence: number
  /** Last outbox number its tracker has acknowledged. */
  delivered: number
  /** False until this process has opened its epoch with an event. */
  isOpen: boolean
  /** When it recorded something last, by the monotonic clock; before its first event 0. */
  recordedAt: number
  /** What is counted of the hour under way. */
  counting: OpenPeriod | undefined
}

interface ProducerRow {
  destination: number
  account: string
  location: string
  producer: string
  epoch: number
  sequence: number
  delivered: number
  counting: string
  ended: number
}

export class Producers {
  /** Those that number, by account and location: every call asks, and joining the two into one name costs more. */
  readonly #byPlace = new Map<string, Map<string, Producer>>()
  readonly #byNumber = new Map<number, Producer>()

  constructor(store: Store) {
    for (const row of store.all<ProducerRow>('SELECT * FROM producers ORDER BY ended DESC')) {
      this.#add({
        destination: row.destination,
        account: row.account,
        location: row.location,
        id: row.producer,
        epoch: row.epoch,
        sequence: row.sequence,
        delivered: row.delivered,
        isOpen: false,
        recordedAt: 0,
        counting: openPeriodOf(row.counting),
      })
      if (row.ended === 1) this.end(row)
    }
  }

  /** The destination's producer; a new one starts at epoch 0, number 0. Its row is written by its first commit. */
  at(place: Destination): Producer {
    const known = this.#byPlace.get(place.account)?.get(place.location)
    if (known !== undefined) return known
    const fresh: Producer = {
      destination: Math.max(0, ...this.#byNumber.keys()) + 1,
      account: place.account,
      location: place.location,
      id: randomUUID(),
      epoch: 0,
      sequence: 0,
      delivered: 0,
      isOpen: false,
      recordedAt: 0,
      counting: undefined,
    }
    this.#add(fresh)
    return fresh
  }

  byNumber(destination: number): Producer | undefined {
    return this.#byNumber.get(destination)
  }

  /** Those that number. */
  all(): Producer[] {
    return [...this.#byNumber.values()].filter((producer) => this.#isNumbering(producer))
  }

  /** Those that number no more. */
  ended(): Producer[] {
    return [...this.#byNumber.values()].filter((producer) => !this.#isNumbering(producer))
  }

  /** The highest outbox number that a tracker has acknowledged. */
  delivered(): number {
    return Math.max(0, ...[...this.#byNumber.values()].map(({ delivered }) => delivered))
  }

  /** The producer of a place numbers no more; the next event there gets another one. */
  end({ account, location }: Destination): void {
    this.#byPlace.get(account)?.delete(location)
  }

  #isNumbering(producer: Producer): boolean {
    return this.#byPlace.get(producer.account)?.get(producer.location) === producer
  }

  #add(producer: Producer): void {
    const places = this.#byPlace.get(producer.account) ?? new Map<string, Producer>()
    this.#byPlace.set(producer.account, places.set(producer.location, producer))
    this.#byNumber.set(producer.destination, producer)
  }
}
