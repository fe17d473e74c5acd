/** What clients of gRPC may send in many ways, and what they may not: how it is answered, and what is recorded of it. */
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2'
import { connect } from 'node:http2'
import { deflateSync, gzipSync } from 'node:zlib'
import { returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../limits.ts'
import { StandingTime } from '../listening/testing/standing-time.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import { detailOf, Grep11Client } from './testing/grep11-client.ts'
import { endOf, framed, openSession, openStream, type RawEnd } from './testing/raw-stream.ts'

const path = '/grep11.Crypto/DigestSingle'

let house: Ep11House
let time: StandingTime
let token: string
let session: ClientHttp2Session
let message: Buffer
beforeAll(async () => {
  time = new StandingTime()
  house = await openEp11House({ later: time.later })
  token = await house.token(house.operator.apiKey)
  session = await openSession(house.ports.public, house.ca)
  const client = new Grep11Client('c', { port: house.ports.public, ca: house.ca })
  message = client.message('DigestSingle', { Mech: { Mechanism: 1 }, Data: Buffer.from('some data') }).bytes
  client.close()
})
afterAll(async () => {
  session.destroy()
  await house.close()
})
beforeEach(() => {
  house.unit.asked.length = 0
  house.unit.respond = () => ({})
  house.news()
})
/** Nothing is left of any call: neither a seat nor a timer. */
afterEach(async () => {
  const times: number[] = [limits.ep11MessageMs, limits.ep11AnswerMs]
  await vi.waitUntil(() => !time.left().some((ms) => times.includes(ms)))
})

const codeOf = (value: keyof typeof returnValues): number => returnValues[value]

/** What the one detail of an answer says. */
function ckrOf({ fields }: RawEnd): number {
  const bytes = Buffer.from(fields['grpc-status-details-bin'] as string, 'base64')
  return detailOf({ metadata: { get: () => [bytes] } } as never).ckr
}

async function send(body: Buffer | readonly Buffer[], headers: OutgoingHttpHeaders = {}): Promise<RawEnd> {
  const stream = openStream(session, token, path, headers)
  const end = endOf(stream)
  for (const piece of Array.isArray(body) ? (body as readonly Buffer[]) : [body as Buffer]) {
    stream.write(piece)
    // Else several would go as one.
    await new Promise((resolve) => setImmediate(resolve))
  }
  stream.end()
  return end
}

/** Codes of the calls that were recorded. */
const recorded = (): unknown[] => house.uses().map(({ outcome, reason }) => [outcome, reason.reasonCode])

test('a message in pieces of one byte arrives whole', async () => {
  const body = framed(message)
  const pieces = Array.from(body, (_, at) => Buffer.from(body.subarray(at, at + 1)))
  expect((await send(pieces)).status).toBe(0)
  expect(house.unit.asked[0]?.request['data']).toEqual(Buffer.from('some data'))
  expect(recorded()).toEqual([['success', 200]])
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
] as const)('a message by %s is inflated', async (encoding, deflated) => {
  const body = framed(deflated(message), { isCompressed: true })
  expect((await send(body, { 'grpc-encoding': encoding })).status).toBe(0)
  expect(house.unit.asked[0]?.request['data']).toEqual(Buffer.from('some data'))
})

test.each([
  ['no message', () => [], {}, 12, 'CKR_FUNCTION_NOT_SUPPORTED', 400],
  [
    'two messages in one frame',
    () => [Buffer.concat([framed(message), framed(message)])],
    {},
    12,
    'CKR_FUNCTION_NOT_SUPPORTED',
    400,
  ],
  ['two messages', () => [framed(message), framed(message)], {}, 12, 'CKR_FUNCTION_NOT_SUPPORTED', 400],
  ['half a prefix', () => [framed(message).subarray(0, 3)], {}, 3, 'CKR_GREP11_CANNOT_UNMARSHAL', 400],
  ['half a message', () => [framed(message).subarray(0, 12)], {}, 3, 'CKR_GREP11_CANNOT_UNMARSHAL', 400],
  [
    'a message that says it is too long',
    () => [framed(message, { length: 2 ** 31 })],
    {},
    8,
    'CKR_IBM_TRANSPORT_LIMIT',
    429,
  ],
  [
    'a message that is too long once it is inflated',
    () => [framed(gzipSync(Buffer.alloc(2 * limits.ep11MessageBytes)), { isCompressed: true })],
    { 'grpc-encoding': 'gzip' },
    8,
    'CKR_IBM_TRANSPORT_LIMIT',
    429,
  ],
  [
    'a message that does not inflate',
    () => [framed(message, { isCompressed: true })],
    { 'grpc-encoding': 'gzip' },
    3,
    'CKR_GREP11_CANNOT_UNMARSHAL',
    400,
  ],
  [
    'a message in an unknown encoding',
    () => [framed(message, { isCompressed: true })],
    { 'grpc-encoding': 'snappy' },
    12,
    'CKR_FUNCTION_NOT_SUPPORTED',
    400,
  ],
  ['a time that is none', () => [framed(message)], { 'grpc-timeout': 'soon' }, 3, 'CKR_ARGUMENTS_BAD', 400],
  ['a session that is no Base64', () => [framed(message)], { 'ep11-session-bin': '!' }, 3, 'CKR_ARGUMENTS_BAD', 400],
  ['two sessions', () => [framed(message)], { 'ep11-session-bin': ['AAAA', 'AAAA'] }, 3, 'CKR_ARGUMENTS_BAD', 400],
] as const)('%s: refused, and that is one event', async (_, body, headers, status, value, code) => {
  const end = await send(body(), headers as OutgoingHttpHeaders)
  expect([end.http, end.status, ckrOf(end)]).toEqual([200, status, codeOf(value)])
  expect(end.fields['grpc-accept-encoding']).toBe('identity,deflate,gzip')
  expect(house.unit.asked).toEqual([])
  const [event, ...others] = house.uses()
  expect(others).toEqual([])
  expect(event).toMatchObject({
    outcome: 'failure',
    reason: { reasonCode: code },
    requestData: { method: 'DigestSingle' },
    correlationId: end.fields['x-correlation-id'],
  })
  expect(end.fields['keywitness-event-id']).toBe(event?.id)
})

test('whoever may not call a method is told that, and not what is wrong with the message', async () => {
  const theirs = await house.token(await house.withRole('KmipAdapterManager'))
  house.news()
  const stream = openStream(session, theirs, path, { 'ep11-session-bin': '!' })
  stream.end()
  const end = await endOf(stream)
  expect([end.status, ckrOf(end)]).toEqual([7, codeOf('CKR_FUNCTION_REJECTED')])
  expect(recorded()).toEqual([['failure', 403]])
})

test.each(['0S', '0m', '999u', '1n'])(
  'a call whose time is over when it comes (%s) is not looked at',
  async (timeout) => {
    const end = await send(framed(message), { 'grpc-timeout': timeout, 'x-correlation-id': 'late-1' })
    expect([end.status, ckrOf(end)]).toEqual([4, codeOf('CKR_IBM_REQ_TIMEOUT')])
    expect(end.fields['x-correlation-id']).toBe('late-1')
    expect([house.unit.asked, recorded()]).toEqual([[], []])
  },
)

test('a call with all the time there is is answered', async () => {
  expect((await send(framed(message), { 'grpc-timeout': '99999999H' })).status).toBe(0)
})

test('a call that is taken back in the middle of its message has no event, and leaves nothing behind', async () => {
  const taking = new AbortController()
  const head = {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    authorization: `Bearer ${token}`,
  }
  const stream = session.request(head, { signal: taking.signal })
  stream.on('error', () => undefined)
  stream.write(framed(message).subarray(0, 10))
  await expect.poll(() => time.left()).toContain(limits.ep11MessageMs)
  taking.abort()
  await expect.poll(() => time.left()).not.toContain(limits.ep11MessageMs)
  expect((await send(framed(message))).status).toBe(0)
  expect(recorded()).toEqual([['success', 200]])
})

test('a call whose time is over before its turn is told so, and takes no turn from others', async () => {
  const slow = Array.from({ length: limits.ep11ReadingsOfCaller }, () => openStream(session, token, path))
  for (const stream of slow) stream.write(framed(message).subarray(0, 10))
  await vi.waitUntil(() => time.left().filter((ms) => ms === limits.ep11MessageMs).length === slow.length)
  // Its client neither ends its message nor takes the call back.
  const waiting = openStream(session, token, path, { 'grpc-timeout': '1S' })
  waiting.write(framed(message))
  const end = endOf(waiting)
  await expect.poll(() => time.left()).toContain(1_000)
  time.pass(1_000)
  expect((await end).status).toBe(4)
  const others = Array.from({ length: limits.ep11ReadingsOfCaller }, () => send(framed(message)))
  for (const stream of slow) stream.end(framed(message).subarray(10))
  const statuses = await Promise.all([...slow.map(endOf), ...others])
  expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([0]))
  waiting.end()
})

