/** DER is read to the byte, lengths of any definite form, and nothing is read past the end. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DerReader, element, membersOf, octets, sequence, tags, word, wordBytes } from './der.ts'
import { ProtocolError } from '../frames.ts'

test('an element of any length is read back, and its length is in the shortest form', () => {
  const heads = { 0: 2, 127: 2, 128: 3, 255: 3, 256: 4, 65_535: 4, 65_536: 5 }
  for (const [count, headBytes] of Object.entries(heads)) {
    const bytes = element(tags.OCTET_STRING, Buffer.alloc(Number(count), 1))
    expect(bytes.length).toBe(headBytes + Number(count))
    const reader = new DerReader(bytes)
    expect(reader.take(tags.OCTET_STRING)).toEqual(Buffer.alloc(Number(count), 1))
    reader.end()
  }
})

test('the contents of an element are what was given, one behind the other', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 4 }), (pieces) => {
      expect(new DerReader(octets(...pieces)).take(tags.OCTET_STRING)).toEqual(Buffer.concat(pieces))
    }),
  )
})

test('lengths in a longer form than needed are taken, as real modules write them', () => {
  for (const head of ['3003', '308103', '30820003', '3083000003']) {
    const members = membersOf(Buffer.from(`${head}040155`, 'hex'))
    expect(members.sized(tags.OCTET_STRING, 1).toString('hex')).toBe('55')
    members.end()
  }
  const ofModule = Buffer.concat([Buffer.from('30820066', 'hex'), octets(Buffer.alloc(100, 7))])
  expect(membersOf(ofModule).take(tags.OCTET_STRING).length).toBe(100)
})

test('what is cut off, indefinite, of a length in four bytes, or of another tag is refused', () => {
  const refused = ['', '04', '0402', '040201', '048001', '04800000', '048400000000', '0484000000', '300100', '0482']
  for (const hex of [...refused, '04ff', '04830100', '0483ffffff00']) {
    expect(() => new DerReader(Buffer.from(hex, 'hex')).take(tags.OCTET_STRING)).toThrow(ProtocolError)
  }
})

test('what follows the last member, or the one sequence, is refused', () => {
  expect(() => new DerReader(Buffer.from([0])).end()).toThrow(ProtocolError)
  expect(() => membersOf(Buffer.from('300000', 'hex'))).toThrow(ProtocolError)
  expect(() => membersOf(Buffer.from('30020400', 'hex')).end()).toThrow(ProtocolError)
  membersOf(Buffer.from('3000', 'hex')).end()
})

test('an element that may be missing is read when it is there, and nothing when it is not', () => {
  const reader = new DerReader(Buffer.from('0401090400', 'hex'))
  expect(reader.optional(tags.INTEGER)).toBeUndefined()
  expect(reader.optional(tags.OCTET_STRING)).toEqual(Buffer.of(9))
  expect(reader.optional(tags.OCTET_STRING)).toEqual(Buffer.alloc(0))
  expect(reader.optional(tags.OCTET_STRING)).toBeUndefined()
  reader.end()
  expect(() => new DerReader(Buffer.from('0402ff', 'hex')).optional(tags.OCTET_STRING)).toThrow(ProtocolError)
})

test('an element of another size than it must have is refused', () => {
  for (const size of [0, 3, 5]) {
    expect(() => new DerReader(octets(Buffer.alloc(size))).sized(tags.OCTET_STRING, 4)).toThrow(ProtocolError)
    expect(() => new DerReader(octets(Buffer.alloc(size))).word()).toThrow(ProtocolError)
  }
})

test('a word is four big-endian bytes, read back without a sign', () => {
  expect(word(0x8001_0002).toString('hex')).toBe('040480010002')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      expect(new DerReader(word(value)).word()).toBe(value)
    }),
  )
  for (const value of [-1, 0x1_0000_0000]) expect(() => wordBytes(value)).toThrow(RangeError)
})

test('an element as it stands is its own bytes, with the length in the form it came in', () => {
  const long = Buffer.from('308200020500', 'hex')
  const reader = new DerReader(Buffer.concat([long, octets()]))
  expect(reader.whole(tags.SEQUENCE)).toEqual(long)
  expect(reader.offset).toBe(long.length)
  expect(reader.atEnd).toBe(false)
  reader.take(tags.OCTET_STRING)
  expect(reader.atEnd).toBe(true)
})

test('a refused element leaves the reader where it was', () => {
  const reader = new DerReader(sequence(octets()))
  expect(() => reader.take(tags.OCTET_STRING)).toThrow(ProtocolError)
  expect(reader.offset).toBe(0)
  expect(reader.take(tags.SEQUENCE)).toEqual(octets())
})

test('contents are a view of the message, within it, wherever it lies in its memory', () => {
  const memory = new Uint8Array(64).fill(0xee)
  memory.set(octets(Buffer.from('abc')), 20)
  const contents = new DerReader(memory.subarray(20, 25)).take(tags.OCTET_STRING)
  expect(contents.toString()).toBe('abc')
  expect(contents.buffer).toBe(memory.buffer)
  expect(() => new DerReader(memory.subarray(20, 24)).take(tags.OCTET_STRING)).toThrow(ProtocolError)
})
