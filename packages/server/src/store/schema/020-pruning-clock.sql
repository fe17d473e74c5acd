-- Up to when the clock is believed where events leave for good: it gets on by two days a day at most, so that a start with a
-- wrong clock costs two days of events and not all of them.
ALTER TABLE retentions ADD COLUMN trusted_until INTEGER NOT NULL DEFAULT 0;
UPDATE retentions SET trusted_until = looked_at;
