-- What KMIP clients keep: objects with their attributes, and the two tables by which they are found. Times are milliseconds
-- since the epoch. Until now nobody could make an object.

DROP TABLE kmip_objects;

CREATE TABLE kmip_objects (
  -- Grows in the order of creation; what the two tables below name.
  number INTEGER PRIMARY KEY,
  instance TEXT NOT NULL,
  adapter TEXT NOT NULL,
  -- KMIP's Unique Identifier.
  id TEXT NOT NULL,
  -- KMIP object type: 2 symmetric key, 3 public key, 4 private key, 6 template, 7 secret data, 8 opaque object.
  type INTEGER NOT NULL,
  -- 1 pre-active, 2 active, 3 deactivated, 4 compromised, 5 destroyed, 6 destroyed compromised.
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
  -- Grows with every change; a change names the one it was decided on.
  revision INTEGER NOT NULL,
  -- JSON: how the material was registered, that is, all of its key block but the material.
  form TEXT NOT NULL,
  -- TTLV: the attributes that are not columns here.
  attributes BLOB NOT NULL,
  -- When one of its dates will change its state.
  due_at INTEGER,
  -- Material, encrypted under a version of the adapter's root key: iv, ciphertext, tag. Gone once destroyed; none where a
  -- client registered what is known about a key only.
  blob BLOB,
  root_version TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_by_certificate TEXT,
  updated_at INTEGER,
  updated_by TEXT,
  updated_by_certificate TEXT,
  destroyed_at INTEGER,
  destroyed_by TEXT,
  destroyed_by_certificate TEXT,
  UNIQUE (instance, adapter, id),
  CHECK ((state >= 5) = (destroyed_at IS NOT NULL)),
  CHECK (state < 5 OR blob IS NULL),
  CHECK ((blob IS NULL) = (root_version IS NULL))
) STRICT;
-- Walks in the order of `number`, newest first; what is destroyed is in nobody's way.
CREATE INDEX kmip_objects_living ON kmip_objects (instance, adapter, type) WHERE state < 5;
-- Lists in order of creation; the state, so that the rows of other pages need not be read.
CREATE INDEX kmip_objects_created ON kmip_objects (instance, adapter, created_at, id, state);
CREATE INDEX kmip_objects_due ON kmip_objects (due_at) WHERE due_at IS NOT NULL;

-- How many objects an adapter has, kept by the triggers below: counting and the quota cost the same however many there are.
CREATE TABLE kmip_object_totals (
  instance TEXT NOT NULL,
  adapter TEXT NOT NULL,
  type INTEGER NOT NULL,
  state INTEGER NOT NULL,
  total INTEGER NOT NULL CHECK (total >= 0),
  PRIMARY KEY (instance, adapter, type, state),
  FOREIGN KEY (instance, adapter) REFERENCES kmip_adapters (instance, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER kmip_object_counted AFTER INSERT ON kmip_objects BEGIN
  INSERT INTO kmip_object_totals (instance, adapter, type, state, total)
    VALUES (new.instance, new.adapter, new.type, new.state, 1)
    ON CONFLICT DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER kmip_object_recounted AFTER UPDATE OF type, state ON kmip_objects
WHEN new.type <> old.type OR new.state <> old.state BEGIN
  UPDATE kmip_object_totals SET total = total - 1
    WHERE instance = old.instance AND adapter = old.adapter AND type = old.type AND state = old.state;
  INSERT INTO kmip_object_totals (instance, adapter, type, state, total)
    VALUES (new.instance, new.adapter, new.type, new.state, 1)
    ON CONFLICT DO UPDATE SET total = total + 1;
END;

CREATE TRIGGER kmip_object_uncounted AFTER DELETE ON kmip_objects BEGIN
  UPDATE kmip_object_totals SET total = total - 1
    WHERE instance = old.instance AND adapter = old.adapter AND type = old.type AND state = old.state;
END;

-- Adapters that were removed, until what is left of their objects has left too: there may be hundreds of thousands, and so
-- they do not go with the adapter in one transaction (kmip/objects/sweep.ts).
CREATE TABLE kmip_adapters_removed (
  instance TEXT NOT NULL,
  adapter TEXT NOT NULL,
  PRIMARY KEY (instance, adapter)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER kmip_adapter_removed AFTER DELETE ON kmip_adapters BEGIN
  INSERT INTO kmip_adapters_removed (instance, adapter) VALUES (old.instance, old.id);
END;

-- Names in use: one object of an adapter each. `key` is a hash over instance, adapter and name (kmip/objects/found-by.ts).
-- A destroyed object has none, so nothing is left here when its row leaves.
CREATE TABLE kmip_object_names (
  key BLOB PRIMARY KEY,
  object INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Values that Locate finds objects by. `key` is a hash over instance, adapter, attribute and value.
CREATE TABLE kmip_object_values (
  key BLOB NOT NULL,
  object INTEGER NOT NULL,
  PRIMARY KEY (key, object)
) STRICT, WITHOUT ROWID;

-- By which a client is recognised, whichever location its adapter is in.
CREATE INDEX kmip_certificates_fingerprint ON kmip_certificates (fingerprint);
