/** Follows producers' numbers through all entries and compares them with what the store says of them. */
import type { Anomaly } from '../api.ts'
import { openingIn } from '../entry-facts.ts'
import { ProducerRows } from '../head/producer-rows.ts'
import { headFile } from '../head/schema.ts'
import { joins, nothingKnown, type Numbered, Numbering } from '../numbering.ts'
import type { Database } from '../store/disk.ts'
import type { Findings } from './findings.ts'

export class ProducerCheck {
  readonly #numbering = new Numbering(nothingKnown)
  readonly #findings: Findings

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** Adds the next entry, as parsed. */
  add(index: number, entry: unknown): void {
    const numbered = numberedOf(entry)
    if (numbered === undefined) {
      this.#findings.add({ kind: 'bad-entry', message: `entry ${index} is not in the entry format`, index })
      return
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
      const [says, is] = [stored.get(producer) ?? 'nothing', found.get(producer) ?? 'nothing']
      if (says !== is) this.#bad(`the last of producer ${producer} is ${is}, the store says ${says}`)
    }
    const expected = this.#numbering.anomalies.map(wordsOf)
    // Times were held against a clock that is not here, and who appended an entry does not stand in it.
    const stated = new ProducerRows(head).anomalies(0, Number.MAX_SAFE_INTEGER)
    const rows = joined(stated.filter(({ kind }) => !kind.endsWith('-dated') && kind !== 'forged')).map(wordsOf)
    for (const words of expected) if (!rows.includes(words)) this.#bad(`the store does not say: ${words}`)
    for (const words of rows)
      if (!expected.includes(words)) this.#bad(`the store says, but the entries do not: ${words}`)
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
