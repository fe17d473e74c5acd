-- Crypto units: identity in the clear, registers sealed. A state is committed here with the event of the command that
-- made it, and only then put into force by the unit.
CREATE TABLE unit_states (
  unit     TEXT PRIMARY KEY,
  instance TEXT NOT NULL,
  type     TEXT NOT NULL CHECK (type IN ('operational', 'recovery', 'failover')),
  -- [region].[availability zone].[module index].[domain index]
  location TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  sealed   BLOB NOT NULL
) STRICT;

CREATE INDEX unit_states_of_instance ON unit_states (instance);
