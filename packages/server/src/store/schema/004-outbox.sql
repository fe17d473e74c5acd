-- Trackers, producers and the outbox: where an event is durable before its answer leaves.

CREATE TABLE trackers (
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (account, location)
) STRICT;

-- One producer per destination, so that each log sees gap-free numbers. `sequence` is the last number given,
-- `delivered` the last outbox number the tracker has acknowledged.
CREATE TABLE producers (
  destination INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  producer TEXT NOT NULL UNIQUE,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  UNIQUE (account, location)
) STRICT;

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  destination INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  entry BLOB NOT NULL
) STRICT;

CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
