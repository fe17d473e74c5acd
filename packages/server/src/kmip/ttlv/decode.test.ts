/** What a decoder must refuse, one rule after the other, and what it must take. */
import { describe, expect, test } from 'vitest'
import { KmipError } from '../message/kmip-error.ts'
import { decode, messageBounds } from './decode.ts'
import { encode } from './encode.ts'
import { boolean, bytes, integer, interval, type Item, structure, text } from './item.ts'

const tag = 0x420020
const hex = (written: string): Buffer => Buffer.from(written.replaceAll(' ', ''), 'hex')

function refusal(encoded: Uint8Array, bounds = messageBounds): KmipError {
  try {
    decode(encoded, bounds)
  } catch (error) {
    if (error instanceof KmipError) return error
    throw error
  }
  throw new Error('it was decoded')
}

function nested(depth: number): Item {
  let item: Item = structure(tag, [])
  for (let level = 1; level < depth; level += 1) item = structure(tag, [item])
  return item
}

describe('a message is invalid', () => {
  test.each([
    ['when it is empty', ''],
    ['when its header is cut off', '420020 02 000000'],
    ['when its value is cut off', '420020 02 00000004 000000'],
    ['when its padding is cut off', '420020 02 00000004 00000008 000000'],
    ['when bytes follow it', '420020 02 00000004 00000008 00000000 00'],
    ['when a tag is neither standard nor an extension', '430020 02 00000004 00000008 00000000'],
    ['when a type is 0', '420020 00 00000004 00000008 00000000'],
    ['when a type is Date-Time Extended, of version 2.0', '420020 0b 00000008 0000000000000000'],
    ['when an integer has 8 bytes', '420020 02 00000008 0000000000000008'],
    ['when an integer has none', '420020 02 00000000'],
    ['when a long integer has 4 bytes', '420020 03 00000004 00000008 00000000'],
    ['when an enumeration has 2 bytes', '420020 05 00000002 0008 000000000000'],
    ['when a boolean has 1 byte', '420020 06 00000001 01 00000000000000'],
    ['when a boolean is 2', '420020 06 00000008 0000000000000002'],
    ['when a boolean is true in its first byte', '420020 06 00000008 0100000000000000'],
    ['when a date has 4 bytes', '420020 09 00000004 00000008 00000000'],
    ['when an interval has 8 bytes', '420020 0a 00000008 0000000000000008'],
    ['when a big integer has 4 bytes', '420020 04 00000004 00000008 00000000'],
    ['when a big integer has none', '420020 04 00000000'],
    ['when padding is not zero', '420020 02 00000004 00000008 00000001'],
    ['when a structure has 4 bytes', '420020 01 00000004 42002002 00000000'],
    ['when a child is longer than its structure', '420020 01 00000010 420020 02 00000008 0000000800000000'],
    [
      'when a child leaves some of its structure',
      '420020 01 00000018 420020 02 00000004 0000000800000000 0000000000000000',
    ],
    ['when a length is the largest', '420020 08 ffffffff'],
    ['when a structure is as long as can be', '420020 01 fffffff8'],
  ])('%s', (_, written) => {
    expect(refusal(hex(written))).toMatchObject({ reason: 'InvalidMessage', notKmip: false })
  })

  test('when structures are nested more than 32 deep, and not at 32', () => {
    expect(decode(encode(nested(32)))).toEqual(nested(32))
    expect(refusal(encode(nested(33))).message).toBe('Structures are nested too deeply.')
  })

  test('when a megabyte is nothing but structures within structures', () => {
    const depth = (1024 * 1024) / 8
    const bomb = Buffer.alloc(depth * 8)
    for (let level = 0; level < depth; level += 1) {
      bomb.writeUInt32BE(0x42002001, level * 8)
      bomb.writeUInt32BE((depth - level - 1) * 8, level * 8 + 4)
    }
    expect(refusal(bomb).message).toBe('Structures are nested too deeply.')
  })

  test('when a structure has more than 4,096 items, and not at 4,096', () => {
    const of = (count: number): Item =>
      structure(
        tag,
        Array.from({ length: count }, () => integer(tag, 1)),
      )
    expect(decode(encode(of(4_096)))).toEqual(of(4_096))
    expect(refusal(encode(of(4_097))).message).toBe('A structure has too many items.')
  })

  test('when it has more than 20,000 items in all', () => {
    const part = structure(
      tag,
      Array.from({ length: 3_999 }, () => structure(tag, [])),
    )
    expect(decode(encode(structure(tag, [part, part, part, part])))).toBeDefined()
    expect(refusal(encode(structure(tag, [part, part, part, part, part]))).message).toBe(
      'The message has too many items.',
    )
  })

  test('when a text has more than 64 KiB, and not at 64 KiB', () => {
    const longest = text(tag, 'a'.repeat(64 * 1024))
    expect(decode(encode(longest))).toEqual(longest)
    expect(refusal(encode(text(tag, 'a'.repeat(64 * 1024 + 1)))).message).toBe('A text is too long.')
  })

  test('when a big integer has more than 2 KiB, and not at 2 KiB', () => {
    const of = (length: number): Item => ({ tag, type: 'BigInteger', value: Buffer.alloc(length, 1) })
    expect(decode(encode(of(2_048)))).toEqual(of(2_048))
    expect(refusal(encode(of(2_056))).message).toBe('A big integer is too long.')
  })

  test('by narrower bounds where these are given', () => {
    const bounds = { ...messageBounds, depth: 2, items: 3, children: 2, textBytes: 4 }
    const of = (count: number): Buffer =>
      encode(
        structure(
          tag,
          Array.from({ length: count }, () => text(tag, 'four')),
        ),
      )
    expect(decode(of(2), bounds)).toBeDefined()
    expect(refusal(of(3), bounds).message).toBe('A structure has too many items.')
    expect(refusal(encode(nested(3)), bounds).message).toBe('Structures are nested too deeply.')
    expect(refusal(encode(text(tag, 'fives')), bounds).message).toBe('A text is too long.')
    expect(
      refusal(encode(structure(tag, [structure(tag, []), structure(tag, [])])), { ...bounds, items: 2 }).message,
    ).toBe('The message has too many items.')
  })
})

