/** What is older than its tracker's retention leaves: looked for once a day, copied first where a legal hold covers it. */
import type { Logger } from 'pino'
import type { Change } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { lookedAt, type RetentionRow, type Retentions } from './retention.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'

export interface PruningParts extends Pick<TrackerRequestParts, 'trail' | 'clock'> {
  readonly retentions: Retentions
  readonly log: Logger
  /** Makes bookkeeping durable, without an event: that of a pruning is recorded by the tracker. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
  /** How often each tracker is looked at, milliseconds; 0: nothing leaves. */
  readonly everyMs: number
  /** Whether the log is being verified: nothing leaves meanwhile. */
  readonly isVerified: (row: TrackerRow) => boolean
  /** Copies what holds cover below an index. */
  readonly copyHeld: (row: TrackerRow, below: number) => Promise<void>
  /** Whether everything that holds cover below an index is copied, holds placed in this moment included. */
  readonly isCopied: (row: TrackerRow, below: number) => boolean
}

const dayMs = 86_400_000
/** How long a tracker rests that could not be looked at, milliseconds. */
const restMs = 300_000
/** How long one waits that is being verified. */
const verifiedMs = 2_000

export function pruningJob(parts: PruningParts): TimerJob {
  const { retentions, clock, log, everyMs, isVerified, carry } = parts
  const resting = new Map<string, number>()
  const dueAt = (row: RetentionRow): number => {
    // A clock that was ahead and is right again does not put everything off.
    const next = row.looked_at > clock.now() ? clock.now() : row.looked_at + everyMs
    return Math.max(next, resting.get(row.tracker) ?? 0)
  }
  const due = (): (TrackerRow & RetentionRow)[] => (everyMs === 0 ? [] : retentions.limited())
  return {
    name: 'events that are older than their retention',
    // A clock that is wrong would have them leave too soon, for good.
    isFinal: true,
    nextDue: () =>
      due().reduce<number | undefined>((least, row) => Math.min(least ?? dueAt(row), dueAt(row)), undefined),
    run: async (now) => {
      const row = due().find((one) => dueAt(one) <= now)
      if (row === undefined) return
      try {
        // A start with a wrong clock costs two days of events, not all of them.
        const trusted = Math.min(now, row.trusted_until + 2 * everyMs)
        if (isVerified(row) || (await prune(parts, row, trusted)) === 'verified') {
          resting.set(row.tracker, now + verifiedMs)
          return
        }
        await carry([lookedAt(row, clock.now(), trusted)])
        resting.delete(row.tracker)
      } catch (error) {
        resting.set(row.tracker, now + restMs)
        log.error({ err: error, location: row.location }, 'old events could not leave their log; it is tried again')
      }
    },
  }
}

/** `verified`: the log began to be verified meanwhile. */
async function prune(
  parts: PruningParts,
  row: TrackerRow & RetentionRow,
  now: number,
): Promise<'verified' | 'looked at'> {
  const { trail, retentions, copyHeld, isCopied, isVerified, log } = parts
  const before = now - row.days * dayMs
  const asked = await trail.prune(row, before)
  const index = 'prunable' in asked ? asked.prunable : undefined
  if (index === undefined) return 'looked at'
  await copyHeld(row, index)
  // Asked in the same turn in which the tracker is told: a hold or a longer retention from before this moment counts, and
  // so does a verification.
  if (retentions.of(row) !== row.days || !isCopied(row, index)) return 'looked at'
  if (isVerified(row)) return 'verified'
  await trail.prune(row, before, { index, before, keepDays: row.days })
  log.info({ location: row.location, minimumIndex: index }, 'old events left their log')
  return 'looked at'
}
