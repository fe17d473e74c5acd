/** A listener of EP11: TLS connections within their bounds, HTTP/2 and gRPC spoken on them, each call given to the door. */
import { type ChannelOptions, Server, ServerCredentials, type ServerInterceptingCallInterface } from '@grpc/grpc-js'
import type { TLSSocket } from 'node:tls'
import { type AcceptParts, acceptTls, connectionName } from '../listening/accept.ts'
import type { TlsMaterial } from '../tls/files.ts'
import { type CallConnection, type CallParts, type Calls, createCalls } from './calls.ts'
import { tlsOptions } from './tls-options.ts'

/** What one connection may do, milliseconds. */
interface ConnectionBounds {
  /** Calls under way at a time. */
  readonly streams: number
  readonly messageBytes: number
  /** Without a call. */
  readonly idleMs: number
  /** After so long the other end is asked whether it is still there, and has so long to answer. */
  readonly pingMs: number
  readonly pingWaitMs: number
  /** A stop ends what is still open after this time. */
  readonly drainMs: number
}

export interface ListenParts extends Omit<AcceptParts, 'tls' | 'protocol' | 'allowHalfOpen' | 'secured'> {
  readonly tls: TlsMaterial
  readonly isPrivate: boolean
  readonly connection: ConnectionBounds
  readonly calls: Omit<CallParts, 'later' | 'log'>
}

export interface Ep11Listener {
  /** `host:port` */
  readonly address: string
  /** Open now, handshakes under way included. */
  readonly connections: number
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
  const connections = new Map<string, CallConnection>()
  const connectionOf = (call: ServerInterceptingCallInterface): CallConnection | undefined =>
    connections.get(connectionName(call.getConnectionInfo()))
  const calls = createCalls({ ...parts.calls, later, log }, connectionOf)
  const server = serverOf(parts.connection, calls)
  // Without credentials of its own: what it is given are connections over TLS already.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())

  function secured(socket: TLSSocket, address: string): void {
    // A connection that breaks off ends its calls; there is nothing else to do about it.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      log.debug({ code: error.code }, 'a connection of EP11 broke off')
    })
    if (socket.alpnProtocol !== 'h2') {
      parts.metrics.handshakeFailed('protocol')
      socket.destroy()
      return
    }
    const name = connectionName(socket)
    const servername = typeof socket.servername === 'string' ? socket.servername : undefined
    connections.set(name, { peer: { address, servername, isPrivate }, destroy: () => socket.destroy() })
    socket.on('close', () => connections.delete(name))
    injector.injectConnection(socket)
  }

  const tls = tlsOptions(parts.tls)
  const acceptor = await acceptTls({ ...parts, tls, protocol: 'EP11', allowHalfOpen: false, secured })
  return {
    address: acceptor.address,
    get connections() {
      return acceptor.connections
    },
    replaceCertificate: (material) => acceptor.setTls(tlsOptions(material)),
    async stop() {
      const closed = acceptor.stop()
      server.tryShutdown(() => undefined)
      const cancel = later(parts.connection.drainMs, () => {
        server.forceShutdown()
        acceptor.destroy()
      })
      await closed
      cancel()
    },
  }
}

type Handler = Readonly<Record<string, unknown>>

/** gRPC answers by itself what there is no handler for, and nobody would witness that: there is one for every path. */
class EveryPath extends Map<string, Handler> {
  readonly #func: Calls['handle']

  constructor(func: Calls['handle']) {
    super()
    this.#func = func
  }

  override get(path: string): Handler {
    const asItIs = (bytes: Buffer): Buffer => bytes
    return { type: 'unary', path, func: this.#func, serialize: asItIs, deserialize: asItIs }
  }
}

function serverOf(bounds: ConnectionBounds, calls: Calls): Server {
  const options: ChannelOptions & { readonly interceptors: readonly Calls['interceptor'][] } = {
    'grpc.enable_channelz': 0,
    'grpc.max_concurrent_streams': bounds.streams,
    'grpc.max_receive_message_length': bounds.messageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_connection_idle_ms': bounds.idleMs,
    'grpc.keepalive_time_ms': bounds.pingMs,
    'grpc.keepalive_timeout_ms': bounds.pingWaitMs,
    interceptors: [calls.interceptor],
  }
  return Object.assign(new Server(options as ChannelOptions), { handlers: new EveryPath(calls.handle) })
}
