/** The little DER that administrators' certificates and command blocks are made of (ITU-T X.690). */
import { ProtocolError } from './frames.ts'

export const tags = { INTEGER: 0x02, BIT_STRING: 0x03, OCTET_STRING: 0x04, SEQUENCE: 0x30 } as const

/** One element: tag, definite length in its shortest form, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x10000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
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

  /** Where the next element begins. */
  get offset(): number {
    return this.#offset
  }

  /** @throws ProtocolError `MALFORMED` when anything follows. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw malformed()
  }
}

function malformed(): ProtocolError {
  return new ProtocolError('MALFORMED', 'The DER is not of the expected shape.')
}
