/** The right to be a tracker's one writer: an exclusive lock that ends with its process, however that ends. */
import { join } from 'node:path'
import { TrackerError } from '../errors.ts'
import type { Database, Disk } from './disk.ts'

export interface Lock {
  release(): void
}

/**
 * Takes the lock. It is an open exclusive transaction on a small database of its own: the operating system drops it
 * with the process, also after kill -9, and it shuts out other threads of this process too.
 *
 * @throws TrackerError LOCKED
 */
export function takeLock(disk: Disk, folder: string): Lock {
  const file = join(folder, 'lock.db')
  let db: Database | undefined
  try {
    db = disk.database(file, 'write')
    db.exec('PRAGMA busy_timeout=0; BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === 5) {
      throw new TrackerError('LOCKED', `another writer has this tracker open: ${folder}`, { file, cause: error })
    }
    throw error
  }
  const held = db
  return { release: () => held.close() }
}
