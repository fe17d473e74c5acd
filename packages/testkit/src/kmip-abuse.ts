/** Connections that a KMIP listener must bear: silent, slow, broken, and those that speak something else. */
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { KmipPlace } from './kmip-client.ts'
import type { Identity } from './new-certificate.ts'

/** Head of a request message with this length of its content. */
function head(length: number): Buffer {
  const bytes = Buffer.from('4200780100000000', 'hex')
  bytes.writeUInt32BE(length, 4)
  return bytes
}

/** Structures within each other, as deep as this. */
function bomb(depth: number): Buffer {
  const structures = Array.from({ length: depth }, (_, at) => {
    const structure = head(8 * (depth - 1 - at))
    if (at > 0) structure.writeUInt32BE(0x4200_0801)
    return structure
  })
  return Buffer.concat(structures)
}

const http = Buffer.from('GET / HTTP/1.1\r\nhost: kmip\r\n\r\n')
/** Head of an SMB negotiation: what scanners send to every port. */
const smb = Buffer.from('00000085ff534d4272000000001853c80000000000000000000000000000fffe', 'hex')
const garbage = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 167 + 13) % 256))

/** How a connection behaves: without a handshake or a whole message it is ended in time, with anything wrong at once. */
export type Kind = keyof typeof manners

interface Manner {
  /** Of 100 connections. */
  readonly share: number
  readonly speaksTls: boolean
  /** Whether the server has nothing against it. */
  readonly stays: boolean
  readonly act?: (socket: Socket | TLSSocket, tcp: Socket) => void
}

const send =
  (bytes: Buffer): NonNullable<Manner['act']> =>
  (socket) =>
    void socket.write(bytes)

const manners = {
  silent: { share: 30, speaksTls: false, stays: false },
  secured: { share: 20, speaksTls: true, stays: true },
  headed: { share: 10, speaksTls: true, stays: false, act: send(head(1_000)) },
  dripping: { share: 5, speaksTls: true, stays: false, act: send(head(16_000)) },
  'no TLS': { share: 10, speaksTls: false, stays: false, act: send(garbage) },
  'HTTP in the clear': { share: 4, speaksTls: false, stays: false, act: send(http) },
  'SMB in the clear': { share: 3, speaksTls: false, stays: false, act: send(smb) },
  garbage: { share: 3, speaksTls: true, stays: false, act: send(garbage) },
  HTTP: { share: 3, speaksTls: true, stays: false, act: send(http) },
  'a huge length': { share: 3, speaksTls: true, stays: false, act: send(head(0xffff_fff8)) },
  'a length of no use': { share: 1, speaksTls: true, stays: false, act: send(head(0x7fff_fff1)) },
  'a depth bomb': { share: 3, speaksTls: true, stays: false, act: send(bomb(1_000)) },
  'half-closed': { share: 3, speaksTls: true, stays: false, act: (socket) => void socket.end() },
  reset: { share: 2, speaksTls: true, stays: false, act: (_, tcp) => void tcp.resetAndDestroy() },
} as const satisfies Readonly<Record<string, Manner>>

export interface Abuser {
  readonly kind: Kind
  /** Resolves when the connection is as it is meant to be, or is over already. */
  readonly ready: Promise<void>
  /** Resolves when it is over. */
  readonly closed: Promise<void>
  readonly stays: boolean
  /** One more byte of a message that never ends; only for who drips. */
  drip(): void
  end(): void
}

/** Files that this process may have open at once. */
export function openFilesMax(): number {
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return limit === undefined ? 1_024 : Number(limit)
}

/** The kinds of so many connections, mixed. */
export function kindsOf(count: number): Kind[] {
  const kinds: Kind[] = []
  for (const [kind, { share }] of Object.entries(manners)) {
    for (let at = 0; at < Math.round((share * count) / 100); at += 1) kinds.push(kind as Kind)
  }
  return kinds.map((_, at) => kinds[(at * 7_919) % kinds.length] as Kind)
}

/**
 * Opens one.
 * @param from an address of the loopback network: bounds are counted by address
 */
export function openAbuser(kind: Kind, { address }: KmipPlace, identity: Identity, from = '127.0.0.1'): Abuser {
  const manner: Manner = manners[kind]
  const [host = '', port = ''] = address.split(/:(?=\d+$)/)
  const tcp = connectTcp({ host, port: Number(port), localAddress: from })
  const socket = manner.speaksTls
    ? connectTls({ socket: tcp, cert: identity.certificate, key: identity.key, rejectUnauthorized: false })
    : tcp
  for (const one of [tcp, socket]) one.on('error', () => undefined)
  socket.resume()
  const closed = new Promise<void>((resolve) => void tcp.once('close', () => resolve()))
  const opened = new Promise<void>((resolve) => {
    socket.once(manner.speaksTls ? 'secureConnect' : 'connect', () => {
      manner.act?.(socket, tcp)
      resolve()
    })
  })
  return {
    kind,
    ready: Promise.race([opened, closed]),
    closed,
    stays: manner.stays,
    drip: () => {
      if (kind === 'dripping' && socket.writable) socket.write(Buffer.alloc(1))
    },
    end: () => void tcp.destroy(),
  }
}
