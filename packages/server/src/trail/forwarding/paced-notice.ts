/** Tells somebody that there is something new: at once, or a moment after the last time, and once for all until then. */

export class PacedNotice {
  readonly #tell: () => void
  readonly #everyMs: number
  #isWaiting = false
  #toldAt = Number.NEGATIVE_INFINITY

  /** @param everyMs how often `tell` is called at most, milliseconds */
  constructor(tell: () => void, everyMs: number) {
    this.#tell = tell
    this.#everyMs = everyMs
  }

  /** There is something new. It is told in a later turn of the loop, after all that this one still brings. */
  give(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    const now = performance.now()
    const waitMs = this.#toldAt + this.#everyMs - now
    if (waitMs <= 0) setImmediate(this.#give)
    else setTimeout(this.#give, waitMs).unref()
  }

  readonly #give = (): void => {
    this.#isWaiting = false
    this.#toldAt = performance.now()
    this.#tell()
  }
}
