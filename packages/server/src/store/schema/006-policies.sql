-- Policies of keys and of instances, and import tokens. Times are milliseconds since the epoch.

-- A policy that was set once stays, switched off or not, until its key is purged.
CREATE TABLE key_policies (
  instance TEXT NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rotation', 'dualAuthDelete')),
  id TEXT NOT NULL,
  -- Grows with every change; a change names the one it was decided on.
  revision INTEGER NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- Of a rotation policy: the interval, in months of 30 days. Null when it was switched off before it had one.
  months INTEGER CHECK (months BETWEEN 1 AND 12),
  -- When the key is to be rotated: the interval after its newest version. Null while the policy is off or the key is
  -- not active. Kept by the triggers below, whoever rotates, disables or restores the key.
  due_at INTEGER,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (instance, key, kind),
  FOREIGN KEY (instance, key) REFERENCES keys (instance, id),
  CHECK (kind = 'rotation' OR (months IS NULL AND due_at IS NULL)),
  CHECK (kind <> 'rotation' OR enabled = 0 OR months IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX key_policies_due ON key_policies (due_at) WHERE due_at IS NOT NULL;

CREATE TRIGGER rotation_set AFTER INSERT ON key_policies WHEN new.kind = 'rotation' BEGIN
  UPDATE key_policies SET due_at = (
    SELECT CASE WHEN new.enabled = 1 AND state = 1 THEN newest_at + new.months * 2592000000 END
      FROM keys WHERE instance = new.instance AND id = new.key
  ) WHERE instance = new.instance AND key = new.key AND kind = 'rotation';
END;

CREATE TRIGGER rotation_changed AFTER UPDATE OF enabled, months ON key_policies WHEN new.kind = 'rotation' BEGIN
  UPDATE key_policies SET due_at = (
    SELECT CASE WHEN new.enabled = 1 AND state = 1 THEN newest_at + new.months * 2592000000 END
      FROM keys WHERE instance = new.instance AND id = new.key
  ) WHERE instance = new.instance AND key = new.key AND kind = 'rotation';
END;

CREATE TRIGGER rotation_moved AFTER UPDATE OF state, newest_at ON keys
WHEN new.state <> old.state OR new.newest_at <> old.newest_at BEGIN
  UPDATE key_policies
    SET due_at = CASE WHEN enabled = 1 AND new.state = 1 THEN new.newest_at + months * 2592000000 END
    WHERE instance = new.instance AND key = new.id AND kind = 'rotation';
END;

CREATE TABLE instance_policies (
  instance TEXT NOT NULL REFERENCES instances (guid),
  kind TEXT NOT NULL CHECK (kind IN
    ('allowedNetwork', 'allowedIP', 'dualAuthDelete', 'keyCreateImportAccess', 'metrics', 'rotation')),
  revision INTEGER NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- JSON object, as the API shows it.
  attributes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (instance, kind)
) STRICT, WITHOUT ROWID;

-- One token per instance; a new one takes its place. Private key and nonce are sealed.
CREATE TABLE import_tokens (
  instance TEXT PRIMARY KEY REFERENCES instances (guid),
  id TEXT NOT NULL,
  -- PEM, SubjectPublicKeyInfo.
  public_key TEXT NOT NULL,
  -- PKCS #8 in DER, sealed.
  private_key BLOB NOT NULL,
  nonce BLOB NOT NULL,
  max_retrievals INTEGER NOT NULL,
  remaining_retrievals INTEGER NOT NULL CHECK (remaining_retrievals BETWEEN 0 AND max_retrievals),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
