/** A client's side of one TLS connection for tests: messages of the server as they come, and how it ends. */
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'

export class TlsConnection {
  readonly tcp: Socket
  readonly socket: TLSSocket
  /** The handshake is done. */
  readonly secured: Promise<void>
  /** `end`: the server closed in good order; else the code of the error, or `close`. */
  readonly closed: Promise<string>
  #got = Buffer.alloc(0)
  #told: () => void = () => undefined

  constructor(tcp: Socket, options: ConnectionOptions) {
    const socket = connect({ socket: tcp, ...options })
    this.tcp = tcp
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
  }

  /** What came and was not taken as a message. */
  get left(): Buffer {
    return this.#got
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
}