test('a client that takes an answer byte by byte gets all of it', async () => {
  house.unit.respond = () => ({ answer: { digest: Buffer.alloc(300, 7) } })
  const narrow = connect(`https://localhost:${house.ports.public}`, {
    ca: house.ca,
    settings: { initialWindowSize: 1 },
  })
  try {
    const stream = openStream(narrow, token, path)
    stream.end(framed(message))
    const pieces: Buffer[] = []
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    expect((await endOf(stream)).status).toBe(0)
    const answer = Buffer.concat(pieces)
    expect(answer.readUInt32BE(1)).toBe(answer.length - 5)
    expect(answer.includes(Buffer.alloc(300, 7))).toBe(true)
  } finally {
    narrow.destroy()
  }
})

test('a client that is refused is told so while it is still sending, and loses its connection when it goes on', async () => {
  const own = await openSession(house.ports.public, house.ca)
  const isClosed = new Promise<void>((resolve) => void own.on('close', resolve))
  const stream = openStream(own, 'nonsense', path)
  stream.write(framed(message, { length: 4_000_000 }))
  const end = await endOf(stream)
  expect([end.status, ckrOf(end)]).toEqual([16, codeOf('CKR_GREP11_NOT_AUTHENTICATED')])
  stream.write(Buffer.alloc(1_000_000))
  await expect.poll(() => time.left()).toContain(limits.ep11AnswerMs)
  time.pass(limits.ep11AnswerMs)
  await isClosed
})

