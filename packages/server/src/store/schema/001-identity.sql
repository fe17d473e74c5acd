-- Accounts, instances, identities and what they sign in with. Times are milliseconds since the epoch. Nothing that
-- opens a door is kept in clear: API keys, session tokens and sign-in links as SHA-256, signing keys sealed.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  home TEXT NOT NULL,
  operator INTEGER NOT NULL CHECK (operator IN (0, 1)),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_operator ON accounts (operator) WHERE operator = 1;

CREATE TABLE instances (
  guid TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  location TEXT NOT NULL,
  resource_group TEXT NOT NULL,
  crn TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX instances_account ON instances (account, guid);

CREATE TABLE identities (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL CHECK (kind IN ('user', 'serviceId')),
  name TEXT NOT NULL,
  email TEXT,
  description TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_account ON identities (account, kind, id);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  identity TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_account ON api_keys (account, id);
CREATE INDEX api_keys_identity ON api_keys (identity);

CREATE TABLE role_grants (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  identity TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('account', 'instance', 'tracker')),
  -- GUID of the instance or location of the tracker; empty for the account.
  scope_id TEXT NOT NULL,
  -- Empty: the whole instance.
  key_ring TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (identity, scope, scope_id, key_ring, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX role_grants_account ON role_grants (account, id);
CREATE INDEX role_grants_administrators ON role_grants (account) WHERE scope = 'account' AND role = 'Administrator';

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY,
  identity TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  -- The API key that signed in; a session ends with it. Null for a sign-in link.
  api_key TEXT REFERENCES api_keys (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_identity ON sessions (identity);
CREATE INDEX sessions_api_key ON sessions (api_key);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE sign_in_links (
  hash BLOB PRIMARY KEY,
  identity TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_links_identity ON sign_in_links (identity);

CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  public_jwk TEXT NOT NULL,
  -- PKCS #8, sealed.
  sealed BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
