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
  readonly #byPlace = new Map<string, Producer>()
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
    const key = `${place.account}/${place.location}`
    const known = this.#byPlace.get(key)
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
    return [...this.#byPlace.values()]
  }

  /** Those that number no more. */
  ended(): Producer[] {
    const numbering = new Set(this.#byPlace.values())
    return [...this.#byNumber.values()].filter((producer) => !numbering.has(producer))
  }

  /** The highest outbox number that a tracker has acknowledged. */
  delivered(): number {
    return Math.max(0, ...[...this.#byNumber.values()].map(({ delivered }) => delivered))
  }

  /** The producer of a place numbers no more; the next event there gets another one. */
  end({ account, location }: Destination): void {
    this.#byPlace.delete(`${account}/${location}`)
  }

  #add(producer: Producer): void {
    this.#byPlace.set(`${producer.account}/${producer.location}`, producer)
    this.#byNumber.set(producer.destination, producer)
  }
}
