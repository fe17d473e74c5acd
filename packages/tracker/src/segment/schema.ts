/** The schema of a segment file: one range of the log, compressed, with its search tables and its proof. */
import { createTables, searchTables } from '../search/schema.ts'

/** Marks the file as ours: "kwsg". */
export const segmentApplicationId = 0x6b777367

/** Format of the file; a reader refuses a higher one. Format 1 had no dictionary of values. */
export const segmentFormat = 2

export const segmentTables = searchTables('')

/**
 * `segment` has one row. `roots` are the hashes of the fewest complete subtrees that make up the range, left to right.
 * A block holds entries `first` to `first + count - 1` as a C2SP entry bundle, zstd-compressed (RFC 8878) with
 * `dictionary`, some of the range's own entries. `starts` are the first indexes of all blocks, less that of the range,
 * as 32-bit little-endian numbers.
 */
export const segmentSchema = `
  PRAGMA application_id=${segmentApplicationId};
  PRAGMA user_version=${segmentFormat};
  CREATE TABLE segment (
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    origin TEXT NOT NULL,
    roots BLOB NOT NULL,
    time_min INTEGER,
    time_max INTEGER,
    dictionary BLOB NOT NULL,
    starts BLOB NOT NULL
  ) STRICT;
  CREATE TABLE blocks (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    packed BLOB NOT NULL
  ) STRICT;
  ${createTables(segmentTables)}
`
