-- A role may be granted on one EP11 keystore or key of an instance only. The table is made anew, since the limit is part of
-- what makes a grant unique.
CREATE TABLE limited_role_grants (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  identity TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('account', 'instance', 'tracker')),
  -- GUID of the instance or location of the tracker; empty for the account.
  scope_id TEXT NOT NULL,
  -- Empty: the whole instance.
  key_ring TEXT NOT NULL,
  -- Empty: no limit.
  resource_type TEXT NOT NULL CHECK (resource_type IN ('', 'keystore', 'key')),
  -- UUID of the keystore or key.
  resource TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (identity, scope, scope_id, key_ring, resource_type, resource, role),
  CHECK ((resource_type = '') = (resource = ''))
) STRICT, WITHOUT ROWID;

INSERT INTO limited_role_grants
  SELECT id, account, identity, role, scope, scope_id, key_ring, '', '', created_at, created_by FROM role_grants;

DROP TABLE role_grants;
ALTER TABLE limited_role_grants RENAME TO role_grants;

CREATE INDEX role_grants_account ON role_grants (account, id);
CREATE INDEX role_grants_administrators ON role_grants (account) WHERE scope = 'account' AND role = 'Administrator';
CREATE INDEX role_grants_ring ON role_grants (scope_id, key_ring) WHERE key_ring <> '';

CREATE TRIGGER rights_without_role AFTER DELETE ON role_grants BEGIN
  UPDATE identities SET rights_revision = rights_revision + 1 WHERE id = old.identity;
END;
