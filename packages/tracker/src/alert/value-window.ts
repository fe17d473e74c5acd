/** The different values of one group by when each was seen last: how many lie between two times. */
import { evenly, placeOf } from './event-window.ts'
import { rememberedMax } from './limits.ts'
import { savedList, savedNumbers, savedTexts } from './saved-state.ts'
import { StateError } from './rule-error.ts'

export class ValueWindow {
  /** Ascending; the three lists go together. */
  #times: number[] = []
  #indexes: number[] = []
  #values: string[] = []
  readonly #seen = new Map<string, number>()
  #characters = 0

  get size(): number {
    return this.#times.length
  }

  get characters(): number {
    return this.#characters
  }

  get newest(): number {
    return this.#times.at(-1) ?? Number.NEGATIVE_INFINITY
  }

  /** A value was seen; of one that was seen later already nothing changes. */
  add(value: string, time: number, index: number): void {
    const seen = this.#seen.get(value)
    if (seen !== undefined) {
      if (seen >= time) return
      let place = placeOf(this.#times, seen)
      while (this.#values[place] !== value) place += 1
      this.#remove(place, 1)
    }
    const place = time >= this.newest ? this.#times.length : placeOf(this.#times, time + 1)
    this.#times.splice(place, 0, time)
    this.#indexes.splice(place, 0, index)
    this.#values.splice(place, 0, value)
    this.#seen.set(value, time)
    this.#characters += value.length
  }

  /** Values seen last from one time to another, both included. */
  between(from: number, to: number): number {
    return placeOf(this.#times, to + 1) - placeOf(this.#times, from)
  }

  timesBetween(from: number, to: number, most: number): number[] {
    return evenly(this.#times, placeOf(this.#times, from), placeOf(this.#times, to + 1), most)
  }

  newestIndexes(from: number, to: number, most: number): number[] {
    const end = placeOf(this.#times, to + 1)
    const start = Math.max(placeOf(this.#times, from), end - most)
    return this.#indexes.slice(start, end).toSorted((a, b) => a - b)
  }

  dropBefore(time: number): void {
    this.#remove(0, placeOf(this.#times, time))
  }

  dropUpTo(time: number): void {
    this.#remove(0, placeOf(this.#times, time + 1))
  }

  /**
   * Makes room: what cannot lie in a window with `time` goes, then the oldest.
   *
   * @returns whether something went that had a meaning
   */
  trim(time: number, windowMs: number, most: number): boolean {
    if (this.size <= most) return false
    const end = placeOf(this.#times, time + windowMs + 1)
    this.#remove(end, this.size - end)
    this.dropBefore(time - windowMs)
    const over = this.size - most
    if (over > 0) this.#remove(0, over)
    return over > 0
  }

  save(): unknown {
    return [this.#times, this.#indexes, this.#values]
  }

  static load(saved: unknown): ValueWindow {
    const [times, indexes, values] = savedList(saved)
    const window = new ValueWindow()
    window.#times = savedNumbers(times)
    window.#indexes = savedNumbers(indexes)
    window.#values = savedTexts(values)
    const { size } = window
    for (const [place, value] of window.#values.entries()) {
      window.#seen.set(value, window.#times[place]!)
      window.#characters += value.length
    }
    if (window.#indexes.length !== size || window.#seen.size !== size || size > rememberedMax) {
      throw new StateError('its values are not those of its times')
    }
    return window
  }

  #remove(place: number, count: number): void {
    if (count === 0) return
    for (const value of this.#values.slice(place, place + count)) {
      this.#seen.delete(value)
      this.#characters -= value.length
    }
    this.#times.splice(place, count)
    this.#indexes.splice(place, count)
    this.#values.splice(place, count)
  }
}
