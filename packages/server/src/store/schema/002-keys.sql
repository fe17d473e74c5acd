-- Keys and their versions. Wrapped material stands only in key_versions.blob.

-- One row per key, destroyed ones included until they are purged. Times are milliseconds since the epoch.
-- `revision` grows with every change: an update names the revision it was decided on.
CREATE TABLE keys (
  instance TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  tags TEXT NOT NULL,
  ring TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3, 5)),
  extractable INTEGER NOT NULL CHECK (extractable IN (0, 1)),
  imported INTEGER NOT NULL CHECK (imported IN (0, 1)),
  bits INTEGER NOT NULL,
  versions INTEGER NOT NULL,
  newest TEXT NOT NULL,
  newest_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER,
  rotated_at INTEGER,
  expires_at INTEGER,
  deleted_at INTEGER,
  deleted_by TEXT,
  PRIMARY KEY (instance, id),
  CHECK ((state = 5) = (deleted_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- Every version stays until the purge: ciphertexts name the version that made them, and a restored key must have all.
-- A standard key has one row here, under the key's own id.
CREATE TABLE key_versions (
  instance TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  blob BLOB NOT NULL,
  PRIMARY KEY (instance, key, id),
  UNIQUE (instance, key, number),
  FOREIGN KEY (instance, key) REFERENCES keys (instance, id)
) STRICT, WITHOUT ROWID;

-- Lists in order of creation.
CREATE INDEX keys_created ON keys (instance, created_at, id);

-- Every other order and filter walks these narrow rows instead of the whole ones.
CREATE INDEX keys_listed ON keys (instance, state, extractable, ring, imported, created_at, updated_at, rotated_at,
  expires_at, deleted_at, id);

-- Keys that will expire, soonest first.
CREATE INDEX keys_expiring ON keys (instance, expires_at, extractable, ring) WHERE state = 1 AND expires_at IS NOT NULL;

-- How many keys an instance has, kept by the triggers below: counting and the quota cost the same however many there are.
CREATE TABLE key_totals (
  instance TEXT NOT NULL,
  ring TEXT NOT NULL,
  state INTEGER NOT NULL,
  extractable INTEGER NOT NULL,
  total INTEGER NOT NULL CHECK (total >= 0),
  PRIMARY KEY (instance, ring, state, extractable)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER key_counted AFTER INSERT ON keys BEGIN
  INSERT INTO key_totals (instance, ring, state, extractable, total)
    VALUES (new.instance, new.ring, new.state, new.extractable, 1)
    ON CONFLICT DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER key_recounted AFTER UPDATE OF ring, state ON keys
WHEN new.ring <> old.ring OR new.state <> old.state BEGIN
  UPDATE key_totals SET total = total - 1
    WHERE instance = old.instance AND ring = old.ring AND state = old.state AND extractable = old.extractable;
  INSERT INTO key_totals (instance, ring, state, extractable, total)
    VALUES (new.instance, new.ring, new.state, new.extractable, 1)
    ON CONFLICT DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER key_uncounted AFTER DELETE ON keys BEGIN
  UPDATE key_totals SET total = total - 1
    WHERE instance = old.instance AND ring = old.ring AND state = old.state AND extractable = old.extractable;
END;
