/** Channels in the server store: which alerts each is told, and how its deliveries go. */
import type { AlertSeverity, Rule } from '@keywitness/tracker/alerts'
import type { Problem } from '../../outbound/attempt.ts'
import type { TargetKind } from '../../outbound/targets.ts'
import type { Change, Reader } from '../../store/store.ts'
import { alertLimits } from '../limits.ts'

export interface ChannelRow {
  /** Id of the tracker. */
  readonly tracker: string
  readonly id: string
  readonly name: string
  /** The outbound target behind it: kind, settings and secret are there. */
  readonly target: string
  readonly kind: TargetKind
  readonly url: string
  /** JSON. */
  readonly settings: string
  /** It is told of alerts from this severity on. */
  readonly minimum: AlertSeverity
  readonly isOn: 0 | 1
  readonly createdAt: number
  readonly deliveredAt: number | null
  readonly failingSince: number | null
  readonly problem: Problem | null
  readonly heartbeatAt: number | null
  readonly digestAt: number | null
}

export interface Channels {
  find(tracker: string, id: string): ChannelRow | undefined
  ofTarget(target: string): ChannelRow | undefined
  /** By id. */
  list(tracker: string): ChannelRow[]
  /** Of all trackers, those that are on. */
  all(): ChannelRow[]
}

const columns = `c.tracker, c.id, c.name, c.target, t.kind, t.url, t.settings, c.minimum, c.is_on AS isOn,
  c.created_at AS createdAt, c.delivered_at AS deliveredAt, c.failing_since AS failingSince, c.problem,
  c.heartbeat_at AS heartbeatAt, c.digest_at AS digestAt FROM alert_channels c JOIN outbound_targets t ON t.id = c.target`

export function readChannels(reader: Reader): Channels {
  return {
    find: (tracker, id) => reader.get<ChannelRow>(`SELECT ${columns} WHERE c.tracker = ? AND c.id = ?`, tracker, id),
    ofTarget: (target) => reader.get<ChannelRow>(`SELECT ${columns} WHERE c.target = ?`, target),
    list: (tracker) => reader.all<ChannelRow>(`SELECT ${columns} WHERE c.tracker = ? ORDER BY c.id`, tracker),
    all: () => reader.all<ChannelRow>(`SELECT ${columns} WHERE c.is_on = 1 ORDER BY c.tracker, c.id`),
  }
}

const rank: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 }

/** Whether a channel is told of a rule's alerts: one that the rule names, or one that takes this severity. */
export function isToldOf(channel: ChannelRow, rule: Rule, severity: AlertSeverity): boolean {
  if (channel.isOn === 0) return false
  return rule.channels === undefined ? rank[severity] >= rank[channel.minimum] : rule.channels.includes(channel.id)
}

export function insertChannel(
  row: Pick<ChannelRow, 'tracker' | 'id' | 'name' | 'target' | 'minimum' | 'isOn'>,
  now: number,
): Change {
  return {
    sql: `INSERT INTO alert_channels (tracker, id, name, target, minimum, is_on, created_at)
      SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
      WHERE (SELECT count(*) FROM alert_channels WHERE tracker = ?1) < ${alertLimits.channels}
        AND NOT EXISTS (SELECT 1 FROM alert_channels WHERE tracker = ?1 AND id = ?2)`,
    params: [row.tracker, row.id, row.name, row.target, row.minimum, row.isOn, now],
    rows: 1,
  }
}

export function updateChannel(
  row: Pick<ChannelRow, 'tracker' | 'id' | 'name' | 'target' | 'minimum' | 'isOn'>,
): Change {
  return {
    sql: 'UPDATE alert_channels SET name = ?, minimum = ?, is_on = ? WHERE tracker = ? AND id = ? AND target = ?',
    params: [row.name, row.minimum, row.isOn, row.tracker, row.id, row.target],
    rows: 1,
  }
}

/** Holds while no rule names it. */
export function deleteChannel({ tracker, id, target }: Pick<ChannelRow, 'tracker' | 'id' | 'target'>): Change {
  return {
    sql: `DELETE FROM alert_channels WHERE tracker = ?1 AND id = ?2 AND target = ?3 AND NOT EXISTS
      (SELECT 1 FROM alert_rules, json_each(body, '$.channels') WHERE alert_rules.tracker = ?1 AND value = ?2)`,
    params: [tracker, id, target],
    rows: 1,
  }
}

/** A delivery ended well; or it did not, for the first time since one did. */
export function deliveryEnded(target: string, problem: Problem | undefined, now: number): Change {
  if (problem === undefined) {
    return {
      sql: 'UPDATE alert_channels SET delivered_at = ?, failing_since = NULL, problem = NULL WHERE target = ?',
      params: [now, target],
      rows: 1,
    }
  }
  return {
    sql: 'UPDATE alert_channels SET failing_since = coalesce(failing_since, ?), problem = ? WHERE target = ?',
    params: [now, problem, target],
    rows: 1,
  }
}
