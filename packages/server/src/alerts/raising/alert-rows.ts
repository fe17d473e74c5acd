/** Alerts in the server store: what they are, and what is changed by what fires. */
import type { AlertSeverity, Rule } from '@keywitness/tracker/alerts'
import type { Change, Reader } from '../../store/store.ts'
import type { ToldEvent, ToldGroup } from '../engine/messages.ts'
import { alertLimits } from '../limits.ts'

export type AlertState = 'open' | 'acknowledged' | 'closed'

export interface AlertRow {
  /** UUID of version 7. */
  readonly id: string
  readonly tracker: string
  readonly rule: string
  /** JSON of the {@link Rule}. */
  readonly ruleBody: string
  readonly ruleVersion: number
  readonly severity: AlertSeverity
  readonly groupKey: string
  /** JSON of {@link ToldGroup}s. */
  readonly groups: string
  readonly title: string
  readonly text: string
  readonly state: AlertState
  readonly mute: string | null
  readonly count: number
  readonly lastTrigger: number
  /** JSON of {@link ToldEvent}s. */
  readonly events: string
  readonly firstAt: number
  readonly lastAt: number
  readonly raisedAt: number
  readonly repeatRecordedAt: number
  readonly repeatPending: 0 | 1
  readonly toldAt: number | null
  readonly assignee: string | null
  readonly assigneeName: string | null
  readonly closedAt: number | null
  readonly revision: number
}

const columns = `id, tracker, rule, rule_body AS ruleBody, rule_version AS ruleVersion, severity, group_key AS groupKey,
  groups, title, text, state, mute, count, last_trigger AS lastTrigger, events, first_at AS firstAt, last_at AS lastAt,
  raised_at AS raisedAt, repeat_recorded_at AS repeatRecordedAt, repeat_pending AS repeatPending, told_at AS toldAt,
  assignee, assignee_name AS assigneeName, closed_at AS closedAt, revision`

interface AlertFilter {
  readonly states: readonly AlertState[]
  readonly severity?: string
  readonly rule?: string
  /** Older than this one; empty: from the newest on. */
  readonly after: string
  readonly limit: number
}

export interface Alerts {
  find(tracker: string, id: string): AlertRow | undefined
  /** The one of a rule's group that is not closed. */
  openOf(tracker: string, rule: string, groupKey: string): AlertRow | undefined
  /** The latest trigger of a rule's group, of its closed alerts too; undefined when it never fired. */
  lastTrigger(tracker: string, rule: string, groupKey: string): number | undefined
  /** Whether an alert of a rule's group was last made to fire by this. */
  hasFired(tracker: string, rule: string, groupKey: string, trigger: number): boolean
  /** The newest of a rule's group, closed or not. */
  newestOf(tracker: string, rule: string, groupKey: string): Pick<AlertRow, 'groups'> | undefined
  /** How many that are not closed a mute keeps quiet, and how many of those are open. */
  mutedBy(tracker: string, mute: string): { readonly all: number; readonly open: number }
  /** Newest first. */
  list(tracker: string, filter: AlertFilter): AlertRow[]
  /** Those that are not closed, by state, severity and whether they are muted. */
  counts(tracker: string): { state: AlertState; severity: AlertSeverity; isMuted: 0 | 1; count: number }[]
  /** Another text as soon as any of those is another. */
  mark(tracker: string): string
  /** How many of a rule were raised since. */
  raisedSince(tracker: string, rule: string, since: number): number
  openCount(tracker: string): number
  /** Times a rule's alerts fired in all, and when last. */
  firedOf(tracker: string): { rule: string; fired: number; lastFired: number }[]
  /** Alerts that fired again since an event said how often, before a time. */
  repeating(before: number, limit: number): AlertRow[]
  nextRepeat(): number | undefined
  outdated(now: number): Change[]
}

