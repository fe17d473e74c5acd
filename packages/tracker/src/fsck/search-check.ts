/** Checks that search shows what is there: a search table that was changed hides events, though every byte of them is right. */
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HASH_BYTES, sameBytes } from '@keywitness/tlog'
import { TrackerError } from '../errors.ts'
import { leafHashInto } from '../hash.ts'
import { EntryRows } from '../head/entry-rows.ts'
import { indexFile, segmentsFolder } from '../head/schema.ts'
import { type IndexStretch, isUseless, openIndexForReading } from '../search/index-file.ts'
import { growingTables, sealedTables } from '../search/schema.ts'
import { schemaVersion } from '../store/migrate.ts'
import type { RegisteredSegment } from '../segment/register.ts'
import { valuesSince } from '../segment/schema.ts'
import { SegmentFile } from '../segment/segment-file.ts'
import type { Database, Disk } from '../store/disk.ts'
import type { Findings } from './findings.ts'
import type { StoreParts } from './found-entries.ts'
import { checkTables } from './table-check.ts'

/** Which of the segments are compared, when that must not be all of them: whole ones, drawn by lot, so that none is safe. */
export function drawnSegments(register: readonly RegisteredSegment[], entriesMax: number): RegisteredSegment[] {
  const left = [...register]
  const drawn: RegisteredSegment[] = []
  let entries = 0
  while (left.length > 0 && entries < entriesMax) {
    const [one] = left.splice(randomInt(left.length), 1)
    entries += one!.last - one!.first
    drawn.push(one!)
  }
  return drawn
}

/** Compares the search tables of a segment with its entries. Says nothing of a file that cannot be read: others do. */
export async function checkSegmentSearch(
  { disk, folder, findings }: StoreParts,
  { first, file: name, timeMin, timeMax }: RegisteredSegment,
  pause: () => Promise<void>,
): Promise<'compared' | 'older'> {
  const path = join(folder, segmentsFolder, name)
  if (!existsSync(path)) return 'compared'
  const bad = (message: string): void => findings.add({ kind: 'bad-search', message, index: first, file: name })
  let file: SegmentFile | undefined
  try {
    file = new SegmentFile(disk, path)
    if (schemaVersion(file.db) < valuesSince) return 'older'
    const sound = integrityFault(file.db)
    if (sound !== undefined) bad(`the search tables of segment ${name} are damaged: ${sound}`)
    const check = await checkTables(disk, { db: file.db, tables: sealedTables }, file.entries(), pause)
    if (check.fault !== undefined) bad(`search in segment ${name} is not sound: ${check.fault}`)
    const { time_min: fileMin, time_max: fileMax } = file.head
    const areTimesRight = [
      [timeMin, check.timeMin],
      [timeMax, check.timeMax],
      [fileMin ?? undefined, check.timeMin],
      [fileMax ?? undefined, check.timeMax],
    ].every(([says, is]) => says === is)
    if (!areTimesRight) bad(`the times that segment ${name} spans are not those of its events`)
  } catch {
    // What cannot be read is said where its bytes are checked.
  } finally {
    file?.close()
  }
  return 'compared'
}

/** The index of the head, of one moment: taken before the view of the head. */
export class IndexCheck {
  readonly #disk: Disk
  readonly #db: Database | undefined
  readonly #findings: Findings

  constructor(disk: Disk, folder: string, findings: Findings) {
    this.#disk = disk
    this.#findings = findings
    this.#db = openIndexForReading(disk, folder)
    try {
      this.#db?.exec('BEGIN')
      this.#db?.prepare('SELECT cursor FROM progress').get()
    } catch (error) {
      if (!isUseless(error)) throw error
      this.#bad(`cannot be read: ${(error as Error).message}`)
    }
  }

  /** Compares with the head's entries; false when there is no index, which is then made anew. */
  async check(head: Database, sealed: number, size: number, pause: () => Promise<void>): Promise<boolean> {
    const db = this.#db
    if (db === undefined) return false
    try {
      const damage = integrityFault(db)
      if (damage !== undefined) this.#bad(`is damaged: ${damage}`)
      const rows = new EntryRows(head)
      const progress = db.prepare<{ cursor: number; leaf: Uint8Array }>('SELECT cursor, leaf FROM progress').get()
      const cursor = progress?.cursor ?? 0
      if (cursor > size) {
        this.#bad(`says it has followed ${cursor} entries, the log has ${size}`)
        return true
      }
      if (cursor > sealed && !sameBytes(progress!.leaf, leafBefore(rows, cursor))) {
        this.#bad(`is of another log: its entry ${cursor - 1} is another`)
      }
      const stretches = db.prepare<IndexStretch>('SELECT first, last FROM stretches ORDER BY first').all()
      await this.#checkStretches(rows, stretches, sealed, cursor, pause)
    } catch (error) {
      // A row of the head that does not hold its entries was reported.
      if (error instanceof TrackerError) return true
      if (!isUseless(error)) throw error
      this.#bad(`cannot be read: ${(error as Error).message}`)
    }
    return true
  }

  close(): void {
    this.#db?.close()
  }

  async #checkStretches(
    rows: EntryRows,
    stretches: readonly IndexStretch[],
    sealed: number,
    cursor: number,
    pause: () => Promise<void>,
  ): Promise<void> {
    // Stretches that are sealed go with the follower's next step, and nobody searches them.
    const live = stretches.filter(({ first }) => first >= sealed && first < cursor)
    let end = sealed
    for (const { first, last } of live) {
      if (first !== end) this.#bad(`lacks the entries from ${end} to ${first - 1}`)
      end = Math.min(last, cursor)
      const tables = growingTables(first)
      const { fault } = await checkTables(this.#disk, { db: this.#db!, tables }, rows.range(first, end), pause)
      if (fault !== undefined) this.#bad(`is not sound: ${fault}`)
    }
    // A stretch that was sealed in part is followed again from there.
    if (end < cursor && !stretches.some(({ first, last }) => first < sealed && last > sealed)) {
      this.#bad(`lacks the entries from ${end} to ${cursor - 1}`)
    }
  }

  #bad(what: string): void {
    this.#findings.add({ kind: 'bad-search', message: `the index of the newest entries ${what}`, file: indexFile })
  }
}

function leafBefore(rows: EntryRows, index: number): Uint8Array {
  const leaf = new Uint8Array(HASH_BYTES)
  for (const { bytes } of rows.range(index - 1, index)) leafHashInto(bytes, leaf, 0)
  return leaf
}

/** What the engine finds wrong with pages and indexes. */
function integrityFault(db: Database): string | undefined {
  const says = db.prepare<{ integrity_check: string }>('PRAGMA integrity_check(1)').get()?.integrity_check
  return says === 'ok' ? undefined : says
}
