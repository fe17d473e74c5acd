/** Row: how soon an alert reaches its receiver after the operation that it is about. */
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { percentile, short } from '../harness/statistics.ts'
import { alertsOf, watchAlerts, withAlerts } from '../load/alert-delivery.ts'
import { loadedProduct } from '../load/product.ts'

const perSecond = 500

export const alerts: Row = {
  name: 'alerts',
  title: `Alerts at ${perSecond} calls per second, from the moment a call is due to the message at its webhook`,
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options, calibration, say } = bench
  const loaded = await loadedProduct(workshop, { env: { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' } })
  const warmUp = Math.max(1, options.warmUp)
  const alertCount = alertsOf(perSecond, warmUp) + options.rounds * alertsOf(perSecond, options.seconds)
  const alerted = await withAlerts(loaded, alertCount)
  workshop.atEnd(() => alerted.close())
  const key = await loaded.client.createKey('bench')
  const used = { count: 0 }
  await watchAlerts(loaded, alerted, key, perSecond, warmUp, used)
  await calibration.measure()
  const rounds: { readonly delivered: number[]; readonly answered: number[] }[] = []
  for (let round = 1; round <= options.rounds; round++) {
    const report = await watchAlerts(loaded, alerted, key, perSecond, options.seconds, used)
    rounds.push(report)
    await calibration.measure()
    const p = (share: number): string => short(percentile(report.delivered, share))
    say(`round ${round}/${options.rounds}: ${report.delivered.length} alerts, p50 ${p(0.5)}, p99 ${p(0.99)} ms`)
  }
  const { json } = await loaded.client.call<{ rules: { on: number }; engine: { state: string; lagEvents: number } }>(
    'GET',
    `/v1/trackers/${loaded.product.location}/alerts/status`,
  )
  const values = (of: 'delivered' | 'answered', share: number): number[] =>
    rounds.map((round) => percentile(round[of], share))
  const figure: Figure = {
    what: 'operation to delivered message, 99th percentile',
    unit: 'ms',
    rounds: values('delivered', 0.99),
    must: 1_000,
    goal: 500,
    isLowerBetter: true,
  }
  return {
    figures: [figure],
    absolute: [
      `open loop; ${json.rules.on} rules on; every 50th call uses a watched key and raises an alert of its own`,
      `the engine afterwards: ${json.engine.state}, ${json.engine.lagEvents} entries behind`,
    ],
    checks: ['every call was answered 200, and the alert of every watched one arrived'],
    skipped: [],
    raw: {
      'delivered, p50 ms': values('delivered', 0.5),
      'answered, p99 ms': values('answered', 0.99),
    },
  }
}
