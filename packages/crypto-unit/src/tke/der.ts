/** The little DER that the TKE protocol's structures are made of (ITU-T X.690): definite lengths, one-byte tags. */
import { ProtocolError } from '../frames.ts'

export const tags = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  SEQUENCE: 0x30,
  /** `[0]`, its contents primitive. */
  CONTEXT_0: 0x80,
  /** `[0]` and `[1]`, their contents elements. */
  CONSTRUCTED_0: 0xa0,
  CONSTRUCTED_1: 0xa1,
} as const

/** One element: tag, definite length in its shortest form, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x10000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]
  // One copy, so that whoever writes a key has one to zero.
  return Buffer.concat([Buffer.from(head), ...contents])
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return element(tags.SEQUENCE, ...members)
}

export function octets(...contents: readonly Uint8Array[]): Buffer {
  return element(tags.OCTET_STRING, ...contents)
}

/** A 32-bit big-endian number as an octet string: how the protocol writes ids, indexes and codes. */
export function word(value: number): Buffer {
  return octets(wordBytes(value))
}

export function wordBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Reads elements one after the other. Real modules write lengths longer than needed, so any definite one is taken. */
export class DerReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** The contents of the next element. @throws ProtocolError `MALFORMED` when it is not of this tag, or cut off. */
  take(tag: number): Buffer {
    if (this.#bytes[this.#offset] !== tag) throw malformed()
    const first = this.#bytes[this.#offset + 1]
    if (first === undefined) throw malformed()
    let from = this.#offset + 2
    let length = first
    if (first >= 0x80) {
      const count = first & 0x7f
      if (count < 1 || count > 3 || from + count > this.#bytes.length) throw malformed()
      length = this.#bytes.readUIntBE(from, count)
      from += count
    }
    if (from + length > this.#bytes.length) throw malformed()
    this.#offset = from + length
    return this.#bytes.subarray(from, from + length)
  }

  /** The contents of the next element if it is of this tag, else undefined, and nothing is read. */
  optional(tag: number): Buffer | undefined {
    return this.#bytes[this.#offset] === tag ? this.take(tag) : undefined
  }

  /** The next element's contents, which must have this many bytes. */
  sized(tag: number, bytes: number): Buffer {
    const contents = this.take(tag)
    if (contents.length !== bytes) throw malformed()
    return contents
  }

  /** The next element as it stands, tag and length included. */
  whole(tag: number): Buffer {
    const from = this.#offset
    this.take(tag)
    return this.#bytes.subarray(from, this.#offset)
  }

  /** An octet string of four bytes as a number. */
  word(): number {
    return this.sized(tags.OCTET_STRING, 4).readUInt32BE(0)
  }

  /** Where the next element begins. */
  get offset(): number {
    return this.#offset
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  /** @throws ProtocolError `MALFORMED` when anything follows. */
  end(): void {
    if (!this.atEnd) throw malformed()
  }
}

/** The members of the one SEQUENCE that `bytes` must be. */
export function membersOf(bytes: Uint8Array): DerReader {
  const outer = new DerReader(bytes)
  const members = new DerReader(outer.take(tags.SEQUENCE))
  outer.end()
  return members
}

export function malformed(message = 'The DER is not of the expected shape.'): ProtocolError {
  return new ProtocolError('MALFORMED', message)
}
