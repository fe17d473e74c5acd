/** Row: how soon a recorded event is numbered, covered by a signed checkpoint, and found by searching. */
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { percentile, short } from '../harness/statistics.ts'
import { type FreshnessReport, watchFreshness } from '../load/freshness.ts'
import { loadedProduct } from '../load/product.ts'

const perSecond = 500
/** Bounds of the 99th percentile, milliseconds. */
const bounds = { numbered: 1_000, covered: 2_000, searchable: 1_000 } as const
type Stage = keyof typeof bounds

export const freshness: Row = {
  name: 'freshness',
  title: `Freshness at ${perSecond} calls per second, from the moment a call is due`,
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options, calibration, say } = bench
  const loaded = await loadedProduct(workshop)
  const key = await loaded.client.createKey('bench')
  const reports: FreshnessReport[] = []
  await watchFreshness(loaded, key, perSecond, Math.max(1, options.warmUp))
  await calibration.measure()
  for (let round = 1; round <= options.rounds; round++) {
    const report = await watchFreshness(loaded, key, perSecond, options.seconds)
    reports.push(report)
    await calibration.measure()
    const p99 = (stage: Stage): string => short(percentile(report[stage], 0.99))
    say(
      `round ${round}/${options.rounds}: p99 numbered ${p99('numbered')}, covered ${p99('covered')}, searchable ${p99('searchable')} ms`,
    )
  }
  const stages = Object.keys(bounds) as Stage[]
  const values = (stage: Stage | 'answered', share: number): number[] =>
    reports.map((report) => percentile(report[stage], share))
  return {
    figures: stages.map((stage): Figure => ({
      what: `recorded to ${stage}, 99th percentile`,
      unit: 'ms',
      rounds: values(stage, 0.99),
      must: bounds[stage],
      goal: bounds[stage] / 2,
      isLowerBetter: true,
    })),
    absolute: [
      'open loop: each time includes the call itself, from the moment it was due, and the way of the tail to the client',
      `searchable: one event at a time, ${reports.map(({ searchable }) => searchable.length).join(', ')} of them, found by correlation id`,
    ],
    checks: ['every call was answered 200, and its event came by the tail with its index and was covered'],
    skipped: [],
    raw: Object.fromEntries([
      ...stages.map((stage) => [`${stage}, p50 ms`, values(stage, 0.5)]),
      ['answered, p99 ms', values('answered', 0.99)],
    ]) as Record<string, number[]>,
  }
}
