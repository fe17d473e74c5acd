/** Recoveries in the server store: what two people want removed of a certificate administrator, and how far that is. */
import type { Change, Reader } from '../../store/store.ts'

/** The key alone, or the certificates with it. */
type Removes = 'admin-key' | 'admin-key-and-certificates'

/** `open`: waits for the second person. `approved`: waits for its time. */
type RecoveryState = 'open' | 'approved' | 'withdrawn' | 'lapsed' | 'performed' | 'outdated'

export interface Recovery {
  /** UUID. */
  readonly id: string
  /** GUID. */
  readonly instance: string
  /** IAM id. */
  readonly administrator: string
  readonly removes: Removes
  /** The key it is about; null when the administrator had certificates only. */
  readonly keyId: string | null
  readonly proposedBy: string
  readonly proposedByName: string
  /** Milliseconds since the epoch, as all times here. */
  readonly proposedAt: number
  readonly expiresAt: number
  readonly approvedBy: string | null
  readonly approvedByName: string | null
  readonly approvedAt: number | null
  /** When it is performed; null until it is approved. */
  readonly dueAt: number | null
  readonly state: RecoveryState
  readonly endedBy: string | null
  readonly endedAt: number | null
}

const columns = `id, instance, administrator, removes, key_id AS keyId, proposed_by AS proposedBy,
  proposed_by_name AS proposedByName, proposed_at AS proposedAt, expires_at AS expiresAt, approved_by AS approvedBy,
  approved_by_name AS approvedByName, approved_at AS approvedAt, due_at AS dueAt, state, ended_by AS endedBy,
  ended_at AS endedAt`

const from = `SELECT ${columns} FROM certificate_recoveries`

const sql = {
  one: `${from} WHERE id = ? AND instance = ?`,
  list: `${from} WHERE instance = ? ORDER BY proposed_at DESC, id DESC LIMIT ?`,
  pending: `${from} WHERE instance = ? AND administrator = ? AND state IN ('open', 'approved')`,
  toLapse: `${from} WHERE state = 'open' ORDER BY expires_at, id LIMIT ?`,
  toPerform: `${from} WHERE state = 'approved' ORDER BY due_at, id LIMIT ?`,
} as const

export interface Recoveries {
  find(instance: string, id: string): Recovery | undefined
  /** The newest first. */
  list(instance: string, limit: number): Recovery[]
  /** The one about an administrator that has not ended; there is never a second. */
  pending(instance: string, administrator: string): Recovery | undefined
  /** Those without approval that lapse first, of all instances. */
  toLapse(limit: number): Recovery[]
  /** Those that are performed first, of all instances. */
  toPerform(limit: number): Recovery[]
}

export function readRecoveries(reader: Reader): Recoveries {
  return {
    find: (instance, id) => reader.get<Recovery>(sql.one, id, instance),
    list: (instance, limit) => reader.all<Recovery>(sql.list, instance, limit),
    pending: (instance, administrator) => reader.get<Recovery>(sql.pending, instance, administrator),
    toLapse: (limit) => reader.all<Recovery>(sql.toLapse, limit),
    toPerform: (limit) => reader.all<Recovery>(sql.toPerform, limit),
  }
}

/** Holds while no other one about this administrator is under way. */
export function insertRecovery(recovery: Recovery): Change {
  const { id, instance, administrator, removes, keyId, proposedBy, proposedByName, proposedAt, expiresAt } = recovery
  return {
    sql: `INSERT INTO certificate_recoveries (id, instance, administrator, removes, key_id, proposed_by,
        proposed_by_name, proposed_at, expires_at, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT DO NOTHING`,
    params: [id, instance, administrator, removes, keyId, proposedBy, proposedByName, proposedAt, expiresAt],
    rows: 1,
  }
}

/** Holds while it is open: of two who approve, withdraw or let it lapse at the same time one succeeds. */
export function approveRecovery({ id, approvedBy, approvedByName, approvedAt, dueAt }: Recovery): Change {
  return {
    sql: `UPDATE certificate_recoveries SET state = 'approved', approved_by = ?, approved_by_name = ?, approved_at = ?,
      due_at = ? WHERE id = ? AND state = 'open'`,
    params: [approvedBy, approvedByName, approvedAt, dueAt, id],
    rows: 1,
  }
}

/** Holds while it is in the state that it was decided in. */
export function endRecovery(before: Recovery, { state, endedBy, endedAt }: Recovery): Change {
  return {
    sql: 'UPDATE certificate_recoveries SET state = ?, ended_by = ?, ended_at = ? WHERE id = ? AND state = ?',
    params: [state, endedBy, endedAt, before.id, before.state],
    rows: 1,
  }
}

/** As it is once it has ended. */
export function ended(
  recovery: Recovery,
  state: Exclude<RecoveryState, 'open' | 'approved'>,
  by: string,
  now: number,
): Recovery {
  return { ...recovery, state, endedBy: by, endedAt: now }
}
