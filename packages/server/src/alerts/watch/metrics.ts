/** Metrics of alerting: whether rules keep up, what is open, whether channels work. No ids in labels. */
import type { Registry } from 'prom-client'
import { addGauge } from '../../gauge.ts'
import type { Reader } from '../../store/store.ts'
import type { AlertEngine } from '../engine/engine.ts'

/** Gauges are read when the metrics are asked for. */
export function registerAlertMetrics(registry: Registry, engine: AlertEngine, reader: Reader): void {
  const gauge = (name: string, help: string, read: () => number): void => addGauge(registry, name, help, read)
  const count = (sql: string): number => reader.get<{ count: number }>(sql)?.count ?? 0
  gauge('alert_lag_events', 'Entries that rules have not seen, of the tracker furthest behind.', () =>
    Math.max(0, ...engine.all().map(({ lagEvents }) => lagEvents)),
  )
  gauge('alert_lag_seconds', 'How long the oldest of them has waited.', () =>
    Math.max(0, ...engine.all().map(({ lagMs }) => lagMs / 1_000)),
  )
  gauge(
    'alert_engines_failed',
    'Trackers whose events are not watched.',
    () => engine.all().filter(({ state }) => state === 'failed').length,
  )
  gauge('alerts_open', 'Alerts that nobody has acknowledged and nothing mutes.', () =>
    count("SELECT count(*) AS count FROM alerts WHERE state = 'open' AND mute IS NULL"),
  )
  gauge('alert_channels_failing', 'Channels that are on and whose last delivery failed.', () =>
    count('SELECT count(*) AS count FROM alert_channels WHERE is_on = 1 AND failing_since IS NOT NULL'),
  )
  gauge('alert_rules_suspended', 'Rules that the server turned off because they held up all others.', () =>
    count('SELECT count(*) AS count FROM alert_rules WHERE suspended IS NOT NULL'),
  )
}
