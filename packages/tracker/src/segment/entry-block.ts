/** Blocks of a segment: a few entries, each packed by itself, so that one is read without the others. */
import { entryBytesMax } from '../limits.ts'
import { Lz4Error, type Lz4Packer, unpackInto } from './lz4.ts'

/** Before each entry: its length and that of what is stored of it, 16 bits each, big-endian; the same when not packed. */
const lengthsBytes = 4

/** A block of entries in their order. */
export function packBlock(entries: readonly Uint8Array[], packer: Lz4Packer): Uint8Array {
  const block = Buffer.allocUnsafe(entries.reduce((sum, { length }) => sum + lengthsBytes + length, 0))
  let at = 0
  for (const entry of entries) {
    const stored = packer.pack(entry) ?? entry
    block.writeUInt16BE(entry.length, at)
    block.writeUInt16BE(stored.length, at + 2)
    block.set(stored, at + lengthsBytes)
    at += lengthsBytes + stored.length
  }
  return block.subarray(0, at)
}

/** Unpacks entries of one segment. */
export class BlockReader {
  readonly #dictionary: Uint8Array
  /** The dictionary, and room for an entry behind it. */
  #room: Buffer | undefined

  constructor(dictionary: Uint8Array) {
    this.#dictionary = dictionary
  }

  /** All entries of a block. @throws Lz4Error */
  entries(block: Uint8Array): Uint8Array[] {
    const entries: Uint8Array[] = []
    for (let at = 0; at < block.length; at = this.#after(block, at)) entries.push(this.#entryAt(block, at))
    return entries
  }

  /** The entry at a place of a block; undefined when it has none there. @throws Lz4Error */
  entry(block: Uint8Array, place: number): Uint8Array | undefined {
    let at = 0
    for (let skipped = 0; skipped < place && at < block.length; skipped++) at = this.#after(block, at)
    return at < block.length ? this.#entryAt(block, at) : undefined
  }

  #after(block: Uint8Array, at: number): number {
    if (block.length - at < lengthsBytes) throw new Lz4Error('an entry has no length')
    const after = at + lengthsBytes + sixteen(block, at + 2)
    if (after > block.length) throw new Lz4Error('an entry is longer than its block')
    return after
  }

  #entryAt(block: Uint8Array, at: number): Uint8Array {
    const to = this.#after(block, at)
    const from = at + lengthsBytes
    const length = sixteen(block, at)
    if (length === to - from) return new Uint8Array(block.subarray(from, to))
    const start = this.#dictionary.length
    if (this.#room === undefined) {
      this.#room = Buffer.alloc(start + entryBytesMax)
      this.#room.set(this.#dictionary)
    }
    unpackInto(this.#room, start, start + length, block, from, to)
    return new Uint8Array(this.#room.subarray(start, start + length))
  }
}

function sixteen(block: Uint8Array, at: number): number {
  return (block[at]! << 8) | block[at + 1]!
}
