-- Crypto units controlled by signed commands: states that leave nothing behind when they are replaced, the master key an
-- instance works with, and its rotation.

-- Sealed states. A slot has always the same length, so that a new state overwrites the old one where it stands, and a
-- state that was zeroized is nowhere in the file (decision 0007 for why a row of another length is not enough).
CREATE TABLE unit_state_slots (
  slot INTEGER PRIMARY KEY,
  sealed BLOB NOT NULL CHECK (length(sealed) = 16384)
) STRICT;

INSERT INTO unit_state_slots (slot, sealed)
  SELECT row_number() OVER (ORDER BY unit), CAST(sealed || zeroblob(16384 - length(sealed)) AS BLOB) FROM unit_states;

CREATE TABLE units (
  unit     TEXT PRIMARY KEY,
  instance TEXT NOT NULL,
  type     TEXT NOT NULL CHECK (type IN ('operational', 'recovery', 'failover')),
  -- [region].[availability zone].[module index].[domain index]
  location TEXT NOT NULL UNIQUE,
  -- 8 characters: the serial number of the module.
  serial   TEXT NOT NULL,
  revision INTEGER NOT NULL,
  slot     INTEGER NOT NULL UNIQUE REFERENCES unit_state_slots (slot),
  -- How much of the slot is the state.
  bytes    INTEGER NOT NULL
) STRICT;

-- Serial numbers of the first units follow from their zone and module.
INSERT INTO units (unit, instance, type, location, serial, revision, slot, bytes)
  SELECT unit, instance, type, location,
    'SOFT' || substr(location, instr(location, '].[AZ') + 5, 1) ||
      substr('000' || substr(location, instr(location, '-SOFT].[') + 8,
        instr(substr(location, instr(location, '-SOFT].[') + 8), ']') - 1), -3),
    revision, row_number() OVER (ORDER BY unit), length(sealed)
  FROM unit_states;

UPDATE unit_states SET sealed = zeroblob(length(sealed));
DROP TABLE unit_states;
ALTER TABLE units RENAME TO unit_states;
CREATE INDEX unit_states_of_instance ON unit_states (instance);

-- The master key that an instance works with, by its verification pattern: what wraps. Units that hold another one do
-- not work, and are shown.
CREATE TABLE master_keys (
  instance TEXT PRIMARY KEY,
  pattern  TEXT NOT NULL CHECK (length(pattern) = 64),
  since    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last rotation of each instance: what is wrapped under `former` is wrapped under `pattern`, until nothing is left.
CREATE TABLE master_key_rotations (
  instance   TEXT PRIMARY KEY,
  former     TEXT NOT NULL,
  pattern    TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('started', 'rewrapped', 'finished')),
  total      INTEGER NOT NULL,
  -- Pieces that do not open under the old master key; 0 while none was met.
  broken     INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which blobs are under which master key (bytes 5 to 36 of each: its verification pattern).
CREATE INDEX key_material_of_master_key ON key_material (substr(blob, 5, 32), slot);
CREATE INDEX key_versions_of_slot ON key_versions (slot);
