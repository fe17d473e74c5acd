/** The product's own metrics: what waits, what is covered, what room is left. No ids in labels. */
import { Gauge, type Registry } from 'prom-client'
import { addGauge } from './gauge.ts'
import { readInventories } from './instances/inventory.ts'
import type { Recorder } from './record/recorder.ts'
import type { Reader } from './store/store.ts'
import { countReconciled } from './trail/continuity/reconciliation.ts'
import type { Trail } from './trail/trail.ts'
import type { Units } from './units/units.ts'

export interface ProductParts {
  readonly recorder: Recorder
  readonly trail: Trail
  readonly store: Reader
  readonly units: Pick<Units, 'pid' | 'countStandings'>
}

/** Read when the metrics are asked for. */
export function registerMetrics(registry: Registry, { recorder, trail, units, store }: ProductParts): void {
  const gauge = (name: string, help: string, read: () => number): void => addGauge(registry, name, help, read)
  gauge('calls_waiting', 'Calls waiting for a commit group.', () => recorder.committer.backlog.waiting)
  gauge(
    'outbox_events',
    'Events recorded but not yet delivered to their tracker.',
    () => recorder.committer.backlog.events,
  )
  gauge('outbox_bytes', 'Their bytes.', () => recorder.committer.backlog.bytes)
  gauge('disk_free_bytes', 'Free bytes of the data folder.', () => recorder.free())
  gauge('log_numbered_events', 'Events numbered in all logs.', () => trail.totals().size)
  gauge('log_covered_events', 'Events covered by a signed checkpoint.', () => trail.totals().covered)
  gauge('heartbeats', 'Heartbeats recorded since the start.', () => recorder.heartbeats())
  gauge('log_repeats', 'Deliveries that a log had already, recognised and dropped.', () => trail.allOddities().repeats)
  const inventories = readInventories(store)
  registry.registerMetric(
    new Gauge({
      name: 'keywitness_keys',
      help: 'Root keys, standard keys, KMIP objects and what EP11 keystores hold, of all instances, by the state that their standard gives them.',
      labelNames: ['kind', 'state'],
      registers: [],
      collect() {
        for (const { kind, state, total } of inventories.all()) this.set({ kind, state: String(state) }, total)
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'keywitness_log_anomalies',
      help: 'Numbers, epochs or events of all logs that are missing, late, reused, contradicted or oddly dated.',
      labelNames: ['kind'],
      registers: [],
      collect() {
        for (const [kind, count] of Object.entries(trail.allOddities().anomalies)) this.set({ kind }, count)
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'keywitness_reconciled_periods',
      help: 'Periods whose recorded events were counted, by whether the log agrees.',
      labelNames: ['result'],
      registers: [],
      collect() {
        for (const [result, count] of Object.entries(countReconciled(store))) this.set({ result }, count)
      },
    }),
  )
  gauge('trackers_failing', 'Trackers that cannot go on.', () => trail.failures().size)
  gauge('trackers_unreachable', 'Trackers of other servers that are not delivered to.', () => trail.unreachableCount)
  registry.registerMetric(
    new Gauge({
      name: 'keywitness_crypto_units',
      help: 'Crypto units of all instances, by how they stand to the master key of their instance.',
      labelNames: ['standing'],
      registers: [],
      async collect() {
        // While the process is down nobody knows, and the metric says nothing.
        this.reset()
        for (const [standing, count] of await units.countStandings().catch(() => [])) this.set({ standing }, count)
      },
    }),
  )
  gauge('crypto_units_up', '1 while the process of the crypto units runs.', () => (units.pid === undefined ? 0 : 1))
}
