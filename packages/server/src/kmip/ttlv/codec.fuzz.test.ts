/** Whatever bytes come: an item that is written again as it was, or the one error that says that they are none. */
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KmipError } from '../message/kmip-error.ts'
import { decode } from './decode.ts'
import { encode, encodedLength } from './encode.ts'
import { Framer } from './framer.ts'
import { type Item, itemTypes, structure } from './item.ts'
import { tags } from './tags.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const told = { seed, verbose: true }

const vectors = new URL('../../../../../vectors/kmip/golden.json', import.meta.url)
const golden = (JSON.parse(readFileSync(vectors, 'utf8')) as { name: string; hex: string }[]).map(({ name, hex }) => ({
  name,
  message: Buffer.from(hex, 'hex'),
}))

/** Nothing when it is refused as it should be; any other error fails the test. */
function decoded(message: Uint8Array): Item | undefined {
  try {
    return decode(message)
  } catch (error) {
    if (error instanceof KmipError && (error.reason === 'InvalidMessage' || error.reason === 'InvalidField'))
      return undefined
    throw error
  }
}

/** What becomes of bytes that are read and written again. Only the NULs at the end of a text may be lost. */
function fateOf(message: Buffer): 'refused' | 'kept' | 'without NULs' | 'changed' {
  const item = decoded(message)
  if (item === undefined) return 'refused'
  const again = encode(item)
  if (again.equals(message)) return 'kept'
  return hasCountedPadding(message) && isDeepStrictEqual(decode(again), item) ? 'without NULs' : 'changed'
}

/** Whether a text of a good message has a NUL at its end. */
function hasCountedPadding(message: Buffer): boolean {
  let at = 0
  while (at < message.length) {
    const type = message[at + 3]
    const length = message.readUInt32BE(at + 4)
    at += 8
    if (type === itemTypes.Structure) continue
    if (type === itemTypes.TextString && length > 0 && message[at + length - 1] === 0) return true
    at += Math.ceil(length / 8) * 8
  }
  return false
}

const tag = fc.oneof(fc.constantFrom(...Object.values(tags)), fc.integer({ min: 0x540000, max: 0x54ffff }))
const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((value) => Buffer.from(value))
const whole = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => !value.includes('\0'))
const anyItem = fc.letrec<{ item: Item; leaf: Item; node: Item }>((tie) => ({
  item: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('node')),
  node: fc.tuple(tag, fc.array(tie('item'), { maxLength: 5 })).map(([of, items]) => structure(of, items)),
  leaf: fc.oneof(
    fc.record({ tag, type: fc.constant('Integer'), value: fc.integer() }),
    fc.record({ tag, type: fc.constant('LongInteger'), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
    fc.record({
      tag,
      type: fc.constant('BigInteger'),
      value: fc
        .integer({ min: 1, max: 4 })
        .chain((words) =>
          octets(8 * words).map((value) => Buffer.concat([value, Buffer.alloc(8 * words - value.length)])),
        ),
    }),
    fc.record({ tag, type: fc.constant('Enumeration'), value: fc.nat(0xffff_ffff) }),
    fc.record({ tag, type: fc.constant('Boolean'), value: fc.boolean() }),
    fc.record({ tag, type: fc.constant('TextString'), value: whole }),
    fc.record({ tag, type: fc.constant('ByteString'), value: octets(40) }),
    fc.record({ tag, type: fc.constant('DateTime'), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
    fc.record({ tag, type: fc.constant('Interval'), value: fc.nat(0xffff_ffff) }),
  ),
})).item

describe('the codec', () => {
  test('gives back every item that is written', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const message = encode(item)
        expect(message.length).toBe(encodedLength(item))
        expect(decode(message)).toEqual(item)
        expect(encode(decode(message))).toEqual(message)
      }),
      { ...told, numRuns: 2_000 },
    )
  })

  test('takes any bytes', () => {
    fc.assert(
      fc.property(octets(200), (bytes) => {
        expect(fateOf(bytes)).not.toBe('changed')
      }),
      { ...told, numRuns: 2_000 },
    )
  })

  test('takes headers of any tag, type and length', () => {
    const length = fc.oneof(fc.nat(64), fc.constantFrom(0x7fff_fff8, 0xffff_fff8, 0xffff_ffff))
    const header = fc.tuple(fc.constantFrom(0x420020, 0x540001, 0x430020), fc.nat(12), length)
    fc.assert(
      fc.property(fc.array(fc.tuple(header, octets(24)), { minLength: 1, maxLength: 6 }), (parts) => {
        const written = parts.map(([[of, type, bytes], value]) => {
          const start = Buffer.alloc(8)
          start.writeUIntBE(of, 0, 3)
          start.writeUInt8(type, 3)
          start.writeUInt32BE(bytes, 4)
          return Buffer.concat([start, value])
        })
        expect(fateOf(Buffer.concat(written))).not.toBe('changed')
      }),
      { ...told, numRuns: 2_000 },
    )
  })

  test('takes golden messages with bytes changed, left out and put in', () => {
    const change = fc.record({ at: fc.nat(), value: fc.nat(255), how: fc.constantFrom('set', 'add', 'drop') })
    fc.assert(
      fc.property(
        fc.constantFrom(...golden),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        ({ message }, changes) => {
          let bytes = [...message]
          for (const { at, value, how } of changes) {
            const place = at % bytes.length
            bytes =
              how === 'set'
                ? bytes.with(place, value)
                : bytes.toSpliced(place, how === 'drop' ? 1 : 0, ...(how === 'add' ? [value] : []))
          }
          expect(fateOf(Buffer.from(bytes))).not.toBe('changed')
        },
      ),
      { ...told, numRuns: 5_000 },
    )
  })

  test.each(golden)('refuses $name cut off at each of its bytes', ({ message }) => {
    for (let length = 0; length < message.length; length += 1)
      expect(decoded(message.subarray(0, length))).toBeUndefined()
  })

  test.each(Object.entries(itemTypes))('takes a %s without a value, or refuses it', (type, code) => {
    const written = Buffer.from([0x42, 0x00, 0x20, code, 0, 0, 0, 0])
    const mayBeEmpty = ['Structure', 'TextString', 'ByteString'].includes(type)
    expect(decoded(written) !== undefined).toBe(mayBeEmpty)
  })
})

