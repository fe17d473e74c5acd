/** Removing a tracker: proposed, approved, then ended by a final checkpoint and moved to the archive, whatever crashes. */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { type FinalCheckpoint, settleEnd } from '@keywitness/tracker'
import type { Logger } from 'pino'
import { alongside } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Accounts } from '../iam/accounts.ts'
import { syncPath } from '../store/sync-path.ts'
import type { Change } from '../store/store.ts'
import { systemCaller } from '../system-caller.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { Effect } from './effects.ts'
import { type Holds, noOpenHold } from './holds.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'

/** A tracker that was removed. */
export interface RemovedTracker extends TrackerRow {
  readonly removed_at: number
  readonly removed_by: string
  readonly state: 'closing' | 'archived'
  readonly size: number | null
  /** The final checkpoint; null until it is signed, and of a log without entries. */
  readonly note: string | null
}

export interface RemovalParts extends Pick<
  TrackerRequestParts,
  'audit' | 'reader' | 'trail' | 'names' | 'clock' | 'serviceName'
> {
  readonly accounts: Pick<Accounts, 'find'>
  readonly holds: Pick<Holds, 'open'>
  readonly log: Logger
  /** The data folder. */
  readonly folder: string
}

const columns = 'id, account, location, origin, created_at, removed_at, removed_by, state, size, note'

export class Removals {
  readonly #parts: RemovalParts
  readonly #closing = new Set<Promise<void>>()

  constructor(parts: RemovalParts) {
    this.#parts = parts
  }

  /** Those of an account, the newest first. */
  removed(account: string, limit: number): RemovedTracker[] {
    return this.#parts.reader.all<RemovedTracker>(
      `SELECT ${columns} FROM removed_trackers WHERE account = ? ORDER BY removed_at DESC, id LIMIT ?`,
      account,
      limit,
    )
  }

  /** What approving the removal of a tracker does. */
  effect(): Effect {
    const { clock, names } = this.#parts
    return {
      kind: 'tracker-removal',
      members: [],
      action: 'activity-tracker.instance.delete',
      propose: (row) => {
        this.#refuseHeld(row)
        return { subject: '', before: { state: 'active' }, after: { state: 'removed' } }
      },
      says: ({ location }) =>
        `The tracker of ${location} takes nothing more after a final checkpoint, its files go to the archive, and later ` +
        'events of the place wait until a tracker is provisioned there.',
      perform: (row, proposal, by) => {
        this.#refuseHeld(row)
        return {
          changes: removal(row, by, clock.now()),
          conditions: [noOpenHold(row.id)],
          ends: { account: row.account, location: row.location },
          alongside: [
            alongside('activity-tracker.instance.delete', {
              target: { id: names.crn(row), name: row.location },
              request: { proposal: proposal.id },
              response: { 'initialValue.state': 'active', 'newValue.state': 'removed' },
            }),
          ],
          settled: () => this.#begin(row),
        }
      },
    }
  }

  /** Who deletes the archive would delete what a hold protects: it is released first, by two people as well. */
  #refuseHeld(row: TrackerRow): void {
    if (this.#parts.holds.open(row.id).length > 0) throw new Refusal('HOLD_OPEN')
  }

  /** Goes on with what a stop came in between of. */
  resume(): void {
    for (const row of this.#parts.reader.all<RemovedTracker>(
      `SELECT ${columns} FROM removed_trackers WHERE state = 'closing'`,
    )) {
      this.#begin(row)
    }
  }

  /** Where the files of a removed tracker are. */
  archiveOf({ id }: Pick<TrackerRow, 'id'>): { folder: string; keyFolder: string } {
    const archive = join(this.#parts.folder, 'archive', id)
    return { folder: join(archive, 'store'), keyFolder: join(archive, 'keys') }
  }

  /** Nobody waits for it: it may have to wait for room on the disk. */
  #begin(row: TrackerRow): void {
    const closing = this.#close(row)
      .catch((error: unknown) => {
        this.#parts.log.error(
          { err: error, location: row.location },
          'a removed tracker could not be archived; the next start tries again',
        )
      })
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  async #close(row: TrackerRow): Promise<void> {
    const archive = this.archiveOf(row)
    // A crash may have come after the files were moved.
    const final = existsSync(archive.folder) ? settleEnd(this.#keysOf(row)) : await this.#parts.trail.end(row)
    // Of a tracker on another server nothing lies here.
    if (this.#parts.trail.remotes.find(row) === undefined) this.#move(row)
    await this.#record(row, final)
  }

  #keysOf(row: TrackerRow): string {
    const { keyFolder } = this.archiveOf(row)
    return existsSync(keyFolder) ? keyFolder : this.#parts.trail.place(row).keyFolder
  }

  /** Each step is done unless it was; the entries go first, so that who finds them in the archive knows that all is signed. */
  #move(row: TrackerRow): void {
    const place = this.#parts.trail.place(row)
    const archive = this.archiveOf(row)
    mkdirSync(dirname(archive.folder), { recursive: true, mode: 0o700 })
    for (const [from, to] of [
      [place.folder, archive.folder],
      [place.keyFolder, archive.keyFolder],
    ] as const) {
      if (existsSync(to) || !existsSync(from)) continue
      renameSync(from, to)
      syncPath(dirname(to))
      syncPath(dirname(from))
    }
    syncPath(dirname(dirname(archive.folder)))
  }

  async #record(row: TrackerRow, final: FinalCheckpoint | undefined): Promise<void> {
    const { audit, names, serviceName, accounts } = this.#parts
    const { account, location } = row
    const crn = names.crn(row)
    const home = accounts.find(account)?.home ?? location
    await audit.witness(
      'activity-tracker.instance.archive',
      { caller: systemCaller(account, serviceName), destination: { account, location: home }, logSourceCRN: crn },
      { id: crn, name: location },
      (seen) => {
        seen.response.size = final?.size ?? 0
        if (final !== undefined) seen.response.root = rootOf(final)
        const { remotes } = this.#parts.trail
        const remote = remotes.find(row) === undefined ? [] : remotes.remove(row)
        return { result: undefined, code: 200, changes: [archived(row, final), ...remote] }
      },
    )
  }

  /** Resolves when nothing is under way; what waits for a tracker's end goes on at the next start. */
  async stop(): Promise<void> {
    await Promise.race([Promise.all(this.#closing), new Promise((resolve) => setTimeout(resolve, 500).unref())])
  }
}

function rootOf({ note }: FinalCheckpoint): string {
  return Buffer.from(parseCheckpoint(parseNote(note).text).root).toString('base64')
}

function removal(row: TrackerRow, by: string, now: number): Change[] {
  const { account, location, id } = row
  return [
    {
      sql: `INSERT INTO removed_trackers (id, account, location, origin, created_at, removed_at, removed_by, state)
        SELECT id, account, location, origin, created_at, ?, ?, 'closing' FROM trackers
        WHERE account = ? AND location = ? AND id = ?`,
      params: [now, by, account, location, id],
      rows: 1,
    },
    {
      sql: 'DELETE FROM trackers WHERE account = ? AND location = ? AND id = ?',
      params: [account, location, id],
      rows: 1,
    },
  ]
}

function archived({ id }: TrackerRow, final: FinalCheckpoint | undefined): Change {
  return {
    sql: "UPDATE removed_trackers SET state = 'archived', size = ?, note = ? WHERE id = ? AND state = 'closing'",
    params: [final?.size ?? 0, final?.note ?? null, id],
    rows: 1,
  }
}
