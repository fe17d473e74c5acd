/** Blocks of a segment: a few entries, each packed by itself, so that one is read without the others. */
import { Lz4Error, type Lz4Packer, type Room, unpackInto } from './lz4.ts'

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
  /** Where single entries are unpacked. */
  #kept: Room | undefined

  constructor(dictionary: Uint8Array) {
    this.#dictionary = dictionary
  }

  /** All entries of a block, as views of one buffer. @throws Lz4Error */
  entries(block: Uint8Array): Uint8Array[] {
    let total = 0
    for (let at = 0; at < block.length; at = after(block, at)) total += lengthOf(block, at)
    const room = this.#room(total)
    const entries: Uint8Array[] = []
    let start = room.dictionaryLength
    for (let at = 0; at < block.length; at = after(block, at)) {
      entries.push(unpackEntry(room, start, block, at))
      start += lengthOf(block, at)
    }
    return entries
  }

  /** The entry at a place of a block; undefined when it has none there. @throws Lz4Error */
  entry(block: Uint8Array, place: number): Uint8Array | undefined {
    let at = 0
    for (let skipped = 0; skipped < place && at < block.length; skipped++) at = after(block, at)
    if (at >= block.length) return undefined
    const room = this.#keptRoom(lengthOf(block, at))
    return new Uint8Array(unpackEntry(room, room.dictionaryLength, block, at))
  }

  #keptRoom(length: number): Room {
    const kept = this.#kept
    if (kept !== undefined && kept.bytes.length - kept.dictionaryLength >= length) return kept
    return (this.#kept = this.#room(2 * length))
  }

  #room(length: number): Room {
    const dictionaryLength = this.#dictionary.length
    const bytes = Buffer.allocUnsafeSlow(dictionaryLength + length)
    bytes.set(this.#dictionary)
    return { bytes: new Uint8Array(bytes.buffer), dictionaryLength }
  }
}

function unpackEntry(room: Room, start: number, block: Uint8Array, at: number): Uint8Array {
  const from = at + lengthsBytes
  const to = after(block, at)
  const end = start + lengthOf(block, at)
  if (end - start === to - from) room.bytes.set(block.subarray(from, to), start)
  else unpackInto(room, start, end, block, from, to)
  return room.bytes.subarray(start, end)
}

/** Length of the entry that begins at a place of its block. */
function lengthOf(block: Uint8Array, at: number): number {
  if (block.length - at < lengthsBytes) throw new Lz4Error('an entry has no length')
  return sixteen(block, at)
}

/** Where the next entry begins. */
function after(block: Uint8Array, at: number): number {
  if (block.length - at < lengthsBytes) throw new Lz4Error('an entry has no length')
  const next = at + lengthsBytes + sixteen(block, at + 2)
  if (next > block.length) throw new Lz4Error('an entry is longer than its block')
  return next
}

function sixteen(block: Uint8Array, at: number): number {
  return (block[at]! << 8) | block[at + 1]!
}
