/** Metrics of the verification of logs. No ids in labels. */
import type { Registry } from 'prom-client'
import type { Clock } from '../../clock.ts'
import { addGauge } from '../../gauge.ts'
import type { Reader } from '../../store/store.ts'

const newest = `SELECT t.created_at AS created,
  (SELECT max(started_at) FROM verifications v
    WHERE v.account = t.account AND v.location = t.location AND outcome = 'good') AS good,
  (SELECT outcome FROM verifications v WHERE v.account = t.account AND v.location = t.location
    ORDER BY started_at DESC LIMIT 1) AS outcome
  FROM trackers t`

interface NewestRow {
  readonly created: number
  readonly good: number | null
  readonly outcome: string | null
}

/** Read when the metrics are asked for. */
export function registerVerificationMetrics(registry: Registry, reader: Reader, clock: Clock): void {
  const gauge = (name: string, help: string, read: (rows: readonly NewestRow[]) => number): void =>
    addGauge(registry, name, help, () => read(reader.all<NewestRow>(newest)))
  gauge(
    'logs_not_verified',
    'Logs whose last verification found something wrong, or could not be done.',
    (rows) => rows.filter(({ outcome }) => outcome !== null && outcome !== 'good').length,
  )
  gauge(
    'log_verified_age_seconds',
    'Age of the last good verification, of the log whose is the oldest (its provisioning, if it has none).',
    (rows) => Math.max(0, ...rows.map(({ created, good }) => (clock.now() - (good ?? created)) / 1_000)),
  )
}
