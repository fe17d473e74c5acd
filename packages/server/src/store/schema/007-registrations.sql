-- Registrations of cloud resources with keys, the lifecycle actions that wait for their services, and messages to send.
-- Times are milliseconds since the epoch.

-- Which resource of which adopting service a key protects. `revision` is what the ETag shows.
CREATE TABLE registrations (
  instance TEXT NOT NULL,
  key TEXT NOT NULL,
  crn TEXT NOT NULL,
  revision INTEGER NOT NULL,
  -- iam_id of the service that registered it: only that one changes it.
  owner TEXT NOT NULL,
  description TEXT,
  metadata TEXT,
  -- The resource has a retention policy: the key cannot be deleted.
  prevents_deletion INTEGER NOT NULL CHECK (prevents_deletion IN (0, 1)),
  -- Version of the key that protects the resource's data keys.
  version TEXT NOT NULL,
  version_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER,
  updated_by TEXT,
  PRIMARY KEY (instance, key, crn)
) STRICT, WITHOUT ROWID;
CREATE INDEX registrations_resource ON registrations (instance, crn, key);
CREATE INDEX registrations_preventing ON registrations (instance, key) WHERE prevents_deletion = 1;

-- One row per lifecycle action of a key that had registrations. `act` is what the services are told of.
CREATE TABLE lifecycle_actions (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL,
  key TEXT NOT NULL,
  key_name TEXT NOT NULL,
  act TEXT NOT NULL CHECK (act IN ('delete', 'restore', 'rotate', 'enable', 'disable')),
  key_state INTEGER NOT NULL,
  version TEXT NOT NULL,
  version_at INTEGER NOT NULL,
  old_version TEXT,
  old_version_at INTEGER,
  correlation_id TEXT,
  started_at INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'completed', 'conflict', 'overdue')),
  -- Resources whose service has not acknowledged yet.
  remaining INTEGER NOT NULL CHECK (remaining >= 0),
  -- First resource whose service reported another state than the key's.
  conflicting TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX lifecycle_due ON lifecycle_actions (due_at) WHERE state = 'pending';
CREATE INDEX lifecycle_ready ON lifecycle_actions (started_at)
  WHERE state = 'pending' AND (remaining = 0 OR conflicting IS NOT NULL);
CREATE INDEX lifecycle_finished ON lifecycle_actions (due_at) WHERE state <> 'pending';
CREATE INDEX lifecycle_of_key ON lifecycle_actions (instance, key, started_at);

CREATE TABLE lifecycle_acknowledgements (
  action TEXT NOT NULL REFERENCES lifecycle_actions (id) ON DELETE CASCADE,
  owner TEXT NOT NULL,
  crn TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'acknowledged', 'conflict')),
  reported TEXT,
  acknowledged_at INTEGER,
  PRIMARY KEY (action, owner, crn)
) STRICT, WITHOUT ROWID;

-- Where messages go. The signing secret is sealed in `secrets` under the name outbound/<id>.
CREATE TABLE outbound_targets (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  url TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages that were not delivered yet, and those that were given up. A delivered one is deleted.
CREATE TABLE outbound_messages (
  id TEXT PRIMARY KEY,
  target TEXT NOT NULL REFERENCES outbound_targets (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Not sent again after this.
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
  attempts INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  -- Why the last attempt failed: a code of ours, never the receiver's text.
  problem TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX outbound_due ON outbound_messages (target, next_at, id) WHERE state = 'waiting';
CREATE INDEX outbound_of_target ON outbound_messages (target, state, id);
CREATE INDEX outbound_dead ON outbound_messages (created_at) WHERE state = 'dead';

-- The target of each service ID that wants to be told.
CREATE TABLE adopters (
  service TEXT PRIMARY KEY REFERENCES identities (id) ON DELETE CASCADE,
  account TEXT NOT NULL REFERENCES accounts (id),
  target TEXT NOT NULL UNIQUE REFERENCES outbound_targets (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX adopters_account ON adopters (account, service);

-- However an adopter goes, also with its service ID: its target, the target's secret and its messages go with it.
CREATE TRIGGER adopter_gone AFTER DELETE ON adopters BEGIN
  DELETE FROM secrets WHERE name = 'outbound/' || old.target;
  DELETE FROM outbound_targets WHERE id = old.target;
END;
