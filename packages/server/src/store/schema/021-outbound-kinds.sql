-- Messages go to more than adopting services' webhooks: each target says how it is reached.

-- `settings` is JSON, and public: what is secret is sealed in `secrets` under the name outbound/<id>. `url` is a webhook's.
ALTER TABLE outbound_targets ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook'
  CHECK (kind IN ('email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'));
ALTER TABLE outbound_targets ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
