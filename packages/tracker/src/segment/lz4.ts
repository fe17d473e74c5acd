/**
 * Packs single entries in the LZ4 block format, with a dictionary before them: each is unpacked by itself, in a few
 * microseconds. The format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md (version 1.6.3 of it).
 */

/** Shortest match, bytes that a block must end with as literals, and how far before its end the last match may begin. */
const matchMin = 4
const lastLiterals = 5
const matchEndGap = 12
/** From this length on the engine's own copying pays. */
const longCopy = 16
/** How far back a match may lie. */
const offsetMax = 65_535
const hashBits = 14

/** A dictionary is at most this long, so that every byte of it can be reached from every entry's first byte. */
export const lz4DictionaryMax = 16 * 1024

export class Lz4Error extends Error {}

/** Packs entries with one dictionary. */
export class Lz4Packer {
  readonly #dictionary: Uint8Array
  /** Where four bytes of the dictionary stand last, plus one, by their hash. */
  readonly #known = new Int32Array(1 << hashBits)
  /** The same of the entry at hand; what an earlier one left is told by its turn in the upper bits. */
  readonly #fresh = new Int32Array(1 << hashBits)
  #turn = 0
  #input: Buffer
  #output = Buffer.alloc(0)

  constructor(dictionary: Uint8Array) {
    if (dictionary.length > lz4DictionaryMax) throw new Lz4Error('the dictionary is too long')
    this.#dictionary = dictionary
    this.#input = Buffer.from(dictionary)
    for (let at = 0; at + matchMin <= dictionary.length; at++) this.#known[hashOf(this.#input, at)] = at + 1
  }

  /** The packed bytes; good until the next call. Undefined when they would be no shorter. */
  pack(entry: Uint8Array): Uint8Array | undefined {
    const start = this.#dictionary.length
    const end = start + entry.length
    if (this.#input.length < end) {
      this.#input = Buffer.alloc(end * 2)
      this.#input.set(this.#dictionary)
    }
    if (this.#output.length < entry.length) this.#output = Buffer.alloc(entry.length * 2)
    this.#input.set(entry, start)
    this.#turn += 1
    if (this.#turn > 0x7fff) {
      this.#fresh.fill(0)
      this.#turn = 1
    }
    const length = this.#write(start, end)
    return length < entry.length ? this.#output.subarray(0, length) : undefined
  }

  #write(start: number, end: number): number {
    const input = this.#input
    const output = this.#output
    const known = this.#known
    const fresh = this.#fresh
    const mark = this.#turn << 16
    const limit = end - start
    let written = 0
    let anchor = start
    let at = start
    while (at <= end - matchEndGap) {
      const slot = hashOf(input, at)
      const own = fresh[slot]!
      fresh[slot] = mark | (at - start)
      let from = own >>> 16 === this.#turn ? start + (own & 0xffff) : known[slot]! - 1
      if (from >= start && !isSame(input, from, at)) from = known[slot]! - 1
      if (from < 0 || at - from > offsetMax || !isSame(input, from, at)) {
        at += 1
        continue
      }
      while (at > anchor && from > 0 && input[at - 1] === input[from - 1]) {
        at -= 1
        from -= 1
      }
      let length = matchMin
      const most = end - lastLiterals - at
      while (length < most && input[at + length] === input[from + length]) length += 1
      // Longest that this sequence can become: longer than the entry means it is not worth it.
      if (written + (at - anchor) + (at - anchor) / 255 + length / 255 + 5 > limit) return limit
      written = writeSequence(output, written, input, anchor, at, at - from, length)
      at += length
      anchor = at
    }
    if (written + (end - anchor) + (end - anchor) / 255 + 2 > limit) return limit
    return writeLiterals(output, written, input, anchor, end, 0)
  }
}

function hashOf(input: Buffer, at: number): number {
  const four = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)
  return Math.imul(four, 0x9e3779b1) >>> (32 - hashBits)
}

function isSame(input: Buffer, a: number, b: number): boolean {
  return (
    input[a] === input[b] &&
    input[a + 1] === input[b + 1] &&
    input[a + 2] === input[b + 2] &&
    input[a + 3] === input[b + 3]
  )
}

function writeSequence(
  output: Buffer,
  at: number,
  input: Buffer,
  from: number,
  to: number,
  offset: number,
  length: number,
): number {
  const more = length - matchMin
  let end = writeLiterals(output, at, input, from, to, more < 15 ? more : 15)
  output[end++] = offset & 0xff
  output[end++] = offset >>> 8
  return more < 15 ? end : writeLength(output, end, more - 15)
}

/** A token with its literals. */
function writeLiterals(output: Buffer, at: number, input: Buffer, from: number, to: number, low: number): number {
  const count = to - from
  let end = at
  output[end++] = ((count < 15 ? count : 15) << 4) | low
  if (count >= 15) end = writeLength(output, end, count - 15)
  for (let i = from; i < to; i++) output[end++] = input[i]!
  return end
}

function writeLength(output: Buffer, at: number, length: number): number {
  let end = at
  let rest = length
  for (; rest >= 255; rest -= 255) output[end++] = 255
  output[end++] = rest
  return end
}

/** Where an entry is unpacked to. */
export interface Room {
  /** Begins with the dictionary. */
  readonly bytes: Uint8Array
  readonly dictionaryLength: number
}

/**
 * Unpacks `packed` from `from` to below `to` into the room, of which it must fill exactly `start` to below `end`.
 *
 * @throws Lz4Error when it is not what a packer made
 */
export function unpackInto(
  { bytes, dictionaryLength }: Room,
  start: number,
  end: number,
  packed: Uint8Array,
  from: number,
  to: number,
): void {
  let at = from
  let filled = start
  while (at < to) {
    const token = packed[at++]!
    let literals = token >>> 4
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= to) throw damaged()
        more = packed[at++]!
      }
    }
    if (literals > to - at || literals > end - filled) throw damaged()
    for (const stop = at + literals; at < stop;) bytes[filled++] = packed[at++]!
    if (at === to) {
      if (filled !== end) throw damaged()
      return
    }
    if (to - at < 2) throw damaged()
    const offset = packed[at]! | (packed[at + 1]! << 8)
    at += 2
    let length = (token & 15) + matchMin
    if ((token & 15) === 15) {
      for (let more = 255; more === 255; length += more) {
        if (at >= to) throw damaged()
        more = packed[at++]!
      }
    }
    const before = offset - (filled - start)
    if (offset === 0 || before > dictionaryLength || length > end - filled) throw damaged()
    if (before > 0) {
      // From the dictionary, as if that stood right before the entry; what goes on in the entry follows below.
      const part = Math.min(before, length)
      filled = copied(bytes, filled, dictionaryLength - before, part)
      length -= part
    }
    if (length > 0) filled = copied(bytes, filled, filled - offset, length)
  }
  throw damaged()
}

/** Copies within the room; where source and target overlap, byte after byte: then what was just written is copied again. */
function copied(bytes: Uint8Array, target: number, source: number, length: number): number {
  const stop = target + length
  if (length >= longCopy && source + length <= target) {
    bytes.copyWithin(target, source, source + length)
    return stop
  }
  let [to, from] = [target, source]
  while (to < stop) bytes[to++] = bytes[from++]!
  return stop
}

function damaged(): Lz4Error {
  return new Lz4Error('these bytes were not packed so')
}
