/** Exports: every event once, in order, in each form; broken off and resumed byte for byte; witnessed twice; evidence. */
import { createHash } from 'node:crypto'
import { attachedLists, checkStrictCadf, csvColumns, entryOfJsonLine, parseEntry } from '@keywitness/cadf'
import { leafHash, parseCheckpoint, parseNote, parseVerifierKey, toBase64, verifyEvidence } from '@keywitness/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type FoundEvent, type Product, startProduct } from '../src/index.ts'

let product: Product
let client: Client
let path: string

const hostile = '=cmd|\'/c calc\'!A0,"x"'

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
  path = `/v1/trackers/${product.location}/export`
  const key = await client.createKey(hostile)
  for (let i = 0; i < 40; i++) await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
  const last = await client.call('GET', `/api/v2/keys/${key}`)
  await coveredUpTo(last.eventId as string)
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const trailPath = (): string => `/v1/trackers/${product.location}`

async function coveredUpTo(id: string): Promise<void> {
  const receipt = await client.call('GET', `${trailPath()}/events/${id}/receipt?wait=10`)
  expect(receipt.status).toBe(200)
}

interface Exported {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
}

async function exported(query: string, init: RequestInit = {}): Promise<Exported> {
  const answer = await fetch(`${product.url}${path}?${query}`, {
    headers: { authorization: `Bearer ${client.token}` },
    ...init,
  })
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}

const sizeOf = ({ headers }: Exported): number => Number(headers.get('keywitness-checkpoint-size'))
const linesOf = ({ bytes }: Exported): string[] => bytes.toString().trimEnd().split('\n')

/** The two events of an export, by the correlation id of the request. */
async function eventsOf(correlationId: string): Promise<FoundEvent['event'][]> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await client.call<{ events: FoundEvent[] }>(
      'GET',
      `${trailPath()}/events?correlationId=${correlationId}&order=asc`,
    )
    if (found.json.events.length >= 2) return found.json.events.map(({ event }) => event)
  }
  throw new Error('an export without two events')
}

test('lines of JSON hold every entry below the checkpoint, and each gives back its leaf', async () => {
  const answer = await exported('format=jsonl')
  const size = sizeOf(answer)
  const lines = linesOf(answer)
  expect(lines.length).toBe(size)
  for (const [index, line] of lines.entries()) {
    const row = entryOfJsonLine(line)
    expect(row).toMatchObject({ index })
    expect(toBase64(leafHash(row?.entry ?? new Uint8Array()))).toBe(row?.leafHash)
    parseEntry(row?.entry ?? new Uint8Array())
  }
  const note = Buffer.from(answer.headers.get('keywitness-checkpoint') ?? '', 'base64').toString()
  const checkpoint = parseCheckpoint(parseNote(note).text)
  expect(checkpoint).toMatchObject({ size, origin: answer.headers.get('keywitness-log-origin') })
  expect(toBase64(checkpoint.root)).toBe(answer.headers.get('keywitness-checkpoint-root'))
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${product.location}-${size}.jsonl"`)
})

test('comma-separated rows name their columns once and hold no formula, whatever a key is called', async () => {
  const answer = await exported('format=csv')
  const [header, ...rows] = answer.bytes.toString().split('\r\n').slice(0, -1)
  expect(header).toBe(csvColumns.map(({ name }) => name).join(','))
  expect(rows.length).toBe(sizeOf(answer))
  expect(rows.some((row) => row.includes(`"'=cmd|'/c calc'!A0,""x"""`))).toBe(true)
  expect(rows.filter((row) => /(^|,|"")=cmd/.test(row.replaceAll(`"'=cmd`, '')))).toEqual([])
})

test('strict CADF is strict, for all that a product emits', async () => {
  const answer = await exported('format=cadf')
  const records = linesOf(answer).map((line) => JSON.parse(line) as { tags: string[] })
  expect(records.length).toBe(sizeOf(answer))
  expect(records.flatMap((record) => checkStrictCadf(record))).toEqual([])
  expect(records.map(({ tags }) => tags.find((tag) => tag.startsWith('log_index')))).toEqual(
    records.map((_, index) => `log_index?value=${index}`),
  )
})