describe('the framer', () => {
  const request = anyItem.map((item) => encode(structure(tags.RequestMessage, [item])))
  const drain = (framer: Framer): Buffer[] => {
    const given: Buffer[] = []
    for (let message = framer.next(); message !== undefined; message = framer.next()) given.push(message)
    return given
  }

  test('gives the same messages, however their bytes are cut', () => {
    const cuts = fc.array(fc.nat(), { maxLength: 12 })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 5 }), cuts, fc.boolean(), (messages, places, isEager) => {
        const stream = Buffer.concat(messages)
        const ends = [...places.map((place) => place % (stream.length + 1)), stream.length].sort(
          (left, right) => left - right,
        )
        const framer = new Framer(() => 1024 * 1024)
        const given: Buffer[] = []
        let from = 0
        for (const end of ends) {
          framer.push(stream.subarray(from, end))
          from = end
          if (isEager) given.push(...drain(framer))
        }
        given.push(...drain(framer))
        expect(given).toEqual(messages)
        expect(framer.pending).toBe(0)
      }),
      { ...told, numRuns: 1_000 },
    )
  })

  test('gives the same messages, byte after byte', () => {
    const framer = new Framer(() => 1024 * 1024)
    const given: Buffer[] = []
    const messages = golden
      .map(({ message }) => message)
      .filter((message) => message.readUIntBE(0, 3) === tags.RequestMessage)
    for (const byte of Buffer.concat(messages)) {
      framer.push(Buffer.of(byte))
      given.push(...drain(framer))
    }
    expect(given).toEqual(messages)
  })

  test('takes any bytes, and keeps none that are not of a message', () => {
    const chunk = fc.oneof(octets(30), fc.constantFrom(...golden.map(({ message }) => message)))
    const limit = 600
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
        const framer = new Framer(() => limit)
        const given: Buffer[] = []
        let error: unknown
        try {
          for (const piece of chunks) {
            framer.push(piece)
            given.push(...drain(framer))
          }
        } catch (thrown) {
          error = thrown
        }
        expect(error === undefined || error instanceof KmipError).toBe(true)
        expect(framer.pending).toBeLessThan(error === undefined ? limit : 1)
        expect(given.every((message) => message.length <= limit && message.readUIntBE(0, 4) === 0x42007801)).toBe(true)
      }),
      { ...told, numRuns: 2_000 },
    )
  })
})
