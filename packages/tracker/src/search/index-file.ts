/** `index.db`: search tables of the head's entries. It may be lost at any time; it is made again from the entries. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { indexFile } from '../head/schema.ts'
import type { Database, Disk } from '../store/disk.ts'

/** Marks the file as ours: "kwix". */
const indexApplicationId = 0x6b776978

/** An index of another version is emptied, never migrated. */
const indexVersion = 5

/** What SQLite keeps beside a database that is in use. */
const beside = ['-wal', '-shm']

const nameFreeMs = 20

/**
 * `progress` has one row: entries below `cursor` were followed, and `leaf` is the leaf hash of the last of them, so that
 * the index of another history of the log (a store set back) is known for what it is. A stretch is the future range of one segment, or its
 * rest; its tables carry `first` in their names, so that sealing the range drops them whole.
 */
const indexSchema = `
  PRAGMA application_id=${indexApplicationId};
  PRAGMA user_version=${indexVersion};
  CREATE TABLE progress (cursor INTEGER NOT NULL, leaf BLOB NOT NULL) STRICT;
  INSERT INTO progress VALUES (0, x'');
  CREATE TABLE stretches (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
`

export interface IndexStretch {
  readonly first: number
  readonly last: number
}

/**
 * Opens the index for its one writer. One of another version is emptied, in its place; what is no sound database is
 * removed and made anew.
 */
export function openIndexForWriting(disk: Disk, folder: string): Database {
  try {
    return openOrCreate(disk, folder)
  } catch (error) {
    if (!isUseless(error)) throw error
    removeIndex(disk, folder)
    return openOrCreate(disk, folder)
  }
}

/**
 * Removes an index that is damaged. SQLite finds a database's journals by its name: a reader that has opened the damaged
 * file, and not yet what lies beside it, would take the new one's for its own. So the name stays free for a moment.
 */
export function removeIndex(disk: Disk, folder: string): void {
  for (const suffix of ['', ...beside]) disk.removeFile(join(folder, indexFile) + suffix)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, nameFreeMs)
}

/** Empties the index in one transaction, under its readers, who see either what it was or an index of nothing. */
export function emptyIndex(db: Database): void {
  db.transaction(() => {
    // Full text first: it takes the tables along that it keeps its data in.
    const tables = db.prepare<{ name: string }>(`SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY sql LIKE 'CREATE VIRTUAL%' DESC`)
    try {
      for (const { name } of tables.all()) db.exec(`DROP TABLE IF EXISTS "${name.replaceAll('"', '""')}"`)
    } catch (error) {
      // Tables that this SQLite cannot make out (1 SQLITE_ERROR) are as good as damaged, 11 SQLITE_CORRUPT.
      if ((error as { errcode?: unknown }).errcode !== 1) throw error
      throw Object.assign(new Error('the index cannot be emptied', { cause: error }), { errcode: 11 })
    }
    db.exec(indexSchema)
  })
}

/** Opens the index for a reader; undefined when there is none that can be used. */
export function openIndexForReading(disk: Disk, folder: string): Database | undefined {
  const file = join(folder, indexFile)
  if (!existsSync(file)) return undefined
  let db: Database | undefined
  try {
    db = disk.database(file, 'read')
    if (isIndex(db)) return db
  } catch (error) {
    if (!isUseless(error)) throw error
  }
  db?.close()
  return undefined
}

/** Tells the file on the disk from one that was put in its place; undefined when there is none. */
export function indexIdentity(folder: string): number | undefined {
  return statSync(join(folder, indexFile), { throwIfNoEntry: false })?.ino
}

/** Whether an error says that the index is no use, as a full disk does not. */
export function isUseless(error: unknown): boolean {
  const { errcode, message } = error as { errcode?: unknown; message?: unknown }
  if (typeof errcode !== 'number') return false
  // 776 SQLITE_READONLY_ROLLBACK: beside it lies the journal of a write that was never finished.
  if (errcode === 776) return true
  // 11 SQLITE_CORRUPT, 26 SQLITE_NOTADB, 14 SQLITE_CANTOPEN (deleted underneath), 1 with a table that is not there.
  const primary = errcode & 0xff
  return primary === 11 || primary === 26 || primary === 14 || (primary === 1 && /no such table/.test(String(message)))
}

function openOrCreate(disk: Disk, folder: string): Database {
  const file = join(folder, indexFile)
  // Of an index that somebody deleted: its readers may have them open still, and they are not emptied under them.
  if (!existsSync(file)) for (const suffix of beside) disk.removeFile(file + suffix)
  const db = disk.database(file, 'write')
  try {
    // NORMAL: what a power loss takes from an index is followed again.
    db.exec('PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL')
    db.exec('PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-32768')
    if (!isIndex(db)) emptyIndex(db)
    db.prepare('SELECT cursor, leaf FROM progress').get()
    db.prepare('SELECT first, last FROM stretches').all()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Whether a database, or one attached to it under a name, is an index of this version. */
export function isIndex(db: Database, name = 'main'): boolean {
  const id = db.prepare<{ application_id: number }>(`PRAGMA ${name}.application_id`).get()?.application_id
  const version = db.prepare<{ user_version: number }>(`PRAGMA ${name}.user_version`).get()?.user_version
  return id === indexApplicationId && version === indexVersion
}
