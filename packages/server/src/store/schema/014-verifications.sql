-- Results of the verification of logs. The event of each is committed with it.
CREATE TABLE verifications (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  trigger TEXT NOT NULL CHECK (trigger IN ('schedule', 'request')),
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('good', 'bad', 'failed')),
  size INTEGER,
  root TEXT,
  -- The first findings, as JSON.
  findings TEXT NOT NULL,
  findings_total INTEGER NOT NULL,
  -- Why it could not be done.
  reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX verifications_log ON verifications (account, location, started_at);
