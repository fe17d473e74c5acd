/** Packing single entries: what comes out is what went in, and damaged bytes never lead outside of an entry. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { delivery } from '../testing/sample-entries.ts'
import { BlockReader, packBlock } from './entry-block.ts'
import { Lz4Error, Lz4Packer, lz4DictionaryMax, unpackInto } from './lz4.ts'

const sampleEntry = (sequence: number): Uint8Array => new Uint8Array(delivery(sequence).bytes)

function unpack(packed: Uint8Array, length: number, dictionary: Uint8Array = new Uint8Array()): Uint8Array {
  const room = Buffer.alloc(dictionary.length + length)
  room.set(dictionary)
  const { length: dictionaryLength } = dictionary
  unpackInto({ bytes: room, dictionaryLength }, dictionaryLength, room.length, packed, 0, packed.length)
  return new Uint8Array(room.subarray(dictionary.length))
}

/** Texts that repeat themselves and the dictionary, as entries do. */
const piece = fc.constantFrom('"initiator":{', 'hs-crypto.secrets.wrap', 'crn:v1:', 'a', '0123456789', 'äöü', '\0\0\0')
const repetitive = fc.array(piece, { maxLength: 120 }).map((all) => new TextEncoder().encode(all.join('')))
const anyBytes = fc.oneof(repetitive, fc.uint8Array({ maxLength: 400 }))

test('what is unpacked is what was packed, with any dictionary and after any entries before it', () => {
  fc.assert(
    fc.property(anyBytes, fc.array(anyBytes, { minLength: 1, maxLength: 5 }), (dictionary, entries) => {
      const packer = new Lz4Packer(dictionary)
      for (const entry of entries) {
        const packed = packer.pack(entry)
        if (packed === undefined) continue
        expect(packed.length).toBeLessThan(entry.length)
        expect(unpack(packed, entry.length, dictionary)).toEqual(entry)
      }
    }),
    { seed: 21, numRuns: 500 },
  )
})

test('bytes are those of the LZ4 block format', () => {
  // One literal, then a match of 63 at offset 1 (15 + 4 + 44), then the five literals that every block ends with.
  const packed = new Lz4Packer(new Uint8Array()).pack(new TextEncoder().encode('a'.repeat(69)))
  expect(Buffer.from(packed ?? []).toString('hex')).toBe('1f6101002c506161616161')
  // Five literals and nothing else; then two whose match would begin before the first byte.
  expect(Buffer.from(unpack(Buffer.from('506162636465', 'hex'), 5)).toString()).toBe('abcde')
  expect(() => unpack(Buffer.from('206162030010610a', 'hex'), 7)).toThrow(Lz4Error)
})

test('an entry that does not become shorter is stored as it is', () => {
  const entry = Uint8Array.from({ length: 64 }, (_, at) => (at * 37 + (at >> 3) * 11) & 0xff)
  expect(new Lz4Packer(new Uint8Array()).pack(entry)).toBeUndefined()
  const block = packBlock([entry, new Uint8Array(), entry], new Lz4Packer(new Uint8Array()))
  expect(new BlockReader(new Uint8Array()).entries(block)).toEqual([entry, new Uint8Array(), entry])
})

test('the longest entries are packed, and more of them than a packer has turns', () => {
  const packer = new Lz4Packer(sampleEntry(1))
  const long = new Uint8Array(65_535).map((_, at) => (at % 300 < 150 ? 7 : at % 251))
  const short = sampleEntry(2)
  for (let turn = 0; turn < 33_000; turn++) packer.pack(short)
  expect(unpack(packer.pack(long) ?? new Uint8Array(), long.length, sampleEntry(1))).toEqual(long)
  expect(unpack(packer.pack(short) ?? new Uint8Array(), short.length, sampleEntry(1))).toEqual(short)
  expect(() => new Lz4Packer(new Uint8Array(lz4DictionaryMax + 1))).toThrow(Lz4Error)
})

test('a block gives each entry alone, and all of them', () => {
  const entries = Array.from({ length: 16 }, (_, at) => sampleEntry(at + 1))
  const dictionary = Buffer.concat([sampleEntry(40), sampleEntry(41)])
  const block = packBlock(entries, new Lz4Packer(dictionary))
  expect(block.length).toBeLessThan(entries.reduce((sum, { length }) => sum + length, 0) / 3)
  const reader = new BlockReader(dictionary)
  expect(reader.entries(block)).toEqual(entries)
  for (const [place, entry] of entries.entries()) expect(reader.entry(block, place)).toEqual(entry)
  expect(reader.entry(block, 16)).toBeUndefined()
})

function outcome(unpacked: () => readonly Uint8Array[]): unknown {
  try {
    return unpacked().every(({ length }) => length <= 65_535) ? 'refused or right' : 'too long'
  } catch (error) {
    return error instanceof Lz4Error ? 'refused or right' : error
  }
}

test('a changed block is refused, or gives entries of the lengths it names', () => {
  const dictionary = sampleEntry(40)
  const block = packBlock([sampleEntry(1), sampleEntry(2)], new Lz4Packer(dictionary))
  const reader = new BlockReader(dictionary)
  fc.assert(
    fc.property(fc.nat(block.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(block.length), (at, flip, end) => {
      const changed = new Uint8Array(block.subarray(0, Math.max(end, at + 1)))
      changed[at] = changed[at]! ^ flip
      expect(outcome(() => reader.entries(changed))).toBe('refused or right')
      // What was read before must not show in what is read next.
      expect(reader.entries(block)).toEqual([sampleEntry(1), sampleEntry(2)])
    }),
    { seed: 22, numRuns: 2_000 },
  )
})