test('trailers of a request are read over', async () => {
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      authorization: `Bearer ${token}`,
    },
    { waitForTrailers: true },
  )
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-more': 'a' }))
  stream.end(framed(message))
  expect((await endOf(stream)).status).toBe(0)
})

test('a token that comes twice is none', async () => {
  const options = { ca: house.ca, strictSingleValueFields: false }
  const loose = connect(`https://localhost:${house.ports.public}`, options)
  try {
    const fields = [':method', 'POST', ':path', path, ':scheme', 'https', ':authority', 'localhost']
    const bearer = ['authorization', `Bearer ${token}`]
    const stream = loose.request([...fields, 'content-type', 'application/grpc', ...bearer, ...bearer])
    stream.end(framed(message))
    expect((await endOf(stream)).status).toBe(16)
  } finally {
    loose.destroy()
  }
})

test('what ended without an event is counted by what ended it', async () => {
  await send(framed(message), { 'grpc-timeout': '0S' })
  await send(framed(message), { ':method': 'GET', 'content-type': 'text/html' })
  await send(framed(message), { 'x-long': 'a'.repeat(limits.ep11MetadataBytes) })
  const page = await house.registry.metrics()
  const ended = [...page.matchAll(/^keywitness_ep11_calls_ended_total\{bound="(.*)"\}/gm)].map(([, bound]) => bound)
  expect(ended).toEqual(expect.arrayContaining(['deadline', 'protocol', 'metadata']))
})
