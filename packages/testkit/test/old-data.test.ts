/** Data folders of earlier versions, kept as fixtures: this version opens and migrates them, and all of them is still there. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { fsck, openReader } from '@keywitness/tracker'
import { openCheckpoint, parseVerifierKey, verifyConsistency, verifyReceipt } from '@keywitness/tlog'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { useEp11 } from '../src/fixture-ep11.ts'
import { fetchKmip } from '../src/fixture-kmip.ts'
import { answersNow, type MadeFixture } from '../src/fixture-life.ts'
import { Client, type LoggedEntry, type Product, StartFailed, startProduct, verifiedLog } from '../src/index.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
const names = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []))

/** The files beside the archives. */
interface Fixture extends MadeFixture {
  readonly key: string
  readonly folder: string
}

function fixture(name: string): Fixture {
  const folder = join(fixtures, name)
  const made = JSON.parse(readFileSync(join(folder, 'made.json'), 'utf8')) as MadeFixture
  return { ...made, folder, key: readFileSync(join(folder, 'log.vkey'), 'utf8').trim() }
}

let data: string
let product: Product | undefined

function unpack({ folder }: Fixture, as: 'stopped' | 'killed'): void {
  data = mkdtempSync(join(tmpdir(), 'keywitness-old-data-'))
  const tar = zstdDecompressSync(readFileSync(join(folder, `${as}.tar.zst`)))
  execFileSync('tar', ['-C', data, '-xf', '-'], { input: tar })
}

async function remove(): Promise<void> {
  await product?.stop()
  product = undefined
  rmSync(data, { recursive: true, force: true })
}

/** A minute after its last event: what falls due with time falls due as it did then. */
async function startThen({ stopped }: Fixture): Promise<Client> {
  const ahead = Math.round((Date.parse(stopped.at) + 60_000 - Date.now()) / 1_000)
  product = await startProduct({ data, fault: `clock:ahead@${ahead}` })
  return await new Client(product).signIn()
}

async function stop(): Promise<void> {
  expect(await product?.stop()).toEqual({ code: 0, signal: null })
  product = undefined
}

/** Where the log of the only account lies. */
function place(kind: 'trackers' | 'checkpoints'): string {
  const [account = ''] = readdirSync(join(data, kind))
  const [location = ''] = readdirSync(join(data, kind, account))
  return join(data, kind, account, location)
}

const places = () => ({ folder: place('trackers'), keyFolder: place('checkpoints') })
const headFile = (): string => join(place('trackers'), 'head.db')
const indexFile = (): string => join(place('trackers'), 'index.db')
const segmentFiles = (): string[] =>
  readdirSync(join(place('trackers'), 'segments')).map((name) => join(place('trackers'), 'segments', name))

function withDatabase<Result>(file: string, act: (db: DatabaseSync) => Result): Result {
  const db = new DatabaseSync(file, { timeout: 5_000 })
  try {
    return act(db)
  } finally {
    db.close()
  }
}

const one = <Value>(file: string, sql: string): Value =>
  withDatabase(file, (db) => Object.values(db.prepare(sql).get() ?? {})[0] as Value)
const version = (file: string): number => one(file, 'PRAGMA user_version')
const setVersion = (file: string, to: number): void => withDatabase(file, (db) => db.exec(`PRAGMA user_version=${to}`))

async function checkLog(): Promise<void> {
  const report = await fsck(places())
  expect([report.findings, report.good]).toEqual([[], true])
}

/** Times and counters that go on by themselves, and where the server is reached. */
const goesOn = new Set(['lastUsed', 'lastUsedAt', 'moreInfo', 'size', 'covered'])

