/** Row: EP11 over gRPC with durable events, beside a bare @grpc/grpc-js server that answers the same bytes and does nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newIdentity } from '../../packages/testkit/src/index.ts'
import { type Cost, profilesIn } from '../harness/profile.ts'
import { grpcNeeds, missingPackages } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, BenchOptions, Row, RowReport } from '../harness/row.ts'
import { median, short } from '../harness/statistics.ts'
import type { Workshop } from '../harness/workshop.ts'
import { type AnswerCost, answerCost, cpuMicroseconds, medianCost } from '../load/cpu.ts'
import { type Ep11Call as Called, type Ep11Requests as Asked, ep11Requests } from '../load/ep11-requests.ts'
import { grpcLoad, type GrpcRequest, type GrpcTime } from '../load/grpc-load.ts'
import type { LoadReport } from '../load/http-load.ts'
import { countedSyncs, type LoadedProduct, loadedProduct, loggedEvents, profileEnvironment } from '../load/product.ts'
import type { EchoOrder } from '../peers/grpc-echo.ts'

const connections = 4
const streams = 16
const inFlight = connections * streams

export const ep11: Row = {
  name: 'ep11',
  title: `EP11 over gRPC and TLS 1.3, ${inFlight} calls in flight over ${connections} connections`,
  run: measure,
}

/** Without the bounds on one client that would be measured otherwise. */
const unbounded = {
  KEYWITNESS_EP11_CALLS_PER_SECOND: '1000000',
  KEYWITNESS_EP11_CALL_BURST: '1000000',
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const lacking = missingPackages(grpcNeeds)
  if (lacking.length > 0) {
    const skipped = [`the load generator needs ${lacking.join(', ')}`]
    return { figures: [], absolute: [], checks: [], skipped, raw: {} }
  }
  const { loaded, asked } = await ourServer(workshop)
  const echo = await startEcho(workshop, asked)
  const time = { connections, streams, warmUp: options.warmUp, seconds: options.seconds }
  const costs: Record<Called, AnswerCost[]> = { encrypt: [], sign: [] }
  const echoCosts: Record<Called, number[]> = { encrypt: [], sign: [] }
  const latencies: Record<Called, LoadReport[]> = { encrypt: [], sign: [] }
  let answers = 0
  const { events: eventsBefore } = await loggedEvents(loaded)
  const ours = async (what: Called): Promise<number> => {
    const spent = answerCost(loaded.product)
    const report = await grpcLoad(workshop, asked[what], time)
    answers += report.goodTotal
    latencies[what].push(report)
    // What the trail still has to take in must not burden the next contender.
    await loggedEvents(loaded)
    costs[what].push(spent(report.goodTotal))
    return report.perSecond
  }
  const theirs = async (what: Called): Promise<number> => {
    const before = cpuMicroseconds(echo.pid)
    const report = await grpcLoad(workshop, { ...asked[what], address: echo.address }, time)
    echoCosts[what].push((cpuMicroseconds(echo.pid) - before) / report.goodTotal)
    return report.perSecond
  }
  const rounds = await interleaved(bench, {
    encrypt: () => ours('encrypt'),
    sign: () => ours('sign'),
    'echo encrypt': () => theirs('encrypt'),
    'echo sign': () => theirs('sign'),
  })
  const { events: eventsAfter } = await loggedEvents(loaded)
  if (eventsAfter - eventsBefore !== answers) {
    throw new Error(`${answers} answers, but ${eventsAfter - eventsBefore} events in the log`)
  }
  const costOf = (what: Called): string => {
    const of = (part: 'p50Ms' | 'p99Ms'): string => short(median(latencies[what].map((report) => report[part])))
    return `${what}: p50 ${of('p50Ms')} ms, p99 ${of('p99Ms')} ms at saturation; per answer: ${medianCost(costs[what])}; the echo: ${short(median(echoCosts[what]))} µs`
  }
  const bounds = { beside: 'bare @grpc/grpc-js echo, same bytes', must: 0.5, goal: 0.8 } as const
  return {
    figures: [
      rounds.figure('encrypt', 'echo encrypt', { what: 'EncryptSingle, AES-CBC of 1 KiB, with its event', ...bounds }),
      rounds.figure('sign', 'echo sign', { what: 'SignSingle, ECDSA with SHA-256, with its event', ...bounds }),
    ],
    absolute: [costOf('encrypt'), costOf('sign')],
    checks: [
      `${answers} answers, each the ciphertext that decrypts to the data, or a signature; exactly as many events in the log`,
      await syncsUnderLoad(workshop, loaded, asked.encrypt),
    ],
    skipped: [],
    raw: rounds.values,
  }
}

/** Where the time goes: a product under the same load, with V8's profiler on. Not a measurement: profiling costs time. */
export async function profileEp11(
  what: Called,
  workshop: Workshop,
  folder: string,
  { warmUp, seconds }: BenchOptions,
): Promise<Map<string, Cost[]>> {
  const { loaded, asked } = await ourServer(workshop, profileEnvironment(folder))
  const { goodTotal } = await grpcLoad(workshop, asked[what], { connections, streams, warmUp, seconds })
  await loaded.product.stop()
  return profilesIn(folder, goodTotal)
}

async function ourServer(
  workshop: Workshop,
  env: Readonly<Record<string, string>> = {},
): Promise<{ loaded: LoadedProduct; asked: Asked }> {
  const loaded = await loadedProduct(workshop, { env: { ...unbounded, ...env } })
  return { loaded, asked: await ep11Requests(loaded) }
}

/** The echo gives the answers that the product gave. */
async function startEcho(workshop: Workshop, asked: Asked): Promise<{ address: string; pid: number }> {
  const folder = workshop.newFolder('grpc-echo')
  const files = { certificate: join(folder, 'echo.pem'), key: join(folder, 'echo.key') }
  const identity = newIdentity('localhost')
  writeFileSync(files.certificate, identity.certificate)
  writeFileSync(files.key, identity.key)
  const answers = Object.fromEntries(
    Object.values(asked).map(({ path, answer }) => [path, Buffer.from(answer).toString('base64')]),
  )
  const order: EchoOrder = { ...files, answers }
  const program = join(import.meta.dirname, '../peers/grpc-echo.ts')
  const child = workshop.start(process.execPath, [program, JSON.stringify(order)])
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString())))
    child.once('exit', (code) => reject(new Error(`the echo of gRPC ended with ${code}`)))
  })
  if (child.pid === undefined) throw new Error('the echo of gRPC has no process')
  return { address: `127.0.0.1:${port}`, pid: child.pid }
}

/** Closed loop: between two syncs of the server's store at most as many answers can leave as there are calls in flight. */
async function syncsUnderLoad(workshop: Workshop, loaded: LoadedProduct, request: GrpcRequest): Promise<string> {
  const time: GrpcTime = { connections, streams, warmUp: 0, seconds: 3 }
  const syncs = await countedSyncs(workshop, loaded.product.pid, () => grpcLoad(workshop, request, time))
  const { goodTotal } = syncs.result
  const perSync = goodTotal / syncs.store
  if (perSync > inFlight) {
    throw new Error(`${goodTotal} answers with ${syncs.store} syncs: some answer left before its event was durable`)
  }
  return `strace: ${goodTotal} answers, ${syncs.store} syncs of the server's store (${short(perSync)} answers each, ${inFlight} at most)`
}
