/** The data folder: exists, is writable, has room, and belongs to this process alone. */
import {
  accessSync,
  constants,
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { limits } from './limits.ts'
import { StartError } from './start-error.ts'
import { isDiskFull, sqliteCode } from './store/open.ts'
import { syncPath } from './store/sync-path.ts'

export interface DataFolder {
  readonly path: string
  /** Free bytes on the file system. */
  free(): number
  /** Gives the folder up; the operating system does the same when the process ends in any other way. */
  release(): void
}

/** SQLite's primary result code for a lock that another connection holds. */
const SQLITE_BUSY = 5

/**
 * Takes the folder, creating it with rights for its owner only.
 * @throws StartError DATA_READ_ONLY, DISK_FULL, DATA_IN_USE
 */
export function takeDataFolder(path: string): DataFolder {
  const free = (): number => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  }
  let lock: DatabaseSync
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK)
    if (free() < limits.diskFloorBytes) {
      throw new StartError(
        'DISK_FULL',
        `Less than ${limits.diskFloorBytes / 1024 / 1024} MiB are free for ${path}. Make room and start again; nothing was changed.`,
      )
    }
    // An SQLite lock, since a kill -9 releases it and no stale file can keep the next start out.
    lock = new DatabaseSync(join(path, 'lock.db'), { timeout: 0 })
  } catch (error) {
    throw startErrorOf(error, path)
  }
  try {
    lock.exec(
      'PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (by INTEGER); COMMIT; BEGIN EXCLUSIVE',
    )
  } catch (error) {
    lock.close()
    throw startErrorOf(error, path)
  }
  return { path, free, release: () => lock.close() }
}

function startErrorOf(error: unknown, path: string): unknown {
  if (error instanceof StartError) return error
  if (sqliteCode(error) === SQLITE_BUSY) {
    return new StartError(
      'DATA_IN_USE',
      `Another server is running on ${path}. Stop it, or set KEYWITNESS_DATA to another folder.`,
    )
  }
  if (isDiskFull(error)) return new StartError('DISK_FULL', `No room left in ${path}. Nothing was changed.`, error)
  return new StartError('DATA_READ_ONLY', `${path} cannot be written: ${(error as Error).message}.`, error)
}

/** Writes a file so that it is there whole or not at all: temporary file, sync, rename, sync of the folder. Mode 0600. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.new`
  rmSync(temporary, { force: true })
  const handle = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(handle, typeof content === 'string' ? Buffer.from(content) : content)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  chmodSync(temporary, 0o600)
  renameSync(temporary, file)
  syncPath(dirname(file))
}
