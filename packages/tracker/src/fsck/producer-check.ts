/** Follows producers' numbers through all entries and compares them with what the store says of them. */
import type { Anomaly, ProducerPosition } from '../api.ts'
import { openingIn } from '../entry-facts.ts'
import { ProducerRows } from '../head/producer-rows.ts'
import { headFile } from '../head/schema.ts'
import { joins, nothingKnown, type Numbered, Numbering, type NumberingMemory } from '../numbering.ts'
import type { Database } from '../store/disk.ts'
import type { Findings } from './findings.ts'

/** Where a producer was met first, and what must have been its last number before. */
interface Seen {
  readonly index: number
  readonly before: ProducerPosition
}

export class ProducerCheck {
  readonly #findings: Findings
  #numbering = new Numbering(nothingKnown)
  /** First entry of each producer that is there, of a log whose beginning was pruned. */
  #seen: Map<string, Seen> | undefined
  #first = 0

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /**
   * The entries begin here: what was before was pruned. A producer's first number that is still there is taken as it
   * comes, and what the store says of numbers before it is believed.
   */
  beginAt(first: number, stated: ProducerRows): void {
    const seen = new Map<string, Seen>()
    const memory: NumberingMemory = {
      lastOf: (producer) => seen.get(producer)?.before,
      isMissing: (producer, sequence) => stated.isMissingBefore(producer, sequence, first),
    }
    this.#seen = seen
    this.#first = first
    this.#numbering = new Numbering(memory)
  }

  /** Adds the next entry, as parsed. */
  add(index: number, entry: unknown): void {
    const numbered = numberedOf(entry)
    if (numbered === undefined) {
      this.#findings.add({ kind: 'bad-entry', message: `entry ${index} is not in the entry format`, index })
      return
    }
    if (this.#seen?.has(numbered.producer) === false) {
      const { epoch, sequence, opening } = numbered
      const before = { epoch: opening === undefined ? epoch : epoch - 1, sequence: sequence - 1 }
      this.#seen.set(numbered.producer, { index, before })
    }
    this.#numbering.keep(numbered, index, 0)
  }

  /** Compares with the store; only when every entry's bytes are right. */
  report(head: Database): void {
    const stored = new Map(
      head
        .prepare<{ producer: string; epoch: number; sequence: number }>(
          'SELECT producer, epoch, sequence FROM producers',
        )
        .all()
        .map(({ producer, epoch, sequence }) => [producer, `epoch ${epoch}, number ${sequence}`]),
    )
    const found = new Map(
      [...this.#numbering.positions].map(([id, { epoch, sequence }]) => [id, `epoch ${epoch}, number ${sequence}`]),
    )
    for (const producer of new Set([...stored.keys(), ...found.keys()])) {
      // Nothing of it is there any more.
      if (this.#seen?.has(producer) === false) continue
      const [says, is] = [stored.get(producer) ?? 'nothing', found.get(producer) ?? 'nothing']
      if (says !== is) this.#bad(`the last of producer ${producer} is ${is}, the store says ${says}`)
    }
    const expected = this.#numbering.anomalies.filter((anomaly) => this.#isComparable(anomaly)).map(wordsOf)
    // Times were held against a clock that is not here, and who appended an entry does not stand in it.
    const stated = new ProducerRows(head).anomalies(0, Number.MAX_SAFE_INTEGER)
    const numbered = stated.filter(({ kind }) => !kind.endsWith('-dated') && kind !== 'forged')
    const rows = joined(numbered.filter((anomaly) => this.#isComparable(anomaly))).map(wordsOf)
    for (const words of expected) if (!rows.includes(words)) this.#bad(`the store does not say: ${words}`)
    for (const words of rows)
      if (!expected.includes(words)) this.#bad(`the store says, but the entries do not: ${words}`)
  }

  /** Whether the entries that are there say it: not what pruned ones showed, nor what the first one of a producer did. */
  #isComparable({ producer, index }: Anomaly): boolean {
    return this.#seen === undefined || (index >= this.#first && index !== this.#seen.get(producer)?.index)
  }

  #bad(message: string): void {
    this.#findings.add({ kind: 'bad-producer', message, file: headFile })
  }
}

/** Anomalies of neighbouring batches as one, as a single run over the log sees them. */
function joined(anomalies: readonly Anomaly[]): Anomaly[] {
  const whole: Anomaly[] = []
  for (const anomaly of anomalies) {
    const before = whole.at(-1)
    const isNext =
      before !== undefined &&
      joins(anomaly.kind) &&
      before.kind === anomaly.kind &&
      before.producer === anomaly.producer &&
      before.epoch === anomaly.epoch &&
      before.last + 1 === anomaly.first &&
      before.index + before.last - before.first + 1 === anomaly.index
    if (isNext) whole[whole.length - 1] = { ...before, last: anomaly.last }
    else whole.push(anomaly)
  }
  return whole
}

function wordsOf({ kind, producer, epoch, first, last, index }: Anomaly): string {
  return `numbers ${first} to ${last} of producer ${producer}, epoch ${epoch}, ${kind} at entry ${index}`
}

/** The numbers an entry bears: `{"event":…,"format":…,"producer":"<uuid>.<epoch>","sequence":n}`. */
function numberedOf(entry: unknown): Numbered | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { producer, sequence } = entry as { producer?: unknown; sequence?: unknown }
  const [, id, epoch] = /^([0-9a-fA-F-]{36})\.(\d{1,16})$/.exec(String(producer)) ?? []
  if (id === undefined || typeof sequence !== 'number') return undefined
  return { producer: id, epoch: Number(epoch), sequence, opening: openingIn(entry) }
}
