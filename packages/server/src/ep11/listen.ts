/** A listener of EP11: TLS connections within their bounds, HTTP/2 and gRPC spoken on them, each call given to the door. */
import type { TLSSocket } from 'node:tls'
import { clientChainOf } from '../certificates/client-chain.ts'
import { type AcceptParts, acceptTls } from '../listening/accept.ts'
import type { TlsMaterial } from '../tls/files.ts'
import { type CallParts, serveCall } from './calls.ts'
import { Connection, type ConnectionBounds } from './grpc/connection.ts'
import { tlsOptions } from './tls-options.ts'

export interface ListenParts extends Omit<AcceptParts, 'tls' | 'protocol' | 'allowHalfOpen' | 'secured'> {
  readonly tls: TlsMaterial
  readonly isPrivate: boolean
  readonly connection: ConnectionBounds
  readonly calls: Omit<CallParts, 'later' | 'log'>
  /** A stop ends what is still open after this time, milliseconds. */
  readonly drainMs: number
}

export interface Ep11Listener {
  /** `host:port` */
  readonly address: string
  /** Open now, with their handshake done. */
  readonly connections: ReadonlySet<Connection>
  /** New connections get this certificate. */
  replaceCertificate(material: TlsMaterial): void
  /** Refuses new connections and calls, lets what is being answered be answered. */
  stop(): Promise<void>
}

/**
 * @throws Error of `listen` when the address cannot be bound, and of TLS when certificate and key cannot be used
 */
export async function listenEp11(parts: ListenParts): Promise<Ep11Listener> {
  const { isPrivate, later, log } = parts
  const connections = new Set<Connection>()
  const callParts: CallParts = { ...parts.calls, later, log }
  const connectionParts = {
    bounds: parts.connection,
    later,
    log,
    called: (call) => void serveCall(call, callParts),
    refused: () => parts.calls.metrics.ended('protocol'),
  } satisfies ConstructorParameters<typeof Connection>[2]

  function secured(socket: TLSSocket, address: string): void {
    if (socket.alpnProtocol !== 'h2') {
      parts.metrics.handshakeFailed('protocol')
      socket.destroy()
      return
    }
    const servername = typeof socket.servername === 'string' ? socket.servername : undefined
    const certificates = clientChainOf(socket)
    const connection = new Connection(socket, { address, servername, isPrivate, certificates }, connectionParts)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  }

  const tls = tlsOptions(parts.tls)
  const acceptor = await acceptTls({ ...parts, tls, protocol: 'EP11', allowHalfOpen: false, secured })
  return {
    address: acceptor.address,
    connections,
    replaceCertificate: (material) => acceptor.setTls(tlsOptions(material)),
    async stop() {
      const closed = acceptor.stop()
      for (const connection of connections) connection.close()
      const cancel = later(parts.drainMs, () => acceptor.destroy())
      await closed
      cancel()
    },
  }
}
