/** The events of one group by their time: how many lie between two times. Old ones that lie close are put together. */
import { exactTimesMax, newestExact, windowParts } from './limits.ts'
import { savedList, savedNumbers } from './saved-state.ts'
import { StateError } from './rule-error.ts'

/** First place in an ascending list from which on all are at least this. */
export function placeOf(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}

/** So many of the items from one place to before another, at even distances; the last is one. */
export function evenly<T>(items: readonly T[], from: number, to: number, most: number): T[] {
  const count = Math.min(most, to - from)
  return Array.from({ length: count }, (_, n) => items[from + Math.ceil(((n + 1) * (to - from)) / count) - 1]!)
}

export class EventWindow {
  #times: number[] = []
  /** The newest event of each place. */
  #indexes: number[] = []
  /** Events up to each place, it included, counted from where no one remembers. */
  #upTo: number[] = []
  #before = 0

  get size(): number {
    return this.#times.length
  }

  get newest(): number {
    return this.#times.at(-1) ?? Number.NEGATIVE_INFINITY
  }

  add(time: number, index: number): void {
    // Behind those of the same time: they came earlier.
    const place = time >= this.newest ? this.#times.length : placeOf(this.#times, time + 1)
    const before = place === 0 ? this.#before : this.#upTo[place - 1]!
    this.#times.splice(place, 0, time)
    this.#indexes.splice(place, 0, index)
    this.#upTo.splice(place, 0, before + 1)
    for (let later = place + 1; later < this.#upTo.length; later++) this.#upTo[later]! += 1
  }

  /** Events from one time to another, both included. */
  between(from: number, to: number): number {
    return this.#countBelow(placeOf(this.#times, to + 1)) - this.#countBelow(placeOf(this.#times, from))
  }

  /** Times from one to another, both included, in order; of more, so many that lie evenly among them, the last is one. */
  timesBetween(from: number, to: number, most: number): number[] {
    return evenly(this.#times, placeOf(this.#times, from), placeOf(this.#times, to + 1), most)
  }

  /** Indexes of the newest events between two times, both included, so many at most, ascending. */
  newestIndexes(from: number, to: number, most: number): number[] {
    const end = placeOf(this.#times, to + 1)
    const start = Math.max(placeOf(this.#times, from), end - most)
    return this.#indexes.slice(start, end).toSorted((a, b) => a - b)
  }

  dropBefore(time: number): void {
    this.#dropFirst(placeOf(this.#times, time))
  }

  dropUpTo(time: number): void {
    this.#dropFirst(placeOf(this.#times, time + 1))
  }

  /** Makes room: what cannot lie in a window with `time` goes; then what lies within a small part of one is one place. */
  trim(time: number, windowMs: number): void {
    if (this.size <= exactTimesMax) return
    const end = placeOf(this.#times, time + windowMs + 1)
    this.#times.length = end
    this.#indexes.length = end
    this.#upTo.length = end
    this.dropBefore(time - windowMs)
    if (this.size > exactTimesMax / 2) this.#putTogether(Math.ceil(windowMs / windowParts))
  }

  save(): unknown {
    const counts = this.#upTo.map((count, place) => count - this.#countBelow(place))
    return [this.#times, this.#indexes, counts]
  }

  static load(saved: unknown): EventWindow {
    const [times = [], indexes = [], counts = []] = savedList(saved).map(savedNumbers)
    if (times.length !== indexes.length || times.length !== counts.length || times.length > exactTimesMax) {
      throw new StateError('its times are not those of its events')
    }
    const window = new EventWindow()
    window.#times = times
    window.#indexes = indexes
    let sum = 0
    window.#upTo = counts.map((count) => (sum += count))
    return window
  }

  #countBelow(place: number): number {
    return place === 0 ? this.#before : this.#upTo[place - 1]!
  }

  #dropFirst(places: number): void {
    if (places === 0) return
    this.#before = this.#countBelow(places)
    this.#times.splice(0, places)
    this.#indexes.splice(0, places)
    this.#upTo.splice(0, places)
  }

  /** All but the newest; a place has the time of its newest event, so that none is let go early. */
  #putTogether(partMs: number): void {
    const kept: number[] = []
    const last = this.size - newestExact
    for (let place = 0; place < this.size; place++) {
      const part = Math.floor(this.#times[place]! / partMs)
      const isFollowed = place + 1 < last && Math.floor(this.#times[place + 1]! / partMs) === part
      if (!isFollowed) kept.push(place)
    }
    this.#times = kept.map((place) => this.#times[place]!)
    this.#indexes = kept.map((place) => this.#indexes[place]!)
    this.#upTo = kept.map((place) => this.#upTo[place]!)
  }
}
