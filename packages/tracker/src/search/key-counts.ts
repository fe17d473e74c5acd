/** How often each of many texts was found, and where first and last: bounded, however many there are. */
import { countedValuesMax } from '../limits.ts'
import type { EntrySubject } from './entry-subject.ts'

export interface Counted {
  readonly count: number
  /** Indexes of the oldest event looked at, and of the newest. */
  readonly first: number
  readonly newest: number
}

/** One event, as something that was found. */
export function onceAt({ index }: EntrySubject): Counted {
  return { count: 1, first: index, newest: index }
}

/** Counts of at most 10,000 keys; of those beyond, only how many events they are. */
export class KeyCounts {
  readonly #counts = new Map<string, Counted>()
  #others = 0

  add(key: string, { count, first, newest }: Counted): void {
    const known = this.#counts.get(key)
    if (known !== undefined) {
      this.#counts.set(key, {
        count: known.count + count,
        first: Math.min(known.first, first),
        newest: Math.max(known.newest, newest),
      })
    } else if (this.#counts.size < countedValuesMax) this.#counts.set(key, { count, first, newest })
    else this.#others += count
  }

  /** The most frequent keys, and how many events have others. */
  top(limit: number): {
    readonly found: readonly (readonly [key: string, counted: Counted])[]
    readonly others: number
  } {
    const all = [...this.#counts].toSorted(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1))
    const others = all.slice(limit).reduce((sum, [, { count }]) => sum + count, this.#others)
    return { found: all.slice(0, limit), others }
  }
}
