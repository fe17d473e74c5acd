/** Row: KMIP Get and Create with durable events over connections kept open, beside PyKMIP's server, which records nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aesKey, answersOf, type OperationName, requestOf, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { encode } from '@keywitness/server/kmip/ttlv/encode'
import { type Item, text } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import {
  connectKmip,
  type KmipPlace,
  kmipPlace,
  materialOf,
  newIdentity,
  newKmipAdapter,
  addKmipCertificate,
} from '../../packages/testkit/src/index.ts'
import { missingPackages, tlsNeeds } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import { type Cost, profilesIn } from '../harness/profile.ts'
import type { Bench, BenchOptions, Row, RowReport } from '../harness/row.ts'
import { median, short } from '../harness/statistics.ts'
import type { Workshop } from '../harness/workshop.ts'
import { type AnswerCost, answerCost, medianCost } from '../load/cpu.ts'
import type { LoadReport } from '../load/http-load.ts'
import { kmipLoad, type KmipRequest } from '../load/kmip-load.ts'
import { countedSyncs, type LoadedProduct, loadedProduct, loggedEvents, profileEnvironment } from '../load/product.ts'
import { pykmipNeeds, startPyKmip } from '../peers/pykmip.ts'

const connections = 64
/** What both speak. */
const version = { major: 1, minor: 2 }

export const kmip: Row = {
  name: 'kmip',
  title: `KMIP Get and Create over mutual TLS 1.2, ${connections} connections kept open`,
  run: measure,
}

/** A client of a server: PEM files, and what it asks. */
interface Asked {
  readonly get: KmipRequest
  readonly create: KmipRequest
}

interface ClientFiles {
  readonly certificate: string
  readonly key: string
}

/** Without the bounds on one client that would be measured otherwise. */
const unbounded = {
  KEYWITNESS_KMIP_REQUESTS_PER_SECOND: '1000000',
  KEYWITNESS_KMIP_REQUEST_BURST: '1000000',
}

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const lacking = missingPackages(tlsNeeds)
  if (lacking.length > 0) return nothing(`the load generator needs ${lacking.join(', ')}`)
  const { files, identity } = newClient(workshop)
  const { loaded, asked } = await ourServer(workshop, files, identity)
  const time = { connections, warmUp: options.warmUp, seconds: options.seconds }
  const costs: Record<'get' | 'create', AnswerCost[]> = { get: [], create: [] }
  const latencies: Record<'get' | 'create', LoadReport[]> = { get: [], create: [] }
  let answers = 0
  const { events: eventsBefore } = await loggedEvents(loaded)
  const ours = async (what: 'get' | 'create'): Promise<number> => {
    const spent = answerCost(loaded.product)
    const report = await kmipLoad(workshop, asked[what], time)
    answers += report.goodTotal
    latencies[what].push(report)
    // What the trail still has to take in must not burden the next contender.
    await loggedEvents(loaded)
    costs[what].push(spent(report.goodTotal))
    return report.perSecond
  }
  const contenders = { get: () => ours('get'), create: () => ours('create') }
  const missing = missingPackages(pykmipNeeds)
  if (missing.length > 0) {
    const alone = await interleaved(bench, contenders)
    const skipped = [`PyKMIP is not installed (Debian: ${missing.join(', ')})`]
    return { figures: [], absolute: [], checks: [], skipped, raw: alone.values }
  }
  const peer = await startPyKmip(workshop, files.certificate)
  const theirs = await asks({ address: peer.address, ca: '' }, files, identity)
  const peerLoad = async (request: KmipRequest): Promise<number> => (await kmipLoad(workshop, request, time)).perSecond
  const rounds = await interleaved(bench, {
    ...contenders,
    'PyKMIP get': () => peerLoad(theirs.get),
    'PyKMIP create': () => peerLoad(theirs.create),
  })
  await peer.stop()
  const { events: eventsAfter } = await loggedEvents(loaded)
  if (eventsAfter - eventsBefore !== answers) {
    throw new Error(`${answers} answers, but ${eventsAfter - eventsBefore} events in the log`)
  }
  const latencyOf = (what: 'get' | 'create'): string => {
    const of = (part: 'p50Ms' | 'p99Ms'): string => short(median(latencies[what].map((report) => report[part])))
    return `${what}: p50 ${of('p50Ms')} ms, p99 ${of('p99Ms')} ms at saturation; per answer: ${medianCost(costs[what])}`
  }
  const bounds = { beside: 'PyKMIP, which records nothing', must: 20, goal: 35 } as const
  return {
    figures: [
      rounds.figure('get', 'PyKMIP get', { what: 'Get of an AES key with its durable event', ...bounds }),
      rounds.figure('create', 'PyKMIP create', { what: 'Create of an AES key with its durable event', ...bounds }),
    ],
    absolute: [latencyOf('get'), latencyOf('create')],
    checks: [
      `${answers} answers, each a success that holds the key's bytes or an identifier; exactly as many events in the log`,
      await syncsUnderLoad(workshop, loaded, asked.create),
    ],
    skipped: [],
    raw: rounds.values,
  }
}

