/** Holds the log against what the service counted while it recorded: period by period, each once, a difference is an event. */
import type { Logger } from 'pino'
import type { Destination } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { Change, Reader } from '../../store/store.ts'
import type { CountedPeriod, PeriodDifference } from './continuity-report.ts'
import { differenceOf } from './continuity-scan.ts'
import type { Tally } from '../tally.ts'
import type { Trail } from '../trail.ts'

export interface ReconciliationParts {
  readonly store: Reader
  readonly trail: Pick<Trail, 'ask' | 'tracker'>
  readonly clock: Clock
  readonly log: Logger
  /** Records that log and counts differ, and these changes with it. */
  readonly differ: (place: Destination, difference: PeriodDifference, changes: readonly Change[]) => Promise<void>
  /** Makes changes durable without an event: both agreed. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

interface ProducerRow extends Destination {
  readonly destination: number
  readonly producer: string
  readonly delivered: number
}

interface PeriodRow {
  readonly first: number
  readonly last: number
  readonly began_at: number
  readonly counts: string
}

const lookEveryMs = 60_000
const hourMs = 3_600_000
/** How long after its hour a period may wait for events that were not delivered, though nothing waits any more. */
const lateMs = 600_000

const openPeriods = `SELECT first, last, began_at, counts FROM recorded_periods
  WHERE destination = ? AND compared IS NULL ORDER BY first LIMIT ?`
const settle =
  'UPDATE recorded_periods SET compared = ? WHERE destination = ? AND first = ? AND last = ? AND compared IS NULL'
const moveTo = `INSERT INTO reconciled (destination, entry) VALUES (?, ?)
  ON CONFLICT (destination) DO UPDATE SET entry = excluded.entry`

export class Reconciliation {
  readonly #parts: ReconciliationParts
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #isStopped = false

  constructor(parts: ReconciliationParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.look(), lookEveryMs)
    this.#timer.unref()
  }

  /** Compares every period that can be. One look at a time; resolves when it is done. */
  look(): Promise<void> {
    this.#running ??= this.#look().finally(() => (this.#running = undefined))
    return this.#running
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#running
  }

  async #look(): Promise<void> {
    const rows = this.#parts.store.all<ProducerRow>(
      'SELECT destination, producer, account, location, delivered FROM producers WHERE ended = 0',
    )
    for (const row of rows) {
      if (this.#isStopped) return
      if (this.#parts.trail.tracker(row.account, row.location) === undefined) continue
      try {
        await this.#compare(row)
      } catch (error) {
        // A tracker that was just made, or is not kept here: its log is compared when it can be read.
        if (error instanceof Refusal && error.code === 'NOT_FOUND') continue
        // Asked again at the next look: what was not settled is still open.
        this.#parts.log.warn({ err: error, location: row.location }, 'the log could not be held against the counts')
      }
    }
  }

  async #compare(row: ProducerRow): Promise<void> {
    const { store } = this.#parts
    const { destination, producer } = row
    const periods = store
      .all<PeriodRow>(openPeriods, destination, limits.reconciledPeriods)
      .map(({ first, last, began_at: began, counts }): CountedPeriod => ({
        producer,
        first,
        last,
        began,
        counts: JSON.parse(counts) as Record<string, number>,
      }))
    if (periods.length === 0) return
    const start = store.get<{ entry: number }>('SELECT entry FROM reconciled WHERE destination = ?', destination)
    const logged = await this.#logged(row, periods, start?.entry ?? 0)
    if (logged === undefined) return
    for (const [place, period] of periods.entries()) {
      const isThere = logged.highest >= period.last
      if (!isThere && !this.#isGivenUp(row, period)) return
      const next = logged.starts[place + 1] ?? logged.end
      const difference = differenceOf(period, logged.counts[place] ?? new Map())
      const changes: Change[] = [
        { sql: settle, params: [difference === undefined ? 1 : 0, destination, period.first, period.last], rows: 1 },
        { sql: moveTo, params: [destination, next], rows: 1 },
      ]
      // Settled in the commit of its event, or not at all: each period is told once.
      if (difference === undefined) await this.#parts.carry(changes)
      else await this.#parts.differ(row, difference, changes)
      if (this.#isStopped) return
    }
  }

  /** What the log holds of the periods, from an index on; undefined when the server stops meanwhile. */
  async #logged(place: ProducerRow, periods: readonly CountedPeriod[], start: number): Promise<Logged | undefined> {
    const { producer } = place
    const bounds = periods.map(({ first, last }) => [first, last] as const)
    const counts = periods.map(() => new Map<string, number>())
    const starts: (number | undefined)[] = periods.map(() => undefined)
    let highest = 0
    let beyond: number | undefined
    for (let from = start, size = Number.POSITIVE_INFINITY; from < size;) {
      if (this.#isStopped) return undefined
      const ask = { producer, bounds, from, limit: limits.tallyEntries }
      const part = await this.#parts.trail.ask(place, 'tally', ask)
      for (const [at, tally] of part.tallies.entries()) {
        addTo(counts[at]!, tally)
        starts[at] ??= tally.index
      }
      highest = Math.max(highest, part.highest)
      beyond ??= part.beyond
      // What comes in meanwhile is beyond all periods: the log is read as far as it went at first.
      size = Math.min(size, part.size)
      from = Math.max(from + 1, part.next)
      if (from >= size) return { counts, starts, highest, end: beyond ?? size }
    }
    return { counts, starts, highest, end: beyond ?? start }
  }

  /** Whether nothing of a period can come any more: its hour is long over, and nothing waits to be delivered. */
  #isGivenUp({ destination, delivered }: ProducerRow, { began }: CountedPeriod): boolean {
    const over = (Math.floor(began / hourMs) + 1) * hourMs
    if (this.#parts.clock.now() < over + lateMs) return false
    const waiting = 'SELECT 1 FROM outbox WHERE number > ? AND destination = ? LIMIT 1'
    return this.#parts.store.get(waiting, delivered, destination) === undefined
  }
}

interface Logged {
  readonly counts: readonly Map<string, number>[]
  /** Index of the first entry of each period. */
  readonly starts: readonly (number | undefined)[]
  readonly highest: number
  /** Where the log goes on behind all periods. */
  readonly end: number
}

function addTo(counts: Map<string, number>, tally: Tally): void {
  for (const [name, count] of Object.entries(tally.counts)) counts.set(name, (counts.get(name) ?? 0) + count)
}

/** Periods of a store by what came of them, for metrics. */
export function countReconciled(store: Reader): Record<'agreeing' | 'differing' | 'open', number> {
  const found = store.get<{ agreeing: number | null; differing: number | null; open: number | null }>(
    `SELECT sum(compared = 1) AS agreeing, sum(compared = 0) AS differing, sum(compared IS NULL) AS open
     FROM recorded_periods WHERE destination NOT IN (
       SELECT destination FROM producers JOIN remote_trackers USING (account, location))`,
  )
  return { agreeing: found?.agreeing ?? 0, differing: found?.differing ?? 0, open: found?.open ?? 0 }
}
