/** How the server's clock differs from this computer's: by the `Date` of its answers, which are exact to the second. */

/** Below this nothing is known: the header has no more than seconds, and an answer takes its time. Milliseconds. */
const coarseMs = 2_000

export class ServerClock {
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()
  #offset = 0

  /** @param now this computer's time, milliseconds since the epoch */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now
  }

  /** What is added to this computer's time to have the server's, milliseconds; 0 where they agree as far as one can tell. */
  get offset(): number {
    return this.#offset
  }

  /** The server's time, milliseconds since the epoch. */
  now(): number {
    return this.#now() + this.#offset
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What a browser has kept tells an old time: only answers that may not be kept are looked at. */
  observe(headers: Headers): void {
    if (headers.get('Cache-Control')?.includes('no-store') !== true) return
    const there = Date.parse(headers.get('Date') ?? '')
    if (Number.isNaN(there)) return
    // In the middle of its second.
    const measured = there + 500 - this.#now()
    const offset = Math.abs(measured) < coarseMs ? 0 : measured
    if (Math.abs(offset - this.#offset) < coarseMs) return
    this.#offset = offset
    for (const listener of this.#listeners) listener()
  }
}
