/** Follows a log's head with its index from another thread than the log's writer. */
import { join } from 'node:path'
import type { Indexer, IndexerOptions } from './api.ts'
import { EntryRows } from './head/entry-rows.ts'
import { openHeadForReading } from './head/open-head.ts'
import { headFile } from './head/schema.ts'
import { segmentEventsDefault } from './limits.ts'
import { IndexFollower, type LogExtent } from './search/follower.ts'
import { type Database, type Disk, realDisk, type Statement } from './store/disk.ts'
import { asTrackerError } from './store/sqlite-error.ts'

/**
 * Opens the follower of a log that exists. There is one at a time, in whatever thread; what another wrote to the index is
 * noticed.
 *
 * @throws TrackerError MISSING, NEWER_SCHEMA, CORRUPT, IO
 */
export function openIndexer(options: IndexerOptions, disk: Disk = realDisk): Indexer {
  try {
    return new HeadIndexer(options, disk)
  } catch (error) {
    throw asTrackerError(error, `the tracker in ${options.folder} could not be read`, join(options.folder, headFile))
  }
}

class HeadIndexer implements Indexer {
  readonly #db: Database
  readonly #rows: EntryRows
  readonly #sealed: Statement<{ sealed: number | null }>
  readonly #follower: IndexFollower
  readonly #segmentEvents: number

  constructor({ folder, segmentEvents = segmentEventsDefault }: IndexerOptions, disk: Disk) {
    this.#db = openHeadForReading(disk, folder)
    this.#rows = new EntryRows(this.#db)
    this.#sealed = this.#db.prepare('SELECT max(last) AS sealed FROM segments')
    this.#follower = new IndexFollower(disk, folder, this.#rows)
    this.#segmentEvents = segmentEvents
  }

  get cursor(): number {
    return this.#follower.cursor
  }

  follow(limit: number): number {
    try {
      // One view of the head for the step: its writer may seal meanwhile, and take entries out of it.
      return this.#db.snapshot(() => this.#follower.follow(this.#extent(), limit))
    } catch (error) {
      throw asTrackerError(error, 'the index could not follow', this.#db.file)
    }
  }

  close(): void {
    this.#follower.close()
    this.#db.close()
  }

  #extent(): LogExtent {
    const sealed = this.#sealed.get()?.sealed ?? 0
    return { sealed, size: Math.max(sealed, this.#rows.end() ?? 0), segmentEvents: this.#segmentEvents }
  }
}
