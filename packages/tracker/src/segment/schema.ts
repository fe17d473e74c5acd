/** The schema of a segment file: one range of the log, compressed, with its search tables and its proof. */
import { createTables, sealedTables } from '../search/schema.ts'

/** Marks the file as ours: "kwsg". */
export const segmentApplicationId = 0x6b777367

/** Format of the file; a reader refuses a higher one. */
export const segmentFormat = 3

/** The first format with a dictionary of values, whose search tables are those of today. */
export const valuesSince = 2

/** The first format that packs each entry by itself; before it, blocks were zstd-compressed entry bundles (RFC 8878). */
export const singleEntriesSince = 3

/**
 * `segment` has one row. `roots` are the hashes of the fewest complete subtrees that make up the range, left to right.
 * A block holds entries `first` to `first + count - 1`, each packed by itself in the LZ4 block format with
 * `dictionary` before it, some of the range's own entries. `starts` are the first indexes of all blocks, less that of the range,
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
  ${createTables(sealedTables)}
`