test('a query chooses, and what is asked again at the same checkpoint is the same to the byte', async () => {
  const query = 'format=jsonl&action=hs-crypto.secrets.wrap'
  const first = await exported(query)
  const again = await exported(`${query}&size=${sizeOf(first)}`)
  expect(linesOf(first).length).toBe(40)
  expect(sizeOf(again)).toBe(sizeOf(first))
  expect(again.bytes.equals(first.bytes)).toBe(true)
  expect((await exported(`${query}&first=0&last=3`)).bytes.length).toBe(0)
})

test.each(['jsonl', 'csv', 'cadf'])(
  '%s that was cut anywhere goes on behind its last whole row, byte for byte',
  async (format) => {
    const whole = await exported(`format=${format}&action=hs-crypto.secrets.wrap`)
    const size = sizeOf(whole)
    const indexOf = (line: string): string =>
      (/^\{"index":(\d+)|^(\d+),|log_index\?value=(\d+)/.exec(line) ?? [])
        .slice(1)
        .find((found) => found !== undefined) ?? ''
    for (const share of [0.2, 0.5, 0.93]) {
      const cut = whole.bytes.subarray(0, Math.floor(whole.bytes.length * share))
      const kept = cut.subarray(0, cut.lastIndexOf('\n') + 1)
      const after = indexOf(kept.toString().trimEnd().split('\n').at(-1) ?? '')
      const rest = await exported(`format=${format}&action=hs-crypto.secrets.wrap&size=${size}&after=${after}`)
      expect(Buffer.concat([kept, rest.bytes]).equals(whole.bytes)).toBe(true)
    }
  },
)

test('an export is two events: that it begins, and how many rows left', async () => {
  const correlationId = `export-${Date.now()}`
  const answer = await exported('format=csv&text=secret&action=hs-crypto.secrets.wrap', {
    headers: { authorization: `Bearer ${client.token}`, 'correlation-id': correlationId },
  })
  const [begin, end] = await eventsOf(correlationId)
  const request = { format: 'csv', checkpointSize: sizeOf(answer) }
  expect(begin).toMatchObject({
    outcome: 'pending',
    id: answer.headers.get('keywitness-event-id'),
    requestData: request,
  })
  expect(begin?.requestData['query']).toContain('hs-crypto.secrets.wrap')
  expect(end).toMatchObject({
    outcome: 'success',
    requestData: request,
    responseData: { totalResources: 40, ended: 'complete' },
  })
})

test('what looks like a secret in a question is masked in both events', async () => {
  const correlationId = `masked-${Date.now()}`
  const secret = 'q7'.repeat(32)
  await exported(`format=csv&text=${secret}`, {
    headers: { authorization: `Bearer ${client.token}`, 'correlation-id': correlationId },
  })
  const told = JSON.stringify(await eventsOf(correlationId))
  expect(told.split('text:(masked)').length).toBe(3)
  expect(told).not.toContain(secret)
})

test('conditions of an export’s own are told with its question, and what a client says is now', async () => {
  const correlationId = `conditions-${Date.now()}`
  await exported('format=csv&from=-1d&first=2&last=9&now=2026-01-01T00:00:00Z', {
    headers: { authorization: `Bearer ${client.token}`, 'correlation-id': correlationId },
  })
  for (const { requestData } of await eventsOf(correlationId)) {
    expect(requestData['query']).toBe('from:-1d first:2 last:9 now:2026-01-01T00:00:00.000Z')
  }
})

test('who leaves in the middle is told of by the second event', async () => {
  const correlationId = `left-${Date.now()}`
  const leaving = new AbortController()
  const answer = await fetch(`${product.url}${path}`, {
    headers: { authorization: `Bearer ${client.token}`, 'correlation-id': correlationId },
    signal: leaving.signal,
  })
  expect(answer.status).toBe(200)
  leaving.abort()
  const [begin, end] = await eventsOf(correlationId)
  expect(begin).toMatchObject({ outcome: 'pending' })
  // A short answer may have been handed over whole before the connection was cut.
  expect(['complete', 'client-left']).toContain(end?.responseData['ended'])
})

test('what cannot be exported is refused', async () => {
  for (const [query, status] of [
    ['format=xml', 400],
    ['format=csv&limit=5', 400],
    ['format=csv&order=desc', 400],
    ['format=csv&size=999999', 400],
    ['format=csv&after=5', 400],
    ['format=csv&format=csv', 400],
    ['format=evidence&size=1&after=0', 400],
    ['format=csv&nothing=1', 400],
  ] as const) {
    expect((await exported(query)).status, query).toBe(status)
  }
})

test('evidence verifies with the log’s key alone, names what it holds, and is the same when made again', async () => {
  const query = 'format=evidence&action=hs-crypto.secrets.wrap&from=2026-01-01T00:00:00Z'
  const answer = await exported(query)
  const again = await exported(`${query}&size=${sizeOf(answer)}`)
  expect(again.bytes.equals(answer.bytes)).toBe(true)
  const key = (await client.call('GET', `${trailPath()}/log/key`)).text
  const actions = new Set<string>()
  const report = await verifyEvidence([answer.bytes], {
    trust: () => [parseVerifierKey(key)],
    attachmentsOf: (entry) => attachedLists(parseEntry(entry).event).map(({ sha256 }) => sha256),
    onEntry: ({ entry }) => void actions.add(parseEntry(entry).event.action),
  })
  expect(actions).toEqual(new Set(['hs-crypto.secrets.wrap']))
  expect(report).toMatchObject({ entries: 40, checkpoint: { size: sizeOf(answer) }, keys: [key.trim()] })
  expect(JSON.parse(report.query)).toEqual({ action: ['hs-crypto.secrets.wrap'], from: '2026-01-01T00:00:00.000Z' })
})

test('evidence says when it was asked only where that changes what was asked', async () => {
  const made = async (query: string, now: string) => {
    const { bytes } = await exported(`format=evidence&size=${size}&query=${encodeURIComponent(query)}&now=${now}`)
    return bytes.toString().split('\n')[1]
  }
  const size = sizeOf(await exported('format=csv&last=0'))
  const [early, late] = ['2026-01-01T00:00:00Z', '2036-02-03T04:05:06Z']
  const fixed = 'action:hs-crypto.secrets.wrap'
  expect(await made(fixed, early)).toBe(`query {"query":"${fixed}"}`)
  expect(await made(fixed, late)).toBe(await made(fixed, early))
  const relative = `${fixed} time:>-1h`
  expect(await made(relative, early)).toBe(`query {"now":"2026-01-01T00:00:00.000Z","query":"${relative}"}`)
  expect((await exported(`format=csv&query=${encodeURIComponent('(open')}`)).status).toBe(400)
})

test('evidence of a range of indexes is without gaps', async () => {
  const answer = await exported('format=evidence&first=3&last=11')
  const key = (await client.call('GET', `${trailPath()}/log/key`)).text
  const report = await verifyEvidence([answer.bytes], {
    trust: () => [parseVerifierKey(key)],
    attachmentsOf: (entry) => attachedLists(parseEntry(entry).event).map(({ sha256 }) => sha256),
  })
  expect(report).toMatchObject({ entries: 9, first: 3, last: 11, isGapless: true })
})

test('lists kept beside an event come with its evidence', async () => {
  const blocks = (last: number): string[] =>
    Array.from({ length: 1_000 }, (_, at) =>
      at === 0 ? '127.0.0.1/32' : `2001:db8:aaaa:bbbb:cccc:dddd:${at.toString(16).padStart(4, '0')}:${last}/128`,
    )
  let last = ''
  for (const number of [1_000, 2_000, 3_000]) {
    const policy = {
      policy_type: 'allowedIP',
      policy_data: { enabled: true, attributes: { allowed_ip: blocks(number) } },
    }
    const metadata = { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: 1 }
    const put = await client.call('PUT', '/api/v2/instance/policies', { body: { metadata, resources: [policy] } })
    expect(put.status).toBe(204)
    last = put.eventId ?? ''
  }
  await coveredUpTo(last)
  const answer = await exported(`format=evidence&action=hs-crypto.instance-policies.write`)
  const key = (await client.call('GET', `${trailPath()}/log/key`)).text
  const found: string[] = []
  const report = await verifyEvidence([answer.bytes], {
    trust: () => [parseVerifierKey(key)],
    attachmentsOf: (entry) => attachedLists(parseEntry(entry).event).map(({ sha256 }) => sha256),
    onAttachment: ({ sha256, content }) => {
      found.push(sha256)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    },
  })
  // Whatever is too long is there, and what two events name is there once.
  expect(found.length).toBeGreaterThan(0)
  expect(new Set(found).size).toBe(found.length)
  expect(report).toMatchObject({ attachments: found.length, missing: [] })
})
