/** The durable queue of messages: what is queued is committed with what it tells of, and stays until it is delivered. */
import type { Change, Reader } from '../store/store.ts'
import type { Problem } from './attempt.ts'
import { outboundLimits } from './limits.ts'

export interface NewMessage {
  /** UUID of version 7; the receiver's `webhook-id`, the same at every attempt. */
  readonly id: string
  readonly target: string
  /** Kind of message, such as `key.rotated`. */
  readonly type: string
  /** Sent as it is. JSON of at most `outboundLimits.bodyBytes`. */
  readonly body: string
  /** Given up after this, milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface Message extends NewMessage {
  readonly createdAt: number
  readonly state: 'waiting' | 'dead'
  /** Made so far. */
  readonly attempts: number
  readonly nextAt: number
  /** Why the last attempt failed, or why there was none. */
  readonly problem: Problem | 'QUEUE_FULL' | null
}

const columns = `id, target, type, body, created_at AS createdAt, expires_at AS expiresAt, state, attempts,
  next_at AS nextAt, problem`

/** More than a target may have waiting is given up at once: the change itself never fails for it. */
const insert = `INSERT INTO outbound_messages (id, target, type, body, created_at, expires_at, state, attempts, next_at,
  problem) SELECT ?1, ?2, ?3, ?4, ?5, ?6, iif(room, 'waiting', 'dead'), 0, ?5, iif(room, NULL, 'QUEUE_FULL')
  FROM (SELECT count(*) < ${outboundLimits.waitingPerTarget} AS room FROM outbound_messages
    WHERE target = ?2 AND state = 'waiting')`

/**
 * Queues a message.
 * @throws RangeError when the body is too long
 */
export function queueMessage(message: NewMessage, now: number): Change {
  if (Buffer.byteLength(message.body) > outboundLimits.bodyBytes) throw new RangeError('the message is too long')
  const { id, target, type, body, expiresAt } = message
  return { sql: insert, params: [id, target, type, body, now, expiresAt], rows: 1 }
}

export function messageDelivered(message: Message): Change {
  return { sql: 'DELETE FROM outbound_messages WHERE id = ?', params: [message.id], rows: 1 }
}

export function messageRetried(message: Message, problem: Problem, nextAt: number): Change {
  return {
    sql: `UPDATE outbound_messages SET attempts = attempts + 1, next_at = ?, problem = ?
      WHERE id = ? AND state = 'waiting'`,
    params: [nextAt, problem, message.id],
    rows: 1,
  }
}

/** Keeps a message as a dead letter. */
export function messageGivenUp(message: Message, problem: Problem): Change {
  return {
    sql: `UPDATE outbound_messages SET attempts = attempts + 1, state = 'dead', problem = ?
      WHERE id = ? AND state = 'waiting'`,
    params: [problem, message.id],
    rows: 1,
  }
}

/** Queues a dead letter again. Holds while it is one. */
export function messageRevived(id: string, expiresAt: number, now: number): Change {
  return {
    sql: `UPDATE outbound_messages SET state = 'waiting', attempts = 0, next_at = ?, expires_at = ?
      WHERE id = ? AND state = 'dead'`,
    params: [now, expiresAt, id],
    rows: 1,
  }
}

export interface Messages {
  /** Targets with messages that are due, the longest waiting first. */
  dueTargets(now: number): { readonly target: string; readonly nextAt: number }[]
  /** Due messages of one target, the longest waiting first. */
  due(target: string, now: number, limit: number): Message[]
  find(target: string, id: string): Message | undefined
  /** Of a target, oldest first, those after `after`. */
  list(target: string, state: Message['state'], after: string, limit: number): Message[]
  count(target: string, state: Message['state']): number
  /** Of all targets. */
  total(state: Message['state']): number
  /** When the oldest one that waits was queued first, milliseconds since the epoch; undefined when none does. */
  oldestWaiting(): number | undefined
  /** Dead letters kept long enough, or too many of one target: a bounded number of them. */
  outdated(now: number): Change[]
}

/** Steps from target to target along the index, so that one with ten thousand messages costs no more than one. */
const waitingTargets = `WITH RECURSIVE targets (target) AS (
    SELECT min(target) FROM outbound_messages WHERE state = 'waiting'
    UNION ALL
    SELECT (SELECT min(m.target) FROM outbound_messages m WHERE m.state = 'waiting' AND m.target > targets.target)
      FROM targets WHERE target IS NOT NULL
  )`

const dueTargets = `${waitingTargets}, heads AS (
    SELECT target, (SELECT min(m.next_at) FROM outbound_messages m
      WHERE m.state = 'waiting' AND m.target = targets.target) AS nextAt FROM targets WHERE target IS NOT NULL
  ) SELECT target, nextAt FROM heads WHERE nextAt <= ? ORDER BY nextAt`

/** Ids are in the order of time: the oldest message of a target is the first in the index. */
const oldestWaiting = `${waitingTargets} SELECT min((SELECT m.created_at FROM outbound_messages m
    WHERE m.target = targets.target AND m.state = 'waiting' ORDER BY m.id LIMIT 1)) AS oldest
  FROM targets WHERE target IS NOT NULL`

/** With the state in the text, so that the partial indexes are used. */
const totals = {
  waiting: "SELECT count(*) AS count FROM outbound_messages WHERE state = 'waiting'",
  dead: "SELECT count(*) AS count FROM outbound_messages WHERE state = 'dead'",
} as const satisfies Record<Message['state'], string>

export function readMessages(reader: Reader): Messages {
  return {
    dueTargets: (now) => reader.all(dueTargets, now),
    due: (target, now, limit) =>
      reader.all<Message>(
        `SELECT ${columns} FROM outbound_messages WHERE target = ? AND state = 'waiting' AND next_at <= ?
          ORDER BY next_at, id LIMIT ?`,
        target,
        now,
        limit,
      ),
    find: (target, id) =>
      reader.get<Message>(`SELECT ${columns} FROM outbound_messages WHERE target = ? AND id = ?`, target, id),
    list: (target, state, after, limit) =>
      reader.all<Message>(
        `SELECT ${columns} FROM outbound_messages WHERE target = ? AND state = ? AND id > ? ORDER BY id LIMIT ?`,
        target,
        state,
        after,
        limit,
      ),
    count: (target, state) =>
      reader.get<{ count: number }>(
        'SELECT count(*) AS count FROM outbound_messages WHERE target = ? AND state = ?',
        target,
        state,
      )?.count ?? 0,
    total: (state) => reader.get<{ count: number }>(totals[state])?.count ?? 0,
    oldestWaiting: () => reader.get<{ oldest: number | null }>(oldestWaiting)?.oldest ?? undefined,
    outdated: (now) =>
      reader
        .all<{ id: string }>(
          `SELECT id FROM (SELECT id, created_at, row_number() OVER (PARTITION BY target ORDER BY id DESC) AS place
            FROM outbound_messages WHERE state = 'dead') WHERE created_at < ? OR place > ? LIMIT 500`,
          now - outboundLimits.deadKeepMs,
          outboundLimits.deadPerTarget,
        )
        .map(({ id }) => ({ sql: 'DELETE FROM outbound_messages WHERE id = ?', params: [id], rows: 1 })),
  }
}
