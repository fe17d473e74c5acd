-- For how long a tracker keeps events at least; without a row for ever. Shortening takes two people (proposals).
CREATE TABLE retentions (
  -- The tracker, by its id: another one that comes to the place later keeps for ever.
  tracker TEXT PRIMARY KEY,
  days INTEGER NOT NULL CHECK (days >= 1),
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  -- When it was last looked for what is old enough to leave.
  looked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
