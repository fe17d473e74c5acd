/** How connections end: by themselves, by what the other end does not do, in good order, and at once. */
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer, type Server, type TLSSocket } from 'node:tls'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StandingTime } from '../../listening/testing/standing-time.ts'
import { selfSigned } from '../../testing/self-signed.ts'
import { framed, openStream } from '../testing/raw-stream.ts'
import type { GrpcCall } from './call.ts'
import { Connection } from './connection.ts'

const bounds = {
  streams: 10,
  headerBytes: 65_536,
  headerPairs: 100,
  resetBurst: 100,
  resetsPerSecond: 1,
  invalidFrames: 10,
  refusedStreams: 10,
  memoryBytes: 10_000_000,
  idleMs: 600_000,
  pingMs: 120_000,
  pingWaitMs: 20_000,
  lingerMs: 2_000,
}
const { cert, key } = selfSigned('localhost')

let time: StandingTime
let server: Server
let calls: GrpcCall[]
let refused: number
let connections: Connection[]
let clients: { destroy(): void }[]
beforeEach(async () => {
  time = new StandingTime()
  calls = []
  refused = 0
  connections = []
  clients = []
  const parts = {
    bounds,
    later: time.later,
    log: pino({ level: 'silent' }),
    called: (call: GrpcCall) => void calls.push(call),
    refused: () => void refused++,
  }
  server = createServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
    connections.push(
      new Connection(
        socket,
        { address: '127.0.0.1', servername: undefined, isPrivate: false, certificates: undefined },
        parts,
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  for (const client of clients) client.destroy()
  for (const connection of connections) connection.destroy()
  server.close()
})

const port = (): number => (server.address() as AddressInfo).port

async function open(): Promise<ClientHttp2Session> {
  const session = connect(`https://localhost:${port()}`, { ca: cert })
  clients.push(session)
  session.on('error', () => undefined)
  await once(session, 'remoteSettings')
  return session
}

/** A client that says hello and then only listens. */
async function openSilent(): Promise<TLSSocket> {
  const options = { port: port(), host: '127.0.0.1', ca: cert, servername: 'localhost', ALPNProtocols: ['h2'] }
  const socket = connectTls({ ...options, allowHalfOpen: true } as typeof options)
  clients.push(socket)
  socket.on('error', () => undefined)
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(Buffer.from('000000040000000000', 'hex'))
  await expect.poll(() => connections).toHaveLength(1)
  return socket
}

const closed = (end: { on(event: 'close', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => void end.on('close', resolve))

test('without a call it is closed after a while, in good order', async () => {
  const session = await open()
  const leave = once(session, 'goaway')
  const isClosed = closed(session)
  // Each time it is asked whether it is there, and answers.
  for (let passed = bounds.pingMs; passed < bounds.idleMs; passed += bounds.pingMs) {
    time.pass(bounds.pingMs)
    await expect.poll(() => time.left()).toContain(bounds.pingMs)
    expect(time.left()).toContain(bounds.idleMs - passed)
  }
  time.pass(bounds.pingMs)
  expect((await leave)[0]).toBe(0)
  await isClosed
  await expect.poll(() => time.left()).toEqual([])
})

test('the other end that does not answer a ping is gone', async () => {
  const socket = await openSilent()
  const isClosed = closed(socket.resume())
  time.pass(bounds.pingMs)
  expect(time.left()[0]).toBe(bounds.pingWaitMs)
  time.pass(bounds.pingWaitMs)
  socket.end()
  await isClosed
  await expect.poll(() => time.left()).toEqual([])
})

test('whoever is told that it ends, and does not close, is closed', async () => {
  const socket = await openSilent()
  const isClosed = closed(socket.resume())
  connections[0]?.close()
  expect(time.left()).toEqual([bounds.lingerMs])
  time.pass(bounds.lingerMs)
  socket.end()
  await isClosed
})

test('a connection that is closed answers what is under way, and takes nothing new', async () => {
  const session = await open()
  const running = openStream(session, '', '/a.B/C')
  running.end(framed(Buffer.alloc(0)))
  await expect.poll(() => calls).toHaveLength(1)
  const leave = once(session, 'goaway')
  const isClosed = closed(session)
  connections[0]?.close()
  await leave
  await expect.poll(() => session.closed).toBe(true)
  const trailers = once(running, 'trailers')
  calls[0]?.succeed([], Buffer.from('answer'))
  running.resume()
  expect((await trailers)[0]).toMatchObject({ 'grpc-status': '0' })
  await isClosed
})

test('a connection that is destroyed ends its calls', async () => {
  const session = await open()
  const running = openStream(session, '', '/a.B/C')
  running.write(framed(Buffer.from('part'), { length: 100 }))
  await expect.poll(() => calls).toHaveLength(1)
  const message = calls[0]?.read(1_000)
  const isClosed = closed(session)
  connections[0]?.destroy()
  expect(await message).toBeUndefined()
  expect(calls[0]?.isOver).toBe(true)
  await isClosed
})

test('GET is no call, and told what is', async () => {
  const session = await open()
  const [answer] = await once(session.request({ ':path': '/a.B/C', 'content-type': 'application/grpc' }), 'response')
  expect([answer[':status'], answer['allow'], calls.length, refused]).toEqual([405, 'POST', 0, 1])
})

test.each([
  ['PUT', {}, 405],
  ['POST', { 'content-type': 'application/json' }, 415],
  ['POST', { 'content-type': 'application/grpc-web' }, 415],
  ['POST', { 'content-type': 'application/grpc+json' }, 415],
  ['POST', { 'content-type': undefined }, 415],
] as const)('%s with %j is no call, and answered with %i', async (method, headers, status) => {
  const session = await open()
  const stream = openStream(session, '', '/a.B/C', { ':method': method, ...headers })
  // Who goes on sending has little time for that.
  stream.write('x')
  const [answer] = await once(stream, 'response')
  expect(answer[':status']).toBe(status)
  expect([calls.length, refused]).toEqual([0, 1])
  const isClosed = closed(session)
  await expect.poll(() => time.left()[0]).toBe(bounds.lingerMs)
  time.pass(bounds.lingerMs)
  await isClosed
})

test.each(['application/grpc', 'application/grpc+proto', 'application/grpc; charset=utf-8'])(
  '%s is a call',
  async (type) => {
    openStream(await open(), '', '/a.B/C', { 'content-type': type, te: undefined })
    await expect.poll(() => calls).toHaveLength(1)
    expect(calls[0]?.path).toBe('/a.B/C')
  },
)

/** A frame of HTTP/2 (RFC 9113, section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Headers of a call by the static table (RFC 7541, appendix A), and that its client has thought better of it. */
const resetCall = (stream: number): Buffer =>
  Buffer.concat([
    frame(1, 4, stream, Buffer.from('838784', 'hex')),
    frame(3, 0, stream, Buffer.from('00000008', 'hex')),
  ])

const headersWithoutEnd = frame(1, 0, 1, Buffer.alloc(0))

test.each([
  ['resets call after call', (round: number) => resetCall(2 * round + 1)],
  [
    'continues headers without end',
    (round: number) => (round === 0 ? headersWithoutEnd : frame(9, 0, 1, Buffer.alloc(0))),
  ],
  ['sends settings, and takes no answer', () => frame(4, 0, 0, Buffer.alloc(0))],
  ['sends pings, and takes no answer', () => frame(6, 0, 0, Buffer.alloc(8))],
  ['sends more settings in a frame than there are', () => frame(4, 0, 0, Buffer.alloc(6 * 100))],
] as const)('a client that %s is cut off', async (_, frameOf) => {
  const socket = await openSilent()
  const isClosed = closed(socket)
  for (let round = 0; round < 500_000 && !socket.destroyed; round++) {
    if (socket.write(frameOf(round))) continue
    await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), isClosed])
  }
  await isClosed
  expect(calls).toEqual([])
})
