-- Trackers of other servers as the place of an account's events, and other servers whose events our trackers take.

-- A row beside one in `trackers`: what is recorded for that place is delivered there, none of it is kept here. The API key
-- of a service ID with the role Producer there lies in `secrets`, sealed.
CREATE TABLE remote_trackers (
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  url TEXT NOT NULL,
  remote_location TEXT NOT NULL,
  -- Certificate authorities to trust, PEM; the runtime's own when null.
  ca TEXT,
  PRIMARY KEY (account, location)
) STRICT;

-- Whose numbers a service ID delivers. Bound once: nobody else can add to them.
CREATE TABLE delivering_producers (
  producer TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  identity TEXT NOT NULL,
  bound_at INTEGER NOT NULL
) STRICT;
CREATE INDEX delivering_producers_place ON delivering_producers (account, location);
