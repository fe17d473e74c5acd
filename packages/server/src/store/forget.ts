/** What a commit has erased must not linger beside the store: in its write-ahead log, or in copies made before migrations. */
import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { copyMark } from './copy.ts'
import { busyTimeoutMs } from './open.ts'
import type { Store } from './store.ts'

export interface Forgetting {
  /** Moves every page of the write-ahead log into the store, empties it, and drops the copies. Never throws. */
  forget(): Promise<void>
  /** Something was erased, and the timers are to forget it within moments: nobody waits. Never throws. */
  owe(): void
  /** Whether that is still to be done, or the last attempt did not get through because a reader held on to old pages. */
  isPending(): boolean
}

/** Attempts, and the time between them, milliseconds. Readers of the store are short. */
const attempts = 20
const pauseMs = 50

interface Checkpoint {
  readonly busy: number
}

export function createForgetting(store: Store, log: Logger): Forgetting {
  let isPending = false
  return {
    isPending: () => isPending,
    owe() {
      isPending = true
    },
    async forget() {
      isPending = true
      try {
        dropCopies(store.file)
        for (let attempt = 1; attempt <= attempts && isPending; attempt++) {
          if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, pauseMs))
          isPending = !emptyLog(store)
        }
        if (isPending) log.warn('erased material is still in the write-ahead log; it is tried again')
      } catch (error) {
        log.error({ err: error }, 'erased material may still be in the write-ahead log; it is tried again')
      }
    },
  }
}

/** Between commits: nothing else runs on this connection meanwhile. A reader in the way is not waited for. */
function emptyLog(store: Store): boolean {
  store.exec('PRAGMA busy_timeout=0')
  try {
    return store.get<Checkpoint>('PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0
  } finally {
    store.exec(`PRAGMA busy_timeout=${busyTimeoutMs}`)
  }
}

/** Copies from before a migration hold what was erased since; once something is, going back to them is over. */
function dropCopies(file: string): void {
  const prefix = `${basename(file)}${copyMark}`
  for (const name of readdirSync(dirname(file))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(file), name), { force: true })
  }
}
