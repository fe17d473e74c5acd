/** Row: sustained ingest into a tracker with all indexes, beside PostgreSQL with the same ones, and beside its own start. */
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { entryFile } from '../harness/entry-file.ts'
import { missingPackages, postgresNeeds } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { median, short } from '../harness/statistics.ts'
import { batch, fillLog, type LogPlace, newLogPlace } from '../load/filled-log.ts'
import { Postgres } from '../peers/postgres.ts'
import { fillPostgres } from '../peers/postgres-events.ts'

const few = 10_000
/** A run of few events takes a second: its rate is the median of several. */
const fewRuns = 5
const connections = 4
/** A published run of a million events takes minutes. */
const roundsMax = 3

export const ingest: Row = {
  name: 'ingest',
  title: `Sustained ingest with all indexes, batches of ${batch}, durable`,
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const { events } = options
  const entries = entryFile(bench, events)
  let latest: LogPlace | undefined
  let tenths: readonly number[] = []
  let peerTenths: readonly number[] = []
  const trackerFew = async (): Promise<number> => {
    const rates: number[] = []
    for (let run = 0; run < fewRuns; run++) {
      const place = newLogPlace(bench)
      rates.push(few / (await fillLog(bench, place, few)).seconds)
      rmSync(dirname(place.folder), { recursive: true })
    }
    return median(rates)
  }
  const trackerAll = async (): Promise<number> => {
    if (latest !== undefined) rmSync(dirname(latest.folder), { recursive: true })
    latest = newLogPlace(bench)
    const report = await fillLog(bench, latest, events)
    tenths = report.tenths
    return events / report.seconds
  }
  const contenders = { [`tracker, ${few}`]: trackerFew, [`tracker, ${events}`]: trackerAll }
  const [fewName, allName] = Object.keys(contenders) as [string, string]
  const isPostgresMissing = missingPackages(postgresNeeds).length > 0
  if (!isPostgresMissing) {
    const postgres = await workshop.shared('postgres', () => Postgres.start(workshop))
    contenders['PostgreSQL'] = async () => {
      const report = await fillPostgres(postgres, { entries, count: events, batch, connections })
      peerTenths = report.tenths
      return events / report.seconds
    }
  }
  const rounds = await interleaved(bench, contenders, { count: Math.min(options.rounds, roundsMax) })
  if (latest !== undefined) workshop.keep('log', latest)
  if (!isPostgresMissing) workshop.keep('postgres is filled', true)
  const what = `ingest of ${events.toLocaleString('en')} events`
  const figures: Figure[] = [
    rounds.figure(allName, fewName, { what, beside: 'itself at 10,000 events', must: 0.8, goal: 1 }),
  ]
  if (!isPostgresMissing) {
    const beside = `PostgreSQL, same 8 indexes, batch ${batch}, ${connections} connections`
    figures.unshift(rounds.figure(allName, 'PostgreSQL', { what, beside, must: 1.5, goal: 2.5 }))
  }
  return {
    figures,
    absolute: [
      `events/s by tenth of the last round, tracker: ${ratesOf(tenths, events)}`,
      ...(isPostgresMissing ? [] : [`events/s by tenth of the last round, PostgreSQL: ${ratesOf(peerTenths, events)}`]),
    ],
    checks: [
      'a tracker is done when every event is covered by a signed checkpoint and indexed, and every full segment sealed',
      'PostgreSQL keeps no Merkle tree and no full-text index here; its table holds as many rows as were sent',
    ],
    skipped: isPostgresMissing ? ['PostgreSQL is not installed (Debian: postgresql-15)'] : [],
    raw: rounds.values,
  }
}

function ratesOf(tenths: readonly number[], events: number): string {
  return tenths.map((at, tenth) => short(events / 10 / (at - (tenths[tenth - 1] ?? 0)))).join(', ')
}
