-- The way back from a lockout: removing what a certificate administrator has who lost the key. Proposed by one person,
-- approved by another, performed by the server after a waiting time. Each step's event is committed with it. Times are
-- milliseconds since the epoch.
CREATE TABLE certificate_recoveries (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL REFERENCES instances (guid),
  -- IAM id. The identity may be gone.
  administrator TEXT NOT NULL,
  removes TEXT NOT NULL CHECK (removes IN ('admin-key', 'admin-key-and-certificates')),
  -- The key it is about, so that it never removes one that was made later; none when only certificates were left.
  key_id TEXT,
  proposed_by TEXT NOT NULL,
  proposed_by_name TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  -- Until then it can be approved.
  expires_at INTEGER NOT NULL,
  approved_by TEXT,
  approved_by_name TEXT,
  approved_at INTEGER,
  -- When it is performed.
  due_at INTEGER,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'withdrawn', 'lapsed', 'performed', 'outdated')),
  ended_by TEXT,
  ended_at INTEGER,
  CHECK (state NOT IN ('approved', 'performed', 'outdated') OR (approved_by <> proposed_by AND due_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX certificate_recoveries_pending ON certificate_recoveries (instance, administrator)
  WHERE state IN ('open', 'approved');
CREATE INDEX certificate_recoveries_expiry ON certificate_recoveries (expires_at) WHERE state = 'open';
CREATE INDEX certificate_recoveries_due ON certificate_recoveries (due_at) WHERE state = 'approved';
CREATE INDEX certificate_recoveries_instance ON certificate_recoveries (instance, proposed_at);
