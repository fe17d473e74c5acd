/** TTLV against the samples of the standard, the golden messages, and each rule that a decoder has to keep. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decode } from './decode.ts'
import { encode, encodedLength } from './encode.ts'
import * as ttlv from './item.ts'

const vectors = new URL('../../../../../vectors/kmip/', import.meta.url)
const read = <T>(file: string): T[] => JSON.parse(readFileSync(new URL(file, vectors), 'utf8')) as T[]
const golden = read<{ name: string; hex: string }>('golden.json').map(({ name, hex }) => ({ name, hex }))
const captured = read<{ name: string; request: string; response: string }>('pykmip.json').flatMap((exchange) => [
  { name: `${exchange.name} request`, hex: exchange.request },
  { name: `${exchange.name} response`, hex: exchange.response },
])

test.each([...golden, ...captured])('$name decodes and encodes to the same bytes', ({ hex }) => {
  const item = decode(Buffer.from(hex, 'hex'))
  expect(encode(item).toString('hex')).toBe(hex)
  expect(encodedLength(item)).toBe(hex.length / 2)
})

const tag = 0x420020
describe('the samples of the standard', () => {
  test.each([
    [ttlv.integer(tag, 8), '42002002000000040000000800000000'],
    [ttlv.longInteger(tag, 123_456_789_000_000_000n), '420020030000000801B69B4BA5749200'],
    [
      ttlv.bigInteger(tag, Buffer.from('0000000003FD35EB6BC2DF4618080000', 'hex')),
      '42002004000000100000000003FD35EB6BC2DF4618080000',
    ],
    [ttlv.enumeration(tag, 255), '4200200500000004000000FF00000000'],
    [ttlv.boolean(tag, true), '42002006000000080000000000000001'],
    [ttlv.text(tag, 'Hello World'), '420020070000000B48656C6C6F20576F726C640000000000'],
    [ttlv.bytes(tag, Buffer.from([1, 2, 3])), '42002008000000030102030000000000'],
    [ttlv.dateTime(tag, Date.UTC(2008, 2, 14, 11, 56, 40) / 1_000), '42002009000000080000000047DA67F8'],
    [ttlv.interval(tag, 10 * 24 * 3_600), '4200200A00000004000D2F0000000000'],
    [
      ttlv.structure(tag, [ttlv.enumeration(0x420004, 254), ttlv.integer(0x420005, 255)]),
      '42002001000000204200040500000004000000FE000000004200050200000004000000FF00000000',
    ],
  ] as const)('of $type', (item, hex) => {
    expect(encode(item).toString('hex').toUpperCase()).toBe(hex)
    expect(decode(Buffer.from(hex, 'hex'))).toEqual(item)
  })
})
