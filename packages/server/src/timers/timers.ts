/** Work that falls due with time: looked for while the server runs, caught up once after a stop, by the wall clock. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { limits } from '../limits.ts'

/** One kind of work that falls due. What is done stands in the store: that alone keeps it from being done again. */
export interface TimerJob {
  /** For the log. */
  readonly name: string
  /** When the earliest open piece of work falls due, milliseconds since the epoch; undefined when there is none. By an index. */
  readonly nextDue: () => number | undefined
  /** Does a bounded part of what is due at `now`, each piece with its event. What remains is asked for again at once. */
  readonly run: (now: number) => Promise<void>
  /** Cannot be undone: a wall clock that has just stepped is not believed. */
  readonly isFinal?: boolean
}

export interface Timers {
  add(job: TimerJob): void
  /** Looks at once, for what fell due while nobody ran, and from then on regularly. */
  start(): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface TimerParts {
  readonly clock: Clock
  readonly log: Logger
  /** How often is looked, milliseconds. */
  readonly everyMs?: number
  /** How long final work waits after a step of the wall clock, milliseconds by the monotonic clock. */
  readonly settleMs?: number
}

/** After a failure a job rests this much longer each time, up to a hundredfold. */
const restAfterFailureMs = 1_000
const longestRest = 100

interface Kept {
  readonly job: TimerJob
  running: Promise<void> | undefined
  failures: number
  /** By the monotonic clock. */
  restsUntil: number
}

export function createTimers(parts: TimerParts): Timers {
  const { clock, log, everyMs = 1_000, settleMs = 600_000 } = parts
  const jobs: Kept[] = []
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let offset = clock.now() - clock.monotonic()
  let distrustedUntil = -Infinity

  function look(): void {
    noticeSteps()
    for (const kept of jobs) if (isDue(kept)) kept.running = work(kept)
  }

  /** A step moves the wall clock against the monotonic one. */
  function noticeSteps(): void {
    const now = clock.now() - clock.monotonic()
    if (Math.abs(now - offset) >= limits.clockStepMs) distrustedUntil = clock.monotonic() + settleMs
    offset = now
  }

  function isDue(kept: Kept): boolean {
    if (isStopped || kept.running !== undefined) return false
    const monotonic = clock.monotonic()
    if (monotonic < kept.restsUntil || (kept.job.isFinal === true && monotonic < distrustedUntil)) return false
    const due = kept.job.nextDue()
    return due !== undefined && due <= clock.now()
  }

  async function work(kept: Kept): Promise<void> {
    const { job } = kept
    const due = job.nextDue()
    try {
      await job.run(clock.now())
      kept.failures = 0
    } catch (error) {
      kept.failures = Math.min(kept.failures + 1, longestRest)
      kept.restsUntil = clock.monotonic() + kept.failures * restAfterFailureMs
      log.error({ err: error, job: job.name }, 'work that was due could not be done; it is tried again')
    }
    kept.running = undefined
    // More of the same is done at once; work that stands where it stood waits for the next look.
    if (kept.failures === 0 && job.nextDue() !== due && isDue(kept)) kept.running = work(kept)
  }

  return {
    add: (job) => void jobs.push({ job, running: undefined, failures: 0, restsUntil: -Infinity }),
    start() {
      timer = setInterval(look, everyMs)
      timer.unref()
      look()
    },
    async stop() {
      isStopped = true
      clearInterval(timer)
      for (const kept of jobs) await kept.running
    },
  }
}
