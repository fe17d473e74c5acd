-- EP11 keystores and what PKCS #11 calls token objects: keys, certificates, data. Times are milliseconds since the epoch.

CREATE TABLE keystores (
  -- Never given twice: what the tables below name.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  instance TEXT NOT NULL REFERENCES instances (guid),
  -- UUID. Whoever chose it may use it again once the keystore is deleted.
  id TEXT NOT NULL,
  -- Not unique; empty for none.
  name TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('public', 'private')),
  -- 1: its keys were made in a login session, and work in it only.
  authenticated INTEGER NOT NULL CHECK (authenticated IN (0, 1)),
  -- Grows with every change of what is in it, by the triggers below, and so does the number of objects.
  version INTEGER NOT NULL DEFAULT 0,
  objects INTEGER NOT NULL DEFAULT 0 CHECK (objects >= 0),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (instance, id)
) STRICT;
-- Lists in order of creation.
CREATE INDEX keystores_in_order ON keystores (instance);

-- What an instance has, kept by the triggers below: quotas cost the same however much there is.
CREATE TABLE keystore_totals (
  instance TEXT PRIMARY KEY REFERENCES instances (guid),
  keystores INTEGER NOT NULL CHECK (keystores >= 0),
  authenticated INTEGER NOT NULL CHECK (authenticated >= 0),
  objects INTEGER NOT NULL CHECK (objects >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE keystore_objects (
  -- Never given twice: a page that was read up to a number misses nothing that came later.
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  instance TEXT NOT NULL,
  keystore INTEGER NOT NULL,
  -- UUID: KeyBlobID.
  id TEXT NOT NULL,
  -- 0, and one more with every update; a change names the one it was decided on.
  version INTEGER NOT NULL CHECK (version >= 0),
  -- CKO_.
  class INTEGER NOT NULL,
  -- CKK_; none for certificates and data.
  key_type INTEGER,
  -- JSON by CKA_ number: what clients said of the object, and what the object says of itself. No attribute is in both.
  given TEXT NOT NULL,
  told TEXT NOT NULL,
  -- Length of the object, and of both texts.
  object_bytes INTEGER NOT NULL,
  attribute_bytes INTEGER NOT NULL,
  -- The first half of the verification pattern of the master key that the blob is under, 32 hex digits. None for what is under
  -- no master key.
  wkid TEXT,
  -- A key, under the master key; anything else is sealed.
  blob BLOB,
  sealed BLOB,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER,
  updated_by TEXT,
  UNIQUE (keystore, id),
  CHECK ((blob IS NULL) <> (sealed IS NULL)),
  CHECK (wkid IS NULL OR blob IS NOT NULL)
) STRICT;
-- Walks of a keystore, in order of creation.
CREATE INDEX keystore_objects_in_order ON keystore_objects (keystore);
-- What a master key rotation walks.
CREATE INDEX keystore_objects_wkid ON keystore_objects (instance, wkid) WHERE wkid IS NOT NULL;

-- By which objects are searched for. `key` is a hash over keystore, attribute and value (keystore/found-by.ts).
CREATE TABLE keystore_attributes (
  key BLOB NOT NULL,
  object INTEGER NOT NULL,
  PRIMARY KEY (key, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX keystore_attributes_of ON keystore_attributes (object);

-- What was written under which TxID, the last ones of each instance: a write that comes again is answered, not done again.
CREATE TABLE keystore_transactions (
  instance TEXT NOT NULL,
  -- Counts within the instance.
  number INTEGER NOT NULL,
  keystore INTEGER NOT NULL,
  -- Hexadecimal.
  tx TEXT NOT NULL,
  -- SHA-256 of what was asked for, hexadecimal.
  content TEXT NOT NULL,
  -- The object, and the version it had then.
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (instance, number),
  UNIQUE (keystore, tx)
) STRICT, WITHOUT ROWID;

-- Keystores that were deleted, until what was in them has left too: thousands do not leave in one transaction
-- (keystore/sweep.ts). Nobody finds an object but through its keystore.
CREATE TABLE keystores_removed (
  keystore INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER keystore_counted AFTER INSERT ON keystores BEGIN
  INSERT INTO keystore_totals (instance, keystores, authenticated, objects)
    VALUES (new.instance, 1, new.authenticated, 0)
    ON CONFLICT DO UPDATE SET keystores = keystores + 1, authenticated = authenticated + new.authenticated;
END;

CREATE TRIGGER keystore_removed AFTER DELETE ON keystores BEGIN
  UPDATE keystore_totals SET keystores = keystores - 1, authenticated = authenticated - old.authenticated,
    objects = objects - old.objects WHERE instance = old.instance;
  DELETE FROM keystore_transactions WHERE keystore = old.number;
  INSERT INTO keystores_removed (keystore) SELECT old.number WHERE old.objects > 0;
END;

CREATE TRIGGER keystore_object_counted AFTER INSERT ON keystore_objects BEGIN
  UPDATE keystores SET objects = objects + 1, version = version + 1 WHERE number = new.keystore;
  UPDATE keystore_totals SET objects = objects + 1 WHERE instance = new.instance;
END;

CREATE TRIGGER keystore_object_updated AFTER UPDATE OF version ON keystore_objects BEGIN
  UPDATE keystores SET version = version + 1 WHERE number = new.keystore;
END;

-- That of a keystore that is gone was counted off with it.
CREATE TRIGGER keystore_object_uncounted AFTER DELETE ON keystore_objects BEGIN
  UPDATE keystore_totals SET objects = objects - 1
    WHERE instance = old.instance AND EXISTS (SELECT 1 FROM keystores WHERE number = old.keystore);
  UPDATE keystores SET objects = objects - 1, version = version + 1 WHERE number = old.keystore;
  DELETE FROM keystore_attributes WHERE object = old.number;
END;

CREATE TRIGGER keystore_transaction_bounded AFTER INSERT ON keystore_transactions BEGIN
  DELETE FROM keystore_transactions WHERE instance = new.instance AND number <= new.number - 10000;
END;
