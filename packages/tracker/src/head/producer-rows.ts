/** Producers' last numbers and anomalies, as the head keeps them. */
import type { Anomaly, ProducerPosition } from '../api.ts'
import type { Numbering, NumberingMemory } from '../numbering.ts'
import type { Database, Statement } from '../store/disk.ts'

interface AnomalyRow extends Omit<Anomaly, 'index'> {
  readonly entry: number
}

export class ProducerRows implements NumberingMemory {
  readonly #position: Statement<ProducerPosition>
  readonly #setPosition: Statement<never>
  readonly #newestAbout: Statement<{ kind: string }>
  readonly #addAnomaly: Statement<never>
  readonly #anomalies: Statement<AnomalyRow>

  constructor(db: Database) {
    this.#position = db.prepare('SELECT epoch, sequence FROM producers WHERE producer=?')
    this.#setPosition = db.prepare(
      'INSERT INTO producers VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET epoch=excluded.epoch, sequence=excluded.sequence',
    )
    this.#newestAbout = db.prepare(
      `SELECT kind FROM anomalies WHERE producer=? AND kind IN ('missing','late') AND first<=? AND last>=?
       ORDER BY number DESC LIMIT 1`,
    )
    this.#addAnomaly = db.prepare(
      'INSERT INTO anomalies (kind, producer, epoch, first, last, entry, received) VALUES (?, ?, ?, ?, ?, ?, ?)',
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

  /** Writes what a run of entries taught; part of the transaction that keeps the run. */
  write(numbering: Numbering): void {
    for (const [producer, { epoch, sequence }] of numbering.positions) this.#setPosition.run(producer, epoch, sequence)
    for (const { kind, producer, epoch, first, last, index, received } of numbering.anomalies) {
      this.#addAnomaly.run(kind, producer, epoch, first, last, index, received)
    }
  }

  /** Anomalies in the order they showed, from the `after`-th on. */
  anomalies(after: number, limit: number): Anomaly[] {
    return this.#anomalies.all(after, limit).map(({ entry, ...anomaly }) => ({ ...anomaly, index: entry }))
  }
}