/** What was answered then, without what may well have changed since. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (goesOn.has(name) ? [] : [[name, lasting(member)]])),
  )
}

const oddities = [
  'missing',
  'late',
  'reused',
  'earlier',
  'missingEpochs',
  'contradictions',
  'lateDated',
  'futureDated',
] as const

interface ContinuityReport {
  readonly producers: readonly Readonly<Record<(typeof oddities)[number], { readonly count: number }>>[]
}

/** Every file with a digest of its bytes, without the lock and the lines of the server's own log. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  const kept = files.filter(({ name }) => !/^lock\.db|^server\.log$|-shm$/.test(name))
  return Object.fromEntries(
    kept.map(({ parentPath, name }) => {
      const file = join(parentPath, name)
      return [relative(folder, file), createHash('sha256').update(readFileSync(file)).digest('hex')]
    }),
  )
}

async function refused(file: string): Promise<StartFailed> {
  const error = await startProduct({ data }).then(
    async (started) => {
      product = started
      return undefined
    },
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof StartFailed)) throw new Error(`a newer ${file} was not refused`)
  return error
}

describe.each(names)('%s, stopped', (name) => {
  const kept = fixture(name)
  const { life, stopped } = kept
  let client: Client
  let keysThen: number

  beforeAll(async () => {
    unpack(kept, 'stopped')
    keysThen = one(join(data, 'server.db'), 'SELECT count(*) FROM keys')
    await checkLog()
    client = await startThen(kept)
  })
  afterAll(remove)

  test('everything the API told of then, it tells of now', async () => {
    const now = await answersNow(client)
    for (const [path, then] of Object.entries(stopped.answers)) {
      expect({ path, ...(now[path] as object) }).toMatchObject({ path, ...(lasting(then) as object) })
    }
  })

  test('keys do what their states allow: old ciphertexts open, suspended and purged keys do not', async () => {
    const act = (id: string, action: string, body: object = {}) =>
      client.call<{ plaintext?: string }>('POST', `/api/v2/keys/${id}/actions/${action}`, { body })
    const unwrapped = async ({ key, ciphertext, aad }: (typeof life.wrapped)[number]): Promise<string | number> => {
      const reply = await act(key, 'unwrap', { ciphertext, ...(aad === undefined ? {} : { aad }) })
      return reply.json.plaintext ?? reply.status
    }
    for (const item of life.wrapped) expect(await unwrapped(item)).toBe(item.plaintext)
    for (const { id, payload } of life.payloads) {
      const read = await client.call<{ resources: [{ payload: string }] }>('GET', `/api/v2/keys/${id}`)
      expect(read.json.resources[0].payload).toBe(payload)
    }
    expect((await client.call('GET', `/api/v2/keys/${life.alias.alias}/metadata`)).json).toMatchObject({
      resources: [{ id: life.alias.id }],
    })
    expect((await client.call('GET', `/api/v2/keys/${life.purged}/metadata`)).status).toBe(404)
    // It was rotated less than an hour ago.
    expect((await act(life.rotated, 'rotate')).status).toBe(409)
    expect((await act(life.suspended.key, 'wrap')).status).toBe(409)
    expect(await unwrapped(life.suspended)).toBe(409)
    expect((await act(life.alias.id, 'wrap', { plaintext: 'AAAA' })).status).toBe(200)
  })

  test.each(life.kmip === undefined ? [] : [life.kmip])(
    'what KMIP clients kept is there, and what they destroyed is not',
    async (kmip) => {
      if (product === undefined) throw new Error('there is no server')
      expect(await fetchKmip(product, kmip)).toEqual(kmip)
    },
  )

  test.each(life.ep11 === undefined ? [] : [life.ep11])(
    'keys of EP11 that a keystore kept decrypt, sign and verify as they did',
    async (ep11) => {
      if (product === undefined) throw new Error('there is no server')
      expect(await useEp11(product, client, ep11)).toEqual(ep11)
    },
  )

  test('old receipts hold, and so do the new ones of the same entries', async () => {
    const keys = [parseVerifierKey(kept.key)]
    expect(stopped.receipts.length).toBeGreaterThan(0)
    for (const { file, index, eventId } of stopped.receipts) {
      const old = await verifyReceipt(readFileSync(join(kept.folder, 'receipts', file), 'utf8'), keys)
      const now = await verifyReceipt(await client.receipt(eventId), keys)
      expect([old.index, now.index]).toEqual([index, index])
      expect(Buffer.from(now.entry).equals(old.entry)).toBe(true)
      expect(now.checkpoint.size).toBeGreaterThan(old.checkpoint.size)
      expect(await client.event(eventId)).toMatchObject({ id: eventId })
    }
  })

  test('the log continues the old checkpoints', async () => {
    const log = `/v1/trackers/${kept.location}/log`
    const keys = [parseVerifierKey(kept.key)]
    const { checkpoint: now } = await openCheckpoint((await client.call('GET', `${log}/checkpoint`)).text, keys)
    expect(stopped.checkpoints.length).toBeGreaterThan(0)
    for (const size of stopped.checkpoints) {
      const note = readFileSync(join(kept.folder, 'checkpoints', `${size}.txt`), 'utf8')
      const { checkpoint: old } = await openCheckpoint(note, keys)
      const proof = await client.call<{ hashes: string[] }>('GET', `${log}/consistency?from=${size}&to=${now.size}`)
      const hashes = proof.json.hashes.map((hash) => Buffer.from(hash, 'base64'))
      expect(() => verifyConsistency(old.size, now.size, old.root, now.root, hashes)).not.toThrow()
    }
  })

  test('searching finds in old segments, in the head and in the index made anew what is there', async () => {
    const entries = (await verifiedLog(client, kept.location)).filter(({ index }) => index < stopped.size)
    expect(entries).toHaveLength(stopped.size)
    await sameAnswers(client, kept, entries)
    const reader = openReader(places())
    try {
      const counts = reader.counts()
      expect(counts).toMatchObject({ sealed: stopped.sealed, producers: 1, anomalies: 0 })
      expect(counts.indexed).toBeGreaterThanOrEqual(stopped.size)
    } finally {
      reader.close()
    }
    expect(segmentFiles().map(version)).toEqual(segmentFiles().map(() => kept.schemas.segment))
  })

  test('the log is complete by its numbers', async () => {
    const { json: report } = await client.call<ContinuityReport>('GET', `/v1/trackers/${kept.location}/continuity`)
    expect(report).toMatchObject({ unreadable: 0, repeats: 0, reconciliation: { differing: { count: 0 } } })
    expect(report.producers).toHaveLength(1)
    const [producer] = report.producers
    for (const oddity of oddities) expect([oddity, producer?.[oddity]]).toMatchObject([oddity, { count: 0 }])
  })

  test('after a stop the log is good by its bytes, and the copy from before the migration is whole and private', async () => {
    await stop()
    await checkLog()
    const isMigrated = version(join(data, 'server.db')) > kept.schemas.server
    const copies = readdirSync(data).filter((file) => file.startsWith('server.db.'))
    expect(copies).toEqual(isMigrated ? [`server.db.schema-${kept.schemas.server}`] : [])
    for (const copy of copies.map((file) => join(data, file))) {
      expect(statSync(copy).mode & 0o777).toBe(0o600)
      expect(one(copy, 'PRAGMA integrity_check')).toBe('ok')
      expect([version(copy), one(copy, 'SELECT count(*) FROM keys')]).toEqual([kept.schemas.server, keysThen])
    }
  })
})

test.each(names)('%s, killed: what waited is delivered, in order, once, and found', async (name) => {
  onTestFinished(remove)
  const kept = fixture(name)
  const { killed } = kept
  unpack(kept, 'killed')
  const waiting = 'SELECT (SELECT max(number) FROM outbox) - (SELECT max(delivered) FROM producers)'
  expect(one(headFile(), 'SELECT max(first + count) FROM entries')).toBe(killed.size)
  expect(one(indexFile(), 'SELECT cursor FROM progress')).toBe(killed.indexed)
  expect(killed.indexed).toBeLessThan(killed.size)
  expect(one(join(data, 'server.db'), waiting)).toBeGreaterThanOrEqual(killed.waiting.length)
  await checkLog()
  const client = await startThen(kept)
  for (const id of killed.waiting) await client.event(id)
  const entries = await verifiedLog(client, kept.location)
  const delivered = entries.slice(killed.size, killed.size + killed.waiting.length)
  expect(delivered.map(({ event }) => event.id)).toEqual(killed.waiting)
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1))
  const found = new Set((await client.events()).map(({ event }) => event.id))
  expect(entries.filter(({ event }) => !found.has(event.id))).toEqual([])
  await stop()
  await checkLog()
})

describe('what is as if of a newer version', () => {
  const kept = fixture(names[0] ?? '')
  const logNow = (): object[] => [contents(join(data, 'trackers')), contents(join(data, 'checkpoints'))]
  beforeEach(() => unpack(kept, 'stopped'))
  afterEach(remove)

  test('a server store: it is refused in words, and nothing is changed', async () => {
    setVersion(join(data, 'server.db'), 900)
    const before = contents(data)
    const { code, output } = await refused('server.db')
    expect(code).toBe(78)
    expect(output).toMatch(/server\.db was written by a newer version \(schema 900, this one knows \d+\)/)
    expect(contents(data)).toEqual(before)
  })

  test('a head of a log: it is refused in words, and nothing of the log is changed', async () => {
    setVersion(headFile(), 900)
    const before = logNow()
    const { code, output } = await refused('head.db')
    expect(code).toBe(78)
    expect(output).toMatch(/head\.db has schema 900, this version knows up to \d+/)
    expect(logNow()).toEqual(before)
    await expect(fsck(places())).rejects.toThrow(/has schema 900/)
  })

  test('a segment: it is refused in words, and nothing of the log is changed', async () => {
    setVersion(segmentFiles().at(-1) ?? '', 900)
    const before = logNow()
    const { code, output } = await refused('segment')
    expect(code).toBe(78)
    expect(output).toMatch(/\.db has format 900, this version knows up to \d+/)
    expect(logNow()).toEqual(before)
  })

  test('an index: it is made anew', async () => {
    setVersion(indexFile(), 900)
    const client = await startThen(kept)
    const found = (await client.events()).map(({ index }) => index)
    expect(found.slice(0, kept.stopped.size)).toEqual(Array.from({ length: kept.stopped.size }, (_, index) => index))
    await stop()
    expect(version(indexFile())).not.toBe(900)
    await checkLog()
  })
})

interface Histogram {
  readonly count: number
  readonly buckets: readonly { readonly counts: Readonly<Record<string, number>> }[]
}

/** Queries, counts, histograms and facets against what the bytes of the log say; only events of then are asked for. */
async function sameAnswers(client: Client, kept: Fixture, entries: readonly LoggedEntry[]): Promise<void> {
  const trail = `/v1/trackers/${kept.location}`
  const to = `to=${encodeURIComponent(new Date(Date.parse(kept.stopped.at) + 1).toISOString())}`
  const ask = async <Body>(what: string): Promise<Body> => {
    const reply = await client.call<Body>('GET', `${trail}/${what}`)
    expect([what, reply.status]).toEqual([what, 200])
    return reply.json
  }
  const [key = ''] = kept.life.wrapped.map((item) => item.key)
  const isOfKey = ({ event }: LoggedEntry): boolean => JSON.stringify([event.target, event.responseData]).includes(key)
  const asked: [query: string, is: (entry: LoggedEntry) => boolean][] = [
    ['action:*.wrap', ({ event }) => event.action.endsWith('.wrap')],
    [
      'action:hs-crypto.secrets.unwrap outcome:failure',
      ({ event }) => event.action === 'hs-crypto.secrets.unwrap' && event.outcome === 'failure',
    ],
    ['outcome:failure', ({ event }) => event.outcome === 'failure'],
    ['severity:critical', ({ event }) => event.severity === 'critical'],
    [
      '-outcome:success code:4xx',
      ({ event }) => event.outcome !== 'success' && String(event.reason?.reasonCode ?? '').startsWith('4'),
    ],
    [`key:${key}`, isOfKey],
    [
      `initiator:${entries.at(-1)?.event.initiator.id}`,
      ({ event }) => event.initiator.id === entries.at(-1)?.event.initiator.id,
    ],
    ['action:/secrets[.](create|rotate)$/', ({ event }) => /secrets[.](create|rotate)$/.test(event.action)],
    ['billing', ({ event }) => /billing/i.test(JSON.stringify(event))],
  ]
  for (const [query, is] of asked) {
    const expected = entries.filter(is).map(({ index }) => index)
    const asks = `query=${encodeURIComponent(query)}&${to}`
    const page = await ask<{ events: { index: number }[] }>(`events?${asks}&order=asc&limit=1000`)
    expect([query, page.events.map(({ index }) => index)]).toEqual([query, expected])
    expect([query, await ask(`count?${asks}`)]).toMatchObject([query, { count: expected.length, isComplete: true }])
    const histogram = await ask<Histogram>(`histogram?${asks}&by=outcome`)
    expect([query, histogram.count]).toEqual([query, expected.length])
    const counts = countsOf(entries.filter(is), ({ event }) => event.outcome)
    expect([query, summed(histogram.buckets.map((bucket) => bucket.counts))]).toEqual([query, counts])
  }
  for (const [parameter, is] of [
    ['action=hs-crypto.secrets.unwrap', ({ event }: LoggedEntry) => event.action === 'hs-crypto.secrets.unwrap'],
    [`keyId=${key}`, isOfKey],
    ['text=billing', ({ event }: LoggedEntry) => /\bbilling\b/i.test(JSON.stringify(event))],
  ] as const) {
    const page = await ask<{ events: { index: number }[] }>(`events?${parameter}&${to}&order=asc&limit=1000`)
    expect([parameter, page.events.map(({ index }) => index)]).toEqual([
      parameter,
      entries.filter(is).map(({ index }) => index),
    ])
  }
  const { facets } = await ask<{ facets: { field: string; values: { value: string; count: number }[] }[] }>(
    `facets?field=action,outcome,severity&values=100&${to}`,
  )
  for (const { field, values } of facets) {
    const counts = countsOf(entries, ({ event }) => event[field as 'action' | 'outcome' | 'severity'])
    expect([field, Object.fromEntries(values.map(({ value, count }) => [value, count]))]).toEqual([field, counts])
  }
}

function countsOf(entries: readonly LoggedEntry[], by: (entry: LoggedEntry) => string): Record<string, number> {
  return summed(entries.map((entry) => ({ [by(entry)]: 1 })))
}

function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const [value, count] of all.flatMap(Object.entries<number>)) sum[value] = (sum[value] ?? 0) + count
  return sum
}
