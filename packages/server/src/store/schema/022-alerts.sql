-- What people are told of: rules, the alerts they raise, and how far each tracker's events are looked at. Times are
-- milliseconds since the epoch. A tracker is named by its id: what is kept here is never another one's that came later.

-- How far the rules have seen a tracker's log: the cursor moves in the commit that holds what they fired for.
CREATE TABLE alert_engines (
  tracker TEXT PRIMARY KEY,
  -- Index of the first entry that the rules have not seen.
  cursor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_rules (
  tracker TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- The rule, as JSON.
  body TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- Events of lower index only teach it; and whether it has seen everything up to the cursor since it was turned on.
  live_from INTEGER NOT NULL,
  joined INTEGER NOT NULL CHECK (joined IN (0, 1)),
  enabled_at INTEGER,
  -- Why the server turned it off.
  suspended TEXT,
  -- The shipped rule it began as, as JSON; null for people's own.
  shipped TEXT,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_by_name TEXT NOT NULL,
  PRIMARY KEY (tracker, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_rule_versions (
  tracker TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- Null: deleted with this version.
  body TEXT,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_by_name TEXT NOT NULL,
  PRIMARY KEY (tracker, id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_calendars (
  tracker TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (tracker, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_mutes (
  id TEXT PRIMARY KEY,
  tracker TEXT NOT NULL,
  -- Null: of any rule.
  rule TEXT,
  -- Values by field, as JSON; null: of any group.
  groups TEXT,
  -- In the query language, about the event that made the rule fire; null: any.
  query TEXT,
  reason TEXT NOT NULL,
  until INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_by_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'lapsed', 'ended')),
  -- Firings nobody was told of.
  muted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_mutes_tracker ON alert_mutes (tracker, created_at);
CREATE INDEX alert_mutes_active ON alert_mutes (until) WHERE state = 'active';

CREATE TABLE alerts (
  -- UUID of version 7: in the order in which they were raised.
  id TEXT PRIMARY KEY,
  tracker TEXT NOT NULL,
  rule TEXT NOT NULL,
  -- The rule as it fired, as JSON.
  rule_body TEXT NOT NULL,
  rule_version INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  -- Values of the rule's groups as a JSON list; with their names for people.
  group_key TEXT NOT NULL,
  groups TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
  -- The mute by which nobody was told.
  mute TEXT,
  -- How often the rule fired; the event that made it fire last: what is not above was there before.
  count INTEGER NOT NULL,
  last_trigger INTEGER NOT NULL,
  -- Events behind it, as JSON: {id, index, time, sentence}, the newest.
  events TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  -- When an event last said how often it fired, and whether it fired since.
  repeat_recorded_at INTEGER NOT NULL,
  repeat_pending INTEGER NOT NULL CHECK (repeat_pending IN (0, 1)),
  -- When channels were told last; null: never.
  told_at INTEGER,
  assignee TEXT,
  assignee_name TEXT,
  closed_at INTEGER,
  -- Grows with each step of its life.
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_listed ON alerts (tracker, state, id);
CREATE INDEX alerts_by_time ON alerts (tracker, id);
CREATE INDEX alerts_by_severity ON alerts (tracker, severity, id);
CREATE INDEX alerts_active ON alerts (tracker, state, severity, mute) WHERE state <> 'closed';
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE state = 'closed';
CREATE INDEX alerts_of_rule ON alerts (tracker, rule, id);
CREATE INDEX alerts_of_group ON alerts (tracker, rule, group_key, last_trigger);
-- One that is open takes what fires again in its group.
CREATE UNIQUE INDEX alerts_open ON alerts (tracker, rule, group_key) WHERE state <> 'closed';
CREATE INDEX alerts_repeating ON alerts (repeat_recorded_at) WHERE repeat_pending = 1;

-- How often each rule fired in all, and when last.
CREATE TABLE alert_firings (
  tracker TEXT NOT NULL,
  rule TEXT NOT NULL,
  fired INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (tracker, rule)
) STRICT, WITHOUT ROWID;

-- What became of an alert, step by step; each has its event.
CREATE TABLE alert_steps (
  alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('raised', 'repeated', 'acknowledged', 'assigned', 'commented', 'closed', 'reopened')),
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  by_name TEXT NOT NULL,
  text TEXT,
  PRIMARY KEY (alert, number)
) STRICT, WITHOUT ROWID;

-- Where alerts are told. Target, secret and messages are those of the outbound queue.
CREATE TABLE alert_channels (
  tracker TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  target TEXT NOT NULL UNIQUE REFERENCES outbound_targets (id),
  minimum TEXT NOT NULL CHECK (minimum IN ('info', 'warning', 'critical')),
  is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  created_at INTEGER NOT NULL,
  -- How its deliveries went.
  delivered_at INTEGER,
  failing_since INTEGER,
  problem TEXT,
  -- When it was last told that all is well, and when the last digest went.
  heartbeat_at INTEGER,
  digest_at INTEGER,
  PRIMARY KEY (tracker, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER channel_gone AFTER DELETE ON alert_channels BEGIN
  DELETE FROM secrets WHERE name = 'outbound/' || old.target;
  DELETE FROM outbound_targets WHERE id = old.target;
END;
