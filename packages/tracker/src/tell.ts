/** Telling what was odd: the tracker as a producer of its own, whose numbers are given in the log's own commit. */
import { type ActivityEvent, entryBytes } from '@keywitness/cadf'
import type { AnomalyKind, AnomalySummary, Delivery, Voice } from './api.ts'
import type { NumberedAnomaly, OwnRows } from './head/own-rows.ts'
import { toldAnomaliesMax, toldEventsMax } from './limits.ts'
import type { Sequenced, Sequencer } from './sequence.ts'
import type { GrowingTree } from './tree/growing-tree.ts'

/** What a tracker records itself. Not to be used again after a call that failed. */
export class OwnEvents {
  readonly #rows: OwnRows
  readonly #sequencer: Sequencer
  /** The epoch that this process has opened. Nobody knows after a failed write: the next process part opens another. */
  #epoch: number | undefined

  constructor(rows: OwnRows, sequencer: Sequencer) {
    this.#rows = rows
    this.#sequencer = sequencer
  }

  /** Appends the events that tell the next anomalies; undefined when all are told. */
  tell(tree: GrowingTree, voice: Voice, now: number): Sequenced | undefined {
    const untold = this.#rows.untold(toldAnomaliesMax)
    const told = untold.at(-1)?.number
    if (told === undefined) return undefined
    const events = summariesOf(untold).map((summary) => voice.anomaly(summary))
    // The events and the note that they tell these anomalies are one commit: never twice, never not at all.
    const sequenced = this.record(tree, events, voice, now, () => this.#rows.setTold(told))
    this.#rows.adopt(told)
    return sequenced
  }

  /** Appends events of the tracker's own, with what `also` writes in the same commit. */
  record(
    tree: GrowingTree,
    given: readonly ActivityEvent[],
    voice: Pick<Voice, 'opening'>,
    now: number,
    also: () => void,
  ): Sequenced {
    const { producer, told } = this.#rows.own()
    const last = this.#sequencer.lastOf(producer) ?? { epoch: 0, sequence: 0 }
    const epoch = this.#epoch ?? last.epoch + 1
    const events = this.#epoch === undefined ? [voice.opening(producer, last), ...given] : given
    const batch = events.map((event, place): Delivery => {
      const sequence = last.sequence + 1 + place
      return { producer, epoch, sequence, bytes: entryBytes(event, { id: producer, epoch }, sequence), received: now }
    })
    const sequenced = this.#sequencer.append(tree, batch, now, () => {
      // Who the tracker is as a producer stands in the store from its first event on.
      this.#rows.setTold(told)
      also()
    })
    this.#rows.adopt(told)
    this.#epoch = epoch
    return sequenced
  }
}

/** One summary for each kind and producer, in the order they showed; of too many, one for each kind. */
export function summariesOf(anomalies: readonly NumberedAnomaly[]): AnomalySummary[] {
  const each = grouped(anomalies, ({ kind, producer }) => `${kind} ${producer}`)
  return each.length <= toldEventsMax ? each : grouped(anomalies, ({ kind }) => kind)
}

function grouped(anomalies: readonly NumberedAnomaly[], keyOf: (anomaly: NumberedAnomaly) => string): AnomalySummary[] {
  const groups = new Map<string, AnomalySummary>()
  for (const anomaly of anomalies) {
    const { kind, producer, epoch, first, last, index } = anomaly
    const key = keyOf(anomaly)
    const count = kind === 'opening' ? 1 : last - first + 1
    // Numbers that stand for entries of their own lie one behind the other; the others were all shown by one entry.
    const shownTo = isOfEntries(kind) ? index + last - first : index
    const group = groups.get(key) ?? { kind, producer, epoch, first, last, count: 0, index, lastIndex: shownTo }
    groups.set(key, {
      kind,
      producer: group.producer === producer ? producer : undefined,
      epoch: Math.max(group.epoch, epoch),
      first: Math.min(group.first, first),
      last: Math.max(group.last, last),
      count: group.count + count,
      index: Math.min(group.index, index),
      lastIndex: Math.max(group.lastIndex, shownTo),
    })
  }
  return [...groups.values()]
}

function isOfEntries(kind: AnomalyKind): boolean {
  return kind !== 'missing' && kind !== 'epochs' && kind !== 'opening'
}
