/** Ends the process when a COMMIT lasts too long or the serving loop is stuck: better no answer than a hanging one. */
import { Worker } from 'node:worker_threads'
import { programFiles } from '../program-files.ts'
import { limits } from '../limits.ts'

/** Shared with the watchdog's thread: when the loop last showed life (−1 = nobody is served yet), and since when a COMMIT runs (0 = none). */
const BEAT = 0
const COMMIT = 1

export interface Watchdog {
  /** Marks the beginning and the end of a COMMIT. */
  committing(isCommitting: boolean): void
  /** Clients can come now: from here on the loop must not stand still. A start may; there is nobody whom it keeps waiting. */
  serving(): void
  stop(): Promise<void>
}

const milliseconds = (): bigint => process.hrtime.bigint() / 1_000_000n

/** Starts the watching thread. It kills the whole process with SIGKILL: nothing gentler works on a stuck loop. */
export function startWatchdog(): Watchdog {
  const shared = new SharedArrayBuffer(16)
  const cells = new BigInt64Array(shared)
  Atomics.store(cells, BEAT, -1n)
  const thread = new Worker(programFiles.threads.watchdog, {
    workerData: { shared, stallMs: limits.commitStallMs, lookMs: limits.heartbeatMs },
  })
  let beat: NodeJS.Timeout | undefined
  thread.unref()
  return {
    committing: (isCommitting) => {
      const now = milliseconds()
      Atomics.store(cells, COMMIT, isCommitting ? now : 0n)
      if (beat !== undefined) Atomics.store(cells, BEAT, now)
    },
    serving: () => {
      Atomics.store(cells, BEAT, milliseconds())
      beat ??= setInterval(() => Atomics.store(cells, BEAT, milliseconds()), limits.heartbeatMs)
    },
    stop: async () => {
      clearInterval(beat)
      await thread.terminate()
    },
  }
}
