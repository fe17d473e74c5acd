-- Key rings, aliases, and what the life of a key needs: authorisations, waiting times, what falls due, and an end that
-- leaves nothing behind.

-- Wrapped material. A row is written once, overwritten in place with zeros when its key is purged, and never deleted:
-- the engine moves rows between pages when others are inserted or deleted beside them, and even with secure_delete the
-- bytes a moved row leaves behind stay in the file. Here every new row is the last, and none ever moves.
CREATE TABLE key_material (
  slot INTEGER PRIMARY KEY,
  blob BLOB NOT NULL
) STRICT;

INSERT INTO key_material (slot, blob)
  SELECT row_number() OVER (ORDER BY instance, key, number), blob FROM key_versions;

CREATE TABLE versions (
  instance TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  -- Row of key_material.
  slot INTEGER NOT NULL,
  PRIMARY KEY (instance, key, id),
  UNIQUE (instance, key, number),
  FOREIGN KEY (instance, key) REFERENCES keys (instance, id)
) STRICT, WITHOUT ROWID;

INSERT INTO versions (instance, key, id, number, created_at, slot)
  SELECT instance, key, id, number, created_at, row_number() OVER (ORDER BY instance, key, number) FROM key_versions;

DROP TABLE key_versions;
ALTER TABLE versions RENAME TO key_versions;

-- The ring `default` has no row: it always is, and cannot be deleted.
CREATE TABLE key_rings (
  instance TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (instance, id)
) STRICT, WITHOUT ROWID;

-- An alias names one key of its instance until it or the key is deleted.
CREATE TABLE key_aliases (
  instance TEXT NOT NULL,
  alias TEXT NOT NULL,
  key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (instance, alias),
  FOREIGN KEY (instance, key) REFERENCES keys (instance, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_aliases_of_key ON key_aliases (instance, key, alias);

-- How many aliases an instance has, kept by the triggers below.
CREATE TABLE alias_totals (
  instance TEXT PRIMARY KEY,
  total INTEGER NOT NULL CHECK (total >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER alias_counted AFTER INSERT ON key_aliases BEGIN
  INSERT INTO alias_totals (instance, total) VALUES (new.instance, 1) ON CONFLICT DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER alias_uncounted AFTER DELETE ON key_aliases BEGIN
  UPDATE alias_totals SET total = total - 1 WHERE instance = old.instance;
END;

-- The first of two people who must agree to a deletion, and until when that holds.
ALTER TABLE keys ADD COLUMN authorised_by TEXT;
ALTER TABLE keys ADD COLUMN authorised_until INTEGER;
-- The last rotation, enabling, disabling, deletion or restoring; the last synchronisation.
ALTER TABLE keys ADD COLUMN acted_at INTEGER;
ALTER TABLE keys ADD COLUMN synced_at INTEGER;
-- The state a destroyed key was deleted in.
ALTER TABLE keys ADD COLUMN deleted_from INTEGER;

UPDATE keys SET acted_at = max(coalesce(rotated_at, deleted_at), coalesce(deleted_at, rotated_at));

-- What falls due next, of all instances.
CREATE INDEX keys_expiry_due ON keys (expires_at) WHERE state = 1 AND expires_at IS NOT NULL;
CREATE INDEX keys_purge_due ON keys (deleted_at) WHERE state = 5;
CREATE INDEX keys_authorisation_due ON keys (authorised_until) WHERE authorised_until IS NOT NULL;
