/** Opens `head.db`, for its one writer or for a reader. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TrackerError } from '../errors.ts'
import type { Database, Disk } from '../store/disk.ts'
import { migrate, refuseNewer, schemaVersion } from '../store/migrate.ts'
import { headApplicationId, headFile, headSchema } from './schema.ts'

/** What is fixed when a log is created. */
export interface LogIdentity {
  readonly origin: string
  /** Verifier key, one line. */
  readonly key: string
}

/** Whether the folder holds a log; an empty file is what a crash in the middle of creating one leaves. */
export function holdsLog(disk: Disk, folder: string): boolean {
  const file = join(folder, headFile)
  if (!existsSync(file)) return false
  const db = disk.database(file, 'write')
  try {
    return schemaVersion(db) > 0
  } finally {
    db.close()
  }
}

/**
 * Opens the head for writing, and creates its schema when there is none.
 *
 * @throws TrackerError NEWER_SCHEMA, CORRUPT, BAD_INPUT when the log has another identity
 */
export function openHeadForWriting(disk: Disk, folder: string, identity: LogIdentity, now: number): Database {
  const file = join(folder, headFile)
  const db = disk.database(file, 'write')
  try {
    refuseForeign(db)
    refuseNewer(db, headSchema)
    // Pages of 16 KiB: a batch is few writes, and a tile fits. FULL: a commit that returned is on the disk.
    db.exec('PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
    db.exec('PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-32768')
    migrate(db, headSchema, () => {
      db.prepare('INSERT INTO log (origin, key, created_at) VALUES (?, ?, ?)').run(identity.origin, identity.key, now)
    })
    const log = readIdentity(db)
    if (log.origin !== identity.origin) {
      throw new TrackerError('BAD_INPUT', `this log's origin is ${log.origin}, not ${identity.origin}`, { file })
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** @throws TrackerError MISSING, NEWER_SCHEMA, CORRUPT */
export function openHeadForReading(disk: Disk, folder: string): Database {
  const file = join(folder, headFile)
  if (!existsSync(file)) throw new TrackerError('MISSING', `there is no tracker in ${folder}`, { file })
  const db = disk.database(file, 'read')
  try {
    refuseForeign(db)
    refuseNewer(db, headSchema)
    if (schemaVersion(db) === 0)
      throw new TrackerError('MISSING', `the tracker in ${folder} is not created yet`, { file })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** @throws TrackerError CORRUPT */
export function readIdentity(db: Database): LogIdentity {
  const log = db.prepare<LogIdentity>('SELECT origin, key FROM log').get()
  if (log === undefined) throw new TrackerError('CORRUPT', `${db.file} names no log`, { file: db.file })
  return { origin: log.origin, key: log.key }
}

function refuseForeign(db: Database): void {
  // The version is read first: what has one has its mark, whereas a log that is just being created gets both at once.
  const version = schemaVersion(db)
  const id = db.prepare<{ application_id: number }>('PRAGMA application_id').get()?.application_id
  if (version > 0 && id !== headApplicationId) {
    throw new TrackerError('CORRUPT', `${db.file} is not the head of a tracker`, { file: db.file })
  }
}