export function readAlerts(reader: Reader): Alerts {
  return {
    find: (tracker, id) =>
      reader.get<AlertRow>(`SELECT ${columns} FROM alerts WHERE id = ? AND tracker = ?`, id, tracker),
    openOf: (tracker, rule, groupKey) =>
      reader.get<AlertRow>(
        `SELECT ${columns} FROM alerts WHERE tracker = ? AND rule = ? AND group_key = ? AND state <> 'closed'`,
        tracker,
        rule,
        groupKey,
      ),
    lastTrigger: (tracker, rule, groupKey) =>
      reader.get<{ last: number | null }>(
        'SELECT max(last_trigger) AS last FROM alerts WHERE tracker = ? AND rule = ? AND group_key = ?',
        tracker,
        rule,
        groupKey,
      )?.last ?? undefined,
    hasFired: (tracker, rule, groupKey, trigger) =>
      reader.get(
        'SELECT 1 FROM alerts WHERE tracker = ? AND rule = ? AND group_key = ? AND last_trigger = ? LIMIT 1',
        tracker,
        rule,
        groupKey,
        trigger,
      ) !== undefined,
    newestOf: (tracker, rule, groupKey) =>
      reader.get<Pick<AlertRow, 'groups'>>(
        `SELECT groups FROM alerts WHERE tracker = ? AND rule = ? AND group_key = ? ORDER BY last_trigger DESC LIMIT 1`,
        tracker,
        rule,
        groupKey,
      ),
    mutedBy: (tracker, mute) => {
      const row = reader.get<{ all: number; open: number | null }>(
        `SELECT count(*) AS "all", sum(state = 'open') AS open FROM alerts
          WHERE tracker = ? AND mute = ? AND state <> 'closed'`,
        tracker,
        mute,
      )
      return { all: row?.all ?? 0, open: row?.open ?? 0 }
    },
    list: (tracker, { states, severity = '', rule = '', after, limit }) =>
      reader.all<AlertRow>(
        lists[rule !== '' ? 'rule' : severity !== '' ? 'severity' : states.includes('closed') ? 'all' : 'active'],
        tracker,
        JSON.stringify(states),
        severity,
        rule,
        after === '' ? lastId : after,
        limit,
      ),
    counts: (tracker) =>
      reader.all(
        `SELECT state, severity, mute IS NOT NULL AS isMuted, count(*) AS count FROM alerts
          WHERE tracker = ? AND state <> 'closed' GROUP BY 1, 2, 3`,
        tracker,
      ),
    mark: (tracker) => {
      const sql =
        "SELECT count(*) AS count, sum(revision) AS revisions FROM alerts WHERE tracker = ? AND state <> 'closed'"
      const row = reader.get<{ count: number; revisions: number | null }>(sql, tracker)
      return `${row?.count ?? 0}.${row?.revisions ?? 0}.${newestId(reader, tracker)}`
    },
    raisedSince: (tracker, rule, since) =>
      reader.get<{ count: number }>(
        'SELECT count(*) AS count FROM (SELECT 1 FROM alerts WHERE tracker = ? AND rule = ? AND id > ? LIMIT 1000)',
        tracker,
        rule,
        firstIdAt(since),
      )?.count ?? 0,
    openCount: (tracker) =>
      reader.get<{ count: number }>(
        "SELECT count(*) AS count FROM alerts WHERE tracker = ? AND state <> 'closed'",
        tracker,
      )?.count ?? 0,
    firedOf: (tracker) =>
      reader.all('SELECT rule, fired, last_at AS lastFired FROM alert_firings WHERE tracker = ?', tracker),
    repeating: (before, limit) =>
      reader.all<AlertRow>(
        `SELECT ${columns} FROM alerts WHERE repeat_pending = 1 AND repeat_recorded_at <= ?
          ORDER BY repeat_recorded_at LIMIT ?`,
        before,
        limit,
      ),
    nextRepeat: () =>
      reader.get<{ at: number | null }>('SELECT min(repeat_recorded_at) AS at FROM alerts WHERE repeat_pending = 1')
        ?.at ?? undefined,
    outdated: (now) => {
      const old = reader.all<{ id: string }>(
        "SELECT id FROM alerts WHERE state = 'closed' AND closed_at < ? LIMIT 500",
        now - alertLimits.closedKeepMs,
      )
      const many = reader
        .all<{ tracker: string }>('SELECT tracker FROM alert_engines')
        .flatMap(({ tracker }) => reader.all<{ id: string }>(beyond, tracker, alertLimits.closedKeep))
      return [...new Set([...old, ...many].map(({ id }) => id))].slice(0, 500).map((id) => ({
        sql: "DELETE FROM alerts WHERE id = ? AND state = 'closed'",
        params: [id],
        rows: 1,
      }))
    },
  }
}

function newestId(reader: Reader, tracker: string): string {
  return (
    reader.get<{ id: string }>('SELECT id FROM alerts WHERE tracker = ? ORDER BY id DESC LIMIT 1', tracker)?.id ?? ''
  )
}

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Constant texts, each along an index: a list reads what it shows, however many alerts there are. */
const listOf = (by: string, index: string): string =>
  `SELECT ${columns} FROM alerts INDEXED BY ${index} WHERE tracker = ?1 ${by} AND state IN (SELECT value FROM json_each(?2))
    AND (?3 = '' OR severity = ?3) AND (?4 = '' OR rule = ?4) AND id < ?5 ORDER BY id DESC LIMIT ?6`
const lists = {
  all: listOf('', 'alerts_by_time'),
  active: listOf("AND state <> 'closed'", 'alerts_active'),
  severity: listOf('AND severity = ?3', 'alerts_by_severity'),
  rule: listOf('AND rule = ?4', 'alerts_of_rule'),
} as const

const beyond = "SELECT id FROM alerts WHERE tracker = ? AND state = 'closed' ORDER BY id DESC LIMIT 500 OFFSET ?"

