/** What is known of a call before its message is read: its path, its metadata, and where it comes from. */
import { randomUUID } from 'node:crypto'
import type { Caller } from '../caller.ts'
import type { ClientChain } from '../certificates/client-chain.ts'

/** The other end of a connection. */
export interface Ep11Peer {
  readonly address: string
  /** What TLS was asked for by name; undefined without. */
  readonly servername: string | undefined
  readonly isPrivate: boolean
  /** What its client showed in the handshake; undefined for none. */
  readonly certificates: ClientChain | undefined
}

/** The connection that calls come over: the same object for all of its calls. */
export interface Ep11Connection {
  readonly peer: Ep11Peer
  /** Takes no further calls, and ends when those under way are answered. */
  close(): void
  /** Ends it now, with every call on it. */
  destroy(): void
}

export interface CallHead {
  /** As it was sent: whatever bytes. */
  readonly path: string
  readonly authority: string | undefined
  readonly connection: Ep11Connection
  /** Metadata of this name; several values are one, joined with commas. */
  text(name: string): string | undefined
  /** Binary metadata: exactly one value, or none. */
  binary(name: string): Buffer | 'malformed' | undefined
}

const correlationIdPattern = /^[\x21-\x7e]{1,128}$/
const pathPattern = /^\/[\w.]{1,64}\/\w{1,64}$/
const agentCharsMax = 256

/** The caller's own id when it is well-formed, else a new UUID. */
export function correlationIdOf(head: CallHead): string {
  const given = head.text('x-correlation-id') ?? head.text('correlation-id')
  return given !== undefined && correlationIdPattern.test(given) ? given : randomUUID()
}

/** The path as events carry it: one that is none of gRPC's is not repeated. */
export function requestUriOf({ path }: CallHead): string {
  return pathPattern.test(path) ? path : '/'
}

/** With or without its prefix: clients that were given a ready token send it as it is. */
export function tokenOf(head: CallHead): string | undefined {
  return /^(?:Bearer +)?([\w.-]+)$/i.exec(head.text('authorization') ?? '')?.[1]
}

/** Of the caller, what the way tells: the address only of public listeners. */
export function wayOf(head: CallHead): Pick<Caller, 'address' | 'agent' | 'isPrivate'> {
  const { address, isPrivate } = head.connection.peer
  const agent = head
    .text('user-agent')
    ?.replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, agentCharsMax)
  return {
    isPrivate,
    ...(isPrivate ? {} : { address }),
    ...(agent === undefined || agent === '' ? {} : { agent }),
  }
}
