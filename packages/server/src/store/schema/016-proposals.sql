-- What weakens the audit takes two people: proposed by one, approved by another. Each step's event is committed with it.
CREATE TABLE proposals (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  -- The tracker it is about, by its id: never another one that came to the place later.
  tracker TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('tracker-removal', 'retention', 'hold-release')),
  -- What of the tracker: a hold's id; empty for the tracker itself.
  subject TEXT NOT NULL,
  -- JSON: what it was when it was proposed, and what it becomes.
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_by_name TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'withdrawn', 'lapsed')),
  ended_by TEXT,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX proposals_open ON proposals (tracker, kind, subject) WHERE state = 'open';
CREATE INDEX proposals_expiry ON proposals (expires_at) WHERE state = 'open';
CREATE INDEX proposals_tracker ON proposals (tracker, proposed_at);
