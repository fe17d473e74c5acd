/** Entries: parse and print is the identity, and nothing but the one form is taken. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyFacts, call, stamp } from '../test/facts.ts'
import { buildEvent, writeEvent } from './build.ts'
import { canonicalJson } from './canonical.ts'
import { entryBytes, entryBytesMax, parseEntry, writtenEntryBytes } from './entry.ts'
import { EntryTooLarge, EventError } from './error.ts'
import type { ActivityEvent } from './event.ts'

const producer = { id: '0d9b0f5e-4f5c-4d27-8d3a-6a1b5e3d2c11', epoch: 3 }
const creation = call('hs-crypto.secrets.create', { request: { keyType: 'root' } })
const event = buildEvent(creation, stamp)
const written = writeEvent(creation, stamp)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (entry: string): Uint8Array => new TextEncoder().encode(entry)

test('an entry is the canonical JSON of event, format, producer and sequence', () => {
  const entry = text(entryBytes(event, producer, 17))
  expect(entry).toMatch(/^\{"event":\{"action":"hs-crypto.secrets.create",/)
  expect(entry).toMatch(
    /,"format":"keywitness-entry\/1","producer":"0d9b0f5e-4f5c-4d27-8d3a-6a1b5e3d2c11\.3","sequence":17\}$/,
  )
})

test('what is parsed prints as the same bytes, for any event of any action', () => {
  fc.assert(
    fc.property(anyFacts(), fc.maxSafeNat(), fc.maxSafeNat(), (facts, epoch, sequence) => {
      const built = buildEvent(facts, stamp)
      const printed = entryBytes(built, { id: producer.id, epoch }, sequence)
      const parsed = parseEntry(printed)
      expect(parsed).toEqual({ event: built, producer: { id: producer.id, epoch }, sequence })
      expect(entryBytes(parsed.event, parsed.producer, parsed.sequence)).toEqual(printed)
    }),
  )
})

/** The bytes parsed and printed again; the bytes as they are when they are refused in this package's own way. */
function reprinted(printed: Uint8Array): Uint8Array {
  try {
    const parsed = parseEntry(printed)
    return entryBytes(parsed.event, parsed.producer, parsed.sequence)
  } catch (error) {
    if (error instanceof EventError) return printed
    throw error
  }
}

test('a changed byte is refused or makes another entry, never the same one', () => {
  const printed = entryBytes(event, producer, 17)
  fc.assert(
    fc.property(fc.nat(printed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = printed.slice()
      changed[at] = (changed[at] ?? 0) ^ flip
      expect(reprinted(changed)).toEqual(changed)
    }),
  )
})

test('any bytes at all are refused with an error of this package', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (anything) => {
      expect(() => parseEntry(anything)).toThrow(EventError)
    }),
  )
})

const entry = text(entryBytes(event, producer, 17))

