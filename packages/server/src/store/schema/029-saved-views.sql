-- Saved views: searches of a tracker that people keep under a name, for themselves or for all who read it. They go with
-- their tracker, whose own event says so. Times are milliseconds since the epoch.
CREATE TABLE saved_views (
  id TEXT PRIMARY KEY,
  tracker TEXT NOT NULL REFERENCES trackers (id) ON DELETE CASCADE,
  -- Who made it. The identity may be gone; a shared view stays.
  owner TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  is_shared INTEGER NOT NULL CHECK (is_shared IN (0, 1)),
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  -- In the query language, as it was written; empty for every event.
  query TEXT NOT NULL,
  -- As they were written: relative ones stay relative. Null: no bound.
  time_from TEXT,
  time_to TEXT,
  -- What its histogram tells apart.
  told_by TEXT NOT NULL CHECK (told_by IN ('severity', 'outcome')),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX saved_views_own ON saved_views (tracker, owner, name) WHERE is_shared = 0;
CREATE UNIQUE INDEX saved_views_shared ON saved_views (tracker, name) WHERE is_shared = 1;
