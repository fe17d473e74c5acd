/** Times of events: held against their producer's order and the tracker's clock. */
import type { Anomaly } from './api.ts'
import { datedToleranceMs } from './limits.ts'
import type { Numbered } from './numbering.ts'

/** What dating has to know of a log: the time of a producer's newest event, if it had one. */
export interface DatingMemory {
  timeOf(producer: string): number | undefined
}

/** Follows the times of a run of entries; what it learns counts once the run is kept. */
export class Dating {
  readonly #memory: DatingMemory
  readonly #now: number
  readonly #times = new Map<string, number>()
  readonly #anomalies: Anomaly[] = []

  /** @param now the tracker's own clock */
  constructor(memory: DatingMemory, now: number) {
    this.#memory = memory
    this.#now = now
  }

  /** Times that changed. */
  get times(): ReadonlyMap<string, number> {
    return this.#times
  }

  get anomalies(): readonly Anomaly[] {
    return this.#anomalies
  }

  /**
   * Takes note of an event's time. An event is held against the one before it only, so that a clock which is set right
   * shows once; one from the future is no measure for those that follow.
   */
  keep({ producer, epoch, sequence }: Numbered, time: number, index: number, received: number): void {
    const isFuture = time > this.#now + datedToleranceMs
    const before = this.#times.get(producer) ?? this.#memory.timeOf(producer)
    const isLate = before !== undefined && time < before - datedToleranceMs
    if (isFuture || isLate) {
      const kind = isFuture ? 'future-dated' : 'late-dated'
      this.#note({ kind, producer, epoch, first: sequence, last: sequence, index, received })
    }
    if (!isFuture) this.#times.set(producer, time)
  }

  /** Neighbours of one kind become one anomaly: a clock that runs ahead would fill pages otherwise. */
  #note(anomaly: Anomaly): void {
    const before = this.#anomalies.at(-1)
    const isNeighbour =
      before?.kind === anomaly.kind &&
      before.producer === anomaly.producer &&
      before.last + 1 === anomaly.first &&
      before.index + before.last - before.first + 1 === anomaly.index
    if (isNeighbour) this.#anomalies.pop()
    this.#anomalies.push(isNeighbour ? { ...before, last: anomaly.last } : anomaly)
  }
}
