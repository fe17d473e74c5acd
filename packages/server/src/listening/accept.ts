/** Accepts TLS connections within bounds: how many there are, how fast they come, how long a handshake may take. */
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { sourceOf } from '../iam/flood.ts'
import { addressText } from '../listener-address.ts'
import type { Address } from '../setting-values.ts'
import { Crowd } from './crowd.ts'
import type { Later } from './deadline.ts'
import { Rates } from './rates.ts'

/** Times in milliseconds. */
export interface AcceptBounds {
  readonly connections: number
  /** Of one address, or of one /64 network of IPv6. */
  readonly connectionsOfAddress: number
  readonly connectsPerSecond: number
  readonly connectBurst: number
  /** From the accepted connection to the end of its handshake. */
  readonly handshakeMs: number
  /** Handshakes under way; with one more the oldest gives way. */
  readonly handshakes: number
  /** Connections that the operating system holds until they are accepted. */
  readonly backlog: number
  /** Addresses whose connections are counted at a time. */
  readonly sources: number
}

/**
 * Why a handshake came to nothing:
 * - `left`: the peer closed first, as health probes do
 * - `late`: it was not done in time, or gave way to newer ones
 * - `protocol`: no version or cipher suite in common, or no TLS at all
 * - `no_certificate`: it was done, and nobody can be known by it
 */
type HandshakeFailure = 'left' | 'late' | 'protocol' | 'no_certificate'

/** Which bound a connection was refused by. */
type ConnectionBound = 'connections' | 'address' | 'address_rate' | 'certificate'

export interface AcceptMetrics {
  /** Tells how many connections are open now, whenever that is asked. */
  countConnections(count: () => number): void
  handshakeFailed(reason: HandshakeFailure): void
  connectionRefused(bound: ConnectionBound): void
}

export interface AcceptParts {
  readonly address: Address
  readonly tls: TlsOptions
  readonly bounds: AcceptBounds
  /** As log lines name it. */
  readonly protocol: string
  /** Whether a peer that has sent its end is still answered; otherwise its connection ends with it. */
  readonly allowHalfOpen: boolean
  readonly clock: Clock
  readonly later: Later
  readonly metrics: AcceptMetrics
  readonly log: Logger
  /** A connection whose handshake is done, and the address that it came from. */
  readonly secured: (socket: TLSSocket, address: string) => void
}

export interface Acceptor {
  /** `host:port` */
  readonly address: string
  /** Open now, handshakes under way included. */
  readonly connections: number
  /** Counts a refused connection, and tells of it once in a minute. */
  refuse(bound: ConnectionBound): void
  /** Counts a handshake of an address as so many connections, and ends those that the address has under way. */
  charge(address: string, connections: number): void
  /** New connections are made with these options. */
  setTls(options: TlsOptions): void
  /** Refuses new connections and ends handshakes; resolves once every connection is closed, by whomever. */
  stop(): Promise<void>
  /** Ends every connection now. */
  destroy(): void
}

/** A connection whose handshake is under way. */
interface Handshake {
  readonly socket: Socket
  readonly address: string
  failure: HandshakeFailure
  readonly cancel: () => void
}

/**
 * @throws Error of `listen` when the address cannot be bound, and of TLS when certificate and key cannot be used
 */
