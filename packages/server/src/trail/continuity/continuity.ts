/** Continuity reports under way: each in a thread of its own, bounded for each account, in time and in entries. */
import { Worker } from 'node:worker_threads'
import { programFiles } from '../../program-files.ts'
import type { Destination } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { Reader } from '../../store/store.ts'
import type { ContinuityReport, CountedPeriod } from './continuity-report.ts'
import type { ContinuityOrder, FromContinuity } from './continuity-thread.ts'
import type { TrackerRow, Trail } from '../trail.ts'

export interface ContinuityAsk {
  readonly tracker: TrackerRow
  /** Event times, milliseconds since the epoch; undefined: from the first entry, to the last. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** Aborted when the client leaves. */
  readonly gone: AbortSignal
}

export type ContinuityProgress = Extract<FromContinuity, { kind: 'progress' }>

export interface ContinuitiesParts {
  readonly store: Reader
  readonly trail: Pick<Trail, 'place'>
  readonly clock: Clock
}

interface Running {
  readonly account: string
  readonly end: (error: Error) => void
}

interface ProducerRow {
  readonly destination: number
  readonly producer: string
  readonly delivered: number
}

/** What a thread may keep in memory, MiB: a report is small, whatever the log holds. */
const memoryMax = 256
/** Periods that the service counted, the newest of them. */
const periodsMax = 10_000

export class Continuities {
  readonly #parts: ContinuitiesParts
  readonly #running = new Set<Running>()

  constructor(parts: ContinuitiesParts) {
    this.#parts = parts
  }

  /** Whether an account has as many under way as it may have, or the process has. */
  isFull(account: string): boolean {
    const own = [...this.#running].filter((one) => one.account === account).length
    return own >= limits.continuitiesOfAccount || this.#running.size >= limits.continuities
  }

  /**
   * @throws Refusal TOO_MANY_REQUESTS; SEARCH_WITHDRAWN when the client left; SEARCH_CANCELLED when the thread did not
   *   end in time, or the server stops
   */
  async examine(ask: ContinuityAsk, told: (progress: ContinuityProgress) => void): Promise<ContinuityReport> {
    const { tracker, from, to, gone } = ask
    if (this.isFull(tracker.account)) throw new Refusal('TOO_MANY_REQUESTS')
    if (gone.aborted) throw new Refusal('SEARCH_WITHDRAWN')
    const order: ContinuityOrder = {
      place: this.#parts.trail.place(tracker),
      from,
      to,
      now: this.#parts.clock.now(),
      entriesMax: limits.continuityEntries,
      checkpointsMax: limits.continuityCheckpoints,
      lastsMs: limits.continuityMs,
      ...this.#recorded(tracker),
    }
    const thread = new Worker(programFiles.threads.continuity, {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: memoryMax },
    })
    const withdraw = (): void => running.end(new Refusal('SEARCH_WITHDRAWN'))
    const late = setTimeout(() => running.end(new Refusal('SEARCH_CANCELLED')), limits.continuityMs * 2)
    let running!: Running
    try {
      return await new Promise<ContinuityReport>((resolve, reject) => {
        running = { account: tracker.account, end: reject }
        this.#running.add(running)
        gone.addEventListener('abort', withdraw, { once: true })
        thread.on('message', (message: FromContinuity) => {
          if (message.kind === 'report') resolve(message.report)
          else told(message)
        })
        thread.once('error', reject)
        thread.once('exit', () => reject(new Error('the thread of a continuity report ended without one')))
      })
    } finally {
      this.#running.delete(running)
      clearTimeout(late)
      gone.removeEventListener('abort', withdraw)
      await thread.terminate()
    }
  }

  stop(): void {
    for (const running of this.#running) running.end(new Refusal('SEARCH_CANCELLED'))
  }

  /** What the service counted for this log, and of which producers nothing waits to be delivered. */
  #recorded({ account, location }: Destination): Pick<ContinuityOrder, 'periods' | 'delivered'> {
    const { store } = this.#parts
    const row = store.get<ProducerRow>(
      'SELECT destination, producer, delivered FROM producers WHERE account = ? AND location = ? AND ended = 0',
      account,
      location,
    )
    if (row === undefined) return { periods: [], delivered: [] }
    const { destination, producer, delivered } = row
    const periods = store
      .all<{ first: number; last: number; began: number; counts: string }>(
        `SELECT first, last, began_at AS began, counts FROM recorded_periods WHERE destination = ?
         ORDER BY first DESC LIMIT ?`,
        destination,
        periodsMax,
      )
      .map(({ counts, ...period }): CountedPeriod => ({
        producer,
        ...period,
        counts: JSON.parse(counts) as Record<string, number>,
      }))
    const isWaiting = store.get(
      'SELECT 1 FROM outbox WHERE number > ? AND destination = ? LIMIT 1',
      delivered,
      destination,
    )
    return { periods: periods.toReversed(), delivered: isWaiting === undefined ? [producer] : [] }
  }
}
