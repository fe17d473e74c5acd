/** Messages of a call as HTTP/2 carries them: a flag, a length, the bytes (gRPC over HTTP/2, "Length-Prefixed-Message"). */
import { gunzip, inflate } from 'node:zlib'

/**
 * Why what was sent is no message of a call that takes one:
 * - `too_long`: longer than what is taken, as it is or inflated
 * - `number`: it is none, or more than one
 * - `encoding`: compressed by something else than gzip and deflate
 * - `cut`: less than its prefix says, or what does not inflate
 */
export type MessageFault = 'too_long' | 'number' | 'encoding' | 'cut'

/** What is accepted, as clients are told it. */
export const encodings = 'identity,deflate,gzip'

const prefixBytes = 5

/** A message that is sent as it is. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, prefixBytes)
  return frame
}

/** Puts the one message of a call together; what it was given is overwritten, or is the message. */
export class MessageReader {
  readonly #bytesMax: number
  /** What came before the prefix was whole. */
  #begun: Buffer | undefined
  #message: Buffer | undefined
  /** Bytes of the message that are there. */
  #filled = 0
  #isCompressed = false

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes more of the stream. What it answers is the end of it: nothing more must be given. */
  take(chunk: Buffer): MessageFault | undefined {
    if (this.#message !== undefined) return this.#fill(chunk)
    const start = this.#begun === undefined ? chunk : joined(this.#begun, chunk)
    if (start.length < prefixBytes) {
      this.#begun = start
      return undefined
    }
    const length = start.readUInt32BE(1)
    if (length > this.#bytesMax) return 'too_long'
    this.#isCompressed = start[0] !== 0
    const rest = start.subarray(prefixBytes)
    if (rest.length === length) {
      this.#message = rest
      this.#filled = length
      return undefined
    }
    // At once: a buffer that grew with what comes would leave copies behind, and many small pieces are dear to keep.
    this.#message = Buffer.allocUnsafeSlow(length)
    return this.#fill(rest)
  }

  /** The stream is at its end. */
  async end(encoding: string | undefined): Promise<Buffer | MessageFault> {
    const message = this.#message
    if (message === undefined) return this.#begun === undefined ? 'number' : 'cut'
    if (this.#filled < message.length) return 'cut'
    if (!this.#isCompressed) return message
    try {
      return await inflated(message, encoding, this.#bytesMax)
    } finally {
      message.fill(0)
    }
  }

  /** Nobody reads what is there. */
  discard(): void {
    this.#message?.fill(0)
  }

  #fill(chunk: Buffer): MessageFault | undefined {
    if (chunk.length > (this.#message?.length ?? 0) - this.#filled) return 'number'
    this.#message?.set(chunk, this.#filled)
    this.#filled += chunk.length
    chunk.fill(0)
    return undefined
  }
}

/** In place of both, which are overwritten. */
function joined(begun: Buffer, chunk: Buffer): Buffer {
  const whole = Buffer.concat([begun, chunk])
  begun.fill(0)
  chunk.fill(0)
  return whole
}

function inflated(message: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer | MessageFault> {
  if (encoding === undefined || encoding === 'identity') return Promise.resolve('cut')
  if (encoding !== 'gzip' && encoding !== 'deflate') return Promise.resolve('encoding')
  const inflateBy = encoding === 'gzip' ? gunzip : inflate
  return new Promise((resolve) => {
    inflateBy(message, { maxOutputLength: bytesMax }, (error, bytes) => {
      if (error === null) resolve(bytes)
      else resolve((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_long' : 'cut')
    })
  })
}
