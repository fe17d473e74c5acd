/** Reads TTLV: every byte is accounted for, and whatever is not exactly right is refused (KMIP 1.4, section 9.1). */
import { KmipError } from '../message/kmip-error.ts'
import { type Item, type ItemType, itemTypes } from './item.ts'

export interface Bounds {
  /** Items within each other; a legal request of version 1.4 has 12. */
  readonly depth: number
  readonly items: number
  /** Items directly within one structure. */
  readonly children: number
  readonly textBytes: number
  readonly bigIntegerBytes: number
}

/** What any message is read with. Its whole length was bounded before, by the framer. */
export const messageBounds: Bounds = {
  depth: 32,
  items: 20_000,
  children: 4_096,
  textBytes: 64 * 1024,
  bigIntegerBytes: 2 * 1024,
}

/** Tag, type and length. */
export const HEADER_BYTES = 8

const typeNames = new Map<number, ItemType>(Object.entries(itemTypes).map(([name, code]) => [code, name as ItemType]))

/** Lengths of the types that have only one. */
const fixedLengths: { readonly [Type in ItemType]?: number } = {
  Integer: 4,
  LongInteger: 8,
  Enumeration: 4,
  Boolean: 8,
  DateTime: 8,
  Interval: 4,
}

// A byte order mark is a character of the text like any other: taken away, it would not come back when it is encoded.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * One item and nothing after it. Byte strings and big integers are views of `bytes`. NULs at the end of a text are
 * taken away: there are clients that count their padding.
 *
 * @throws KmipError `InvalidField` for a text that is none, `InvalidMessage` for anything else
 */
export function decode(bytes: Uint8Array, bounds: Bounds = messageBounds): Item {
  const reader = new Reader(bytes, bounds)
  const item = reader.item(bytes.length, 1)
  if (reader.offset !== bytes.length) throw broken('Bytes follow the end of the message.')
  return item
}

class Reader {
  offset = 0
  readonly #bytes: Buffer
  readonly #bounds: Bounds
  #items = 0

  constructor(bytes: Uint8Array, bounds: Bounds) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#bounds = bounds
  }

  /** The next item, which may not reach beyond `end`. The depth is counted, so that the stack is bounded. */
  item(end: number, depth: number): Item {
    if (depth > this.#bounds.depth) throw broken('Structures are nested too deeply.')
    this.#items += 1
    if (this.#items > this.#bounds.items) throw broken('The message has too many items.')
    if (end - this.offset < HEADER_BYTES) throw broken('An item is cut off.')
    const tag = this.#bytes.readUIntBE(this.offset, 3)
    const type = typeNames.get(this.#bytes.readUInt8(this.offset + 3))
    const length = this.#bytes.readUInt32BE(this.offset + 4)
    this.offset += HEADER_BYTES
    if (tag >> 16 !== 0x42 && tag >> 16 !== 0x54) throw broken('A tag is neither a standard one nor an extension.')
    if (type === undefined) throw broken('A type does not exist.')
    const fixed = fixedLengths[type]
    if (fixed !== undefined && length !== fixed) throw broken('The length of an item is not that of its type.')
    if (paddedLength(length) > end - this.offset) throw broken('An item is longer than what holds it.')
    return type === 'Structure'
      ? { tag, type, value: this.#structure(length, depth) }
      : this.#primitive(tag, type, length)
  }

  #structure(length: number, depth: number): Item[] {
    if (length % 8 !== 0) throw broken('The length of a structure is not a multiple of eight.')
    const end = this.offset + length
    const items: Item[] = []
    while (this.offset < end) {
      if (items.length === this.#bounds.children) throw broken('A structure has too many items.')
      items.push(this.item(end, depth + 1))
    }
    return items
  }

  /** Numbers are read where they stand: a view of each would cost more than reading it. */
  #primitive(tag: number, type: Exclude<ItemType, 'Structure'>, length: number): Item {
    const from = this.offset
    const end = from + paddedLength(length)
    for (let at = from + length; at < end; at += 1) {
      if (this.#bytes[at] !== 0) throw broken('Padding is not zero.')
    }
    this.offset = end
    switch (type) {
      case 'Integer':
        return { tag, type, value: this.#bytes.readInt32BE(from) }
      case 'LongInteger':
      case 'DateTime':
        return { tag, type, value: this.#bytes.readBigInt64BE(from) }
      case 'BigInteger':
        if (length === 0 || length % 8 !== 0) throw broken('The length of a big integer is not a multiple of eight.')
        if (length > this.#bounds.bigIntegerBytes) throw broken('A big integer is too long.')
        return { tag, type, value: this.#bytes.subarray(from, from + length) }
      case 'Enumeration':
      case 'Interval':
        return { tag, type, value: this.#bytes.readUInt32BE(from) }
      case 'Boolean':
        return { tag, type, value: truth(this.#bytes, from) }
      case 'TextString':
        if (length > this.#bounds.textBytes) throw broken('A text is too long.')
        return { tag, type, value: textOf(this.#bytes, from, from + length) }
      case 'ByteString':
        return { tag, type, value: this.#bytes.subarray(from, from + length) }
    }
  }
}

/** A length with the padding that follows it. */
export function paddedLength(length: number): number {
  return Math.ceil(length / 8) * 8
}

function truth(bytes: Buffer, at: number): boolean {
  const number = bytes.readBigUInt64BE(at)
  if (number > 1n) throw broken('A boolean is neither 0 nor 1.')
  return number === 1n
}

function textOf(bytes: Buffer, from: number, to: number): string {
  let end = to
  while (end > from && bytes[end - 1] === 0) end -= 1
  let seen = 0
  let isWhole = true
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] as number
    seen |= byte
    isWhole &&= byte !== 0
  }
  if (!isWhole) throw new KmipError('InvalidField', 'A text has a NUL in it.')
  // Nearly all texts are ASCII, and the general decoder is slow to begin.
  if (seen < 0x80) return bytes.toString('latin1', from, end)
  try {
    return utf8.decode(bytes.subarray(from, end))
  } catch {
    throw new KmipError('InvalidField', 'A text is not UTF-8.')
  }
}

function broken(message: string): KmipError {
  return new KmipError('InvalidMessage', message)
}
