/** Row: the second start, the start after kill -9 with many events, and the memory at rest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openReader } from '@keywitness/tracker'
import { type RunFile, startProduct } from '../../packages/testkit/src/index.ts'
import type { Bench, Figure, Row, RowReport } from '../harness/row.ts'
import { median, short } from '../harness/statistics.ts'
import { stopped } from '../harness/workshop.ts'
import { fillLog } from '../load/filled-log.ts'
import { httpLoad } from '../load/http-load.ts'
import { loadedProduct, residentMb, wrapRequest } from '../load/product.ts'

const root = join(import.meta.dirname, '../..')
const restMs = 10_000
const readyMs = 60_000

export const start: Row = {
  name: 'start',
  title: 'Second start, start after kill -9 with many events, memory at rest',
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options, calibration, say } = bench
  const { rounds, events } = options
  const data = workshop.newFolder('data')
  await calibration.measure()

  const first = await startProduct({ data, readyMs })
  await isUp(first)
  await first.stop()
  const second: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { seconds, stop } = await npmStart(data)
    second.push(seconds)
    await stop()
  }
  say(`second starts: ${second.map(short).join(', ')} s`)
  const fresh = await rested(data)

  await fillTrail(bench, data)
  const afterKill: number[] = []
  for (let round = 0; round < rounds; round++) afterKill.push(await startAfterKill(bench, data))
  say(`starts after kill -9: ${afterKill.map(short).join(', ')} s`)
  const full = await rested(data)
  await calibration.measure()

  const inTrail = events.toLocaleString('en')
  const isLowerBetter = true
  const figure = (what: string, unit: string, values: readonly number[], must: number, goal: number): Figure => ({
    what,
    unit,
    rounds: values,
    must,
    goal,
    isLowerBetter,
  })
  return {
    figures: [
      figure('second start, `npm start` until ready', 's', second, 3, 1),
      figure(`start after kill -9 under load, ${inTrail} events in the trail`, 's', afterKill, 5, 2),
      figure('memory at rest, server and crypto unit, fresh', 'MB', [fresh.server + fresh.unit], 300, 200),
      figure(`memory at rest, server and crypto unit, ${inTrail} events`, 'MB', [full.server + full.unit], 300, 200),
    ],
    absolute: [
      `resident: server ${short(fresh.server)} MB and crypto unit ${short(fresh.unit)} MB when fresh, ${short(full.server)} and ${short(full.unit)} MB with ${inTrail} events; ${restMs / 1e3} s after the start`,
      `median of starts after kill -9: ${short(median(afterKill))} s from the launch of the server process to run.json`,
    ],
    checks: ['a start is done when run.json names the new process: all listeners are ready then'],
    skipped: [],
    raw: { 'second start, s': second, 'start after kill -9, s': afterKill },
  }
}

/** `npm start` on a data folder, ready: how long that took, and how to end it. */
async function npmStart(data: string): Promise<{ run: RunFile; seconds: number; stop: () => Promise<void> }> {
  const env = {
    ...process.env,
    KEYWITNESS_DATA: data,
    KEYWITNESS_HTTP: '127.0.0.1:0',
    KEYWITNESS_HTTP_PRIVATE: '127.0.0.1:0',
    KEYWITNESS_KMIP: '127.0.0.1:0',
    KEYWITNESS_EP11: '127.0.0.1:0',
    KEYWITNESS_EP11_PRIVATE: '127.0.0.1:0',
  }
  const began = performance.now()
  const child = spawn('npm', ['start', '--silent'], { cwd: root, env, stdio: 'ignore' })
  const run = await readyRun(child, join(data, 'run.json'))
  const seconds = (performance.now() - began) / 1e3
  await isUp(run)
  const stop = async (): Promise<void> => {
    process.kill(run.pid, 'SIGTERM')
    // npm may end before the server has drained and let go of its folder.
    while (existsSync(`/proc/${run.pid}`)) await new Promise((resolve) => setTimeout(resolve, 10))
    await stopped(child)
  }
  return { run, seconds, stop }
}

/** An answer shows that the start is over: a signal that comes before its end finds nobody who minds it. */
async function isUp({ http }: Pick<RunFile, 'http'>): Promise<void> {
  await fetch(`http://${http}/healthz`)
}

async function readyRun(child: ChildProcess, file: string): Promise<RunFile> {
  for (const deadline = performance.now() + readyMs; performance.now() < deadline;) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`)
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as RunFile
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('npm start was not ready in time')
}

/** Resident memory of a product that `npm start` runs and nobody uses; npm itself and the starter are not counted. */
async function rested(data: string): Promise<{ server: number; unit: number }> {
  const { run, stop } = await npmStart(data)
  await new Promise((resolve) => setTimeout(resolve, restMs))
  if (run.unitPid === undefined) throw new Error('run.json names no crypto unit')
  for (const pid of [run.pid, run.unitPid]) {
    if (existsSync(`/proc/${pid}`)) continue
    const log = readFileSync(join(data, 'server.log'), 'utf8').slice(-2_000)
    throw new Error(`process ${pid} ended at rest (server ${run.pid}, unit ${run.unitPid}):\n${log}`)
  }
  const resident = { server: residentMb(run.pid), unit: residentMb(run.unitPid) }
  await stop()
  return resident
}

/** Adds the run's events to the product's own log while it is stopped, as another producer. */
async function fillTrail(bench: Bench, data: string): Promise<void> {
  const below = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '')
  const folder = below(below(join(data, 'trackers')))
  const keyFolder = below(below(join(data, 'checkpoints')))
  const reader = openReader({ folder, keyFolder })
  const { origin } = reader
  reader.close()
  bench.say(`filling the product's log with ${bench.options.events} events`)
  await fillLog(bench, { folder, keyFolder, origin }, bench.options.events)
}

/** Loads the product, kills it in the middle, and starts it again: seconds until it is ready. */
async function startAfterKill({ workshop }: Bench, data: string): Promise<number> {
  const loaded = await loadedProduct(workshop, { data })
  const request = wrapRequest(loaded, await loaded.client.createKey('bench'))
  const load = httpLoad(workshop, request, { connections: 64, warmUp: 0, seconds: 3 }).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await loaded.product.kill()
  await load
  const again = await startProduct({ data, readyMs })
  await isUp(again)
  await again.stop()
  return again.startMs / 1e3
}
