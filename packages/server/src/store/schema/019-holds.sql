-- Legal holds: what they cover is copied, with its proofs, before it may leave its log.
CREATE TABLE holds (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  -- The tracker, by its id.
  tracker TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- In the query language, with what its relative times count from; empty for every event of the range.
  query TEXT NOT NULL,
  query_now INTEGER NOT NULL,
  query_zone TEXT,
  -- Indexes covered, both inclusive; without a last one, whatever comes.
  first INTEGER NOT NULL,
  last INTEGER,
  placed_at INTEGER NOT NULL,
  placed_by TEXT NOT NULL,
  placed_by_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'released')),
  released_at INTEGER,
  released_by TEXT,
  -- Everything it covers of lower indexes is in the archive.
  copied_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_tracker ON holds (tracker, placed_at);

-- Files of a hold's archive: evidence of the events it covers from index first to below the index last.
CREATE TABLE hold_copies (
  hold TEXT NOT NULL REFERENCES holds (id),
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  -- Size of the checkpoint that the evidence stands on.
  size INTEGER NOT NULL,
  copied_at INTEGER NOT NULL,
  PRIMARY KEY (hold, first)
) STRICT, WITHOUT ROWID;
