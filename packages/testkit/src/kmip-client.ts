/** A KMIP client for tests: one connection over mutual TLS, messages or any bytes on it, and how it ends. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type Asking, asking } from '@keywitness/server/kmip/testing/messages'
import type { Identity } from './new-certificate.ts'

/** Where the listener is, and who vouches for it. */
export interface KmipPlace {
  /** `host:port`. */
  readonly address: string
  /** PEM of the authority. */
  readonly ca: string
}

/** The listener of a running product, with the authority of its data folder. */
export function kmipPlace(product: { readonly kmip: string; readonly data: string }): KmipPlace {
  return { address: product.kmip, ca: readFileSync(join(product.data, 'tls/ca.pem'), 'utf8') }
}

/** Connects, and resolves when the handshake is done; the server's certificate must be of the authority. */
export async function connectKmip(
  { address, ca }: KmipPlace,
  identity?: Identity,
  options: ConnectionOptions = {},
): Promise<KmipConnection> {
  const [host = '', port = ''] = address.split(/:(?=\d+$)/)
  const tcp = connectTcp(Number(port), host)
  await once(tcp, 'connect')
  const own = identity === undefined ? {} : { cert: identity.certificate, key: identity.key }
  const connection = new KmipConnection(tcp, { host, ca, ...own, ...options })
  await connection.secured
  return connection
}

export class KmipConnection implements Asking {
  readonly socket: TLSSocket
  readonly secured: Promise<void>
  /** `end`: the server closed in good order; else the code of the error, or `close`. */
  readonly closed: Promise<string>
  readonly send: Asking['send']
  readonly ask: Asking['ask']
  readonly refused: Asking['refused']
  readonly #tcp: Socket
  #got = Buffer.alloc(0)
  #told: () => void = () => undefined

  constructor(tcp: Socket, options: ConnectionOptions) {
    this.#tcp = tcp
    const socket = connect({ socket: tcp, ...options })
    this.socket = socket
    // What is wrong with the connection below TLS is told of the one above it.
    tcp.on('error', () => undefined)
    socket.on('data', (piece: Buffer) => {
      this.#got = Buffer.concat([this.#got, piece])
      this.#told()
    })
    let how = 'close'
    socket.on('end', () => (how = 'end'))
    socket.once('error', (error: NodeJS.ErrnoException) => (how = error.code ?? error.message))
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.on('close', () => resolve(how)))
    this.secured = new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve)
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('closed')))
    })
    // Whoever asks is told; nobody has to.
    this.secured.catch(() => undefined)
    const { send, ask, refused } = asking((request) => this.exchange(request))
    this.send = send
    this.ask = ask
    this.refused = refused
  }

  /** What came and was not taken as a message. */
  get left(): Buffer {
    return this.#got
  }

  /** Bytes as they are; the next message is the answer. */
  exchange(bytes: Uint8Array): Promise<Buffer> {
    this.write(bytes)
    return this.message()
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /**
   * The next message of the server, once all of it is there.
   *
   * @throws Error when the connection closes before
   */
  async message(): Promise<Buffer> {
    for (;;) {
      const length = this.#got.length < 8 ? Infinity : 8 + this.#got.readUInt32BE(4)
      if (this.#got.length >= length) {
        const message = this.#got.subarray(0, length)
        this.#got = this.#got.subarray(length)
        return message
      }
      await new Promise<void>((resolve, reject) => {
        this.#told = resolve
        void this.closed.then((how) => reject(new Error(`the connection was closed: ${how}`)))
      })
    }
  }

  /** Ends this side, after these bytes; answers still come. */
  end(bytes?: Uint8Array): void {
    if (bytes === undefined) this.socket.end()
    else this.socket.end(bytes)
  }

  /** Breaks off: the server gets a reset, or an end in the middle. */
  reset(): void {
    this.#tcp.resetAndDestroy()
  }

  /** Ends both sides, and waits for it. */
  async close(): Promise<void> {
    this.socket.destroy()
    await this.closed
  }
}
