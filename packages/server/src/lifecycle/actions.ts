/** Lifecycle actions in the server store: who still has to acknowledge what, and until when. */
import type { KeyState } from '../keys/states.ts'
import type { Change, Reader } from '../store/store.ts'
import type { AdopterState, ToldAct } from './told.ts'

/** Times are milliseconds since the epoch. */
export interface LifecycleAction {
  /** `eventId` of the messages. */
  readonly id: string
  readonly instance: string
  readonly key: string
  readonly keyName: string
  readonly act: ToldAct
  readonly keyState: KeyState
  readonly version: string
  readonly versionAt: number
  readonly oldVersion: string | null
  readonly oldVersionAt: number | null
  readonly correlationId: string | null
  readonly startedAt: number
  readonly startedBy: string
  readonly dueAt: number
  readonly state: 'pending' | 'completed' | 'conflict' | 'overdue'
  /** Resources not acknowledged yet. */
  readonly remaining: number
  /** First resource whose service reported another state than the key's. */
  readonly conflicting: string | null
}

export interface Acknowledgement {
  readonly owner: string
  readonly crn: string
  readonly state: 'pending' | 'acknowledged' | 'conflict'
  readonly reported: AdopterState | null
  readonly acknowledgedAt: number | null
}

/** As members of `LifecycleAction`. */
export const actionColumns = `id, instance, key, key_name AS keyName, act, key_state AS keyState, version, version_at AS versionAt,
  old_version AS oldVersion, old_version_at AS oldVersionAt, correlation_id AS correlationId,
  started_at AS startedAt, started_by AS startedBy, due_at AS dueAt, state, remaining, conflicting`

/** As the index lifecycle_ready has it. */
const isReady = "state = 'pending' AND (remaining = 0 OR conflicting IS NOT NULL)"

const acknowledgementColumns = 'owner, crn, state, reported, acknowledged_at AS acknowledgedAt'

export interface LifecycleActions {
  find(id: string): LifecycleAction | undefined
  /** The newest one of a key. */
  lastOf(instance: string, key: string): LifecycleAction | undefined
  /** What one service has to acknowledge; of one resource when its CRN is given. */
  acknowledgements(action: string, owner: string, crn: string | undefined): Acknowledgement[]
  /** The acknowledgement that came last. */
  lastAcknowledgement(action: string): Acknowledgement | undefined
  firstPending(action: string): Acknowledgement | undefined
  /** Pending actions that nothing more is needed for. */
  ready(limit: number): string[]
  hasReady(): boolean
  /** Pending actions whose time is over. */
  overdue(now: number, limit: number): string[]
  /** When the next pending action's time is over. */
  nextDue(): number | undefined
  /** When the oldest finished action was due. */
  oldestFinished(): number | undefined
  finishedBefore(due: number, limit: number): string[]
}

export function readLifecycleActions(reader: Reader): LifecycleActions {
  const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id)
  return {
    find: (id) => reader.get<LifecycleAction>(`SELECT ${actionColumns} FROM lifecycle_actions WHERE id = ?`, id),
    lastOf: (instance, key) =>
      reader.get<LifecycleAction>(
        `SELECT ${actionColumns} FROM lifecycle_actions WHERE instance = ? AND key = ? ORDER BY started_at DESC LIMIT 1`,
        instance,
        key,
      ),
    acknowledgements: (action, owner, crn) =>
      reader.all<Acknowledgement>(
        `SELECT ${acknowledgementColumns} FROM lifecycle_acknowledgements
          WHERE action = ?1 AND owner = ?2 AND (?3 IS NULL OR crn = ?3) ORDER BY crn`,
        action,
        owner,
        crn ?? null,
      ),
    lastAcknowledgement: (action) =>
      reader.get<Acknowledgement>(
        `SELECT ${acknowledgementColumns} FROM lifecycle_acknowledgements
          WHERE action = ? AND acknowledged_at IS NOT NULL ORDER BY acknowledged_at DESC, crn LIMIT 1`,
        action,
      ),
    firstPending: (action) =>
      reader.get<Acknowledgement>(
        `SELECT ${acknowledgementColumns} FROM lifecycle_acknowledgements
          WHERE action = ? AND state = 'pending' ORDER BY crn LIMIT 1`,
        action,
      ),
    ready: (limit) =>
      idsOf(reader.all(`SELECT id FROM lifecycle_actions WHERE ${isReady} ORDER BY started_at LIMIT ?`, limit)),
    hasReady: () => reader.get(`SELECT 1 FROM lifecycle_actions WHERE ${isReady} LIMIT 1`) !== undefined,
    overdue: (now, limit) =>
      idsOf(
        reader.all(
          `SELECT id FROM lifecycle_actions WHERE state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?`,
          now,
          limit,
        ),
      ),
    nextDue: () =>
      reader.get<{ due: number | null }>(`SELECT min(due_at) AS due FROM lifecycle_actions WHERE state = 'pending'`)
        ?.due ?? undefined,
    oldestFinished: () =>
      reader.get<{ due: number | null }>(`SELECT min(due_at) AS due FROM lifecycle_actions WHERE state <> 'pending'`)
        ?.due ?? undefined,
    finishedBefore: (due, limit) =>
      idsOf(
        reader.all(
          `SELECT id FROM lifecycle_actions WHERE state <> 'pending' AND due_at < ? ORDER BY due_at LIMIT ?`,
          due,
          limit,
        ),
      ),
  }
}

