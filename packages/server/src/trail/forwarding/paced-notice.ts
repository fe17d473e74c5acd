/** Tells somebody of new things: at once, or a while after the last time, and once of all until then. */

export class PacedNotice {
  readonly #tell: () => void
  readonly #pauseMs: (count: number) => number
  #isWaiting = false
  #count = 0
  /** Not told again before this (monotonic ms). */
  #after = Number.NEGATIVE_INFINITY

  /** @param pauseMs after so many things were told of, milliseconds until it may be told of more */
  constructor(tell: () => void, pauseMs: (count: number) => number) {
    this.#tell = tell
    this.#pauseMs = pauseMs
  }

  /** There are so many new things. They are told of in a later turn of the loop, after all that this one still brings. */
  give(count = 1): void {
    this.#count += count
    if (this.#isWaiting) return
    this.#isWaiting = true
    const waitMs = this.#after - performance.now()
    if (waitMs <= 0) setImmediate(this.#give)
    else setTimeout(this.#give, waitMs).unref()
  }

  readonly #give = (): void => {
    this.#isWaiting = false
    this.#after = performance.now() + this.#pauseMs(this.#count)
    this.#count = 0
    this.#tell()
  }
}
