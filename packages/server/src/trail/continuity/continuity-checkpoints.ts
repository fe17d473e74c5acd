/** How soon events were covered by a checkpoint, and how far apart those are that are kept. */
import type { SignedSize } from '@keywitness/tracker'
import type { CheckpointsReport } from './continuity-report.ts'

const hourMs = 3_600_000

type Uncovered = CheckpointsReport['longestUncovered']

export class CheckpointScan {
  readonly #checkpoints: readonly SignedSize[]
  readonly #from: number
  readonly #now: number
  /** Which checkpoint covers the entry looked at. */
  #at = 0
  #longest: Uncovered
  #longestOfLastHour: Uncovered

  /** @param checkpoints of sizes above `from`, smallest first */
  constructor(checkpoints: readonly SignedSize[], from: number, now: number) {
    this.#checkpoints = checkpoints
    this.#from = from
    this.#now = now
  }

  /** The next entry: the first behind a checkpoint has waited the longest for the one that covers it. */
  add(index: number, time: number | undefined): void {
    let isFirst = index === this.#from
    while ((this.#checkpoints[this.#at]?.size ?? Number.POSITIVE_INFINITY) <= index) {
      this.#at += 1
      isFirst = true
    }
    const covering = this.#checkpoints[this.#at]
    if (!isFirst || covering === undefined || time === undefined) return
    const waited = { seconds: Math.max(0, (covering.signedAt - time) / 1_000), index }
    if (waited.seconds >= (this.#longest?.seconds ?? 0)) this.#longest = waited
    if (time < this.#now - hourMs || waited.seconds < (this.#longestOfLastHour?.seconds ?? 0)) return
    this.#longestOfLastHour = waited
  }

  report(to: number): CheckpointsReport {
    const stored = this.#checkpoints.filter(({ size }) => size <= to)
    const kept = stored.filter(({ isKept }) => isKept)
    let largestGapKept: CheckpointsReport['largestGapKept']
    let longestGapKept: CheckpointsReport['longestGapKept']
    for (const [place, { size, signedAt }] of kept.slice(1).entries()) {
      const before = kept[place]!
      const gap = { from: before.size, to: size }
      const entries = size - before.size
      const seconds = Math.floor((signedAt - before.signedAt) / 1_000)
      if (entries > (largestGapKept?.entries ?? 0)) largestGapKept = { entries, ...gap }
      if (seconds > (longestGapKept?.seconds ?? 0)) longestGapKept = { seconds, ...gap }
    }
    return {
      stored: stored.length,
      kept: kept.length,
      longestUncovered: this.#longest,
      longestUncoveredOfLastHour: this.#longestOfLastHour,
      largestGapKept,
      longestGapKept,
    }
  }
}
