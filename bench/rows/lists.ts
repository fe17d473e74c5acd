/** Row: lists, filters and searches over an instance of ten thousand keys, and what other calls feel of them. */
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { interleaved } from '../harness/rounds.ts'
import { short } from '../harness/statistics.ts'
import { type LoadReport, httpLoad } from '../load/http-load.ts'
import { getRequest, loadedProduct, type LoadedProduct, newInstance, plaintext } from '../load/product.ts'

const many = 10_000
/** One page of the default size. */
const few = 200
/** Below this an answer seems to come at once: J. Nielsen, Usability Engineering (1993), chapter 5. */
const feltMs = 100
const creating = 32
const lists = 8

export const listing: Row = {
  name: 'lists',
  title: `Lists, filters and searches among ${many} keys`,
  run: measure,
}

interface Question {
  readonly path: string
  readonly text: string
}

const fruitless: Question = {
  path: '/api/v2/keys?extractable=false&search=no-such-key',
  text: '"collectionTotal":0',
}

/** A piece of every right answer, and the question. Half of the keys are root keys; a search may look at 5,000. */
const questions: Readonly<Record<string, Question>> = {
  'first page': { path: '/api/v2/keys', text: `"collectionTotal":${few}` },
  'last page': { path: `/api/v2/keys?offset=${many - few}`, text: `"collectionTotal":${few}` },
  'sorted page': { path: '/api/v2/keys?sort=-lastUpdateDate,id', text: `"collectionTotal":${few}` },
  filter: {
    path: `/api/v2/keys?filter=${encodeURIComponent('state=1 extractable=true creationDate=gt:"2020-01-01" expirationDate=none')}`,
    text: `"collectionTotal":${few}`,
  },
  'search by name': { path: '/api/v2/keys?extractable=false&search=name:17', text: '"name":"orders 17"' },
  'search that finds nothing': fruitless,
  'search by alias': { path: '/api/v2/keys?extractable=true&search=exact:alias:backup-9', text: '"name":"payments 9"' },
}

/** What programs ask for, the longest there is: nobody waits for it on a page, but all others feel it if it holds the loop. */
const longest = { path: '/api/v2/keys?limit=5000&offset=5000', text: '"collectionTotal":5000' }

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options, calibration, say } = bench
  const loaded = await loadedProduct(workshop)
  const small = await newInstance(loaded, 'bench, few keys')
  say(`${many} keys are created`)
  const key = await fill(loaded, loaded.product.instance, many)
  await fill(loaded, small, few)
  const alone = { connections: 1, warmUp: 0.5, seconds: Math.min(options.seconds, 3) }
  const ask = ({ path, text }: Question, instance?: string): Promise<LoadReport> =>
    httpLoad(workshop, getRequest(loaded, path, text, instance), alone)

  const page = { path: '/api/v2/keys?limit=200', text: `"collectionTotal":${few}` }
  const rounds = await interleaved(bench, {
    many: async () => (await ask(page)).p50Ms,
    few: async () => (await ask(page, small)).p50Ms,
  })

  const slowest = new Map<string, number[]>(Object.keys(questions).map((name) => [name, []]))
  const bystander: number[] = []
  const whole: number[] = []
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, question] of Object.entries(questions)) slowest.get(name)?.push((await ask(question)).p99Ms)
    whole.push((await ask(longest)).p50Ms)
    bystander.push(await feltBeside(bench, loaded, key))
    await calibration.measure()
    const worst = [...slowest].map(([name, times]) => `${name} ${short(times.at(-1))}`).join(', ')
    say(`round ${round}/${options.rounds}, p99 ms: ${worst}; another's call ${short(bystander.at(-1))}`)
  }
  const bounded = { unit: 'ms', must: feltMs, goal: feltMs / 2, isLowerBetter: true } as const
  return {
    figures: [
      rounds.figure('many', 'few', {
        what: `page of ${few} of ${many} keys, latency`,
        beside: `the same of ${few} keys`,
        must: 2,
        goal: 1.2,
        isLowerBetter: true,
      }),
      ...[...slowest].map(([name, times]): Figure => ({ what: `${name}, 99th percentile`, rounds: times, ...bounded })),
      {
        what: `metadata of a key while ${lists} connections list and search, 99th percentile`,
        rounds: bystander,
        ...bounded,
      },
    ],
    absolute: [`bound: what a person does not feel, ${feltMs} ms; questions one after the other on one connection`],
    checks: ['every answer has its status and holds what was asked for'],
    skipped: [],
    raw: { ...rounds.values, 'page of 5,000, p50 ms': whole },
  }
}

/** The 99th percentile of another caller's wait while pages of 5,000 and searches are asked for without a break. */
async function feltBeside({ workshop, options }: Bench, loaded: LoadedProduct, key: string): Promise<number> {
  const time = { warmUp: 0.5, seconds: Math.min(options.seconds, 3) }
  const load = ({ path, text }: Question, connections: number): Promise<LoadReport> =>
    httpLoad(workshop, getRequest(loaded, path, text), { ...time, connections })
  const [{ p99Ms }] = await Promise.all([
    httpLoad(workshop, getRequest(loaded, `/api/v2/keys/${key}/metadata`, key), { ...time, connections: 1 }),
    load(longest, lists / 2),
    load(fruitless, lists / 2),
  ])
  return p99Ms
}

/** Creates root and standard keys in turn, one in twenty with an alias; answers the id of one. */
async function fill({ client }: LoadedProduct, instance: string, count: number): Promise<string> {
  let next = 0
  let created = ''
  const work = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) {
      const number = Math.floor(at / 2)
      const standard = at % 2 === 1
      created = await client.createKey(`${standard ? 'payments' : 'orders'} ${number}`, {
        instance,
        extractable: standard,
        ...(standard ? { payload: plaintext } : {}),
        ...(at % 20 === 19 ? { aliases: [`backup-${number}`] } : {}),
      })
    }
  }
  await Promise.all(Array.from({ length: creating }, work))
  return created
}