function nothing(reason: string): RowReport {
  return { figures: [], absolute: [], checks: [], skipped: [reason], raw: {} }
}

/** Where the time goes: a product under the same load, with V8's profiler on. Not a measurement: profiling costs time. */
export async function profileKmip(
  what: 'get' | 'create',
  workshop: Workshop,
  folder: string,
  { warmUp, seconds }: BenchOptions,
): Promise<Map<string, Cost[]>> {
  const { files, identity } = newClient(workshop)
  const { loaded, asked } = await ourServer(workshop, files, identity, profileEnvironment(folder))
  const { goodTotal } = await kmipLoad(workshop, asked[what], { connections, warmUp, seconds })
  await loaded.product.stop()
  return profilesIn(folder, goodTotal)
}

function newClient(workshop: Workshop): { files: ClientFiles; identity: ReturnType<typeof newIdentity> } {
  const files = { certificate: join(workshop.folder, 'kmip-client.pem'), key: join(workshop.folder, 'kmip-client.key') }
  const identity = newIdentity('bench')
  writeFileSync(files.certificate, identity.certificate)
  writeFileSync(files.key, identity.key)
  return { files, identity }
}

async function ourServer(
  workshop: Workshop,
  files: ClientFiles,
  identity: ReturnType<typeof newIdentity>,
  env: Readonly<Record<string, string>> = {},
): Promise<{ loaded: LoadedProduct; asked: Asked }> {
  const loaded = await loadedProduct(workshop, { env: { ...unbounded, ...env } })
  const adapter = await newKmipAdapter(loaded.client, 'bench')
  await addKmipCertificate(loaded.client, adapter, 'bench', identity)
  return { loaded, asked: await asks(kmipPlace(loaded.product), files, identity) }
}

/** Creates a key, and makes the messages that create another one and get this one. */
async function asks(place: KmipPlace, files: ClientFiles, identity: ReturnType<typeof newIdentity>): Promise<Asked> {
  const isOurs = place.ca !== ''
  const connection = await connectKmip(place, identity, {
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384',
    ...(isOurs ? {} : { rejectUnauthorized: false }),
  })
  const message = (operation: OperationName, payload: readonly Item[]): Uint8Array =>
    encode(requestOf([{ operation, payload }], version))
  const spoken = { minor: version.minor }
  const id = uidOf(await connection.ask('Create', aesKey(), spoken))
  const material = materialOf(await connection.ask('Get', [uid(id)], spoken))
  const [again] = answersOf(decode(await connection.exchange(message('Get', [uid(id)]))))
  if (again === undefined || !materialOf(again.fields).equals(material)) throw new Error('a key has other bytes')
  await connection.close()
  const common = { address: place.address, ...files }
  // The head of a text item: the identifier follows.
  const anyIdentifier = encode(text(tags.UniqueIdentifier, id)).subarray(0, 4)
  return {
    get: { ...common, message: message('Get', [uid(id)]), holds: material },
    create: { ...common, message: message('Create', aesKey()), holds: anyIdentifier },
  }
}

/** Closed loop: between two syncs of the server's store at most as many answers can leave as there are connections. */
async function syncsUnderLoad(workshop: Workshop, loaded: LoadedProduct, request: KmipRequest): Promise<string> {
  const load = () => kmipLoad(workshop, request, { connections, warmUp: 0, seconds: 3 })
  const syncs = await countedSyncs(workshop, loaded.product.pid, load)
  const { goodTotal } = syncs.result
  const perSync = goodTotal / syncs.store
  if (perSync > connections) {
    throw new Error(`${goodTotal} answers with ${syncs.store} syncs: some answer left before its event was durable`)
  }
  return `strace: ${goodTotal} answers, ${syncs.store} syncs of the server's store (${short(perSync)} answers each, ${connections} at most)`
}
