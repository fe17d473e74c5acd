/** The register of sealed segments in the head: which files are the log's older entries. */
import { TrackerError } from '../errors.ts'
import type { Database } from '../store/disk.ts'

export interface RegisteredSegment {
  /** First index. */
  readonly first: number
  /** One past the last index. */
  readonly last: number
  /** File name inside the `segments` folder. */
  readonly file: string
  readonly fileBytes: number
  readonly fileHash: Uint8Array
  /** Earliest and latest event time, milliseconds since the epoch; undefined when no event has a readable time. */
  readonly timeMin: number | undefined
  readonly timeMax: number | undefined
}

interface RegisterRow {
  readonly first: number
  readonly last: number
  readonly file: string
  readonly file_bytes: number
  readonly file_hash: Uint8Array
  readonly time_min: number | null
  readonly time_max: number | null
}

/** Name of the file of a range's segment; names sort as ranges do. */
export function segmentFileName(first: number, last: number): string {
  return `${String(first).padStart(12, '0')}-${String(last).padStart(12, '0')}.db`
}

/**
 * The segments in order; they are the log from 0 on without holes.
 *
 * @throws TrackerError CORRUPT when they are not
 */
export function readRegister(db: Database): RegisteredSegment[] {
  const segments = registerRows(db)
  let end = 0
  for (const { first, last, file } of segments) {
    if (first !== end || last <= first || file !== segmentFileName(first, last)) {
      throw new TrackerError('CORRUPT', `${db.file} does not name the segment from ${end} on`, { file: db.file })
    }
    end = last
  }
  return segments
}

/** The register as it is stored, whatever it says. */
export function registerRows(db: Database): RegisteredSegment[] {
  const rows = db.prepare<RegisterRow>(
    'SELECT first, last, file, file_bytes, file_hash, time_min, time_max FROM segments ORDER BY first',
  )
  return rows.all().map((row) => ({
    first: row.first,
    last: row.last,
    file: row.file,
    fileBytes: row.file_bytes,
    fileHash: row.file_hash,
    timeMin: row.time_min ?? undefined,
    timeMax: row.time_max ?? undefined,
  }))
}
