/** Verification of the logs' bytes on the disk: each log once a day and when asked, one at a time, its result an event. */
import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { programFiles } from '../../program-files.ts'
import type { Logger } from 'pino'
import type { Audit } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import type { Change, Reader } from '../../store/store.ts'
import { systemCaller } from '../../system-caller.ts'
import type { TrackerNames } from '../trackers.ts'
import type { TrackerRow, Trail } from '../trail.ts'
import type { FromVerify, VerifyFound, VerifyOrder } from './verify-thread.ts'

export interface VerificationParts {
  readonly reader: Reader
  readonly audit: Audit
  readonly trail: Pick<Trail, 'place'>
  readonly names: TrackerNames
  readonly clock: Clock
  readonly log: Logger
  readonly serviceName: string
  /** How often each log is verified, milliseconds; 0: only when asked. */
  readonly everyMs: number
  /** Rest for each time of work; 3 unless a test is in a hurry. */
  readonly restRatio?: number
}

export type VerificationTrigger = 'schedule' | 'request'

/** One that waits or runs. */
export interface OpenVerification {
  readonly id: string
  readonly row: TrackerRow
  readonly trigger: VerificationTrigger
  /** Undefined while it waits for its turn. */
  startedAt: number | undefined
  done: number
  total: number
}

/** One that has ended, as the store keeps it. */
export interface EndedVerification {
  readonly id: string
  readonly trigger: VerificationTrigger
  readonly started_at: number
  readonly ended_at: number
  /** `good`, `bad` when something was found, `failed` when it could not be done. */
  readonly outcome: 'good' | 'bad' | 'failed'
  readonly size: number | null
  readonly root: string | null
  /** JSON. */
  readonly findings: string
  readonly findings_total: number
  readonly reason: string | null
}

/** Results kept of each log. */
const keptMax = 400
/** How long a log rests whose verification could not be done. */
const retryMs = 3_600_000

const columns = 'id, trigger, started_at, ended_at, outcome, size, root, findings, findings_total, reason'
/** One that could not be done does not count: its log rests for an hour, or until the next start. */
const dueRows = `SELECT t.*, (SELECT max(started_at) FROM verifications v
  WHERE v.account = t.account AND v.location = t.location AND outcome <> 'failed') AS started FROM trackers t`

export class Verifications {
  readonly #parts: VerificationParts
  /** In the order of their turns; the first may be running. */
  readonly #open: OpenVerification[] = []
  /** Until when a log rests whose verification could not be done or not be recorded (milliseconds since the epoch). */
  readonly #resting = new Map<string, number>()
  #worker: Worker | undefined
  #working: Promise<void> | undefined
  #isStopped = false

  constructor(parts: VerificationParts) {
    this.#parts = parts
  }

  /** Those of a log that wait or run. */
  open({ account, location }: Pick<TrackerRow, 'account' | 'location'>): readonly OpenVerification[] {
    return this.#open.filter(({ row }) => row.account === account && row.location === location)
  }

