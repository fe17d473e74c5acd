/** When a COMMIT or the serving loop stands still too long, told apart from a watcher that was held itself. */

export interface StallTimes {
  /** A standstill this long is a stall, milliseconds. */
  readonly stallMs: bigint
  /** How often `look` is called, milliseconds. */
  readonly lookMs: bigint
}

/** A look that comes this many intervals late: the whole process was held (SIGSTOP, a suspended machine). */
const heldAfter = 5n

export class StallDetector {
  readonly #times: StallTimes
  #lastLook: bigint
  /** When the process last came back from being held: what stood still before that stood still for this reason. */
  #resumed: bigint

  constructor(times: StallTimes, now: bigint) {
    this.#times = times
    this.#lastLook = now
    this.#resumed = now
  }

  /** `beat`: when the loop last showed life, negative while nobody is served. `commit`: since when a COMMIT runs, 0 when none does. */
  look(now: bigint, beat: bigint, commit: bigint): 'commit' | 'loop' | undefined {
    const { stallMs, lookMs } = this.#times
    if (now - this.#lastLook > lookMs * heldAfter) this.#resumed = now
    this.#lastLook = now
    const isStill = (since: bigint): boolean => now - (since > this.#resumed ? since : this.#resumed) > stallMs
    if (commit !== 0n && isStill(commit)) return 'commit'
    return beat >= 0n && isStill(beat) ? 'loop' : undefined
  }
}
