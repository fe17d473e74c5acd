/** Row: counts over a log of many events, and a search that no index helps, beside the same questions to PostgreSQL. */
import { openReader } from '@keywitness/tracker'
import { eventEveryMs, firstTime } from '../harness/events.ts'
import { missingPackages, postgresNeeds } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import { percentile, short } from '../harness/statistics.ts'
import { filledLog } from '../load/filled-log.ts'
import { filledPostgres } from '../peers/filled-postgres.ts'

const buckets = 60
const repeats = 5

export const summary: Row = {
  name: 'summary',
  title: 'Counts over a log of many events: histogram, facets, a query of several conditions',
  run: measure,
}

/** Searches that look at every entry and find none, and one that a word narrows. */
const withdrawn = ['/no such text anywhere[0-9]{9}/', 'agent:/x{3}y{4}z/ -outcome:pending', 'billing -billing'] as const

/** How long after it was withdrawn a search ended, milliseconds. */
function overshoot(search: (bounds: { signal: { readonly cancelled: boolean } }) => unknown): number {
  let worst = 0
  for (let after = 5; after <= 105; after += 10) {
    const end = performance.now() + after
    try {
      search({
        signal: {
          get cancelled() {
            return performance.now() >= end
          },
        },
      })
    } catch {
      worst = Math.max(worst, performance.now() - end)
    }
  }
  return worst
}

async function measure(bench: Bench): Promise<RowReport> {
  if (missingPackages(postgresNeeds).length > 0) {
    const skipped = ['PostgreSQL is not installed (Debian: postgresql-15)']
    return { figures: [], absolute: [], checks: [], skipped, raw: {} }
  }
  const reader = openReader(await filledLog(bench))
  const client = await (await filledPostgres(bench)).connect()
  const span = bench.options.events * eventEveryMs
  const width = Math.ceil(span / buckets)
  const edges = Array.from({ length: buckets + 1 }, (_, at) => firstTime + at * width)
  const query = 'outcome:failure -action:*.wrap'

  const timed = async (ask: () => Promise<number> | number): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < repeats; i++) {
      const began = performance.now()
      if ((await ask()) === 0) throw new Error('nothing was found')
      times.push(performance.now() - began)
    }
    return percentile(times, 0.5)
  }
  const histogramOf = `SELECT floor((extract(epoch FROM time) * 1000 - ${firstTime}) / ${width}) AS bucket, outcome, count(*)
    FROM events GROUP BY 1, 2`
  const facetOf = 'SELECT initiator, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 10'
  const countOf = "SELECT count(*) AS count FROM events WHERE outcome='failure' AND action NOT LIKE '%.wrap'"

  const rounds = await interleaved(
    bench,
    {
      histogram: () => timed(() => reader.histogram({}, edges, 'outcome').total),
      'histogram, PostgreSQL': () => timed(async () => (await client.query(histogramOf)).rows.length),
      facet: () => timed(() => reader.facets({}, ['initiator'], 10).total),
      'facet, PostgreSQL': () => timed(async () => (await client.query(facetOf)).rows.length),
      count: () => timed(() => reader.count({ query }).total),
      'count, PostgreSQL': () =>
        timed(async () => Number((await client.query<{ count: string }>(countOf)).rows[0]?.count ?? 0)),
    },
    { leansOn: ['echo'] },
  )
  const counted = reader.count({ query }).total
  const { rows } = await client.query<{ count: string }>(countOf)
  if (Number(rows[0]?.count) !== counted) throw new Error(`counted ${counted}, PostgreSQL ${rows[0]?.count}`)
  const size = reader.size()
  const { total } = reader.histogram({}, edges, 'outcome')
  if (total !== size) throw new Error(`the histogram holds ${total} of ${size} events`)
  const lateMs = Math.max(
    ...withdrawn.map((text) => overshoot((bounds) => reader.events({ query: text, limit: 50, ...bounds }))),
  )
  await client.end()
  reader.close()
  const beside = 'PostgreSQL'
  const isLowerBetter = true
  return {
    figures: [
      rounds.figure('histogram', 'histogram, PostgreSQL', {
        what: `histogram of all events, ${buckets} buckets by outcome, latency`,
        beside,
        isLowerBetter,
      }),
      rounds.figure('facet', 'facet, PostgreSQL', {
        what: 'ten most frequent initiators, latency',
        beside,
        isLowerBetter,
      }),
      rounds.figure('count', 'count, PostgreSQL', { what: `count of ${query}, latency`, beside, isLowerBetter }),
    ],
    absolute: [
      `${size} events; raw values are p50 of one round in ms`,
      `a search that no index helps, withdrawn while it runs, ended ${short(lateMs)} ms later at the most (must 200)`,
    ],
    checks: ['the count is the same by both', 'the histogram holds every event once'],
    skipped: [],
    raw: rounds.values,
  }
}
