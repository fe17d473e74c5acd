/** Counts what each producer records, in the commits that record it: apart from the events, so that a lost one shows. */
import type { WrittenEvent } from '@keywitness/cadf'
import type { Store } from '../store/store.ts'
import type { Producer } from './producers.ts'

/** A stretch of a producer's numbers, about an hour of them, that still grows. */
export interface OpenPeriod {
  /** Hours since the epoch, by the clock of the commits. */
  readonly hour: number
  /** Milliseconds since the epoch. */
  readonly began: number
  readonly first: number
  /** By `<action> <outcome>`. */
  readonly counts: Readonly<Record<string, number>>
}

const hourMs = 3_600_000
/** Periods are kept this long, milliseconds. */
const keepMs = 400 * 24 * hourMs

const insertPeriod = 'INSERT INTO recorded_periods (destination, first, last, began_at, counts) VALUES (?, ?, ?, ?, ?)'
const forgetPeriods = 'DELETE FROM recorded_periods WHERE destination = ? AND began_at < ?'

/** A group's counts, while its transaction is open. */
export class Counting {
  readonly #store: Store
  readonly #group = new Map<Producer, Map<string, number>>()
  readonly #next = new Map<Producer, OpenPeriod>()

  constructor(store: Store) {
    this.#store = store
  }

  /** A new group: what was counted and not committed is forgotten. */
  begin(): void {
    this.#group.clear()
    this.#next.clear()
  }

  add(producer: Producer, { action, outcome }: WrittenEvent): void {
    let counts = this.#group.get(producer)
    if (counts === undefined) {
      counts = new Map()
      this.#group.set(producer, counts)
    }
    const name = `${action} ${outcome}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }

  /** What the producer's row is to hold. A period of another hour is over: it gets a row of its own. */
  write(producer: Producer, now: number): string {
    const added = this.#group.get(producer)
    if (added === undefined) return textOf(producer.counting)
    const hour = Math.floor(now / hourMs)
    let open = producer.counting
    if (open !== undefined && open.hour !== hour) {
      const { first, began, counts } = open
      this.#store.run(insertPeriod, [producer.destination, first, producer.sequence, began, JSON.stringify(counts)])
      this.#store.run(forgetPeriods, [producer.destination, now - keepMs])
      open = undefined
    }
    open ??= { hour, began: now, first: producer.sequence + 1, counts: {} }
    const counts: Record<string, number> = { ...open.counts }
    for (const [name, count] of added) counts[name] = (counts[name] ?? 0) + count
    const next = { ...open, counts }
    this.#next.set(producer, next)
    return textOf(next)
  }

  /** The group is committed. */
  adopt(): void {
    for (const [producer, open] of this.#next) producer.counting = open
  }
}

function textOf(open: OpenPeriod | undefined): string {
  return open === undefined ? '' : JSON.stringify(open)
}

/** The period under way as its producer's row has it; counting begins anew where there is none. */
export function openPeriodOf(text: string): OpenPeriod | undefined {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as OpenPeriod
  } catch {
    return undefined
  }
}
