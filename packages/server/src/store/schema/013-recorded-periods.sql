-- How many events of which action and outcome each producer recorded, counted in the commits that recorded them and kept
-- apart from the events: what the log holds is compared with it. `producers.counting` is the period under way, as JSON.
ALTER TABLE producers ADD COLUMN counting TEXT NOT NULL DEFAULT '';

-- Periods that are over: the numbers `first` to `last`, about an hour of them. `compared` is null until the log was held
-- against it, then 1 when both agreed and 0 when they did not.
CREATE TABLE recorded_periods (
  destination INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  counts TEXT NOT NULL,
  compared INTEGER CHECK (compared IN (0, 1)),
  PRIMARY KEY (destination, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX recorded_periods_open ON recorded_periods (destination, first) WHERE compared IS NULL;

-- Index in the log of the first entry that was not compared yet.
CREATE TABLE reconciled (
  destination INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL
) STRICT;
