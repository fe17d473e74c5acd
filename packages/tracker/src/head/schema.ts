/** The schema of `head.db`: the log's newest entries, the whole tree, and who delivered what. */

/** Marks the file as ours (sqlite.org/pragma.html#pragma_application_id): "kwhd". */
export const headApplicationId = 0x6b776864

/**
 * Numbered steps; a step that was released is never edited. Times are milliseconds since the epoch, `last` of a range
 * is exclusive.
 */
export const headSchema: readonly string[] = [
  `
  PRAGMA application_id=${headApplicationId};

  CREATE TABLE log (
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  -- A row holds the entries of indexes first to first + count - 1 and never crosses a multiple of 256. leaves are
  -- their leaf hashes, bundle is their C2SP entry bundle. There is no index over events: this table only grows at its
  -- end and shrinks at its beginning.
  CREATE TABLE entries (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    leaves BLOB NOT NULL,
    bundle BLOB NOT NULL
  ) STRICT;

  -- Full tiles of 256 hashes, kept for ever; root is the hash of the tile's subtree. What is not full is derived.
  CREATE TABLE tiles (
    level INTEGER NOT NULL,
    n INTEGER NOT NULL,
    root BLOB NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, n)
  ) STRICT;

  CREATE TABLE producers (
    producer TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE anomalies (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    producer TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    received INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX anomalies_producer ON anomalies (producer, kind, first);

  CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    kept INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX checkpoints_age ON checkpoints (kept, signed_at);

  -- Sealed segments, first to last - 1, without holes from 0 on.
  CREATE TABLE segments (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    file TEXT NOT NULL,
    file_bytes INTEGER NOT NULL,
    file_hash BLOB NOT NULL,
    time_min INTEGER,
    time_max INTEGER,
    sealed_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Lists too long for an entry, by the SHA-256 of their content, which the entry bears. newest is the highest index
  -- that names it: retention may drop it when that entry is gone.
  CREATE TABLE attachments (
    sha256 BLOB PRIMARY KEY,
    content BLOB NOT NULL,
    newest INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Deliveries of a producer that were there already, and the time of its newest event.
  ALTER TABLE producers ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE producers ADD COLUMN event_time INTEGER;

  -- One row once the tracker has recorded something itself: its identity as a producer, and up to which anomaly it has
  -- told.
  CREATE TABLE own_producer (
    producer TEXT NOT NULL,
    told INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Entries below the highest minimum are not given any more: their segments' files are gone, their rows here stay. note
  -- is signed by the log.
  CREATE TABLE minimum_index (
    minimum INTEGER PRIMARY KEY,
    note TEXT NOT NULL,
    signed_at INTEGER NOT NULL
  ) STRICT;

  -- Entries that announced keys, kept when their segment was pruned.
  CREATE TABLE kept_entries (
    entry INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;
  `,
]

/** The step from which on there are attachments. */
export const attachmentsSince = 2

/** The step from which on logs can be pruned. */
export const minimumSince = 4

/** Files inside a tracker's folder. */
export const headFile = 'head.db'
export const indexFile = 'index.db'
export const segmentsFolder = 'segments'
