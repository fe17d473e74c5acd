/** Rules and calendars in the server store, with all their versions. */
import type { Calendar, Rule } from '@keywitness/tracker/alerts'
import type { Change, Reader } from '../../store/store.ts'
import { alertLimits } from '../limits.ts'

export interface RuleRow {
  /** Id of the tracker. */
  readonly tracker: string
  readonly id: string
  readonly version: number
  readonly rule: Rule
  readonly isEnabled: boolean
  /** Entries of lower index only teach it. */
  readonly liveFrom: number
  /** It has seen everything up to the cursor since it was turned on. */
  readonly hasJoined: boolean
  readonly enabledAt: number | null
  /** Why the server turned it off. */
  readonly suspended: string | null
  /** The shipped rule that it began as. */
  readonly shipped: Rule | null
  readonly changedAt: number
  readonly changedBy: string
  readonly changedByName: string
}

interface RuleVersion {
  readonly version: number
  /** Null: deleted with this version. */
  readonly rule: Rule | null
  readonly changedAt: number
  readonly changedBy: string
  readonly changedByName: string
}

export interface Rules {
  find(tracker: string, id: string): RuleRow | undefined
  /** By id. */
  list(tracker: string): RuleRow[]
  /** How many there are, and how many of the others than one are on. */
  counts(tracker: string, but?: string): { readonly all: number; readonly othersOn: number }
  /** Those that are on and look at what no event tells. */
  watches(tracker: string): RuleRow[]
  /** Bytes of the lists of all rules but one. */
  listBytes(tracker: string, but: string): number
  /** Newest first. */
  versions(tracker: string, id: string): RuleVersion[]
  /** 0 when there never was one of this id. */
  newestVersion(tracker: string, id: string): number
  calendars(tracker: string): Calendar[]
  /** Index of the first entry that the rules have not seen; undefined while a tracker has no rules yet. */
  cursor(tracker: string): number | undefined
}

interface Stored {
  readonly tracker: string
  readonly id: string
  readonly version: number
  readonly body: string
  readonly enabled: 0 | 1
  readonly live_from: number
  readonly joined: 0 | 1
  readonly enabled_at: number | null
  readonly suspended: string | null
  readonly shipped: string | null
  readonly changed_at: number
  readonly changed_by: string
  readonly changed_by_name: string
}

export function readRules(reader: Reader): Rules {
  return {
    find: (tracker, id) => {
      const row = reader.get<Stored>('SELECT * FROM alert_rules WHERE tracker = ? AND id = ?', tracker, id)
      return row === undefined ? undefined : ruleRow(row)
    },
    list: (tracker) =>
      reader.all<Stored>('SELECT * FROM alert_rules WHERE tracker = ? ORDER BY id', tracker).map(ruleRow),
    counts: (tracker, but = '') => {
      const row = reader.get<{ all: number; othersOn: number | null }>(
        `SELECT count(*) AS "all", sum(enabled = 1 AND id <> ?) AS othersOn FROM alert_rules WHERE tracker = ?`,
        but,
        tracker,
      )
      return { all: row?.all ?? 0, othersOn: row?.othersOn ?? 0 }
    },
    watches: (tracker) =>
      reader
        .all<Stored>(
          "SELECT * FROM alert_rules WHERE tracker = ? AND enabled = 1 AND json_extract(body, '$.when.kind') = 'watch' ORDER BY id",
          tracker,
        )
        .map(ruleRow),
    listBytes: (tracker, but) =>
      reader.get<{ bytes: number | null }>(
        "SELECT sum(length(json_extract(body, '$.lists'))) AS bytes FROM alert_rules WHERE tracker = ? AND id <> ?",
        tracker,
        but,
      )?.bytes ?? 0,
    versions: (tracker, id) =>
      reader
        .all<Omit<RuleVersion, 'rule'> & { body: string | null }>(
          `SELECT version, body, changed_at AS changedAt, changed_by AS changedBy, changed_by_name AS changedByName
            FROM alert_rule_versions WHERE tracker = ? AND id = ? ORDER BY version DESC`,
          tracker,
          id,
        )
        .map(({ body, ...version }) => ({ ...version, rule: body === null ? null : (JSON.parse(body) as Rule) })),
    newestVersion: (tracker, id) =>
      reader.get<{ version: number | null }>(
        'SELECT max(version) AS version FROM alert_rule_versions WHERE tracker = ? AND id = ?',
        tracker,
        id,
      )?.version ?? 0,
    calendars: (tracker) =>
      reader
        .all<{ body: string }>('SELECT body FROM alert_calendars WHERE tracker = ? ORDER BY id', tracker)
        .map(({ body }) => JSON.parse(body) as Calendar),
    cursor: (tracker) =>
      reader.get<{ cursor: number }>('SELECT cursor FROM alert_engines WHERE tracker = ?', tracker)?.cursor,
  }
}

function ruleRow(row: Stored): RuleRow {
  return {
    tracker: row.tracker,
    id: row.id,
    version: row.version,
    rule: JSON.parse(row.body) as Rule,
    isEnabled: row.enabled === 1,
    liveFrom: row.live_from,
    hasJoined: row.joined === 1,
    enabledAt: row.enabled_at,
    suspended: row.suspended,
    shipped: row.shipped === null ? null : (JSON.parse(row.shipped) as Rule),
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    changedByName: row.changed_by_name,
  }
}

