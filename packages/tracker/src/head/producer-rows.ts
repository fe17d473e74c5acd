/** Producers' last numbers and anomalies, as the head keeps them. */
import type { Anomaly, ProducerPosition } from '../api.ts'
import type { NumberingMemory } from '../numbering.ts'
import type { Database, Statement } from '../store/disk.ts'

interface AnomalyRow extends Omit<Anomaly, 'index'> {
  readonly entry: number
}

export class ProducerRows implements NumberingMemory {
  readonly #position: Statement<ProducerPosition>
  readonly #newestAbout: Statement<{ kind: string }>
  readonly #newestBefore: Statement<{ kind: string }>
  readonly #anomalies: Statement<AnomalyRow>

  constructor(db: Database) {
    this.#position = db.prepare('SELECT epoch, sequence FROM producers WHERE producer=?')
    this.#newestAbout = db.prepare(
      `SELECT kind FROM anomalies WHERE producer=? AND kind IN ('missing','late') AND first<=? AND last>=?
       ORDER BY number DESC LIMIT 1`,
    )
    this.#newestBefore = db.prepare(
      `SELECT kind FROM anomalies WHERE producer=? AND kind IN ('missing','late') AND first<=? AND last>=? AND entry<?
       ORDER BY number DESC LIMIT 1`,
    )
    this.#anomalies = db.prepare(
      'SELECT kind, producer, epoch, first, last, entry, received FROM anomalies WHERE number>? ORDER BY number LIMIT ?',
    )
  }

  lastOf(producer: string): ProducerPosition | undefined {
    const row = this.#position.get(producer)
    return row === undefined ? undefined : { epoch: row.epoch, sequence: row.sequence }
  }

  isMissing(producer: string, sequence: number): boolean {
    return this.#newestAbout.get(producer, sequence, sequence)?.kind === 'missing'
  }

  /** As `isMissing`, by what entries below an index showed. */
  isMissingBefore(producer: string, sequence: number, index: number): boolean {
    return this.#newestBefore.get(producer, sequence, sequence, index)?.kind === 'missing'
  }

  /** Anomalies in the order they showed, from the `after`-th on. */
  anomalies(after: number, limit: number): Anomaly[] {
    return this.#anomalies.all(after, limit).map(({ entry, ...anomaly }) => ({ ...anomaly, index: entry }))
  }
}