  /** The newest results of a log. */
  ended({ account, location }: Pick<TrackerRow, 'account' | 'location'>, limit: number): EndedVerification[] {
    return this.#parts.reader.all<EndedVerification>(
      `SELECT ${columns} FROM verifications WHERE account = ? AND location = ? ORDER BY started_at DESC, id LIMIT ?`,
      account,
      location,
      limit,
    )
  }

  /**
   * One of a log is enough. Two that are asked for in the same moment are both done, one after the other.
   * @throws Refusal VERIFICATION_RUNNING
   */
  refuseSecond(row: TrackerRow): void {
    if (this.open(row).length > 0) throw new Refusal('VERIFICATION_RUNNING')
  }

  /** Has a log verified as soon as those before it are done. Call once the request is recorded: what was taken is done. */
  start(row: TrackerRow, trigger: VerificationTrigger, id: string = randomUUID()): void {
    if (this.#isStopped || (trigger === 'schedule' && this.open(row).length > 0)) return
    this.#open.push({ id, row, trigger, startedAt: undefined, done: 0, total: 0 })
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  /** The work for the timers: a verification begins when the last one of its log began a day ago. */
  job(): {
    readonly name: string
    readonly nextDue: () => number | undefined
    readonly run: (now: number) => Promise<void>
  } {
    return {
      name: 'verification of the logs',
      nextDue: () => this.#due()[0]?.at,
      run: (now) => {
        for (const { row, at } of this.#due()) if (at <= now) this.start(row, 'schedule')
        return Promise.resolve()
      },
    }
  }

  /** Ends what runs; it begins again when its log is due again, which it still is. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#worker?.terminate()
    await this.#working
  }

  #due(): { row: TrackerRow; at: number }[] {
    const { reader, everyMs } = this.#parts
    if (everyMs === 0) return []
    return reader
      .all<TrackerRow & { started: number | null }>(dueRows)
      .filter((row) => this.open(row).length === 0)
      .map((row) => ({
        row,
        at: Math.max((row.started ?? row.created_at) + everyMs, this.#resting.get(keyOf(row)) ?? 0),
      }))
      .toSorted((a, b) => a.at - b.at)
  }

  async #work(): Promise<void> {
    for (let next = this.#open[0]; next !== undefined && !this.#isStopped; next = this.#open[0]) {
      if (!this.#isThere(next.row)) {
        this.#open.shift()
        continue
      }
      const startedAt = this.#parts.clock.now()
      next.startedAt = startedAt
      const found = await this.#verify(next)
      if (!this.#isStopped && this.#isThere(next.row)) await this.#record(next, startedAt, found)
      this.#open.shift()
    }
  }

  /** Whether the tracker has not been removed meanwhile. */
  #isThere({ id }: TrackerRow): boolean {
    return this.#parts.reader.get('SELECT 1 AS found FROM trackers WHERE id = ?', id) !== undefined
  }

  /** What was found, or why nothing could be. */
  #verify(open: OpenVerification): Promise<VerifyFound | string> {
    const { trail, restRatio = 3 } = this.#parts
    const { folder, keyFolder } = trail.place(open.row)
    return new Promise((resolve) => {
      const worker = new Worker(programFiles.threads.verify, {
        workerData: { folder, keyFolder, restRatio } satisfies VerifyOrder,
      })
      this.#worker = worker
      worker.on('message', (message: FromVerify) => {
        if (message.kind === 'found') resolve(message.found)
        else if (message.kind === 'failed') resolve(message.message)
        else {
          open.done = message.done
          open.total = message.total
        }
      })
      worker.once('error', (error) => resolve((error as Error).message))
      worker.once('exit', () => resolve('the thread ended'))
    })
  }

  async #record(open: OpenVerification, startedAt: number, found: VerifyFound | string): Promise<void> {
    const { audit, names, clock, log, serviceName, reader } = this.#parts
    const { id, row, trigger } = open
    const crn = names.crn(row)
    const endedAt = clock.now()
    const circumstances = {
      caller: systemCaller(row.account, serviceName),
      destination: { account: row.account, location: row.location },
      logSourceCRN: crn,
    }
    const failure = failureOf(found)
    if (failure !== undefined) log.error({ location: row.location, failure }, 'the verification of a log failed')
    try {
      await audit.witness('activity-tracker.log.verify', circumstances, { id: crn, name: row.location }, (seen) => {
        seen.request = { verification: id, trigger }
        if (typeof found !== 'string') {
          const { size, covered, root, segments, checkpoints, findingsTotal, findings } = found
          const first = findings[0]?.message
          seen.response = {
            size,
            covered,
            ...(root === undefined ? {} : { root }),
            segments,
            checkpoints,
            findings: findingsTotal,
            ...(first === undefined ? {} : { firstFinding: first.slice(0, 500) }),
            durationMs: Math.max(0, endedAt - startedAt),
          }
        }
        const changes = [insertion(open, startedAt, endedAt, found), ...pruning(reader, row)]
        const done = { result: undefined, code: failure === undefined ? 200 : 500, changes }
        return failure === undefined ? done : { ...done, failure }
      })
      if (typeof found === 'string') this.#resting.set(keyOf(row), endedAt + retryMs)
    } catch (error) {
      // It could not be recorded, so it did not happen: it is done again later.
      this.#resting.set(keyOf(row), endedAt + retryMs)
      log.error({ err: error, location: row.location }, 'the verification of a log could not be recorded')
    }
  }
}

function failureOf(found: VerifyFound | string): string | undefined {
  if (typeof found === 'string') return `The log could not be verified: ${found}`.slice(0, 500)
  if (found.good) return undefined
  const more = found.findingsTotal > 1 ? ` (and ${found.findingsTotal - 1} more)` : ''
  return `The log is not what was signed: ${found.findings[0]?.message ?? ''}`.slice(0, 480) + more
}

function insertion(
  { id, row, trigger }: OpenVerification,
  startedAt: number,
  endedAt: number,
  found: VerifyFound | string,
): Change {
  const isFound = typeof found !== 'string'
  return {
    sql: `INSERT INTO verifications (account, location, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      row.account,
      row.location,
      id,
      trigger,
      startedAt,
      endedAt,
      isFound ? (found.good ? 'good' : 'bad') : 'failed',
      isFound ? found.size : null,
      isFound ? (found.root ?? null) : null,
      JSON.stringify(isFound ? found.findings : []),
      isFound ? found.findingsTotal : 0,
      isFound ? null : found,
    ],
    rows: 1,
  }
}

/** Drops the oldest result once there are as many as are kept. */
function pruning(reader: Reader, { account, location }: TrackerRow): Change[] {
  const oldest = reader.get<{ id: string }>(
    'SELECT id FROM verifications WHERE account = ? AND location = ? ORDER BY started_at DESC, id LIMIT 1 OFFSET ?',
    account,
    location,
    keptMax - 1,
  )
  return oldest === undefined ? [] : [{ sql: 'DELETE FROM verifications WHERE id = ?', params: [oldest.id], rows: 1 }]
}

function keyOf({ account, location }: TrackerRow): string {
  return `${account}/${location}`
}
