/** Cuts a stream of bytes into messages, of which it keeps no more than has arrived (KMIP 1.4, section 9.1.1). */
import { KmipError } from '../message/kmip-error.ts'
import { HEADER_BYTES } from './decode.ts'
import { itemTypes } from './item.ts'
import { tags } from './tags.ts'

const EMPTY = Buffer.alloc(0)

/**
 * Takes whatever comes, in chunks of any size, and gives whole messages. It is as large as what it was given and not
 * asked for again: whoever reads from a connection stops reading while messages wait here.
 *
 * After an error nothing more can be had of it: where the next message begins cannot be known.
 */
export class Framer {
  readonly #maxBytes: () => number
  /** Bytes are only ever added behind `#end`, so that messages that were given stay as they are. */
  #bytes: Buffer = EMPTY
  #start = 0
  #end = 0
  /** Bytes of the message that begins at `#start`, once its header was found good. */
  #messageBytes: number | undefined
  #error: KmipError | undefined

  /** @param maxBytes of a whole message; asked once for each, when its header is there */
  constructor(maxBytes: () => number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that are kept and belong to no message that was given. */
  get pending(): number {
    return this.#end - this.#start
  }

  /**
   * Copies a chunk, once the header of the message that it belongs to is known to be good.
   *
   * @throws KmipError as `next`
   */
  push(chunk: Uint8Array): void {
    const ofHeader = chunk.subarray(0, Math.max(0, HEADER_BYTES - this.pending))
    this.#append(ofHeader, chunk.length)
    this.#readHeader()
    this.#append(chunk.subarray(ofHeader.length), 0)
  }

  /**
   * The next message, when all of it is there. Its bytes belong to the caller.
   *
   * @throws KmipError `InvalidMessage` when what follows is no request message or a longer one than may be; with
   * `notKmip` when not even its first byte is one of KMIP
   */
  next(): Buffer | undefined {
    this.#readHeader()
    if (this.#messageBytes === undefined || this.pending < this.#messageBytes) return undefined
    const message = this.#bytes.subarray(this.#start, this.#start + this.#messageBytes)
    this.#start += this.#messageBytes
    this.#messageBytes = undefined
    if (this.pending === 0) this.#forget()
    return message
  }

  #readHeader(): void {
    if (this.#error !== undefined) throw this.#error
    if (this.#messageBytes !== undefined || this.pending === 0) return
    if (this.#bytes[this.#start] !== tags.RequestMessage >> 16) {
      this.#fail(new KmipError('InvalidMessage', 'The bytes are not KMIP.', { notKmip: true }))
    }
    if (this.pending < HEADER_BYTES) return
    const isRequest =
      this.#bytes.readUIntBE(this.#start, 3) === tags.RequestMessage &&
      this.#bytes[this.#start + 3] === itemTypes.Structure
    if (!isRequest) this.#fail(new KmipError('InvalidMessage', 'The message is not a request message.'))
    const length = this.#bytes.readUInt32BE(this.#start + 4)
    if (length % 8 !== 0) {
      this.#fail(new KmipError('InvalidMessage', 'The length of the message is not a multiple of eight.'))
    }
    if (HEADER_BYTES + length > this.#maxBytes()) {
      this.#fail(new KmipError('InvalidMessage', 'The message is too long.'))
    }
    this.#messageBytes = HEADER_BYTES + length
  }

  #fail(error: KmipError): never {
    this.#forget()
    this.#error = error
    throw error
  }

  #forget(): void {
    this.#bytes = EMPTY
    this.#start = 0
    this.#end = 0
  }

  /** @param room bytes for which there should be room at once, the chunk's included */
  #append(chunk: Uint8Array, room: number): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#grow(Math.max(chunk.length, room))
    this.#bytes.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** At least doubled, so that bytes that come one by one are copied twice, not each time again. */
  #grow(more: number): void {
    const { pending } = this
    const kept = this.#bytes.subarray(this.#start, this.#end)
    const larger = Buffer.alloc(Math.max(pending + more, 2 * pending))
    larger.set(kept)
    // It may hold key material, and a copy of it is of use to nobody.
    kept.fill(0)
    this.#bytes = larger
    this.#start = 0
    this.#end = pending
  }
}
