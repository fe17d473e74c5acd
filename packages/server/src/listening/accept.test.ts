/** Handshakes that ask too much of the thread that serves everybody, in bytes or in processor time, finished or not. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { objectIdentifier } from '@keywitness/crypto-unit/ep11/der'
import { element, sequence } from '@keywitness/crypto-unit/tke/der'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { authority, mint, type Minted, nameOf } from '../certificates/testing/mint.ts'
import { selfSigned } from '../testing/self-signed.ts'
import { type AcceptBounds, type Acceptor, acceptTls } from './accept.ts'
import { later } from './deadline.ts'
import { handshakeWork } from './handshake-work.ts'

const bounds: AcceptBounds = {
  connections: 100,
  connectionsOfAddress: 100,
  connectsPerSecond: 1_000,
  connectBurst: 1_000,
  handshakeMs: 20_000,
  handshakes: 100,
  handshakeWork,
  backlog: 511,
  sources: 100,
}

let now: number
let events: string[]
let opened: { close(): void }[]
beforeEach(() => {
  now = 0
  events = []
  opened = []
})
afterEach(() => {
  for (const one of opened.toReversed()) one.close()
})

async function listen(
  work: Partial<AcceptBounds['handshakeWork']> = {},
  secured: (socket: TLSSocket) => void = (socket) => void socket.resume().on('error', () => undefined),
): Promise<Acceptor> {
  const told = events
  const acceptor = await acceptTls({
    address: { host: '127.0.0.1', port: 0 },
    tls: { ...selfSigned('localhost'), requestCert: true, rejectUnauthorized: false, ca: [] },
    bounds: { ...bounds, handshakeWork: { ...handshakeWork, ...work } },
    protocol: 'a test',
    allowHalfOpen: true,
    clock: { now: () => now, monotonic: () => now },
    later,
    metrics: {
      countConnections: () => undefined,
      handshakeFailed: (reason) => void told.push(`failed: ${reason}`),
      connectionRefused: (bound) => void told.push(`refused: ${bound}`),
    },
    log: pino({ level: 'silent' }),
    secured: (socket) => {
      told.push('secured')
      secured(socket)
    },
  })
  opened.push({ close: () => acceptor.destroy() })
  return acceptor
}

const portOf = ({ address }: Acceptor): number => Number(address.slice(address.lastIndexOf(':') + 1))

/** A client that shows these certificates, the first its own. */
function client(port: number, shown?: readonly Minted[]): TLSSocket {
  const [own] = shown ?? []
  const identity = own === undefined ? {} : { key: own.key, cert: shown?.map(({ cert }) => cert).join('') ?? '' }
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...identity })
  socket.on('error', () => undefined)
  opened.push({ close: () => socket.destroy() })
  return socket
}