export async function acceptTls(parts: AcceptParts): Promise<Acceptor> {
  const { allowHalfOpen, bounds, clock, later, log, metrics, protocol } = parts
  const tls = createTlsServer(parts.tls)
  // TLS has no accept loop of its own: a connection that is refused costs no handshake.
  const accept = createServer({ allowHalfOpen, noDelay: true, keepAlive: true })
  const open = new Set<Socket>()
  const ofAddress = new Crowd<Socket>(bounds.connectionsOfAddress)
  /** The oldest first. */
  const handshakes = new Map<string, Handshake>()
  const rates = (perSecond: number, burst: number): Rates =>
    new Rates({ perSecond, burst, tellMs: 0, sources: bounds.sources }, () => clock.monotonic())
  const connects = rates(bounds.connectsPerSecond, bounds.connectBurst)
  /** What is logged, once a minute of a kind: whoever floods the listener does not flood the log. */
  const told = rates(1 / 60, 1)
  let isStopping = false
  let emptied = (): void => undefined

  function refuse(bound: ConnectionBound): void {
    metrics.connectionRefused(bound)
    if (told.take(bound) === 'taken') log.warn({ bound }, `connections of ${protocol} are refused`)
  }

  accept.on('connection', (socket) => {
    const address = socket.remoteAddress
    if (isStopping || address === undefined) {
      socket.destroy()
      return
    }
    const source = sourceOf(address)
    const bound = boundReached(source)
    if (bound !== undefined) {
      refuse(bound)
      socket.destroy()
      return
    }
    open.add(socket)
    ofAddress.enter(source, socket)
    const name = connectionName(socket)
    socket.on('close', () => {
      open.delete(socket)
      if (open.size === 0) emptied()
      ofAddress.leave(source, socket)
      const handshake = handshakes.get(name)
      if (handshake?.socket !== socket) return
      handshakes.delete(name)
      handshake.cancel()
      metrics.handshakeFailed(handshake.failure)
      log.debug({ reason: handshake.failure }, `a handshake of ${protocol} came to nothing`)
    })
    const giveUp = (): void => {
      handshake.failure = 'late'
      socket.destroy()
    }
    const cancel = later(bounds.handshakeMs, giveUp)
    const handshake: Handshake = { socket, address: plainAddress(address), failure: 'left', cancel }
    handshakes.set(name, handshake)
    if (handshakes.size > bounds.handshakes) endOldest()
    tls.emit('connection', socket)
  })

  function boundReached(source: string): ConnectionBound | undefined {
    if (open.size >= bounds.connections) return 'connections'
    if (!ofAddress.hasRoom(source)) return 'address'
    return connects.take(source) === 'taken' ? undefined : 'address_rate'
  }

  function charge(address: string, connections: number): void {
    const source = sourceOf(address)
    connects.charge(source, connections)
    for (const { socket, address: other } of handshakes.values()) if (sourceOf(other) === source) socket.destroy()
  }

  function endOldest(): void {
    const [oldest] = handshakes.values()
    if (oldest === undefined) return
    oldest.failure = 'late'
    oldest.socket.destroy()
  }

  tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const handshake = handshakes.get(connectionName(socket))
    if (handshake !== undefined && error.code !== 'ECONNRESET') handshake.failure = 'protocol'
  })

  tls.on('secureConnection', (socket) => {
    const name = connectionName(socket)
    const handshake = handshakes.get(name)
    if (handshake === undefined) {
      socket.destroy()
      return
    }
    handshakes.delete(name)
    handshake.cancel()
    parts.secured(socket, handshake.address)
  })

  await new Promise<void>((resolve, reject) => {
    accept.once('error', reject)
    accept.listen({ ...parts.address, backlog: bounds.backlog }, () => {
      accept.removeListener('error', reject)
      resolve()
    })
  })
  accept.on('error', (error: NodeJS.ErrnoException) => {
    if (told.take('error') === 'taken') log.warn({ code: error.code }, `connections of ${protocol} cannot be accepted`)
  })

  metrics.countConnections(() => open.size)
  const destroy = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    address: addressText(accept.address()),
    get connections() {
      return open.size
    },
    refuse,
    charge,
    setTls: (options) => tls.setSecureContext(options),
    destroy,
    async stop() {
      isStopping = true
      accept.close()
      const closed = new Promise<void>((resolve) => (emptied = resolve))
      if (open.size === 0) emptied()
      for (const { socket } of handshakes.values()) socket.destroy()
      await closed
    },
  }
}

interface Ends {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}

/** Both ends: no two connections of a listener have the same. */
function connectionName(ends: Ends): string {
  const { remoteAddress, remotePort, localAddress, localPort } = ends
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
