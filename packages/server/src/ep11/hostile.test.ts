/** What no decent client sends: too much, too slowly, too often, or no gRPC at all. Others are served meanwhile. */
import type { ClientHttp2Session } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { StandingTime } from '../listening/testing/standing-time.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import type { Grep11Client } from './testing/grep11-client.ts'
import { endOf, framed, openSession, openStream } from './testing/raw-stream.ts'

const RESOURCE_EXHAUSTED = 8
const path = '/grep11.Crypto/Logout'
const megabyte = 1024 * 1024

let house: Ep11House
let time: StandingTime
let decent: Grep11Client
let token: string
let sessions: ClientHttp2Session[]
beforeEach(async () => {
  time = new StandingTime()
  house = await openEp11House({ later: time.later })
  decent = await house.client()
  token = await house.token(house.operator.apiKey)
  sessions = []
  house.news()
})
afterEach(async () => {
  for (const session of sessions) session.destroy()
  await house.close()
})

async function open(): Promise<ClientHttp2Session> {
  const session = await openSession(house.ports.public, house.ca)
  sessions.push(session)
  return session
}

const closed = (end: { on(event: 'close', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => void end.on('close', resolve))

/** Another caller's call goes through. */
async function isServed(): Promise<boolean> {
  house.unit.respond = () => ({})
  return (await decent.ends('Logout', {})).error === undefined
}

test('a message over the bound is not read to its end, and not answered by the unit', async () => {
  const { error } = await decent.ends('DigestSingle', { Mech: { Mechanism: 1 }, Data: Buffer.alloc(5 * megabyte) })
  expect(error?.code).toBe(RESOURCE_EXHAUSTED)
  expect(house.unit.asked).toEqual([])
  expect(await isServed()).toBe(true)
})

test('the longest data that the unit takes fit into a message', async () => {
  await decent.ask('DigestSingle', { Mech: { Mechanism: 1 }, Data: Buffer.alloc(4 * megabyte, 7) })
  expect(house.unit.asked[0]?.request['data']).toHaveLength(4 * megabyte)
})

test('a message that only says that it is long is refused at once', async () => {
  const stream = openStream(await open(), token, path)
  stream.write(framed(Buffer.from('x'), { length: 0xffff_ffff }))
  expect((await endOf(stream)).status).toBe(RESOURCE_EXHAUSTED)
  expect(await isServed()).toBe(true)
})

test('a short message that is a long one once it is inflated is refused', async () => {
  const stream = openStream(await open(), token, path, { 'grpc-encoding': 'gzip' })
  stream.end(framed(gzipSync(Buffer.alloc(64 * megabyte)), { isCompressed: true }))
  expect((await endOf(stream)).status).toBe(RESOURCE_EXHAUSTED)
  expect(await isServed()).toBe(true)
})

test('a message that does not come to its end is given up, and holds up nobody', async () => {
  const session = await open()
  const slow = Array.from({ length: limits.ep11ReadingsOfCaller }, () => openStream(session, token, path))
  for (const stream of slow) stream.write(framed(Buffer.from('x'), { length: 100 }))
  await expect.poll(() => time.left().filter((ms) => ms === limits.ep11MessageMs)).toHaveLength(slow.length)
  // Of the same caller: it waits for its turn, and is not read.
  const next = openStream(session, token, path)
  next.end(framed(Buffer.alloc(0)))
  const another = await house.client('c', { apiKey: await house.withRole('Reader') })
  await another.ask('Logout', {})
  expect(house.unit.asked).toHaveLength(1)
  const ends = [...slow, next].map(endOf)
  time.pass(limits.ep11MessageMs)
  const statuses = (await Promise.all(ends)).map(({ status }) => status)
  expect(statuses).toEqual([...slow.map(() => 4), 0])
  expect(house.unit.asked).toHaveLength(2)
})

test('callers who have taken all places with messages that do not come give way to another', async () => {
  const session = await open()
  const callers = limits.ep11Readings / limits.ep11ReadingsOfCaller
  const tokens: string[] = []
  while (tokens.length < callers) tokens.push(await house.token(await house.withRole('Reader')))
  const slow = tokens.flatMap((one) =>
    Array.from({ length: limits.ep11ReadingsOfCaller }, () => openStream(session, one, path)),
  )
  for (const stream of slow) stream.write(framed(Buffer.from('x'), { length: 100 }))
  await expect.poll(() => time.left().filter((ms) => ms === limits.ep11MessageMs)).toHaveLength(slow.length)
  const ended = Promise.any(slow.map(endOf))
  const served = isServed()
  await expect.poll(() => time.left()).toContain(limits.ep11SlowMs)
  time.pass(limits.ep11SlowMs)
  expect(await served).toBe(true)
  expect((await ended).status).toBe(4)
  // The others are let be: nobody waits for their places.
  expect(time.left().filter((ms) => ms === limits.ep11MessageMs - limits.ep11SlowMs)).toHaveLength(slow.length - 1)
})

test('of one connection no more calls are under way than it may have', async () => {
  const session = await open()
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  house.unit.respond = async () => {
    await released
    return {}
  }
  const ends = Array.from({ length: limits.ep11Streams + 50 }, () => {
    const stream = openStream(session, token, path)
    stream.end(framed(Buffer.alloc(0)))
    return endOf(stream)
  })
  await expect.poll(() => house.unit.asked.length).toBe(limits.ep11Streams)
  release()
  for (const end of ends) expect((await end).status).toBe(0)
  expect(house.uses()).toHaveLength(limits.ep11Streams + 50)
})

test('a caller with too many calls under way is refused, and served again once they are answered', async () => {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  house.unit.respond = async () => {
    await released
    return {}
  }
  const connections = limits.ep11CallsOfCaller / limits.ep11Streams
  const ends = []
  for (let connection = 0; connection < connections; connection++) {
    const session = await open()
    for (let call = 0; call < limits.ep11Streams; call++) {
      const stream = openStream(session, token, path)
      stream.end(framed(Buffer.alloc(0)))
      ends.push(endOf(stream))
    }
  }
  await expect.poll(() => house.unit.asked.length).toBe(limits.ep11CallsOfCaller)
  const { error } = await decent.ends('Logout', {})
  expect(error?.code).toBe(RESOURCE_EXHAUSTED)
  const another = await house.client('c', { apiKey: await house.withRole('Reader') })
  const theirs = another.ask('Logout', {})
  release()
  await theirs
  await Promise.all(ends)
  expect(await isServed()).toBe(true)
}, 30_000)

test('calls that are cancelled give their place back, and what was done is recorded', async () => {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  house.unit.respond = async () => {
    await released
    return {}
  }
  // More than a caller may have under way, one connection after the other.
  const rounds = limits.ep11CallsOfCaller / limits.ep11Streams + 1
  for (let round = 1; round <= rounds; round++) {
    const client = await house.client()
    const cancels: (() => void)[] = []
    const calls = Array.from({ length: limits.ep11Streams }, () =>
      client.ends('Logout', {}, {}, (call) => void cancels.push(() => call.cancel())),
    )
    await expect.poll(() => house.unit.asked.length).toBe(round * limits.ep11Streams)
    for (const cancel of cancels) cancel()
    for (const { error } of await Promise.all(calls)) expect(error?.code).toBe(1)
    client.close()
  }
  release()
  expect(await isServed()).toBe(true)
  const uses = (): number => house.events().filter(({ action }) => action === 'hs-crypto.ep11.use').length
  await expect.poll(uses).toBe(rounds * limits.ep11Streams + 1)
})

test('a call whose time is over is ended for its client, and what was done is recorded', async () => {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  house.unit.respond = async () => {
    await released
    return {}
  }
  const stream = openStream(await open(), token, path, { 'grpc-timeout': '1m' })
  stream.end(framed(Buffer.alloc(0)))
  await expect.poll(() => house.unit.asked).toHaveLength(1)
  time.pass(1)
  expect((await endOf(stream)).status).toBe(4)
  release()
  expect(await isServed()).toBe(true)
  expect(house.uses().every(({ outcome }) => outcome === 'success')).toBe(true)
})

test('streams that are opened and reset at once cost their connection, not the others', async () => {
  const session = await open()
  for (let count = 0; count < 5_000 && !session.destroyed; count++) {
    const stream = openStream(session, token, path)
    stream.close(8)
    if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await isServed()).toBe(true)
})

test('a flood of pings and settings holds up nobody', async () => {
  const session = await open()
  for (let count = 0; count < 5_000 && !session.destroyed; count++) {
    session.ping(() => undefined)
    if (count % 200 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await isServed()).toBe(true)
})

test.each([
  ['17 KiB in one value', { 'x-a': 'a'.repeat(17 * 1024) }],
  ['a hundred values', Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x-${at}`, 'a'.repeat(200)]))],
])('metadata of %s are refused', async (_, headers) => {
  const stream = openStream(await open(), token, path, headers)
  stream.end(framed(Buffer.alloc(0)))
  expect((await endOf(stream)).status).toBe(RESOURCE_EXHAUSTED)
  expect(house.unit.asked).toEqual([])
  expect(await isServed()).toBe(true)
})

test('headers over every bound end their connection', async () => {
  const session = await open()
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`x-${at}`, 'a'.repeat(2_000)]))
  const stream = openStream(session, token, path, many)
  stream.end(framed(Buffer.alloc(0)))
  expect((await endOf(stream)).status).not.toBe(0)
  expect(house.unit.asked).toEqual([])
  expect(await isServed()).toBe(true)
})

test('an answer that nobody takes ends its connection', async () => {
  house.unit.respond = () => ({ answer: { random: Buffer.alloc(4 * megabyte) } as never })
  const session = await open()
  const stream = openStream(session, token, '/grep11.Crypto/GenerateRandom')
  stream.end(framed(Buffer.from('0801', 'hex')))
  stream.pause()
  await expect.poll(() => time.left()).toContain(limits.ep11AnswerMs)
  const isClosed = closed(session)
  time.pass(limits.ep11AnswerMs)
  await isClosed
  expect(await isServed()).toBe(true)
})

test('a second message of a call, or none, reaches no unit', async () => {
  const session = await open()
  const twice = openStream(session, token, path)
  twice.end(Buffer.concat([framed(Buffer.alloc(0)), framed(Buffer.alloc(0))]))
  const none = openStream(session, token, path)
  none.end()
  const ends = await Promise.all([twice, none].map(endOf))
  expect(ends.map(({ status }) => status)).toEqual([12, 12])
  expect(house.unit.asked).toEqual([])
})

test('what is no gRPC is answered with 415', async () => {
  const stream = openStream(await open(), token, path, { 'content-type': 'application/json' })
  stream.end('{}')
  expect((await endOf(stream)).http).toBe(415)
})

test('whoever speaks no HTTP/2, or no TLS, is not listened to', async () => {
  const port = house.ports.public
  const old = connectTls({ port, host: '127.0.0.1', ca: house.ca, servername: 'localhost' })
  old.on('error', () => undefined)
  old.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await closed(old)
  const other = connectTls({
    port,
    host: '127.0.0.1',
    ca: house.ca,
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
  })
  other.on('error', () => undefined)
  await closed(other)
  const bare = connectTcp(port, '127.0.0.1')
  bare.on('error', () => undefined)
  bare.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  await closed(bare)
  expect(await isServed()).toBe(true)
})

test('a connection that breaks off in the middle of a frame is forgotten', async () => {
  const session = await open()
  const stream = openStream(session, token, path)
  stream.write(framed(Buffer.from('x'), { length: 1_000 }))
  await expect.poll(() => time.left()).toContain(limits.ep11MessageMs)
  session.destroy()
  await expect.poll(() => time.left()).not.toContain(limits.ep11MessageMs)
  expect(await isServed()).toBe(true)
})
