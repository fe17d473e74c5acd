/** Row: wrap over HTTP with its durable event, beside the same route with recording off, and a bare HTTP echo. */
import { startEcho } from '../harness/calibration.ts'
import { type Cost, profilesIn } from '../harness/profile.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, BenchOptions, Row, RowReport } from '../harness/row.ts'
import { median, short } from '../harness/statistics.ts'
import type { Workshop } from '../harness/workshop.ts'
import { type AnswerCost, answerCost, medianCost } from '../load/cpu.ts'
import { httpLoad, type LoadReport } from '../load/http-load.ts'
import {
  checkWrap,
  countedSyncs,
  loadedProduct,
  loggedEvents,
  profileEnvironment,
  wrapRequest,
} from '../load/product.ts'

const connections = 64

/** Where the time goes: a product under the same load, with V8's profiler on. Not a measurement: profiling costs time. */
export async function profileWrap(
  workshop: Workshop,
  folder: string,
  { warmUp, seconds }: BenchOptions,
): Promise<Map<string, Cost[]>> {
  const loaded = await loadedProduct(workshop, { env: profileEnvironment(folder) })
  const request = wrapRequest(loaded, await loaded.client.createKey('bench'))
  const { goodTotal } = await httpLoad(workshop, request, { connections, warmUp, seconds })
  await loaded.product.stop()
  return profilesIn(folder, goodTotal)
}

export const wrap: Row = {
  name: 'wrap',
  title: `POST wrap over HTTP, ${connections} keep-alive connections`,
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const recorded = await loadedProduct(workshop)
  const unrecorded = await loadedProduct(workshop, { fault: 'recording:off' })
  const keys = {
    recorded: await recorded.client.createKey('bench'),
    unrecorded: await unrecorded.client.createKey('bench'),
  }
  const requests = {
    recorded: wrapRequest(recorded, keys.recorded),
    unrecorded: wrapRequest(unrecorded, keys.unrecorded),
  }
  const echoPort = await workshop.shared('echo', () => startEcho(workshop))
  const echo = { ...requests.recorded, port: echoPort, path: '/', headers: {}, text: '"plaintext"' }
  const time = { connections, warmUp: options.warmUp, seconds: options.seconds }
  const latencies: LoadReport[] = []
  const waits: number[] = []
  const costs: { recorded: AnswerCost[]; unrecorded: AnswerCost[] } = { recorded: [], unrecorded: [] }
  let answers = 0
  const { events: eventsBefore } = await loggedEvents(recorded)

  const rounds = await interleaved(bench, {
    recorded: async () => {
      const spent = answerCost(recorded.product)
      const report = await httpLoad(workshop, requests.recorded, time)
      answers += report.goodTotal
      latencies.push(report)
      // What the trail still has to take in must not burden the next contender.
      waits.push((await loggedEvents(recorded)).waitedMs)
      costs.recorded.push(spent(report.goodTotal))
      return report.perSecond
    },
    unrecorded: async () => {
      const spent = answerCost(unrecorded.product)
      const report = await httpLoad(workshop, requests.unrecorded, time)
      costs.unrecorded.push(spent(report.goodTotal))
      return report.perSecond
    },
    echo: async () => (await httpLoad(workshop, echo, time)).perSecond,
  })

  const { events: eventsAfter } = await loggedEvents(recorded)
  if (eventsAfter - eventsBefore !== answers) {
    throw new Error(`${answers} answers, but ${eventsAfter - eventsBefore} events in the log`)
  }
  await checkWrap(recorded, keys.recorded)
  await checkWrap(unrecorded, keys.unrecorded)
  const syncs = await syncsUnderLoad(bench, recorded, requests.recorded)
  return {
    figures: [
      rounds.figure('recorded', 'unrecorded', {
        what: 'wrap with its durable event',
        beside: 'the same route with recording off',
        must: 0.5,
        goal: 0.7,
      }),
      rounds.figure('recorded', 'echo', {
        what: 'wrap with its durable event',
        beside: 'bare node:http JSON echo, same body',
        must: 0.25,
        goal: 0.4,
      }),
    ],
    absolute: [
      `latency at saturation, median of rounds: p50 ${short(median(latencies.map(({ p50Ms }) => p50Ms)))} ms, p99 ${short(median(latencies.map(({ p99Ms }) => p99Ms)))} ms`,
      `cost per answer, recorded: ${medianCost(costs.recorded)}; not recorded: ${medianCost(costs.unrecorded)}`,
      `until the log had taken in a round: ${short(median(waits))} ms after its end`,
    ],
    checks: [
      `${answers} answers, each with status 200 and a ciphertext; exactly as many events in the log`,
      'a ciphertext of each server unwraps to the plaintext',
      syncs,
    ],
    skipped: [],
    raw: rounds.values,
  }
}

/** Closed loop: between two syncs of the server's store at most as many answers can leave as there are connections. */
async function syncsUnderLoad(
  { workshop }: Bench,
  loaded: Awaited<ReturnType<typeof loadedProduct>>,
  request: ReturnType<typeof wrapRequest>,
): Promise<string> {
  const load = () => httpLoad(workshop, request, { connections, warmUp: 0, seconds: 3 })
  const syncs = await countedSyncs(workshop, loaded.product.pid, load)
  const { goodTotal } = syncs.result
  const perSync = goodTotal / syncs.store
  if (perSync > connections) {
    throw new Error(`${goodTotal} answers with ${syncs.store} syncs: some answer left before its event was durable`)
  }
  return `strace: ${goodTotal} answers, ${syncs.store} syncs of the server's store (${short(perSync)} answers each, ${connections} at most), ${syncs.others} of the trail's threads`
}