/** Writes a rule's new version; holds while it has the version that this follows, and there is room for one more. */
export function writeRule(row: RuleRow, before: RuleRow | undefined): Change[] {
  const values = [
    row.version,
    JSON.stringify(row.rule),
    row.isEnabled ? 1 : 0,
    row.liveFrom,
    row.hasJoined ? 1 : 0,
    row.enabledAt,
    row.suspended,
    row.shipped === null ? null : JSON.stringify(row.shipped),
    row.changedAt,
    row.changedBy,
    row.changedByName,
  ]
  const written: Change =
    before === undefined
      ? {
          sql: `INSERT INTO alert_rules (version, body, enabled, live_from, joined, enabled_at, suspended, shipped, changed_at,
              changed_by, changed_by_name, tracker, id)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
            WHERE (SELECT count(*) FROM alert_rules WHERE tracker = ?12) < ${alertLimits.rules}`,
          params: [...values, row.tracker, row.id],
          rows: 1,
        }
      : {
          sql: `UPDATE alert_rules SET version = ?, body = ?, enabled = ?, live_from = ?, joined = ?, enabled_at = ?, suspended = ?,
              shipped = ?, changed_at = ?, changed_by = ?, changed_by_name = ?
            WHERE tracker = ? AND id = ? AND version = ? AND enabled = ? AND changed_at = ?`,
          params: [...values, row.tracker, row.id, before.version, before.isEnabled ? 1 : 0, before.changedAt],
          rows: 1,
        }
  if (before?.version === row.version) return [written]
  return [written, ...writeVersion(row, JSON.stringify(row.rule))]
}

export function deleteRule(before: RuleRow, by: Pick<RuleRow, 'changedAt' | 'changedBy' | 'changedByName'>): Change[] {
  return [
    {
      sql: 'DELETE FROM alert_rules WHERE tracker = ? AND id = ? AND version = ? AND changed_at = ?',
      params: [before.tracker, before.id, before.version, before.changedAt],
      rows: 1,
    },
    ...writeVersion({ ...before, ...by, version: before.version + 1 }, null),
  ]
}

type VersionFacts = Pick<RuleRow, 'tracker' | 'id' | 'version' | 'changedAt' | 'changedBy' | 'changedByName'>

/** Holds while the channels and the calendar that it names are there. */
function writeVersion(row: VersionFacts, body: string | null): Change[] {
  const { tracker, id, version, changedAt, changedBy, changedByName } = row
  return [
    {
      sql: `INSERT INTO alert_rule_versions (tracker, id, version, body, changed_at, changed_by, changed_by_name)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
        WHERE NOT EXISTS (SELECT 1 FROM json_each(?4, '$.channels')
            WHERE value NOT IN (SELECT id FROM alert_channels WHERE tracker = ?1))
          AND (json_extract(?4, '$.during.calendar') IS NULL OR EXISTS
            (SELECT 1 FROM alert_calendars WHERE tracker = ?1 AND id = json_extract(?4, '$.during.calendar')))`,
      params: [tracker, id, version, body, changedAt, changedBy, changedByName],
      rows: 1,
    },
  ]
}

/** A rule has caught up: from now on the cursor waits for it. */
export function ruleJoined({ tracker, id, version }: Pick<RuleRow, 'tracker' | 'id' | 'version'>): Change {
  return {
    sql: 'UPDATE alert_rules SET joined = 1 WHERE tracker = ? AND id = ? AND version = ? AND enabled = 1 AND joined = 0',
    params: [tracker, id, version],
    rows: 1,
  }
}

export function writeCalendar(tracker: string, calendar: Calendar, isNew: boolean): Change {
  const body = JSON.stringify(calendar)
  return isNew
    ? {
        sql: `INSERT INTO alert_calendars (tracker, id, body) SELECT ?1, ?2, ?3
          WHERE (SELECT count(*) FROM alert_calendars WHERE tracker = ?1) < ${alertLimits.calendars}`,
        params: [tracker, calendar.id, body],
        rows: 1,
      }
    : {
        sql: 'UPDATE alert_calendars SET body = ? WHERE tracker = ? AND id = ?',
        params: [body, tracker, calendar.id],
        rows: 1,
      }
}

/** Holds while no rule names it. */
export function deleteCalendar(tracker: string, id: string): Change {
  return {
    sql: `DELETE FROM alert_calendars WHERE tracker = ?1 AND id = ?2 AND NOT EXISTS
      (SELECT 1 FROM alert_rules WHERE tracker = ?1 AND json_extract(body, '$.during.calendar') = ?2)`,
    params: [tracker, id],
    rows: 1,
  }
}

/** From which entry on a tracker's events are looked at; then how far they are. */
export function beginEngine(tracker: string, cursor: number): Change {
  return { sql: 'INSERT INTO alert_engines (tracker, cursor) VALUES (?, ?)', params: [tracker, cursor], rows: 1 }
}

/** Holds only where the cursor was: what two say was seen is committed once. */
export function moveCursor(tracker: string, from: number, to: number): Change {
  return {
    sql: 'UPDATE alert_engines SET cursor = ? WHERE tracker = ? AND cursor = ?',
    params: [to, tracker, from],
    rows: 1,
  }
}