/** Passes on what a client says, in pieces of its own choice. */
async function relay(port: number, pass: (bytes: Buffer, to: Socket) => void): Promise<number> {
  const server: Server = createServer((from) => {
    const to = connectTcp(port, '127.0.0.1')
    to.pipe(from)
    from.on('data', (bytes: Buffer) => pass(bytes, to))
    for (const socket of [from, to]) socket.on('error', () => undefined)
    to.on('close', () => from.destroy())
    from.on('close', () => to.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(server)
  return (server.address() as { port: number }).port
}

/**
 * Each signed, so it says, by the next one, whose key takes as much time as OpenSSL lets a key take: 3,072 bits with an
 * exponent as long. That the signatures are not good shows only after the work.
 */
function dearChain(length: number): Minted[] {
  const signer = generateKeyPairSync('rsa', { modulusLength: 3_072 })
  const modulus = Buffer.concat([Buffer.from([0, 0xff]), randomBytes(382), Buffer.from([1])])
  const exponent = Buffer.concat([Buffer.from([0x7f]), randomBytes(382), Buffer.from([1])])
  const spki = sequence(
    sequence(objectIdentifier('1.2.840.113549.1.1.1'), element(0x05)),
    element(0x03, Buffer.from([0]), sequence(element(0x02, modulus), element(0x02, exponent))),
  )
  const publicKey = new Proxy(signer.publicKey, {
    get: (key, name) => (name === 'export' ? () => spki : (Reflect.get(key, name) as unknown)),
  })
  const keys = { publicKey, privateKey: signer.privateKey }
  const named = (index: number): Pick<Minted, 'keys' | 'name'> => ({ keys: signer, name: nameOf(`dear ${index}`) })
  const own = mint({ subject: 'client', issuer: named(1) })
  const others = Array.from({ length: length - 1 }, (_, index) =>
    mint({ subject: `dear ${index + 1}`, issuer: named(index + 2), keys }),
  )
  return [own, ...others]
}

const ends = (socket: Socket): Promise<unknown> => new Promise((resolve) => void socket.on('close', resolve))

test('a handshake by dear keys is paid for by its address, which then waits, and is then served', async () => {
  const acceptor = await listen({ msBurst: 20, msPerSecond: 10 })
  const chain = dearChain(14)
  await ends(client(portOf(acceptor), chain))
  await expect.poll(() => events).toEqual(['failed: protocol'])
  await ends(client(portOf(acceptor)))
  expect(events).toEqual(['failed: protocol', 'refused: address_work'])
  now += 60_000
  await once(client(portOf(acceptor)), 'secureConnect')
  await expect.poll(() => events).toContain('secured')
})

test('it costs as much if it is never finished, and ends what the address has under way', async () => {
  const acceptor = await listen({ msBurst: 20, msPerSecond: 10 })
  let seen = 0
  // All but the last record of the client's, by which it would be done.
  const port = await relay(portOf(acceptor), (bytes, to) => {
    seen += bytes.length
    to.write(seen === bytes.length ? bytes : bytes.subarray(0, -40))
  })
  const other = connectTcp(portOf(acceptor), '127.0.0.1')
  await once(other, 'connect')
  client(port, dearChain(14))
  const late = async (): Promise<unknown> => {
    const socket = connectTcp(portOf(acceptor), '127.0.0.1')
    opened.push({ close: () => socket.destroy() })
    return Promise.race([ends(socket), new Promise((resolve) => setTimeout(resolve, 50, 'open'))])
  }
  await expect.poll(async () => (await late()) !== 'open').toBe(true)
  expect(events).toContain('refused: address_work')
  // One that was there before is ended as soon as it says something.
  other.write('x')
  await ends(other)
  expect(events).toContain('failed: excess')
  expect(events).not.toContain('secured')
})

test('handshakes of honest clients cost their address nothing', async () => {
  const acceptor = await listen({ msBurst: 1, msPerSecond: 1, freeMs: 50 })
  const root = authority('root')
  const chain = [mint({ subject: 'client', issuer: root }), root]
  for (let count = 1; count <= 20; count++) {
    const socket = client(portOf(acceptor), chain)
    await once(socket, 'secureConnect')
    await expect.poll(() => events).toEqual(Array.from({ length: count }, () => 'secured'))
    socket.destroy()
  }
})

test('a handshake of too many bytes is ended, one just below is not, and what follows it does not count', async () => {
  const acceptor = await listen({ bytes: 24_000, msBurst: 10_000 }, (socket) => {
    socket.on('error', () => undefined)
    let length = 0
    socket.on('data', (bytes: Buffer) => {
      length += bytes.length
      if (length === 100_000) socket.end('all')
    })
  })
  const root = authority('root')
  const own = mint({ subject: 'client', issuer: root })
  const filler = (bytes: number): Minted[] =>
    Array.from({ length: Math.floor(bytes / root.der.length) }, (_, index) => authority(`x ${index}`))
  await ends(client(portOf(acceptor), [own, root, ...filler(26_000)]))
  await expect.poll(() => events).toEqual(['failed: excess'])
  // Held until the whole of it is there: the last of the handshake and the first of what follows come as one.
  let held: Buffer | undefined
  const port = await relay(portOf(acceptor), (bytes, to) => {
    if (held === undefined) {
      held = Buffer.alloc(0)
      to.write(bytes)
      return
    }
    held = Buffer.concat([held, bytes])
    if (held.length < 100_000) return
    to.write(held)
    held = Buffer.alloc(0)
  })
  const socket = client(port, [own, root, ...filler(19_000)])
  socket.write(Buffer.alloc(100_000, 1))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toBe('all')
  expect(events).toEqual(['failed: excess', 'secured'])
})

test('nonsense from a client that takes nothing more ends its connection, not the process', async () => {
  const secured: TLSSocket[] = []
  const acceptor = await listen({}, (socket) => {
    // As listeners do: Node leaves it to them.
    socket.resume().on('error', () => socket.destroy())
    secured.push(socket)
  })
  const raw = connectTcp(portOf(acceptor), '127.0.0.1')
  const socket = connectTls({ socket: raw, rejectUnauthorized: false })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  await expect.poll(() => secured.length).toBe(1)
  raw.pause()
  secured[0]?.end(Buffer.alloc(64 * 1024 * 1024))
  for (let count = 0; count < 20; count++) {
    raw.write(Buffer.from([23, 3, 3, 0, 32, ...randomBytes(32)]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await expect.poll(() => secured[0]?.destroyed).toBe(true)
  raw.destroy()
  await expect.poll(() => acceptor.connections).toBe(0)
  await once(client(portOf(acceptor)), 'secureConnect')
})
