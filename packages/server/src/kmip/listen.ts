/** The KMIP listener: accepts within its bounds, has TLS spoken, and gives each message to the service. */
import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { sourceOf } from '../iam/flood.ts'
import type { KmipBounds } from '../kmip-settings.ts'
import { addressText } from '../listener-address.ts'
import type { Address } from '../setting-values.ts'
import type { TlsMaterial } from '../tls/files.ts'
import { Connection, type ConnectionBounds, type HeldBytes } from './connection.ts'
import { Crowd } from './crowd.ts'
import type { Later } from './deadline.ts'
import type { ConnectionBound, HandshakeFailure, KmipMetrics } from './metrics.ts'
import type { KmipPeer, KmipService } from './peer.ts'
import { Rates } from './rates.ts'
import { tlsOptions } from './tls-options.ts'

/** Times in milliseconds; what they mean stands in limits.ts. */
export interface ListenBounds extends KmipBounds, ConnectionBounds {
  readonly handshakeMs: number
  readonly handshakes: number
  readonly connectsPerSecond: number
  readonly connectBurst: number
  readonly backlog: number
  readonly overloadMs: number
  readonly sources: number
  readonly heldBytes: number
  readonly ownBytes: number
  /** A stop ends what is still open after this time. */
  readonly drainMs: number
}

export interface ListenParts {
  readonly address: Address
  readonly tls: TlsMaterial
  readonly hasLegacyCiphers: boolean
  readonly bounds: ListenBounds
  readonly service: KmipService
  readonly clock: Clock
  readonly later: Later
  readonly metrics: KmipMetrics
  readonly log: Logger
}

export interface KmipListener {
  /** `host:port` */
  readonly address: string
  /** Open now, handshakes under way included. */
  readonly connections: number
  /** Ends the connections of a certificate: it was removed. Not even an answer under way leaves. */
  drop(fingerprint: string): void
  /** New connections get this certificate. */
  replaceCertificate(material: TlsMaterial): void
  /** Refuses new connections, lets what is being answered be answered, ends the others in good order. */
  stop(): Promise<void>
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
export async function listenKmip(parts: ListenParts): Promise<KmipListener> {
  const { bounds, clock, later, log, metrics, service } = parts
  const tls = createTlsServer(tlsOptions(parts.tls, parts.hasLegacyCiphers))
  // TLS has no accept loop of its own: a connection that is refused costs no handshake.
  const accept = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true })
  const open = new Set<Socket>()
  const ofAddress = new Crowd<Socket>(bounds.connectionsOfAddress)
  const ofCertificate = new Crowd<Connection>(bounds.connectionsOfCertificate)
  const served = new Set<Connection>()
  /** The oldest first. */
  const handshakes = new Map<string, Handshake>()
  const { sources, overloadMs: tellMs } = bounds
  const { connectsPerSecond, connectBurst, requestsPerSecond, requestBurst } = bounds
  const rates = (perSecond: number, burst: number): Rates =>
    new Rates({ perSecond, burst, tellMs, sources }, () => clock.monotonic())
  const connects = rates(connectsPerSecond, connectBurst)
  const requests = rates(requestsPerSecond, requestBurst)
  /** What is logged, once a minute of a kind: whoever floods the listener does not flood the log. */
  const told = rates(1 / 60, 1)
  const held: HeldBytes = { used: 0, max: bounds.heldBytes, own: bounds.ownBytes }
  let isStopping = false
  let emptied = (): void => undefined

  function refuse(bound: ConnectionBound): void {
    metrics.connectionRefused(bound)
    if (told.take(bound) === 'taken') log.warn({ bound }, 'connections of KMIP are refused')
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
    const name = nameOf(socket)
    socket.on('close', () => {
      open.delete(socket)
      if (open.size === 0) emptied()
      ofAddress.leave(source, socket)
      const handshake = handshakes.get(name)
      if (handshake?.socket !== socket) return
      handshakes.delete(name)
      handshake.cancel()
      metrics.handshakeFailed(handshake.failure)
      log.debug({ reason: handshake.failure }, 'a handshake of KMIP came to nothing')
    })
    const giveUp = (): void => {
      handshake.failure = 'late'
      socket.destroy()
    }
    const cancel = later(bounds.handshakeMs, giveUp)
    const handshake: Handshake = { socket, address, failure: 'left', cancel }
    handshakes.set(name, handshake)
    if (handshakes.size > bounds.handshakes) endOldest()
    tls.emit('connection', socket)
  })
  function boundReached(source: string): ConnectionBound | undefined {
    if (open.size >= bounds.connections) return 'connections'
    if (!ofAddress.hasRoom(source)) return 'address'
    return connects.take(source) === 'taken' ? undefined : 'address_rate'
  }

  function endOldest(): void {
    const [oldest] = handshakes.values()
    if (oldest === undefined) return
    oldest.failure = 'late'
    oldest.socket.destroy()
  }

  tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const handshake = handshakes.get(nameOf(socket))
    if (handshake !== undefined && error.code !== 'ECONNRESET') handshake.failure = 'protocol'
  })

  tls.on('secureConnection', (socket) => {
    const name = nameOf(socket)
    const handshake = handshakes.get(name)
    if (handshake === undefined) {
      socket.destroy()
      return
    }
    handshakes.delete(name)
    handshake.cancel()
    const peer = peerOf(socket, handshake.address)
    const { fingerprint } = peer
    if (fingerprint === undefined) metrics.handshakeFailed('no_certificate')
    const connection = new Connection({ socket, peer, service, bounds, requests, held, later, log })
    served.add(connection)
    socket.on('close', () => {
      served.delete(connection)
      if (fingerprint !== undefined) ofCertificate.leave(fingerprint, connection)
    })
    if (fingerprint !== undefined && !ofCertificate.enter(fingerprint, connection)) {
      refuse('certificate')
      connection.close()
    }
    if (isStopping) connection.close()
  })

  await new Promise<void>((resolve, reject) => {
    accept.once('error', reject)
    accept.listen({ ...parts.address, backlog: bounds.backlog }, () => {
      accept.removeListener('error', reject)
      resolve()
    })
  })
  accept.on('error', (error: NodeJS.ErrnoException) => {
    if (told.take('error') === 'taken') log.warn({ code: error.code }, 'connections of KMIP cannot be accepted')
  })

  metrics.countConnections(() => open.size)
  return {
    address: addressText(accept.address()),
    get connections() {
      return open.size
    },
    drop(fingerprint) {
      for (const connection of ofCertificate.of(fingerprint)) connection.drop()
    },
    replaceCertificate(material) {
      tls.setSecureContext(tlsOptions(material, parts.hasLegacyCiphers))
    },
    async stop() {
      isStopping = true
      accept.close()
      const closed = new Promise<void>((resolve) => (emptied = resolve))
      if (open.size === 0) emptied()
      for (const { socket } of handshakes.values()) socket.destroy()
      for (const connection of served) connection.finish()
      const cancel = later(bounds.drainMs, () => {
        for (const socket of open) socket.destroy()
      })
      await closed
      cancel()
    },
  }
}

/** Both ends: no two connections of a listener have the same. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}

function peerOf(socket: TLSSocket, address: string): KmipPeer {
  const certificate = socket.getPeerX509Certificate()?.raw
  const fingerprint = certificate === undefined ? undefined : createHash('sha256').update(certificate).digest('hex')
  return { fingerprint, certificate, address: plainAddress(address) }
}

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
