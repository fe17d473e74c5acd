/** Numbered schema steps, each applied once and in one transaction. */
import { TrackerError } from '../errors.ts'
import type { Database } from './disk.ts'

/** The number of steps a database has seen; 0 for a new one. */
export function schemaVersion(db: Database): number {
  return db.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0
}

/**
 * Refuses a database that a newer version wrote: what it means is not known here.
 *
 * @throws TrackerError NEWER_SCHEMA
 */
export function refuseNewer(db: Database, steps: readonly string[]): void {
  const version = schemaVersion(db)
  if (version > steps.length) {
    const message = `${db.file} has schema ${version}, this version knows up to ${steps.length}`
    throw new TrackerError('NEWER_SCHEMA', message, { file: db.file })
  }
}

/**
 * Applies the steps this database has not seen. `also` runs inside the first step's transaction.
 *
 * @throws TrackerError NEWER_SCHEMA
 */
export function migrate(db: Database, steps: readonly string[], also?: () => void): void {
  refuseNewer(db, steps)
  for (let version = schemaVersion(db); version < steps.length; version++) {
    db.transaction(() => {
      db.exec(`${steps[version]}; PRAGMA user_version=${version + 1}`)
      if (version === 0) also?.()
    })
  }
}