const insertAction = `INSERT INTO lifecycle_actions (id, instance, key, key_name, act, key_state, version, version_at,
  old_version, old_version_at, correlation_id, started_at, started_by, due_at, state, remaining, conflicting)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const insertAcknowledgements = `INSERT INTO lifecycle_acknowledgements (action, owner, crn, state, reported,
  acknowledged_at) SELECT ?, owner, crn, 'pending', NULL, NULL FROM registrations WHERE instance = ? AND key = ?`

/** A new action with one open acknowledgement for each registration. Holds while there are as many as decided on. */
export function beginAction(action: LifecycleAction): Change[] {
  return [
    {
      sql: insertAction,
      params: [
        action.id,
        action.instance,
        action.key,
        action.keyName,
        action.act,
        action.keyState,
        action.version,
        action.versionAt,
        action.oldVersion,
        action.oldVersionAt,
        action.correlationId,
        action.startedAt,
        action.startedBy,
        action.dueAt,
        action.state,
        action.remaining,
        action.conflicting,
      ],
      rows: 1,
    },
    { sql: insertAcknowledgements, params: [action.id, action.instance, action.key], rows: action.remaining },
  ]
}

/** What a service reported of its open acknowledgements. Holds while they are still open. */
export function report(
  action: LifecycleAction,
  open: readonly Acknowledgement[],
  reported: { readonly state: AdopterState; readonly at: number; readonly isConflict: boolean; readonly crn?: string },
): Change[] {
  const owner = open[0]?.owner ?? ''
  const first = open[0]?.crn ?? ''
  return [
    {
      sql: `UPDATE lifecycle_acknowledgements SET state = ?1, reported = ?2, acknowledged_at = ?3
        WHERE action = ?4 AND owner = ?5 AND state = 'pending' AND (?6 IS NULL OR crn = ?6)`,
      params: [
        reported.isConflict ? 'conflict' : 'acknowledged',
        reported.state,
        reported.at,
        action.id,
        owner,
        reported.crn ?? null,
      ],
      rows: open.length,
    },
    reported.isConflict
      ? {
          sql: `UPDATE lifecycle_actions SET conflicting = coalesce(conflicting, ?) WHERE id = ? AND state = ?`,
          params: [first, action.id, action.state],
          rows: 1,
        }
      : {
          sql: 'UPDATE lifecycle_actions SET remaining = remaining - ? WHERE id = ? AND state = ?',
          params: [open.length, action.id, action.state],
          rows: 1,
        },
  ]
}

/** Ends an action. Holds while it is as it was read. */
export function endAction(action: LifecycleAction, state: Exclude<LifecycleAction['state'], 'pending'>): Change {
  return {
    sql: `UPDATE lifecycle_actions SET state = ? WHERE id = ? AND state = 'pending' AND remaining = ?
      AND conflicting IS ?`,
    params: [state, action.id, action.remaining, action.conflicting],
    rows: 1,
  }
}

export function forgetAction(id: string): Change {
  return { sql: "DELETE FROM lifecycle_actions WHERE id = ? AND state <> 'pending'", params: [id], rows: 1 }
}
