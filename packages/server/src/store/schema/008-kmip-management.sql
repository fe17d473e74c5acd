-- What the KMIP listener of an instance serves: adapters, the certificates that may use them, and their objects. Times
-- are milliseconds since the epoch.

CREATE TABLE kmip_adapters (
  instance TEXT NOT NULL REFERENCES instances (guid),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  profile TEXT NOT NULL,
  -- Id of the root key that its objects are wrapped with.
  crk TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (instance, id),
  UNIQUE (instance, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX kmip_adapters_created ON kmip_adapters (instance, created_at, id);
CREATE INDEX kmip_adapters_crk ON kmip_adapters (instance, crk);

CREATE TABLE kmip_certificates (
  instance TEXT NOT NULL,
  adapter TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Of the instance: within a location a certificate belongs to one adapter only, whoever's that is.
  location TEXT NOT NULL,
  -- SHA-256 of the DER form, lower-case hexadecimal: what a client is recognised by.
  fingerprint TEXT NOT NULL,
  -- DER.
  certificate BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (instance, adapter, id),
  UNIQUE (instance, adapter, name),
  UNIQUE (location, fingerprint),
  FOREIGN KEY (instance, adapter) REFERENCES kmip_adapters (instance, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX kmip_certificates_created ON kmip_certificates (instance, adapter, created_at, id);

CREATE TABLE kmip_objects (
  instance TEXT NOT NULL,
  adapter TEXT NOT NULL,
  id TEXT NOT NULL,
  -- KMIP object type; 2 is a symmetric key.
  type INTEGER NOT NULL,
  -- 1 pre-active, 2 active, 3 deactivated, 4 compromised, 5 destroyed, 6 destroyed compromised.
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
  -- Wrapped material; gone once destroyed.
  blob BLOB,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_by_certificate TEXT,
  updated_at INTEGER,
  updated_by TEXT,
  updated_by_certificate TEXT,
  destroyed_at INTEGER,
  destroyed_by TEXT,
  destroyed_by_certificate TEXT,
  PRIMARY KEY (instance, adapter, id),
  FOREIGN KEY (instance, adapter) REFERENCES kmip_adapters (instance, id) ON DELETE CASCADE,
  CHECK ((state >= 5) = (destroyed_at IS NOT NULL)),
  CHECK (state < 5 OR blob IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX kmip_objects_created ON kmip_objects (instance, adapter, created_at, id);
