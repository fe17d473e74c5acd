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

-- Whose numbers a service ID delivers to a tracker. Bound once: nobody else can add to them. What an administrator took
-- from it (released_at) stays, so that nobody binds it again before an administrator admits it.
CREATE TABLE delivering_producers (
  account TEXT NOT NULL,
  location TEXT NOT NULL,
  producer TEXT NOT NULL,
  identity TEXT NOT NULL,
  bound_at INTEGER NOT NULL,
  released_at INTEGER,
  PRIMARY KEY (account, location, producer)
) STRICT;
