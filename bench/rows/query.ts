/** Row: questions to a log of many events, beside the same questions to PostgreSQL, by latency. */
import { openReader } from '@keywitness/tracker'
import { parseEntry } from '@keywitness/cadf'
import { eventEveryMs, firstTime, initiatorOf, initiators, rareWord } from '../harness/events.ts'
import { wholeBelow } from '../harness/random.ts'
import { missingPackages, postgresNeeds } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import { percentile, short } from '../harness/statistics.ts'
import { filledLog } from '../load/filled-log.ts'
import { filledPostgres } from '../peers/filled-postgres.ts'

const asked = { byId: 1_000, byInitiator: 200, byWord: 20, scans: 2 }
const newest = 50
/** Events that a reader of the live tail catches up with at once. */
const tailed = 200

export const query: Row = {
  name: 'query',
  title: 'Questions to a log of many events: by id, by initiator and time, by a rare word, by the live tail',
  run: measure,
}

interface Question {
  readonly initiator: string
  readonly from: number
  readonly to: number
}

async function measure(bench: Bench): Promise<RowReport> {
  const { options, random } = bench
  if (missingPackages(postgresNeeds).length > 0) {
    return {
      figures: [],
      absolute: [],
      checks: [],
      skipped: ['PostgreSQL is not installed (Debian: postgresql-15)'],
      raw: {},
    }
  }
  const reader = openReader(await filledLog(bench))
  const client = await (await filledPostgres(bench)).connect()
  const size = reader.size()
  const people = Array.from({ length: 50 }, () => initiatorOf(wholeBelow(random, initiators)))
  const span = options.events * eventEveryMs
  const tail: number[][] = [[], []]

  /** Mean time of one answer in milliseconds; every answer is checked by its count. */
  const timed = async (count: number, ask: () => Promise<number> | number, side: 0 | 1): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      const began = performance.now()
      const found = await ask()
      times.push(performance.now() - began)
      if (found === 0) throw new Error('nothing was found')
    }
    tail[side]?.push(percentile(times, 0.99))
    return percentile(times, 0.5)
  }
  const someId = (): string => parseEntry(reader.entry(wholeBelow(random, size))).event.id
  const ids = Array.from({ length: asked.byId }, someId)
  /** A tenth of the time; some identities make few calls, so that such a page may be short. */
  const questions = Array.from({ length: asked.byInitiator }, (): Question => {
    const from = firstTime + Math.floor(random() * 0.9 * span)
    return { initiator: people[wholeBelow(random, people.length)] as string, from, to: from + span / 10 }
  })
  /** Where readers of the live tail come back after a break. */
  const places = Array.from({ length: asked.byInitiator }, () => wholeBelow(random, size - tailed - 1))
  let at = 0
  const next = <T>(items: readonly T[]): T => items[at++ % items.length] as T

  const rounds = await interleaved(
    bench,
    {
      'by id': () => timed(asked.byId, () => (reader.byId(next(ids)) === undefined ? 0 : 1), 0),
      'by id, PostgreSQL': () =>
        timed(
          asked.byId,
          async () =>
            (
              await client.query({
                name: 'id',
                text: 'SELECT entry, body FROM events WHERE id=$1',
                values: [next(ids)],
              })
            ).rows.length,
          1,
        ),
      'initiator and time': () =>
        timed(asked.byInitiator, () => 1 + reader.events({ ...next(questions), limit: newest }).events.length, 0),
      'initiator and time, PostgreSQL': () =>
        timed(
          asked.byInitiator,
          async () => {
            const { initiator, from, to } = next(questions)
            const text = `SELECT entry, body FROM events WHERE initiator=$1 AND time>=$2 AND time<$3 ORDER BY time DESC LIMIT ${newest}`
            const values = [initiator, new Date(from), new Date(to)]
            return 1 + (await client.query({ name: 'initiator', text, values })).rows.length
          },
          1,
        ),
      tail: () => timed(asked.byInitiator, () => reader.since(next(places), { limit: tailed }).events.length, 0),
      'tail, PostgreSQL': () =>
        timed(
          asked.byInitiator,
          async () => {
            const text = `SELECT entry, body FROM events WHERE entry>$1 ORDER BY entry LIMIT ${tailed}`
            return (await client.query({ name: 'tail', text, values: [next(places)] })).rows.length
          },
          1,
        ),
      'rare word': () => timed(asked.byWord, () => reader.events({ text: rareWord, limit: newest }).events.length, 0),
      'rare word, PostgreSQL': () =>
        timed(
          asked.scans,
          async () => {
            const text = `SELECT entry, body FROM events WHERE body::text LIKE '%${rareWord}%' ORDER BY entry DESC LIMIT ${newest}`
            return (await client.query(text)).rows.length
          },
          1,
        ),
    },
    { leansOn: ['echo'] },
  )
  const sample = questions.slice(0, 20)
  for (const { initiator, from, to } of sample) {
    const ours = reader.events({ initiator, from, to, limit: 1_000 }).events.length
    const text = 'SELECT least(count(*), 1000) AS count FROM events WHERE initiator=$1 AND time>=$2 AND time<$3'
    const { rows } = await client.query<{ count: string }>(text, [initiator, new Date(from), new Date(to)])
    if (Number(rows[0]?.count) !== ours) throw new Error(`found ${ours} events, PostgreSQL ${rows[0]?.count}`)
  }
  await client.end()
  reader.close()
  const isLowerBetter = true
  return {
    figures: [
      rounds.figure('by id', 'by id, PostgreSQL', {
        what: 'event by id, latency',
        beside: 'PostgreSQL',
        must: 0.2,
        goal: 0.05,
        isLowerBetter,
      }),
      rounds.figure('initiator and time', 'initiator and time, PostgreSQL', {
        what: `initiator in a tenth of the time, newest ${newest}, latency`,
        beside: 'PostgreSQL',
        must: 1,
        goal: 0.5,
        isLowerBetter,
      }),
      rounds.figure('rare word', 'rare word, PostgreSQL', {
        what: 'rare word in full text, latency',
        beside: 'PostgreSQL, scan',
        must: 1 / 200,
        goal: 1 / 1_000,
        isLowerBetter,
      }),
      rounds.figure('tail', 'tail, PostgreSQL', {
        what: `live tail resumed anywhere, its next ${tailed} events, latency`,
        beside: 'PostgreSQL',
        isLowerBetter,
      }),
    ],
    absolute: [
      `${size} events; raw values are p50 of one round in ms: the reader in its process, PostgreSQL over its Unix socket`,
      `largest p99 of a round: reader ${short(Math.max(...(tail[0] ?? [])))} ms, PostgreSQL ${short(Math.max(...(tail[1] ?? [])))} ms`,
    ],
    checks: [
      `${sample.length} of the questions answered with as many events by both`,
      'every id and the rare word were found',
    ],
    skipped: [],
    raw: rounds.values,
  }
}