test.each([
  ['a space', entry.replace(',"format"', ', "format"'), 'NOT_CANONICAL'],
  ['members out of order', entry.replace(/^\{("event":.*),("format":"[^"]*")/, '{$2,$1'), 'NOT_CANONICAL'],
  ['a member twice', entry.replace('"sequence":17', '"sequence":17,"sequence":17'), 'NOT_CANONICAL'],
  ['a number in another form', entry.replace('"sequence":17', '"sequence":17.0'), 'NOT_CANONICAL'],
  ['an escape without need', entry.replace('billing', '\\u0062illing'), 'NOT_CANONICAL'],
  ['another format', entry.replace('keywitness-entry/1', 'keywitness-entry/2'), 'BAD_SHAPE'],
  ['a further member', entry.replace('"sequence"', '"secret":1,"sequence"'), 'BAD_SHAPE'],
  ['a further member of the event', entry.replace('"severity"', '"secret":1,"severity"'), 'BAD_SHAPE'],
  ['no outcome', entry.replace('"outcome":"success",', ''), 'BAD_SHAPE'],
  ['an outcome that there is not', entry.replace('"outcome":"success"', '"outcome":"maybe"'), 'BAD_SHAPE'],
  ['a negative number', entry.replace('"sequence":17', '"sequence":-1'), 'BAD_VALUE'],
  ['a producer without an epoch', entry.replace('.3","sequence"', '","sequence"'), 'BAD_SHAPE'],
  ['an epoch with a zero before it', entry.replace('.3","sequence"', '.03","sequence"'), 'BAD_SHAPE'],
  ['null in the data', entry.replace('"responseData":{}', '"responseData":{"a":null}'), 'BAD_SHAPE'],
  [
    'deep data',
    entry.replace('"responseData":{}', `"responseData":${'{"a":'.repeat(40)}{}${'}'.repeat(40)}`),
    'TOO_DEEP',
  ],
  [
    'data as deep as an entry can be',
    entry.replace('"responseData":{}', `"responseData":${'{"":'.repeat(12_000)}{}${'}'.repeat(12_000)}`),
    'TOO_DEEP',
  ],
  ['a lone surrogate', entry.replace('billing', '\\ud800'), 'ILL_FORMED_TEXT'],
  ['text that is not JSON', entry.slice(1), 'NOT_JSON'],
])('%s is refused', (_, changed, code) => {
  expect(changed).not.toBe(entry)
  expect(() => parseEntry(bytes(changed))).toThrow(expect.objectContaining({ code }))
})

test('bytes that are not UTF-8 and a byte order mark are refused', () => {
  expect(() => parseEntry(Uint8Array.of(0xff, 0xfe))).toThrow(expect.objectContaining({ code: 'ILL_FORMED_TEXT' }))
  expect(() => parseEntry(bytes(`\ufeff${entry}`))).toThrow(EventError)
})

test('an entry may have 65,535 bytes and not one more', () => {
  const padded = (length: number): ActivityEvent => ({ ...event, responseData: { a: 'x'.repeat(length) } })
  const overhead = entryBytes(padded(0), producer, 17).length
  const longest = entryBytes(padded(entryBytesMax - overhead), producer, 17)
  expect(longest).toHaveLength(65_535)
  expect(parseEntry(longest).sequence).toBe(17)
  expect(() => entryBytes(padded(entryBytesMax - overhead + 1), producer, 17)).toThrow(EntryTooLarge)
  expect(() => entryBytes({ ...event, responseData: { a: 'é'.repeat(40_000) } }, producer, 17)).toThrow(EntryTooLarge)
  expect(() => parseEntry(new Uint8Array(entryBytesMax + 1))).toThrow(EntryTooLarge)
  const fits = canonicalJson(padded(entryBytesMax - overhead))
  const into = new Uint8Array(entryBytesMax)
  expect(writtenEntryBytes({ ...written, text: fits }, producer, 17, into)).toEqual(longest)
  for (const more of ['xxx', 'xé']) {
    const longer = { ...written, text: fits.replace('xx', more) }
    expect(() => writtenEntryBytes(longer, producer, 17, into)).toThrow(EntryTooLarge)
  }
})

test('bytes go into the buffer that was given, and into their own when it is too small', () => {
  const into = new Uint8Array(10_000)
  const expected = entryBytes(event, producer, 17)
  const bytesOf = (buffer?: Uint8Array): Uint8Array => writtenEntryBytes(written, producer, 17, buffer)
  expect(bytesOf(into)).toEqual(expected)
  expect(bytesOf(into).buffer).toBe(into.buffer)
  expect(bytesOf(new Uint8Array(100))).toEqual(expected)
  expect(bytesOf()).toEqual(expected)
})

test.each([
  ['a producer that is not a UUID', { id: 'me', epoch: 1 }, 1],
  ['a fraction of an epoch', { id: producer.id, epoch: 1.5 }, 1],
  ['a number beyond the safe ones', producer, 2 ** 53],
])('%s cannot number an event', (_, by, sequence) => {
  expect(() => entryBytes(event, by, sequence)).toThrow(EventError)
  expect(() => writtenEntryBytes(written, by, sequence)).toThrow(EventError)
})