describe('a text', () => {
  const encodedText = (value: Buffer): Buffer => {
    const encoded = encode(bytes(tag, value))
    encoded[3] = 7
    return encoded
  }

  test('loses the NULs at its end, which some clients count', () => {
    expect(decode(encodedText(Buffer.from('Db2\0\0\0\0\0')))).toEqual(text(tag, 'Db2'))
    expect(decode(encodedText(Buffer.from('\0\0')))).toEqual(text(tag, ''))
  })

  test('is an invalid field with a NUL before its end', () => {
    expect(refusal(encodedText(Buffer.from('a\0b')))).toMatchObject({ reason: 'InvalidField' })
  })

  test.each(['c3', 'c0af', 'eda080', 'f4908080', '61ff'])('is an invalid field as %s, which is no UTF-8', (written) => {
    expect(refusal(encodedText(hex(written)))).toMatchObject({ reason: 'InvalidField' })
  })

  test('keeps control characters, a byte order mark and characters of four bytes', () => {
    const item = text(tag, '\uFEFFa\u0007\u202E😀')
    expect(decode(encode(item))).toEqual(item)
  })

  test('may be empty, and so may a byte string and a structure', () => {
    for (const item of [text(tag, ''), bytes(tag, Buffer.alloc(0)), structure(tag, [])]) {
      expect(encode(item)).toHaveLength(8)
      expect(decode(encode(item))).toEqual(item)
    }
  })
})

test('numbers are read over their whole range', () => {
  for (const item of [
    integer(tag, -(2 ** 31)),
    integer(tag, 2 ** 31 - 1),
    interval(tag, 2 ** 32 - 1),
    { tag, type: 'Enumeration', value: 0xffff_ffff },
    { tag, type: 'LongInteger', value: -(2n ** 63n) },
    { tag, type: 'DateTime', value: 2n ** 63n - 1n },
    boolean(0x54ffff, false),
  ] satisfies Item[]) {
    expect(decode(encode(item))).toEqual(item)
  }
})

test('a byte string is a view of the message, which is never copied', () => {
  const encoded = encode(structure(tag, [bytes(tag, Buffer.from('key material'))]))
  const item = decode(encoded)
  encoded.fill(0x2a, 16, 28)
  expect(item).toEqual(structure(tag, [bytes(tag, Buffer.alloc(12, 0x2a))]))
})

test('what cannot be written is refused, and not written as something else', () => {
  for (const item of [
    integer(tag, 2 ** 31),
    interval(tag, -1),
    { tag, type: 'DateTime', value: 2n ** 63n },
    { tag, type: 'BigInteger', value: Buffer.alloc(7) },
    { tag, type: 'BigInteger', value: Buffer.alloc(0) },
  ] satisfies Item[]) {
    expect(() => encode(item)).toThrow(RangeError)
  }
})
