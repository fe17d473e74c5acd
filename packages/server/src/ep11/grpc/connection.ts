/** One connection: whose other end it is, which calls are under way on it, and how it ends. HTTP/2 over TLS. */
import {
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerSessionOptions,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import { Deadline, type Later } from '../../listening/deadline.ts'
import type { Ep11Connection, Ep11Peer } from '../call-head.ts'
import { GrpcCall } from './call.ts'

/** What one connection may do, milliseconds. */
export interface ConnectionBounds {
  /** Calls under way at a time. */
  readonly streams: number
  /** Names and values of one call, beyond which its stream is reset unanswered. */
  readonly headerBytes: number
  readonly headerPairs: number
  /** Streams that its client resets: at once, and in a second. With more it ends. */
  readonly resetBurst: number
  readonly resetsPerSecond: number
  /** Frames that make no sense, and streams that are refused; with more it ends. */
  readonly invalidFrames: number
  readonly refusedStreams: number
  /** Of what is queued for it; with more, its streams are refused. */
  readonly memoryBytes: number
  /** Without a call. */
  readonly idleMs: number
  /** After so long the other end is asked whether it is still there, and has so long to answer. */
  readonly pingMs: number
  readonly pingWaitMs: number
  /** From our end to the other end's. */
  readonly lingerMs: number
}

export interface ConnectionParts {
  readonly bounds: ConnectionBounds
  readonly later: Later
  readonly log: Logger
  /** Told of each call, whatever its path. */
  readonly called: (call: GrpcCall) => void
  /** Told of what is no call of gRPC. */
  readonly refused: () => void
}

export class Connection implements Ep11Connection {
  readonly peer: Ep11Peer
  readonly #parts: ConnectionParts
  readonly #socket: TLSSocket
  readonly #session: ServerHttp2Session
  /** While there is no call. */
  readonly #idle: Deadline
  /** Until the other end is asked, and until it answers. */
  readonly #ping: Deadline
  #calls = 0

  /** @param socket whose handshake is done, with HTTP/2 agreed on */
  constructor(socket: TLSSocket, peer: Ep11Peer, parts: ConnectionParts) {
    this.peer = peer
    this.#parts = parts
    this.#socket = socket
    this.#idle = new Deadline(parts.later)
    this.#ping = new Deadline(parts.later)
    this.#session = performServerHandshake(socket, sessionOptions(parts.bounds))
    this.#session.on('error', (error: NodeJS.ErrnoException) => {
      parts.log.debug({ code: error.code }, 'a connection of EP11 broke off')
    })
    this.#session.on('stream', (stream, headers, _flags, raw) => {
      this.#enter()
      const call = new GrpcCall(stream, headers, raw, this, parts.later)
      call.whenClosed(() => this.#leave())
      const refusal = refusalOf(headers)
      if (refusal === undefined) parts.called(call)
      else {
        parts.refused()
        call.within(parts.bounds.lingerMs, () => this.destroy())
        call.refuse(refusal)
      }
    })
    socket.on('close', () => {
      this.#idle.clear()
      this.#ping.clear()
    })
    this.#rest()
    this.#watch()
  }

  /** Takes no further calls, and ends when those under way are answered. */
  close(): void {
    this.#ping.clear()
    this.#session.close()
    if (this.#calls === 0) this.#rest()
  }

  /** Ends it now, with every call on it. */
  destroy(): void {
    this.#socket.destroy()
  }

  #enter(): void {
    if (this.#calls === 0) this.#idle.clear()
    this.#calls++
  }

  #leave(): void {
    this.#calls--
    if (this.#calls === 0) this.#rest()
  }

  #rest(): void {
    const { idleMs, lingerMs } = this.#parts.bounds
    if (this.#socket.destroyed) return
    if (this.#session.closed || this.#session.destroyed) this.#idle.set(lingerMs, () => this.destroy())
    else this.#idle.set(idleMs, () => this.close())
  }

  /** A session that has ended by itself leaves its socket to the other end, which may never close it. */
  #watch(): void {
    const { pingMs, pingWaitMs } = this.#parts.bounds
    this.#ping.set(pingMs, () => {
      // Whoever takes leave while calls are answered is not asked; the calls have bounds of their own.
      if (this.#session.closed && this.#calls > 0) {
        this.#watch()
        return
      }
      this.#ping.set(pingWaitMs, () => this.destroy())
      if (this.#session.destroyed) return
      this.#session.ping((error) => {
        if (error === null) this.#watch()
      })
    })
  }
}

function sessionOptions(bounds: ConnectionBounds): ServerSessionOptions {
  return {
    settings: { maxConcurrentStreams: bounds.streams, maxHeaderListSize: bounds.headerBytes },
    maxHeaderListPairs: bounds.headerPairs,
    maxSessionInvalidFrames: bounds.invalidFrames,
    maxSessionRejectedStreams: bounds.refusedStreams,
    maxSessionMemory: bounds.memoryBytes / 1_000_000,
    streamResetBurst: bounds.resetBurst,
    streamResetRate: bounds.resetsPerSecond,
    maxOutstandingPings: 1,
  }
}

/** What is no call of gRPC is told so by HTTP. `te` is not asked for: HTTP/2 lets nothing pass in it but `trailers`. */
function refusalOf(headers: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
  if (headers[':method'] !== 'POST') return { ':status': 405, allow: 'POST' }
  const type = headers['content-type'] ?? ''
  return /^application\/grpc(?:\+proto)?(?:;|$)/.test(type) ? undefined : { ':status': 415 }
}