/** No UUID of version 7 made at this time or later is lower. */
function firstIdAt(time: number): string {
  const hex = Math.max(0, time).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}`
}

/** The row holds only while no other is open in its group. */
export function insertAlert(row: AlertRow): Change {
  return {
    sql: `INSERT INTO alerts (id, tracker, rule, rule_body, rule_version, severity, group_key, groups, title, text, state,
        mute, count, last_trigger, events, first_at, last_at, raised_at, repeat_recorded_at, repeat_pending, told_at,
        assignee, assignee_name, closed_at, revision)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      row.id,
      row.tracker,
      row.rule,
      row.ruleBody,
      row.ruleVersion,
      row.severity,
      row.groupKey,
      row.groups,
      row.title,
      row.text,
      row.state,
      row.mute,
      row.count,
      row.lastTrigger,
      row.events,
      row.firstAt,
      row.lastAt,
      row.raisedAt,
      row.repeatRecordedAt,
      row.repeatPending,
      row.toldAt,
      row.assignee,
      row.assigneeName,
      row.closedAt,
      row.revision,
    ],
    rows: 1,
  }
}

/** What firing again changes. Holds while the alert is what it was. */
export function updateAlert(before: AlertRow, after: AlertRow): Change {
  return {
    sql: `UPDATE alerts SET rule_body = ?, rule_version = ?, severity = ?, text = ?, state = ?, mute = ?, count = ?, last_trigger = ?, events = ?, last_at = ?,
        repeat_recorded_at = ?, repeat_pending = ?, told_at = ?, assignee = ?, assignee_name = ?, closed_at = ?,
        revision = revision + 1
      WHERE id = ? AND revision = ?`,
    params: [
      after.ruleBody,
      after.ruleVersion,
      after.severity,
      after.text,
      after.state,
      after.mute,
      after.count,
      after.lastTrigger,
      after.events,
      after.lastAt,
      after.repeatRecordedAt,
      after.repeatPending,
      after.toldAt,
      after.assignee,
      after.assigneeName,
      after.closedAt,
      before.id,
      before.revision,
    ],
    rows: 1,
  }
}

export type StepKind = 'raised' | 'repeated' | 'acknowledged' | 'assigned' | 'commented' | 'closed' | 'reopened'

export interface AlertStep {
  readonly number: number
  readonly kind: StepKind
  readonly at: number
  readonly by: string
  readonly byName: string
  readonly text: string | null
}

export function readSteps(reader: Reader, alert: string): AlertStep[] {
  return reader.all<AlertStep>(
    `SELECT * FROM (SELECT number, kind, at, by, by_name AS byName, text FROM alert_steps WHERE alert = ?
      ORDER BY number DESC LIMIT ?) ORDER BY number`,
    alert,
    alertLimits.stepsShown,
  )
}

/** Each step takes the next number. */
/** Alerts that are not closed and that a mute kept quiet are as those that nothing mutes; there must be so many. */
export function unmuteAlerts(tracker: string, mute: string, rows: number): Change {
  return {
    sql: `UPDATE alerts SET mute = NULL, revision = revision + 1 WHERE tracker = ? AND mute = ? AND state <> 'closed'`,
    params: [tracker, mute],
    rows,
  }
}

export function insertStep(alert: string, step: Omit<AlertStep, 'number'>): Change {
  return {
    sql: `INSERT INTO alert_steps (alert, number, kind, at, by, by_name, text)
      SELECT ?1, coalesce((SELECT max(number) FROM alert_steps WHERE alert = ?1), 0) + 1, ?2, ?3, ?4, ?5, ?6`,
    params: [alert, step.kind, step.at, step.by, step.byName, step.text],
    rows: 1,
  }
}

export function ruleOf(row: Pick<AlertRow, 'ruleBody'>): Rule {
  return JSON.parse(row.ruleBody) as Rule
}

export function groupsOf(row: Pick<AlertRow, 'groups'>): ToldGroup[] {
  return JSON.parse(row.groups) as ToldGroup[]
}

export function eventsOf(row: Pick<AlertRow, 'events'>): ToldEvent[] {
  return JSON.parse(row.events) as ToldEvent[]
}

/** A rule fired so many times more. */
export function countFired(tracker: string, rule: string, firings: number, at: number): Change {
  return {
    sql: `INSERT INTO alert_firings (tracker, rule, fired, last_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (tracker, rule) DO UPDATE SET fired = fired + excluded.fired, last_at = excluded.last_at`,
    params: [tracker, rule, firings, at],
    rows: 1,
  }
}

/** Nothing is to be told of it any more. */
export function repeatSettled(id: string): Change {
  return { sql: 'UPDATE alerts SET repeat_pending = 0 WHERE id = ?', params: [id], rows: 1 }
}

export function countComments(reader: Reader, alert: string): number {
  const sql = "SELECT count(*) AS count FROM alert_steps WHERE alert = ? AND kind = 'commented'"
  return reader.get<{ count: number }>(sql, alert)?.count ?? 0
}
