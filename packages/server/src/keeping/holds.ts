/** Legal holds in the server store: placed by one person, released by two. */
import { alongside } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Change, Condition, Reader } from '../store/store.ts'
import type { TrailFilter } from '../trail/messages.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { Effect } from './effects.ts'
import { valueFacts } from './proposal-facts.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'

export interface Hold {
  /** UUID. */
  readonly id: string
  readonly account: string
  readonly location: string
  /** Id of the tracker. */
  readonly tracker: string
  readonly reason: string
  /** In the query language; empty for every event of the range. */
  readonly query: string
  readonly queryNow: number
  readonly queryZone: string | null
  /** Indexes covered, both inclusive; null: whatever comes. */
  readonly first: number
  readonly last: number | null
  readonly placedAt: number
  readonly placedBy: string
  readonly placedByName: string
  readonly state: 'open' | 'released'
  readonly releasedAt: number | null
  readonly releasedBy: string | null
  /** Everything it covers of lower indexes is in the archive. */
  readonly copiedTo: number
}

/** A file of a hold's archive. */
export interface HoldCopy {
  readonly hold: string
  readonly first: number
  readonly last: number
  readonly events: number
  readonly bytes: number
  readonly sha256: string
  readonly size: number
  readonly copiedAt: number
}

/** Open ones of a tracker: each is gone through before events leave. */
export const openHoldsMax = 100

const columns = `id, account, location, tracker, reason, query, query_now AS queryNow, query_zone AS queryZone, first,
  last, placed_at AS placedAt, placed_by AS placedBy, placed_by_name AS placedByName, state, released_at AS releasedAt,
  released_by AS releasedBy, copied_to AS copiedTo`
const copyColumns = 'hold, first, last, events, bytes, sha256, size, copied_at AS copiedAt'

export interface Holds {
  find(tracker: string, id: string): Hold | undefined
  /** The newest first. */
  list(tracker: string, limit: number): Hold[]
  open(tracker: string): Hold[]
  countOpen(tracker: string): number
  copies(hold: string): HoldCopy[]
  copy(hold: string, first: number): HoldCopy | undefined
}

export function readHolds(reader: Reader): Holds {
  return {
    find: (tracker, id) => reader.get<Hold>(`SELECT ${columns} FROM holds WHERE id = ? AND tracker = ?`, id, tracker),
    list: (tracker, limit) =>
      reader.all<Hold>(
        `SELECT ${columns} FROM holds WHERE tracker = ? ORDER BY placed_at DESC, id DESC LIMIT ?`,
        tracker,
        limit,
      ),
    open: (tracker) =>
      reader.all<Hold>(`SELECT ${columns} FROM holds WHERE tracker = ? AND state = 'open' ORDER BY id`, tracker),
    countOpen: (tracker) =>
      reader.get<{ n: number }>("SELECT count(*) AS n FROM holds WHERE tracker = ? AND state = 'open'", tracker)?.n ??
      0,
    copies: (hold) =>
      reader.all<HoldCopy>(`SELECT ${copyColumns} FROM hold_copies WHERE hold = ? ORDER BY first`, hold),
    copy: (hold, first) =>
      reader.get<HoldCopy>(`SELECT ${copyColumns} FROM hold_copies WHERE hold = ? AND first = ?`, hold, first),
  }
}

/** What a hold covers, as a search asks for it. */
export function filterOf({ query, queryNow, queryZone }: Hold): TrailFilter {
  if (query === '') return {}
  return { query, now: queryNow, ...(queryZone === null ? {} : { zone: queryZone }) }
}

export function insertHold(hold: Hold): Change {
  return {
    sql: `INSERT INTO holds (id, account, location, tracker, reason, query, query_now, query_zone, first, last, placed_at,
        placed_by, placed_by_name, state, copied_to)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?
      WHERE (SELECT count(*) FROM holds WHERE tracker = ? AND state = 'open') < ${openHoldsMax}`,
    params: [
      hold.id,
      hold.account,
      hold.location,
      hold.tracker,
      hold.reason,
      hold.query,
      hold.queryNow,
      hold.queryZone,
      hold.first,
      hold.last,
      hold.placedAt,
      hold.placedBy,
      hold.placedByName,
      hold.copiedTo,
      hold.tracker,
    ],
    rows: 1,
  }
}

/** The copy is in the archive, durable; or, without one, nothing was covered. Only where the last copy ended. */
export function copiedTo({ id, copiedTo: from }: Hold, to: number, copy: HoldCopy | undefined): Change[] {
  const moved: Change = {
    sql: 'UPDATE holds SET copied_to = ? WHERE id = ? AND copied_to = ?',
    params: [to, id, from],
    rows: 1,
  }
  if (copy === undefined) return [moved]
  const { hold, first, last, events, bytes, sha256, size, copiedAt } = copy
  return [
    moved,
    {
      sql: `INSERT INTO hold_copies (hold, first, last, events, bytes, sha256, size, copied_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [hold, first, last, events, bytes, sha256, size, copiedAt],
      rows: 1,
    },
  ]
}

/** That no hold is open on a tracker. */
export function noOpenHold(tracker: string): Condition {
  return {
    sql: "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM holds WHERE tracker = ? AND state = 'open')",
    params: [tracker],
  }
}

export function holdReleaseEffect(
  { clock, names }: Pick<TrackerRequestParts, 'clock' | 'names'>,
  holds: Holds,
): Effect {
  const openHold = (row: TrackerRow, id: unknown): Hold => {
    const hold = typeof id === 'string' ? holds.find(row.id, id) : undefined
    if (hold === undefined) throw new Refusal('NOT_FOUND')
    return hold
  }
  return {
    kind: 'hold-release',
    members: ['hold'],
    action: 'activity-tracker.hold.release',
    propose: (row, body) => {
      const hold = openHold(row, body['hold'])
      if (hold.state !== 'open') throw new Refusal('ONE_PERSON_ENOUGH')
      return { subject: hold.id, before: { state: 'open' }, after: { state: 'released' } }
    },
    says: (row, { subject }) => {
      const reason = holds.find(row.id, subject)?.reason ?? ''
      return (
        `The legal hold ${subject} (${reason}) protects nothing any more: events it covered leave with the others. ` +
        'What it has copied stays in its archive.'
      )
    },
    perform: (row, proposal, by) => {
      const hold = openHold(row, proposal.subject)
      if (hold.state !== 'open') throw new Refusal('PROPOSAL_OUTDATED')
      return {
        changes: [
          {
            sql: `UPDATE holds SET state = 'released', released_at = ?, released_by = ? WHERE id = ? AND state = 'open'`,
            params: [clock.now(), by, hold.id],
            rows: 1,
          },
        ],
        alongside: [
          alongside('activity-tracker.hold.release', {
            target: { id: names.crn(row), name: row.location },
            request: { hold: hold.id, proposal: proposal.id },
            response: valueFacts({ state: 'open' }, { state: 'released' }),
          }),
        ],
      }
    },
  }
}
