/** Producers' numbers: which are next, which were seen, and what is odd about the others. */
import type { Anomaly, ProducerPosition } from './api.ts'

/** Numbers of one producer grow by one per entry and go on over its epochs; the first is 1. */
export interface Numbered {
  readonly producer: string
  readonly epoch: number
  readonly sequence: number
}

/** What numbering has to know of a log: asked of the store while appending, of memory while checking. */
export interface NumberingMemory {
  lastOf(producer: string): ProducerPosition | undefined
  /** Whether a `missing` range of the producer holds this number and no `late` entry has brought it since. */
  isMissing(producer: string, sequence: number): boolean
}

/** Follows the numbers of a run of entries; what it learns counts once the run is kept. */
export class Numbering {
  readonly #memory: NumberingMemory
  readonly #positions = new Map<string, ProducerPosition>()
  /** What the memory said: it is asked once for each producer. */
  readonly #recalled = new Map<string, ProducerPosition | undefined>()
  readonly #anomalies: Anomaly[] = []

  constructor(memory: NumberingMemory) {
    this.#memory = memory
  }

  /** Positions that changed. */
  get positions(): ReadonlyMap<string, ProducerPosition> {
    return this.#positions
  }

  /** What was odd, in the order of the entries. */
  get anomalies(): readonly Anomaly[] {
    return this.#anomalies
  }

  /**
   * Whether the number may be a repeat: it is not above the producer's last, or of an epoch before its last. Delivery
   * is in order, so the entry was in the log before, unless the producer's store was set back.
   */
  mayBeRepeat({ producer, epoch, sequence }: Numbered): boolean {
    const last = this.#lastOf(producer)
    return last !== undefined && (sequence <= last.sequence || epoch < last.epoch)
  }

  /** Takes note of an entry that is kept at `index`. */
  keep(numbered: Numbered, index: number, received: number): void {
    const { producer, epoch, sequence } = numbered
    const last = this.#lastOf(producer) ?? { epoch, sequence: 0 }
    if (this.mayBeRepeat(numbered)) {
      const isMissing = missingBy(this.#anomalies, producer, sequence) ?? this.#memory.isMissing(producer, sequence)
      const kind = isMissing ? 'late' : 'reused'
      this.#note({ kind, producer, epoch, first: sequence, last: sequence, index, received })
    } else if (sequence > last.sequence + 1) {
      const skipped = { first: last.sequence + 1, last: sequence - 1 }
      this.#note({ kind: 'missing', producer, epoch, ...skipped, index, received })
    }
    this.#positions.set(producer, {
      epoch: Math.max(epoch, last.epoch),
      sequence: Math.max(sequence, last.sequence),
    })
  }

  #lastOf(producer: string): ProducerPosition | undefined {
    const position = this.#positions.get(producer)
    if (position !== undefined) return position
    if (!this.#recalled.has(producer)) this.#recalled.set(producer, this.#memory.lastOf(producer))
    return this.#recalled.get(producer)
  }

  /** Neighbours of one kind become one anomaly: a store that was set back would fill pages otherwise. */
  #note(anomaly: Anomaly): void {
    const before = this.#anomalies.at(-1)
    const isNeighbour =
      before !== undefined &&
      before.kind === anomaly.kind &&
      before.producer === anomaly.producer &&
      before.epoch === anomaly.epoch &&
      before.last + 1 === anomaly.first &&
      before.index + before.last - before.first + 1 === anomaly.index
    if (isNeighbour && anomaly.kind !== 'missing') this.#anomalies.pop()
    this.#anomalies.push(isNeighbour && anomaly.kind !== 'missing' ? { ...before, last: anomaly.last } : anomaly)
  }
}

/** The memory of a log without entries. */
export const nothingKnown: NumberingMemory = { lastOf: () => undefined, isMissing: () => false }

/** What the newest anomaly about a number says: missing, brought by a late entry, or (undefined) nothing. */
function missingBy(anomalies: readonly Anomaly[], producer: string, sequence: number): boolean | undefined {
  const about = anomalies.findLast(
    ({ kind, producer: of, first, last }) =>
      kind !== 'reused' && of === producer && first <= sequence && sequence <= last,
  )
  return about === undefined ? undefined : about.kind === 'missing'
}
