/** How long the oldest entry waits that rules have not seen: by when this server saw the log grow, never by an event's own time. */

/** Growths that are remembered one by one; closer than this, milliseconds, they are one. */
const marksMax = 1_000
const closeMs = 100

interface Mark {
  /** Entries below were there at this time. */
  size: number
  readonly at: number
}

export class WaitingSince {
  readonly #marks: Mark[] = []

  grown(size: number, now: number): void {
    const last = this.#marks.at(-1)
    if (last !== undefined && (now - last.at < closeMs || this.#marks.length >= marksMax))
      last.size = Math.max(last.size, size)
    else this.#marks.push({ size, at: now })
  }

  seen(cursor: number): void {
    while (this.#marks[0] !== undefined && this.#marks[0].size <= cursor) this.#marks.shift()
  }

  /** Milliseconds; 0 when nothing waits. */
  lagMs(now: number): number {
    const [oldest] = this.#marks
    return oldest === undefined ? 0 : Math.max(0, now - oldest.at)
  }
}
