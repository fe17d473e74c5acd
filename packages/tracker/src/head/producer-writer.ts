/** Writes what a run of entries taught about their producers, as part of the transaction that keeps the run. */
import type { Anomaly, AnomalyKind, Oddities } from '../api.ts'
import type { Dating, DatingMemory } from '../dating.ts'
import type { Numbering } from '../numbering.ts'
import type { Database, Statement } from '../store/disk.ts'

/** What a run taught: its numbers, its times, and how many of each producer's deliveries were there already. */
export interface Learned {
  readonly numbering: Numbering
  readonly dating: Dating
  readonly repeats: ReadonlyMap<string, number>
  readonly forged: readonly Anomaly[]
}

const noAnomalies: Readonly<Record<AnomalyKind, number>> = {
  missing: 0,
  late: 0,
  reused: 0,
  epochs: 0,
  opening: 0,
  'late-dated': 0,
  'future-dated': 0,
  forged: 0,
}

/** For the head's one writer, whose schema is the newest. */
export class ProducerWriter implements DatingMemory {
  readonly #setPosition: Statement<never>
  readonly #addRepeats: Statement<never>
  readonly #addAnomaly: Statement<never>
  readonly #time: Statement<{ event_time: number | null }>
  readonly #repeats: Statement<{ repeats: number | null }>
  readonly #counts: Statement<{ kind: AnomalyKind; count: number }>

  constructor(db: Database) {
    this.#setPosition = db.prepare(
      `INSERT INTO producers (producer, epoch, sequence, event_time) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET epoch=excluded.epoch, sequence=excluded.sequence, event_time=excluded.event_time`,
    )
    this.#addRepeats = db.prepare('UPDATE producers SET repeats=repeats+? WHERE producer=?')
    this.#addAnomaly = db.prepare(
      'INSERT INTO anomalies (kind, producer, epoch, first, last, entry, received) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#time = db.prepare('SELECT event_time FROM producers WHERE producer=?')
    this.#repeats = db.prepare('SELECT sum(repeats) AS repeats FROM producers')
    this.#counts = db.prepare(
      "SELECT kind, sum(CASE kind WHEN 'opening' THEN 1 ELSE last-first+1 END) AS count FROM anomalies GROUP BY kind",
    )
  }

  timeOf(producer: string): number | undefined {
    return this.#time.get(producer)?.event_time ?? undefined
  }

  write({ numbering, dating, repeats, forged }: Learned): void {
    for (const [producer, { epoch, sequence }] of numbering.positions) {
      const time = dating.times.get(producer) ?? this.timeOf(producer) ?? null
      this.#setPosition.run(producer, epoch, sequence, time)
    }
    this.writeRepeats(repeats)
    for (const anomaly of [...numbering.anomalies, ...dating.anomalies, ...forged]) this.#write(anomaly)
  }

  writeRepeats(repeats: ReadonlyMap<string, number>): void {
    for (const [producer, count] of repeats) this.#addRepeats.run(count, producer)
  }

  oddities(): Oddities {
    const counts = this.#counts.all().map(({ kind, count }) => [kind, count])
    return {
      repeats: this.#repeats.get()?.repeats ?? 0,
      anomalies: { ...noAnomalies, ...(Object.fromEntries(counts) as Partial<Record<AnomalyKind, number>>) },
    }
  }

  #write({ kind, producer, epoch, first, last, index, received }: Anomaly): void {
    this.#addAnomaly.run(kind, producer, epoch, first, last, index, received)
  }
}
