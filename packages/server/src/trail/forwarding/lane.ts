/** One tracker of this server as the forwarding thread works on it: forward, publish, index, tell. */
import type { Tracker, Voice } from '@keywitness/tracker'
import { limits } from '../../limits.ts'
import type { FromForwarder, TrackerPlace } from '../messages.ts'
import { localBatch, type OutboxReader } from './outbox-reader.ts'
import type { Telling } from '../telling.ts'

/** A destination that has a tracker: where its rows go and how far it is. */
export interface Lane {
  readonly place: TrackerPlace
  readonly tracker: Tracker
  readonly telling: Telling
  readonly voice: Voice
  destination: number | undefined
  producer: string
  /** Last outbox number handed over (or seen not to be this lane's). */
  cursor: number
  /** Last outbox number known to be delivered; what is handed over once more is not told again. */
  delivered: number
  /** `cursor` at the time of the last checkpoint. */
  covered: number
  publishedAt: number
  isSealing: boolean
  /** Waiting for the disk: the lane is tried again once per tick, not per message. */
  isPaused: boolean
  isFailing: boolean
  /** Entries below are in the index, as far as is known here; and whether it cannot follow at the moment. */
  indexed: number
  isIndexFailing: boolean
  /** A seal that failed is not tried again before this (monotonic ms). */
  sealAfter: number
  /** Removed: it takes what is recorded for it, and closes. */
  isEnding: boolean
}

/** Where rows come from, and who is told. */
export interface Outlet {
  readonly outbox: OutboxReader
  readonly say: (message: FromForwarder) => void
}

/** Checkpoints appear on growth only, at most one a second (design 7). */
const publishEveryMs = 1_000
export function newLane(given: Pick<Lane, 'place' | 'tracker' | 'telling' | 'voice' | 'isEnding'>): Lane {
  return {
    ...given,
    destination: undefined,
    producer: '',
    cursor: 0,
    delivered: 0,
    covered: 0,
    publishedAt: 0,
    isSealing: false,
    isPaused: false,
    isFailing: false,
    sealAfter: 0,
    indexed: 0,
    isIndexFailing: false,
  }
}

/** What was odd becomes an event of the same log. Last in a turn: if it fails, everything else goes on. */
export function tell(lane: Lane, { say }: Pick<Outlet, 'say'>): void {
  const oddities = lane.telling.look(lane.tracker)
  const { account, location } = lane.place
  if (oddities !== undefined) say({ kind: 'oddities', account, location, oddities })
}

/** Hands over the lane's next rows. What the tracker already has (a delivery before a crash) it recognises. */
export function forward(lane: Lane, { outbox, say }: Outlet): number {
  if (lane.destination === undefined && !findProducer(lane, outbox)) return 0
  const newest = outbox.newest()
  if (newest <= lane.cursor) return 0
  const { rows, attached, isAll } = localBatch(outbox, lane.cursor, lane.destination as number)
  const last = rows.at(-1)
  if (last !== undefined) {
    const { duplicates } = lane.tracker.append(
      rows.map((row) => ({
        producer: lane.producer,
        epoch: row.epoch,
        sequence: row.sequence,
        bytes: row.entry,
        received: row.recorded_at,
        ...(attached.has(row.number) ? { attachments: outbox.attachments(row.number) } : {}),
      })),
    )
    if (duplicates > 0) lane.telling.repeated()
    const fresh = rows.filter((row) => row.number > lane.delivered)
    const bytes = fresh.reduce((sum, row) => sum + row.entry.length + (attached.get(row.number) ?? 0), 0)
    if (fresh.length > 0) {
      lane.delivered = last.number
      const destination = lane.destination as number
      say({ kind: 'delivered', destination, number: last.number, events: fresh.length, bytes })
    }
  }
  // Rows may have been committed between the two questions: the last one handed over can lie beyond `newest`.
  const reached = Math.max(newest, last?.number ?? 0)
  lane.cursor = isAll || last === undefined ? reached : last.number
  return isAll ? rows.length : limits.forwardBatch
}

function findProducer(lane: Lane, outbox: OutboxReader): boolean {
  const row = outbox.producer({ ...lane.place, isEnding: lane.isEnding })
  if (row === undefined) return false
  lane.destination = row.destination
  lane.producer = row.producer
  lane.delivered = row.delivered
  lane.cursor = outbox.cursor(row, lane.tracker.lastOf(row.producer)?.sequence ?? 0)
  lane.covered = lane.cursor
  return true
}

/** Signs a checkpoint when the log grew and it is time for one; whether it did. */
export function publish(lane: Lane, { say }: Pick<Outlet, 'say'>): boolean {
  const now = performance.now()
  if (now - lane.publishedAt < publishEveryMs && lane.publishedAt !== 0) return false
  const note = lane.tracker.publish()
  const isNew = note !== undefined
  if (isNew) lane.publishedAt = now
  if (lane.covered !== lane.cursor && lane.destination !== undefined) {
    lane.covered = lane.cursor
    say({ kind: 'covered', destination: lane.destination, number: lane.covered })
  }
  return isNew
}
