-- Trackers that were removed. `closing` until the final checkpoint is signed and the files are in the archive.
CREATE TABLE removed_trackers (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  origin TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER NOT NULL,
  removed_by TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('closing', 'archived')),
  -- The final checkpoint.
  size INTEGER,
  note TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX removed_trackers_closing ON removed_trackers (account, location) WHERE state = 'closing';
CREATE INDEX removed_trackers_account ON removed_trackers (account, removed_at);

-- A producer whose tracker was removed numbers no more: what is recorded at its place from then on has another one, which
-- the next tracker there sees from its first number on. Its rows that are not delivered yet go to the tracker removed.
CREATE TABLE producers_of_now (
  destination INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  producer TEXT NOT NULL UNIQUE,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  counting TEXT NOT NULL DEFAULT '',
  ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1))
) STRICT;
INSERT INTO producers_of_now (destination, account, location, producer, epoch, sequence, delivered, counting)
  SELECT destination, account, location, producer, epoch, sequence, delivered, counting FROM producers;
DROP TABLE producers;
ALTER TABLE producers_of_now RENAME TO producers;
CREATE UNIQUE INDEX producers_place ON producers (account, location) WHERE ended = 0;
