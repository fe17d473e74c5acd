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
import { HandshakeInput } from './handshake-input.ts'
import { HandshakeTurns, type HandshakeWork } from './handshake-turns.ts'
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
  readonly handshakeWork: HandshakeWork
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
 * - `excess`: it took more bytes, or its address more processor time, than handshakes may
 * - `no_certificate`: it was done, and nobody can be known by it
 */
type HandshakeFailure = 'left' | 'late' | 'protocol' | 'excess' | 'no_certificate'

/** Which bound a connection was refused by. */
type ConnectionBound = 'connections' | 'address' | 'address_rate' | 'address_work' | 'certificate'

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
  /** New connections are made with these options. */
  setTls(options: TlsOptions): void
  /** Refuses new connections and ends handshakes; resolves once every connection is closed, by whomever. */
  stop(): Promise<void>
  /** Ends every connection now. */
  destroy(): void
}

/** A connection whose handshake is under way. */
interface Handshake {
  readonly input: HandshakeInput
  readonly address: string
  /** The address as bounds count it. */
  readonly source: string
  failure: HandshakeFailure
  /** Ends it, and says why. */
  readonly giveUp: (failure: HandshakeFailure) => void
  /** Its address has used up its time. */
  readonly refuse: () => void
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
  const handshakes = new Set<Handshake>()
  const rates = (perSecond: number, burst: number): Rates =>
    new Rates({ perSecond, burst, tellMs: 0, sources: bounds.sources }, () => clock.monotonic())
  const connects = rates(bounds.connectsPerSecond, bounds.connectBurst)
  const turns = new HandshakeTurns<Handshake>({
    work: bounds.handshakeWork,
    sources: bounds.sources,
    monotonic: () => clock.monotonic(),
  })
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
    const giveUp = (failure: HandshakeFailure): void => {
      handshake.failure = failure
      socket.destroy()
    }
    const input = new HandshakeInput(socket, allowHalfOpen, {
      maxBytes: bounds.handshakeWork.bytes,
      turn: (give) => turns.take(handshake, give),
      exceeded: () => giveUp('excess'),
    })
    const cancel = later(bounds.handshakeMs, () => giveUp('late'))
    const handshake: Handshake = {
      input,
      address: plainAddress(address),
      source,
      // Unless it turns out that the peer went first, or another bound was reached.
      failure: 'protocol',
      giveUp,
      refuse: () => {
        refuse('address_work')
        giveUp('excess')
      },
      cancel,
    }
    const left = (): void => void (handshake.failure = 'left')
    socket.on('end', left)
    socket.on('error', left)
    socket.on('close', () => {
      open.delete(socket)
      if (open.size === 0) emptied()
      ofAddress.leave(source, socket)
      if (!handshakes.delete(handshake)) return
      cancel()
      metrics.handshakeFailed(handshake.failure)
      log.debug({ reason: handshake.failure }, `a handshake of ${protocol} came to nothing`)
    })
    handshakes.add(handshake)
    if (handshakes.size > bounds.handshakes) endOldest()
    tls.emit('connection', input)
  })

  function boundReached(source: string): ConnectionBound | undefined {
    if (open.size >= bounds.connections) return 'connections'
    if (!ofAddress.hasRoom(source)) return 'address'
    if (!turns.hasTime(source)) return 'address_work'
    return connects.take(source) === 'taken' ? undefined : 'address_rate'
  }

  function endOldest(): void {
    const [oldest] = handshakes
    oldest?.giveUp('late')
  }

  // It comes while TLS is given bytes: its socket has no address of its own to know the handshake by.
  tls.on('secureConnection', (socket) => {
    const handshake = turns.current
    if (handshake === undefined || !handshakes.delete(handshake)) {
      socket.destroy()
      return
    }
    handshake.cancel()
    handshake.input.release()
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
    setTls: (options) => tls.setSecureContext(options),
    destroy,
    async stop() {
      isStopping = true
      accept.close()
      const closed = new Promise<void>((resolve) => (emptied = resolve))
      if (open.size === 0) emptied()
      for (const handshake of handshakes) handshake.giveUp('late')
      await closed
    },
  }
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
