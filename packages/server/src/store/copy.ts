/** The copy of the store from before a migration: whole, or not there. It is dropped when material is erased (forget.ts). */
import { closeSync, openSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { limits } from '../limits.ts'
import { StartError } from '../start-error.ts'
import { syncPath } from './sync-path.ts'

/** Migrating takes up to so many times the store's size: the copy, the write-ahead log, the store packed anew. */
const roomTimes = 3
const mebibyte = 1024 * 1024

/** What stands between the store's name and the schema of a copy. */
export const copyMark = '.schema-'

/**
 * Copies the store beside itself, as `server.db.schema-<version>`. By the engine and from what is committed: a file copied
 * from outside lacks what is in the write-ahead log.
 *
 * @throws StartError DISK_FULL; and what the disk throws. No part of a copy stays.
 */
export function copyStore(db: DatabaseSync, file: string, version: number): void {
  refuseWithoutRoom(db, file, version)
  const copy = `${file}${copyMark}${version}`
  const draft = `${copy}.new`
  rmSync(draft, { force: true })
  try {
    // Made first, since the engine would let others read it.
    closeSync(openSync(draft, 'wx', 0o600))
    db.prepare('VACUUM INTO ?').run(draft)
    syncPath(draft)
    renameSync(draft, copy)
    syncPath(dirname(copy))
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function refuseWithoutRoom(db: DatabaseSync, file: string, version: number): void {
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number }
  const { page_size: pageBytes } = db.prepare('PRAGMA page_size').get() as { page_size: number }
  const { bavail, bsize } = statfsSync(dirname(file))
  const wanted = roomTimes * pages * pageBytes + limits.diskFloorBytes
  if (bavail * bsize >= wanted) return
  throw new StartError(
    'DISK_FULL',
    `${file} has schema ${version} and must be migrated, a copy is made first: that needs ${Math.ceil(wanted / mebibyte)} MiB, ` +
      `and ${Math.floor((bavail * bsize) / mebibyte)} MiB are free. Make room and start again; nothing was changed.`,
  )
}
