/** Mutes in the server store: alerts that nobody is told of for a while, for a reason. */
import type { Change, Reader } from '../store/store.ts'
import type { LiveMute } from './engine/messages.ts'
import { guardRules } from './guard-rules.ts'
import { alertLimits } from './limits.ts'

export interface Mute {
  /** UUID. */
  readonly id: string
  readonly tracker: string
  readonly rule: string | null
  /** JSON: values by field. */
  readonly groups: string | null
  readonly query: string | null
  readonly reason: string
  readonly until: number
  readonly createdAt: number
  readonly createdBy: string
  readonly createdByName: string
  readonly state: 'active' | 'lapsed' | 'ended'
  readonly muted: number
}

export interface Mutes {
  find(tracker: string, id: string): Mute | undefined
  /** Newest first, those that are over too. */
  list(tracker: string, limit: number): Mute[]
  active(tracker: string): Mute[]
  /** Active ones whose time is over. */
  lapsed(now: number, limit: number): Mute[]
  nextLapse(): number | undefined
}

const columns = `id, tracker, rule, groups, query, reason, until, created_at AS createdAt, created_by AS createdBy,
  created_by_name AS createdByName, state, muted`

export function readMutes(reader: Reader): Mutes {
  return {
    find: (tracker, id) =>
      reader.get<Mute>(`SELECT ${columns} FROM alert_mutes WHERE id = ? AND tracker = ?`, id, tracker),
    list: (tracker, limit) =>
      reader.all<Mute>(
        `SELECT ${columns} FROM alert_mutes WHERE tracker = ? ORDER BY created_at DESC, id DESC LIMIT ?`,
        tracker,
        limit,
      ),
    active: (tracker) =>
      reader.all<Mute>(
        `SELECT ${columns} FROM alert_mutes WHERE tracker = ? AND state = 'active' ORDER BY id`,
        tracker,
      ),
    lapsed: (now, limit) =>
      reader.all<Mute>(
        `SELECT ${columns} FROM alert_mutes WHERE state = 'active' AND until <= ? ORDER BY until LIMIT ?`,
        now,
        limit,
      ),
    nextLapse: () =>
      reader.get<{ at: number | null }>("SELECT min(until) AS at FROM alert_mutes WHERE state = 'active'")?.at ??
      undefined,
  }
}

export function liveMute({ id, rule, groups, query, until }: Mute): LiveMute {
  return {
    id,
    until,
    ...(rule === null ? {} : { rule }),
    ...(groups === null ? {} : { group: JSON.parse(groups) as { readonly [field: string]: string } }),
    ...(query === null ? {} : { query }),
  }
}

/** Whether a mute is about a rule and group; whether it is about the event, too, is for who knows that. */
export function isMuteOf(
  { rule, group = {}, until }: LiveMute,
  ofRule: string,
  ofGroup: readonly { readonly field: string; readonly value: string }[],
  now: number,
): boolean {
  if (until <= now || (rule === undefined ? guardRules.has(ofRule) : rule !== ofRule)) return false
  return Object.entries(group).every(([field, value]) =>
    ofGroup.some((one) => one.field === field && one.value === value),
  )
}

export function insertMute(mute: Mute): Change {
  return {
    sql: `INSERT INTO alert_mutes (id, tracker, rule, groups, query, reason, until, created_at, created_by, created_by_name,
        state, muted)
      SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'active', 0
      WHERE (SELECT count(*) FROM alert_mutes WHERE tracker = ?2 AND state = 'active') < ${alertLimits.mutes}`,
    params: [
      mute.id,
      mute.tracker,
      mute.rule,
      mute.groups,
      mute.query,
      mute.reason,
      mute.until,
      mute.createdAt,
      mute.createdBy,
      mute.createdByName,
    ],
    rows: 1,
  }
}

export function endMute(id: string, state: 'lapsed' | 'ended'): Change {
  return { sql: "UPDATE alert_mutes SET state = ? WHERE id = ? AND state = 'active'", params: [state, id], rows: 1 }
}

/** So many firings more of which nobody was told. */
export function countMuted(id: string, firings: number): Change {
  return { sql: 'UPDATE alert_mutes SET muted = muted + ? WHERE id = ?', params: [firings, id], rows: 1 }
}
