/** The KMIP listener: connections over TLS within their bounds, each message given to the service. */
import type { TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { KmipBounds } from '../kmip-settings.ts'
import { type AcceptBounds, acceptTls } from '../listening/accept.ts'
import { Crowd } from '../listening/crowd.ts'
import type { Later } from '../listening/deadline.ts'
import { Rates } from '../listening/rates.ts'
import type { Address } from '../setting-values.ts'
import { fingerprintOf } from '../tls/certificate-pem.ts'
import type { TlsMaterial } from '../tls/files.ts'
import { Connection, type ConnectionBounds, type HeldBytes } from './connection.ts'
import type { KmipMetrics } from './metrics.ts'
import type { KmipPeer, KmipService } from './peer.ts'
import { tlsOptions } from './tls-options.ts'

/** Times in milliseconds; what they mean stands in limits.ts. */
export interface ListenBounds extends KmipBounds, ConnectionBounds, AcceptBounds {
  readonly overloadMs: number
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

/**
 * @throws Error of `listen` when the address cannot be bound, and of TLS when certificate and key cannot be used
 */
export async function listenKmip(parts: ListenParts): Promise<KmipListener> {
  const { bounds, clock, later, log, metrics, service, hasLegacyCiphers } = parts
  const ofCertificate = new Crowd<Connection>(bounds.connectionsOfCertificate)
  const served = new Set<Connection>()
  const { requestsPerSecond, requestBurst, overloadMs, sources } = bounds
  const requests = new Rates({ perSecond: requestsPerSecond, burst: requestBurst, tellMs: overloadMs, sources }, () =>
    clock.monotonic(),
  )
  const held: HeldBytes = { used: 0, max: bounds.heldBytes, own: bounds.ownBytes }
  let isStopping = false

  function secured(socket: TLSSocket, address: string): void {
    const peer = peerOf(socket, address)
    const { fingerprint } = peer
    if (fingerprint === undefined) metrics.handshakeFailed('no_certificate')
    const connection = new Connection({ socket, peer, service, bounds, requests, held, later, log })
    served.add(connection)
    socket.on('close', () => {
      served.delete(connection)
      if (fingerprint !== undefined) ofCertificate.leave(fingerprint, connection)
    })
    if (fingerprint !== undefined && !ofCertificate.enter(fingerprint, connection)) {
      acceptor.refuse('certificate')
      connection.close()
    }
    if (isStopping) connection.close()
  }

  const tls = tlsOptions(parts.tls, hasLegacyCiphers)
  const acceptor = await acceptTls({ ...parts, tls, protocol: 'KMIP', allowHalfOpen: true, secured })
  return {
    address: acceptor.address,
    get connections() {
      return acceptor.connections
    },
    drop(fingerprint) {
      for (const connection of ofCertificate.of(fingerprint)) connection.drop()
    },
    replaceCertificate: (material) => acceptor.setTls(tlsOptions(material, hasLegacyCiphers)),
    async stop() {
      isStopping = true
      const closed = acceptor.stop()
      for (const connection of served) connection.finish()
      const cancel = later(bounds.drainMs, () => acceptor.destroy())
      await closed
      cancel()
    },
  }
}

function peerOf(socket: TLSSocket, address: string): KmipPeer {
  const certificate = socket.getPeerX509Certificate()?.raw
  const fingerprint = certificate === undefined ? undefined : fingerprintOf(certificate)
  return { fingerprint, certificate, address }
}
