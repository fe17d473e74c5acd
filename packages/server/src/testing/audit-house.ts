/** The audit door for tests: the real store in memory, the real committer, a clock that stands still. */
import { type ActivityEvent, parseEntry } from '@keywitness/cadf'
import { type Logger, pino } from 'pino'
import { type Audit, type AuditParts, createAudit } from '../audit.ts'
import { createEventStamp } from '../event-stamp.ts'
import { Committer } from '../record/committer.ts'
import { Producers } from '../record/producers.ts'
import { memoryStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'

/** Tests move both times; milliseconds. */
export interface StandingClock {
  time: number
  elapsed: number
  now(): number
  monotonic(): number
}

export interface AuditHouse {
  readonly store: Store
  readonly audit: Audit
  readonly clock: StandingClock
  /** Everything the operational log said. */
  readonly logged: string[]
  readonly log: Logger
  /** Events recorded so far, oldest first, as they stand in the outbox. */
  readonly events: () => ActivityEvent[]
  /** Commits what waits, then closes the store: a call may still be under way when its client is gone. */
  readonly close: () => void
}

const startTime = Date.parse('2026-03-01T12:00:00.000Z')

export function openAuditHouse(options: Pick<AuditParts, 'succeedsWith200'> = {}): AuditHouse {
  const store = memoryStore()
  const logged: string[] = []
  const log: Logger = pino({ level: 'trace' }, { write: (line) => void logged.push(line) })
  const clock: StandingClock = {
    time: startTime,
    elapsed: 0,
    now: () => clock.time,
    monotonic: () => clock.elapsed,
  }
  const stamp = createEventStamp('Keywitness')
  const committer = openCommitter(store, clock)
  return {
    store,
    audit: createAudit({ committer, clock, stamp, log, ...options }),
    clock,
    logged,
    log,
    events: () =>
      store
        .all<{ entry: Uint8Array }>('SELECT entry FROM outbox ORDER BY number')
        .map((row) => parseEntry(row.entry).event),
    close: () => {
      committer.stop()
      store.close()
    },
  }
}

/** The real committer, every epoch already open: these tests are about the calls' own events only. */
function openCommitter(store: Store, clock: StandingClock): Pick<Committer, 'submit' | 'stop'> {
  const producers = new Producers(store)
  const committer = new Committer({
    store,
    producers,
    clock,
    openingEvent: () => {
      throw new Error('the epoch is open')
    },
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw error
    },
  })
  return {
    submit: (place, event, effects) => {
      producers.at(place).isOpen = true
      return committer.submit(place, event, effects)
    },
    stop: () => committer.stop(),
  }
}
