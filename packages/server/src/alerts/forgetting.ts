/** What alerting keeps no longer: all of a tracker that was removed, and what is over and old. */
import { rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Change, Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import { stateFileOf } from './engine/engine.ts'
import { alertLimits } from './limits.ts'

export interface ForgettingParts {
  readonly reader: Reader
  readonly clock: Clock
  /** The data folder. */
  readonly folder: string
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

/** Rows that go in one commit. */
const atOnce = 500
const prunedEveryMs = 3_600_000

/** Tables with rows of a tracker, by what tells one row from another. */
const ofTracker = {
  alert_channels: 'id',
  alerts: 'id',
  alert_mutes: 'id',
  alert_rules: 'id',
  alert_calendars: 'id',
  alert_firings: 'rule',
} as const

interface Gone {
  readonly tracker: string
}

const gone = 'SELECT tracker FROM alert_engines WHERE tracker NOT IN (SELECT id FROM trackers) LIMIT 1'

export function forgettingJobs(parts: ForgettingParts): TimerJob[] {
  const { reader, carry, clock } = parts
  let prunedAt = Number.NEGATIVE_INFINITY
  return [
    {
      name: 'alerts of removed trackers',
      nextDue: () => (reader.get<Gone>(gone) === undefined ? undefined : 0),
      run: async () => {
        const found = reader.get<Gone>(gone)
        if (found !== undefined) await forgetTracker(parts, found.tracker)
      },
    },
    {
      name: 'versions of deleted rules, and mutes that are over',
      nextDue: () => (clock.monotonic() - prunedAt >= prunedEveryMs ? 0 : undefined),
      run: async () => {
        prunedAt = clock.monotonic()
        const changes = reader
          .all<Gone>('SELECT tracker FROM alert_engines')
          .flatMap(({ tracker }) => outdatedOf(reader, tracker))
        if (changes.length > 0) await carry(changes.slice(0, atOnce))
      },
      isFinal: true,
    },
  ]
}

/** A bounded part; its engine goes last, so that a crash in between leaves what is found again. */
async function forgetTracker({ reader, carry, folder }: ForgettingParts, tracker: string): Promise<void> {
  for (const [table, id] of Object.entries(ofTracker)) {
    const rows = reader.all<{ id: string }>(
      `SELECT ${id} AS id FROM ${table} WHERE tracker = ? LIMIT ${atOnce}`,
      tracker,
    )
    if (rows.length === 0) continue
    const sql = `DELETE FROM ${table} WHERE tracker = ? AND ${id} = ?`
    return await carry(rows.map((row) => ({ sql, params: [tracker, row.id], rows: 1 })))
  }
  const versions = reader.all<{ id: string; version: number }>(
    `SELECT id, version FROM alert_rule_versions WHERE tracker = ? LIMIT ${atOnce}`,
    tracker,
  )
  if (versions.length > 0) return await carry(versions.map(({ id, version }) => deleteVersion(tracker, id, version)))
  const place = reader.get<{ account: string; location: string }>(
    'SELECT account, location FROM removed_trackers WHERE id = ?',
    tracker,
  )
  const isPlaceFree =
    place !== undefined &&
    reader.get('SELECT 1 FROM trackers WHERE account = ? AND location = ?', place.account, place.location) === undefined
  if (isPlaceFree) {
    const file = stateFileOf(folder, place)
    rmSync(file, { force: true })
    rmSync(`${file}.next`, { force: true })
    removeEmpty(dirname(file))
  }
  await carry([{ sql: 'DELETE FROM alert_engines WHERE tracker = ?', params: [tracker], rows: 1 }])
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Other logs of the account are kept there.
  }
}

function outdatedOf(reader: Reader, tracker: string): Change[] {
  const versions = reader.all<{ id: string; version: number }>(
    `SELECT v.id, v.version FROM alert_rule_versions v WHERE v.tracker = ?1
      AND NOT EXISTS (SELECT 1 FROM alert_rules r WHERE r.tracker = ?1 AND r.id = v.id)
      ORDER BY v.changed_at DESC LIMIT ${atOnce} OFFSET ?2`,
    tracker,
    alertLimits.deletedVersions,
  )
  const old = reader.all<{ id: string; version: number }>(
    `SELECT v.id, v.version FROM alert_rule_versions v JOIN alert_rules r ON r.tracker = v.tracker AND r.id = v.id
      WHERE v.tracker = ? AND v.version <= r.version - ? LIMIT ${atOnce}`,
    tracker,
    alertLimits.versions,
  )
  const mutes = reader.all<{ id: string }>(
    `SELECT id FROM alert_mutes WHERE tracker = ? AND state <> 'active' ORDER BY created_at DESC LIMIT ${atOnce} OFFSET ?`,
    tracker,
    alertLimits.endedMutes,
  )
  return [
    ...[...versions, ...old].map(({ id, version }) => deleteVersion(tracker, id, version)),
    ...mutes.map(({ id }) => ({ sql: 'DELETE FROM alert_mutes WHERE id = ?', params: [id], rows: 1 })),
  ]
}

function deleteVersion(tracker: string, id: string, version: number): Change {
  const sql = 'DELETE FROM alert_rule_versions WHERE tracker = ? AND id = ? AND version = ?'
  return { sql, params: [tracker, id, version], rows: 1 }
}
