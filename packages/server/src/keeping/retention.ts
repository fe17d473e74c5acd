/** For how long a tracker keeps events: longer by one person, shorter by two. */
import { alongside } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Change, Reader } from '../store/store.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { Effect } from './effects.ts'
import { valueFacts } from './proposal-facts.ts'
import { type TrackerRequestParts, refuseElsewhere } from '../trail/tracker-request.ts'

/** Days that events are kept at least; 0: for ever. */
export type RetentionDays = number

export interface RetentionRow {
  readonly tracker: string
  readonly days: number
  readonly looked_at: number
  /** Up to when the clock is believed. */
  readonly trusted_until: number
}

/** A hundred years. */
export const retentionDaysMax = 36_500

export interface Retentions {
  /** 0: for ever. */
  of(row: Pick<TrackerRow, 'id'>): RetentionDays
  /** Trackers that keep for a time only, the one that was looked at longest ago first. */
  limited(): (TrackerRow & RetentionRow)[]
}

export function readRetentions(reader: Reader): Retentions {
  return {
    of: ({ id }) => reader.get<{ days: number }>('SELECT days FROM retentions WHERE tracker = ?', id)?.days ?? 0,
    limited: () =>
      reader.all<TrackerRow & RetentionRow>(
        `SELECT t.*, r.tracker, r.days, r.looked_at, r.trusted_until FROM retentions r JOIN trackers t ON t.id = r.tracker
         ORDER BY r.looked_at, r.tracker`,
      ),
  }
}

/** Whether events would be kept for less time than before. */
export function isShorter(before: RetentionDays, after: RetentionDays): boolean {
  return after !== 0 && (before === 0 || after < before)
}

/** Holds only when the policy is still what it was. */
export function changeRetention(
  { id }: Pick<TrackerRow, 'id'>,
  before: RetentionDays,
  after: RetentionDays,
  by: string,
  now: number,
): Change {
  if (after === 0) {
    return { sql: 'DELETE FROM retentions WHERE tracker = ? AND days = ?', params: [id, before], rows: 1 }
  }
  if (before === 0) {
    return {
      sql: `INSERT INTO retentions (tracker, days, changed_at, changed_by, looked_at, trusted_until)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING`,
      params: [id, after, now, by, now, now],
      rows: 1,
    }
  }
  return {
    sql: 'UPDATE retentions SET days = ?, changed_at = ?, changed_by = ? WHERE tracker = ? AND days = ?',
    params: [after, now, by, id, before],
    rows: 1,
  }
}

/** It was looked for what is old enough to leave, by a clock that is believed so far. */
export function lookedAt({ tracker }: RetentionRow, now: number, trustedUntil: number): Change {
  return {
    sql: 'UPDATE retentions SET looked_at = ?, trusted_until = ? WHERE tracker = ?',
    params: [now, trustedUntil, tracker],
    rows: 1,
  }
}

/** @throws Refusal INVALID_FIELD_ERR */
export function readDays(value: unknown, name: string, least: 0 | 1): RetentionDays {
  const isDays = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= retentionDaysMax
  if (!isDays) throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name } })
  return value
}

export function retentionEffect(
  { clock, names, trail }: Pick<TrackerRequestParts, 'clock' | 'names' | 'trail'>,
  retentions: Retentions,
): Effect {
  return {
    kind: 'retention',
    members: ['retentionDays'],
    action: 'activity-tracker.retention.update',
    propose: (row, body) => {
      refuseElsewhere({ trail }, row)
      const after = readDays(body['retentionDays'], 'retentionDays', 1)
      const before = retentions.of(row)
      if (!isShorter(before, after)) throw new Refusal('ONE_PERSON_ENOUGH')
      return { subject: '', before: { retentionDays: before }, after: { retentionDays: after } }
    },
    says: ({ location }, { before, after }) => {
      const were = before.retentionDays === 0 ? 'for ever' : `at least ${before.retentionDays} days`
      return (
        `The tracker of ${location} keeps events at least ${after.retentionDays} days instead of ${were}: older ones ` +
        'leave for good, but for those that a legal hold covers, which are copied first.'
      )
    },
    perform: (row, proposal, by) => {
      const before = proposal.before.retentionDays ?? 0
      const after = proposal.after.retentionDays ?? 0
      if (retentions.of(row) !== before) throw new Refusal('PROPOSAL_OUTDATED')
      return {
        changes: [changeRetention(row, before, after, by, clock.now())],
        alongside: [
          alongside('activity-tracker.retention.update', {
            target: { id: names.crn(row), name: row.location },
            request: { proposal: proposal.id },
            response: valueFacts({ retentionDays: before }, { retentionDays: after }),
          }),
        ],
      }
    },
  }
}
