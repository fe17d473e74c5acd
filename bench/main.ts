/** Measures speed and scale as ratios in one run: `npm run bench [-- name …]`. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Calibration } from './harness/calibration.ts'
import { commit, describeMachine, load } from './harness/machine.ts'
import { seededRandom } from './harness/random.ts'
import { type MeasuredRow, rowAsText, verdictOf, writeResults } from './harness/report.ts'
import { basicNeeds, installMissing, missingPackages } from './harness/requirements.ts'
import type { Bench, BenchOptions, Row } from './harness/row.ts'
import { Workshop } from './harness/workshop.ts'
import { alerts } from './rows/alerts.ts'
import { ep11, profileEp11 } from './rows/ep11.ts'
import { freshness } from './rows/freshness.ts'
import { ingest } from './rows/ingest.ts'
import { keys } from './rows/keys.ts'
import { kmip, profileKmip } from './rows/kmip.ts'
import { listing } from './rows/lists.ts'
import { objects } from './rows/objects.ts'
import { query } from './rows/query.ts'
import { record } from './rows/record.ts'
import { scale } from './rows/scale.ts'
import { start } from './rows/start.ts'
import { summary } from './rows/summary.ts'
import { unit } from './rows/unit.ts'
import { verify } from './rows/verify.ts'
import { profileWrap, wrap } from './rows/wrap.ts'

/** In this order, because later rows use the logs that earlier ones fill. */
const rows: readonly Row[] = [
  wrap,
  keys,
  kmip,
  ep11,
  unit,
  objects,
  listing,
  record,
  ingest,
  query,
  summary,
  verify,
  freshness,
  alerts,
  start,
]

/** Rows that take long: measured when they are named. */
const named: readonly Row[] = [scale]

const published: BenchOptions = { rounds: 5, seconds: 10, warmUp: 2, events: 1_000_000 }
const quick: BenchOptions = { rounds: 3, seconds: 2, warmUp: 1, events: 100_000 }

/** What can be profiled. */
const profiles: Readonly<Record<string, typeof profileWrap | undefined>> = {
  wrap: profileWrap,
  get: (...parts) => profileKmip('get', ...parts),
  create: (...parts) => profileKmip('create', ...parts),
  ep11: (...parts) => profileEp11('encrypt', ...parts),
  sign: (...parts) => profileEp11('sign', ...parts),
}

const usage = `npm run bench [-- name …] [--quick] [--rounds N] [--seconds N] [--events N] [--seed N] [--no-install] [--no-results]
rows: ${rows.map(({ name }) => name).join(', ')}; and when they are named: ${named.map(({ name }) => name).join(', ')}
npm run bench -- --profile FOLDER [wrap | get | create | ep11 | sign]: what each function costs per answer, from CPU
profiles left in the folder; get and create are those of KMIP, ep11 encrypts and sign signs over EP11`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    events: { type: 'string' },
    seed: { type: 'string', default: '1' },
    profile: { type: 'string' },
    'no-install': { type: 'boolean', default: false },
    'no-results': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (text: string): void => {
  process.stderr.write(`  ${text}\n`)
}

if (values.help) console.log(usage)
else if (values.profile !== undefined) await profile(values.profile)
else await measure()

async function measure(): Promise<void> {
  const all = [...rows, ...named]
  const wanted = positionals.length === 0 ? rows : all.filter(({ name }) => positionals.includes(name))
  const unknown = positionals.filter((name) => all.every((row) => row.name !== name))
  if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}\n${usage}`)
  if (!values['no-install']) installMissing(say)
  const missing = missingPackages(basicNeeds)
  if (missing.length > 0) throw new Error(`every row needs these Debian packages: ${missing.join(', ')}`)

  const workshop = new Workshop()
  process.once('SIGINT', () => void workshop.end().finally(() => process.exit(130)))
  try {
    const options = chosenOptions()
    say(`seed of the order of rounds: ${values.seed}`)
    const bench = {
      options,
      workshop,
      calibration: new Calibration(workshop),
      random: seededRandom(Number(values.seed)),
      say,
    }
    const measured: MeasuredRow[] = []
    for (const row of wanted) {
      const done = await measuredRow(bench, row)
      measured.push(done)
      console.log(rowAsText(done))
      if (!values['no-results']) {
        const machine = describeMachine(workshop.folder)
        const file = writeResults(
          join(import.meta.dirname, 'results'),
          machine,
          measured,
          all.map(({ name }) => name),
        )
        say(`written to ${file}`)
      }
    }
    const missed = measured.flatMap((row) => row.figures.filter((figure) => verdictOf(figure) === 'MISSED'))
    if (missed.length > 0) process.exitCode = 1
  } finally {
    await workshop.end()
  }
}

/** Prints the dearest functions of each thread. */
async function profile(folder: string): Promise<void> {
  const workshop = new Workshop()
  try {
    const [name = 'wrap'] = positionals
    const make = profiles[name]
    if (make === undefined) throw new Error(`nothing is profiled under the name ${name}\n${usage}`)
    for (const [thread, costs] of await make(workshop, folder, chosenOptions())) {
      const busy = costs.reduce((sum, { self }) => sum + self, 0)
      console.log(`\n${thread}: ${busy.toFixed(1)} µs per answer; itself, with what it calls, function:`)
      for (const { where, self, whole } of costs.slice(0, 60)) {
        console.log(`${self.toFixed(2).padStart(9)} ${whole.toFixed(2).padStart(9)}  ${where}`)
      }
    }
  } finally {
    await workshop.end()
  }
}

async function measuredRow(bench: Bench, row: Row): Promise<MeasuredRow> {
  say(`${row.name}: ${row.title}`)
  const loadBefore = load()
  const mark = bench.calibration.mark()
  const began = performance.now()
  const at = new Date(Date.now()).toISOString()
  const report = await row.run(bench)
  return {
    ...report,
    name: row.name,
    title: row.title,
    commit: commit(),
    at,
    seconds: (performance.now() - began) / 1e3,
    options: bench.options,
    loadBefore,
    calibrations: bench.calibration.samples.slice(mark),
  }
}

function chosenOptions(): BenchOptions {
  const base = values.quick ? quick : published
  const number = (text: string | undefined, otherwise: number): number => {
    const value = text === undefined ? otherwise : Number(text)
    if (!(value > 0)) throw new Error(`not a positive number: ${text}\n${usage}`)
    return value
  }
  return {
    rounds: number(values.rounds, base.rounds),
    seconds: number(values.seconds, base.seconds),
    warmUp: base.warmUp,
    events: number(values.events, base.events),
  }
}
