/** Has a tracker tell what was odd: at once when something begins, then what goes on in one go. */
import type { Oddities, Tracker, Voice } from '@keywitness/tracker'

/** How often is looked, and how long what goes on is gathered, milliseconds. */
const lookEveryMs = 1_000
const gatherMs = 10_000

export class Telling {
  readonly #voice: Voice
  readonly #monotonic: () => number
  #next = 0
  #isChanged = true

  constructor(voice: Voice, monotonic: () => number) {
    this.#voice = voice
    this.#monotonic = monotonic
  }

  /** Some of what was delivered was there already. */
  repeated(): void {
    this.#isChanged = true
  }

  /** The log ends: what is not told yet is told now. */
  finish(tracker: Tracker): void {
    while (tracker.tell(this.#voice) > 0);
  }

  /** Looks when it is time to. Answers what was odd so far, when that has changed since it was asked last. */
  look(tracker: Tracker): Oddities | undefined {
    const now = this.#monotonic()
    if (now < this.#next) return undefined
    const told = tracker.tell(this.#voice)
    this.#next = now + (told > 0 ? gatherMs : lookEveryMs)
    if (told === 0 && !this.#isChanged) return undefined
    const oddities = tracker.oddities()
    this.#isChanged = false
    return oddities
  }
}
