/** Producers' numbers: which are next, which were seen, and what is odd about the others. */
import type { Anomaly, ProducerPosition } from './api.ts'

/** Numbers of one producer grow by one per entry and go on over its epochs; the first is 1. */
export interface Numbered {
  readonly producer: string
  readonly epoch: number
  readonly sequence: number
  /** In the event that opens an epoch: which epoch and number it says were the last before it. */
  readonly opening?: ProducerPosition | undefined
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
   * Whether the number may be a repeat: it is not above the producer's last. Delivery is in order, so the entry was in
   * the log before, unless the producer's store was set back.
   */
  mayBeRepeat({ producer, sequence }: Numbered): boolean {
    const last = this.#lastOf(producer)
    return last !== undefined && sequence <= last.sequence
  }

  /** Takes note of an entry that is kept at `index`. */
  keep(numbered: Numbered, index: number, received: number): void {
    const { producer, epoch, sequence, opening } = numbered
    const known = this.#lastOf(producer)
    const last = known ?? { epoch, sequence: 0 }
    const note = (kind: Anomaly['kind'], from: number, to: number): void =>
      this.#note({ kind, producer, epoch, first: from, last: to, index, received })
    const isRepeat = this.mayBeRepeat(numbered)
    const isLate =
      isRepeat && (missingBy(this.#anomalies, producer, sequence) ?? this.#memory.isMissing(producer, sequence))
    if (isRepeat) note(isLate ? 'late' : 'reused', sequence, sequence)
    else if (sequence > last.sequence + 1) note('missing', last.sequence + 1, sequence - 1)
    if (epoch > last.epoch + 1) note('epochs', last.epoch + 1, epoch - 1)
    if (opening !== undefined && !isLate) {
      const forgotten = forgottenBy(opening, known)
      const isOwnWord = opening.sequence === sequence - 1 && opening.epoch === epoch - 1
      if (forgotten || !isOwnWord)
        note('opening', Math.min(opening.sequence + 1, sequence), Math.max(last.sequence, sequence))
    }
    // A producer whose store was set back goes on with an epoch that the log has had: from then on that one counts.
    this.#positions.set(producer, isRepeat ? { ...last, epoch: Math.max(epoch, last.epoch) } : { epoch, sequence })
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
    const isJoined = isNeighbour && joins(anomaly.kind)
    if (isJoined) this.#anomalies.pop()
    this.#anomalies.push(isJoined ? { ...before, last: anomaly.last } : anomaly)
  }
}

/** Whether anomalies of this kind about neighbouring numbers are one. */
export function joins(kind: Anomaly['kind']): boolean {
  return kind === 'late' || kind === 'reused'
}

/** Whether an opening event knows less than the log holds: its producer's store was set back. */
function forgottenBy(opening: ProducerPosition, held: ProducerPosition | undefined): boolean {
  return held !== undefined && (opening.sequence < held.sequence || opening.epoch < held.epoch)
}

/** The memory of a log without entries. */
export const nothingKnown: NumberingMemory = { lastOf: () => undefined, isMissing: () => false }

/** What the newest anomaly about a number says: missing, brought by a late entry, or (undefined) nothing. */
function missingBy(anomalies: readonly Anomaly[], producer: string, sequence: number): boolean | undefined {
  const about = anomalies.findLast(
    ({ kind, producer: of, first, last }) =>
      (kind === 'missing' || kind === 'late') && of === producer && first <= sequence && sequence <= last,
  )
  return about === undefined ? undefined : about.kind === 'missing'
}
