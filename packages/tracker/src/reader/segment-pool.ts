/** Open segment files with their search statements, the most recently used ones. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TrackerError } from '../errors.ts'
import { segmentsFolder } from '../head/schema.ts'
import { openSegmentsMax } from '../limits.ts'
import { TableSearch } from '../search/table-search.ts'
import type { RegisteredSegment } from '../segment/register.ts'
import { sealedTables } from '../search/schema.ts'
import { SegmentFile } from '../segment/segment-file.ts'
import type { Disk } from '../store/disk.ts'

interface OpenSegment {
  readonly file: SegmentFile
  readonly search: TableSearch
}

export class SegmentPool {
  readonly #disk: Disk
  readonly #folder: string
  readonly #open = new Map<number, OpenSegment>()

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  /** @throws TrackerError MISSING, CORRUPT */
  get(segment: RegisteredSegment): OpenSegment {
    const held = this.#open.get(segment.first)
    if (held !== undefined) {
      this.#open.delete(segment.first)
      this.#open.set(segment.first, held)
      return held
    }
    const path = join(this.#folder, segmentsFolder, segment.file)
    if (!existsSync(path)) throw new TrackerError('MISSING', `segment ${segment.file} is not there`, { file: path })
    const file = new SegmentFile(this.#disk, path)
    const opened = { file, search: new TableSearch(file.db, sealedTables) }
    this.#open.set(segment.first, opened)
    for (const [oldest, { file: unused }] of this.#open) {
      if (this.#open.size <= openSegmentsMax) break
      this.#open.delete(oldest)
      unused.close()
    }
    return opened
  }

  /** Closes the files of what was pruned: while one is open, its entries are on the disk. */
  letGo(below: number): void {
    for (const [first, { file }] of this.#open) {
      if (first >= below) continue
      this.#open.delete(first)
      file.close()
    }
  }

  close(): void {
    for (const { file } of this.#open.values()) file.close()
    this.#open.clear()
  }
}
