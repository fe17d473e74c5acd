/** A KMIP listener for tests: real TLS on loopback, a service that answers what it is told to, time that stands. */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { selfSigned } from '../../testing/self-signed.ts'
import { handshakeWork } from '../../listening/handshake-work.ts'
import { StandingTime } from '../../listening/testing/standing-time.ts'
import { type KmipListener, type ListenBounds, type ListenParts, listenKmip } from '../listen.ts'
import type { KmipError } from '../message/kmip-error.ts'
import { kmipMetrics } from '../metrics.ts'
import type { KmipAnswer, KmipPeer } from '../peer.ts'
import { TlsConnection } from './tls-connection.ts'

/** Wide enough to be in nobody's way. */
const bounds: ListenBounds = {
  connections: 1_000,
  connectionsOfAddress: 1_000,
  connectionsOfCertificate: 1_000,
  requestsPerSecond: 10_000,
  requestBurst: 10_000,
  handshakeMs: 10_000,
  handshakeWork,
  handshakes: 1_000,
  connectsPerSecond: 10_000,
  connectBurst: 10_000,
  backlog: 511,
  idleMs: 600_000,
  messageMs: 30_000,
  answerMs: 30_000,
  lingerMs: 2_000,
  overloadMs: 10_000,
  sources: 1_000,
  heldBytes: 1024 * 1024,
  ownBytes: 1024,
  drainMs: 4_000,
}

/** Answers each message with itself under another first byte, unless a test says otherwise. */
export class FakeService {
  readonly peers: KmipPeer[] = []
  /** Copies of what was asked. */
  readonly messages: Buffer[] = []
  readonly errors: KmipError[] = []
  readonly overloads: KmipPeer[] = []
  most = 16_384
  /** How often the bound was asked for: once for each header. */
  headers = 0
  /** The very buffers that were given and taken. */
  given: Buffer[] = []
  respond: (message: Buffer, peer: KmipPeer) => KmipAnswer | Promise<KmipAnswer> = (message) => echo(message)
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  maxBytes(): number {
    this.headers++
    return this.most
  }

  async answer(peer: KmipPeer, message: Buffer): Promise<KmipAnswer> {
    this.peers.push(peer)
    this.messages.push(Buffer.from(message))
    this.given.push(message)
    for (const { count, resolve } of this.#waiting) if (this.messages.length >= count) resolve()
    const answer = await this.respond(message, peer)
    if (answer.bytes !== undefined) this.given.push(answer.bytes)
    return answer
  }

  broken(_peer: KmipPeer, error: KmipError): Promise<KmipAnswer> {
    this.errors.push(error)
    return Promise.resolve({ bytes: error.notKmip ? undefined : Buffer.from('broken'), close: true })
  }

  overloaded(peer: KmipPeer): Promise<KmipAnswer> {
    this.overloads.push(peer)
    return Promise.resolve({ bytes: Buffer.from('overloaded'), close: true })
  }

  /** Once this many messages were asked. */
  async asked(count: number): Promise<void> {
    if (this.messages.length >= count) return
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }))
  }
}

/** A response message of the same content. */
export function echo(message: Buffer, close = false): KmipAnswer {
  const bytes = Buffer.from(message)
  bytes.writeUInt8(0x7b, 2)
  return { bytes, close }
}

/** A request message: its header, and content of this length, which is a multiple of eight. */
export function request(content: string, bytes = Math.ceil(content.length / 8) * 8): Buffer {
  const message = Buffer.alloc(8 + bytes)
  message.writeUInt32BE(0x42007801)
  message.writeUInt32BE(bytes, 4)
  message.write(content, 8)
  return message
}

export interface ListenerHouse {
  readonly listener: KmipListener
  readonly service: FakeService
  readonly time: StandingTime
  readonly registry: Registry
  readonly logged: { readonly level: number; readonly msg: string; readonly [name: string]: unknown }[]
  readonly port: number
  /** Connects, and resolves when the handshake is done. */
  client(options?: ConnectionOptions): Promise<Client>
  close(): Promise<void>
}

const serverCertificate = selfSigned('localhost')
export const clientCertificate = selfSigned('kmipClient')
export const fingerprintOf = (pem: string): string =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')

export async function openListenerHouse(
  options: Partial<Pick<ListenParts, 'hasLegacyCiphers' | 'tls'>> & { readonly bounds?: Partial<ListenBounds> } = {},
): Promise<ListenerHouse> {
  const time = new StandingTime()
  const service = new FakeService()
  const registry = new Registry()
  const logged: ListenerHouse['logged'] = []
  const { cert, key } = serverCertificate
  const parts = {
    address: { host: '127.0.0.1', port: 0 },
    tls: { cert: Buffer.from(cert), key: Buffer.from(key) },
    hasLegacyCiphers: false,
    ...options,
    bounds: { ...bounds, ...options.bounds },
    service,
    clock: { now: () => time.now, monotonic: () => time.now },
    later: time.later,
    metrics: kmipMetrics(registry),
    log: pino({ level: 'trace', base: null }, { write: (line) => void logged.push(JSON.parse(line)) }),
  }
  const listener = await listenKmip(parts)
  const port = Number(listener.address.split(':').at(-1))
  const clients: Client[] = []
  return {
    listener,
    service,
    time,
    registry,
    logged,
    port,
    async client(more = {}) {
      const client = await openClient(port, more)
      clients.push(client)
      await client.secured
      return client
    },
    async close() {
      for (const { socket } of clients) socket.destroy()
      const stopped = listener.stop()
      time.pass(parts.bounds.drainMs)
      await stopped
    },
  }
}

/** A connection whose handshake has begun; by default any certificate of the server will do. */
export async function openClient(port: number, options: ConnectionOptions = {}): Promise<Client> {
  const tcp = connectTcp(port, '127.0.0.1')
  await once(tcp, 'connect')
  return new Client(tcp, { rejectUnauthorized: false, ...clientCertificate, ...options })
}

export class Client extends TlsConnection {
  get got(): string {
    return this.left.toString('latin1')
  }

  /** Sends a request and waits for its answer's content. */
  async ask(content: string): Promise<string> {
    this.socket.write(request(content))
    return textOf(await this.message())
  }
}

/** The content of a message, without what fills it up. */
export function textOf(message: Buffer): string {
  return message.subarray(8).toString('latin1').replace(/\0+$/, '')
}
