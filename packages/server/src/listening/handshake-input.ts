/** A connection as TLS is given it: until its handshake is done, its bytes are counted, and given when there is time. */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** What a handshake is held to. */
export interface HandshakeWatch {
  /** Bytes of the peer until the handshake is done. */
  readonly maxBytes: number
  /** Asked for each piece that came: to be given at once, later, or, when the connection is ended instead, never. */
  readonly turn: (give: () => void) => void
  /** The bytes are used up, more has come, and the handshake is not done. To end the connection. */
  readonly exceeded: () => void
}

/**
 * Node hands the bytes of a socket to OpenSSL without a word to us, up to 64 KiB at once, and OpenSSL checks every
 * signature in the chain of a client certificate as soon as it has read it, by whatever dear keys are in it. What is
 * no socket goes through here. It owns the socket: each ends with the other.
 */
export class HandshakeInput extends Duplex {
  readonly #socket: Socket
  #watch: HandshakeWatch | undefined
  #left: number
  #isWaiting = false

  /** `allowHalfOpen`: as the socket has it. */
  constructor(socket: Socket, allowHalfOpen: boolean, watch: HandshakeWatch) {
    super({ allowHalfOpen, decodeStrings: true })
    this.#socket = socket
    this.#watch = watch
    this.#left = watch.maxBytes
    socket.on('data', (bytes) => this.#came(bytes))
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  /** The handshake is done: what comes now is given at once. */
  release(): void {
    this.#watch = undefined
  }

  #came(bytes: Buffer): void {
    if (this.#watch === undefined) {
      this.#give(bytes)
      return
    }
    this.#isWaiting = true
    this.#socket.pause()
    this.#watch.turn(() => {
      if (this.destroyed) return
      this.#isWaiting = false
      // With the last bytes of the handshake may come what the client says next.
      const part = bytes.subarray(0, this.#left)
      const rest = bytes.subarray(part.length)
      this.#left -= part.length
      if (part.length > 0) this.#give(part)
      if (rest.length > 0 && !this.destroyed) {
        if (this.#watch !== undefined) {
          this.#watch.exceeded()
          return
        }
        this.#give(rest)
      }
      if (this.readableLength === 0) this._read()
    })
  }

  #give(bytes: Buffer): void {
    if (!this.push(bytes)) this.#socket.pause()
  }

  override _read(): void {
    if (!this.#isWaiting) this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done)
  }

  override _writev(pieces: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done)
  }

  /**
   * Without waiting until the peer has taken all: Node ends the process when TLS has something more to say meanwhile,
   * an alert say. What was written is written, and the socket sends it before its end.
   */
  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
