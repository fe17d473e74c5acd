/** The scan of an entry's bytes says what parsing them says, or leaves them to it. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventTimeOf } from '../event-time.ts'
import { delivery, sampleEvent } from '../testing/sample-entries.ts'
import { columnCode, columnCodeAt, idCode, idCodeAt } from './column-code.ts'
import { EntryScan, type Place } from './entry-scan.ts'
import { eventOf, searchFields } from './fields.ts'
import { asciiText } from './value-writer.ts'
import { WordFinder } from './words.ts'

const scan = new EntryScan()
const finder = new WordFinder()
const encoder = new TextEncoder()

function scanned(bytes: Uint8Array): object | undefined {
  if (!scan.scan(bytes)) return undefined
  const text = ({ from, to }: Place): string | undefined => (from === to ? undefined : asciiText(bytes, from, to))
  const eventTime = text(scan.eventTime)
  return {
    time: eventTime === undefined ? undefined : eventTimeOf(eventTime),
    id: text(scan.id),
    action: text(scan.action),
    outcome: text(scan.outcome),
    severity: text(scan.severity),
    initiator: text(scan.initiator),
    target: text(scan.target),
    instance: text(scan.instance),
    correlationId: text(scan.correlationId),
    keyId: text(scan.keyId),
    reasonCode: scan.reasonCode,
    words: inAnyOrder(scan.words.bytes.toString('latin1', 0, scan.words.length)),
  }
}

function parsed(bytes: Uint8Array): object {
  const event = eventOf(bytes)
  const { time, id, action, outcome, severity, initiator, target, instance, correlationId, keyId, reasonCode } =
    searchFields(event)
  return {
    time,
    id,
    action,
    outcome,
    severity,
    initiator,
    target,
    instance,
    correlationId,
    keyId,
    reasonCode,
    words: inAnyOrder(finder.indexed(event)),
  }
}

/** Full text asks for no order. */
function inAnyOrder(words: string): string[] {
  return words.split(' ').toSorted()
}

/** Names that mean something at one place or another, so that they come up at every place. */
const names =
  'action correlationId eventTime event id initiator logSourceCRN outcome reason name requestData responseData severity ' +
  'target instanceID keyId reasonCode typeURI observer eventType x __proto__ 7 idx Target'
const name = fc.constantFrom('', ...names.split(' '))
const uuid = fc.uuid()
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', 'success', 'critical', '200', '007', '-1', '2026-01-05T00:00:00.08+0000', '2026-02-30T00:00:00Z'),
  fc.constantFrom('crn:v1:a:b:c:d:e:f:key:k', 'crn:v1:a:b:c:d:e::key:', 'crn:v1:a:b:c:d:e:f::', 'crn', ':::::::::'),
  fc.tuple(uuid, fc.boolean()).map(([id, isUpper]) => `key ${isUpper ? id.toUpperCase() : id}x-${id}${id}`),
  uuid,
  fc.constant('w'.repeat(70)),
)
const leaf = fc.oneof(
  { weight: 6, arbitrary: text },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.integer(), fc.constantFrom(200, 0, -5, -0, 1.5, 1e21, 999_999_999_999_999, 1e15)),
  },
  { weight: 1, arbitrary: fc.constantFrom(true, false, null) },
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.dictionary(name, tie('value'), { maxKeys: 6 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}))
const event = fc.dictionary(name, value, { maxKeys: 12 })
const entry = fc.oneof(
  event.map((one) => ({ event: one, format: 'keywitness-entry/1', producer: 'p.1', sequence: 1 })),
  fc.dictionary(name, value),
  event.map((one) => ({ event: { ...sampleEvent(7), ...one } })),
)

/** As canonical bytes are: members in order. */
function inOrder(thing: unknown): unknown {
  if (Array.isArray(thing)) return thing.map(inOrder)
  if (typeof thing !== 'object' || thing === null) return thing
  const members = Object.entries(thing).toSorted(([one], [other]) => (one < other ? -1 : 1))
  // Not Object.fromEntries: it would put whole numbers first.
  return new Map(members.map(([member, inner]) => [member, inOrder(inner)]))
}

function printed(thing: unknown): string {
  if (thing instanceof Map) {
    return `{${[...thing].map(([member, inner]) => `${JSON.stringify(member)}:${printed(inner)}`).join()}}`
  }
  return Array.isArray(thing) ? `[${thing.map(printed).join()}]` : JSON.stringify(thing)
}

test('entries of ours are scanned', () => {
  for (let sequence = 1; sequence <= 60; sequence++) {
    const { bytes } = delivery(sequence)
    expect(scanned(bytes)).toEqual(parsed(bytes))
  }
})

test('what a scan says of any entry is what parsing it says', () => {
  let count = 0
  fc.assert(
    fc.property(entry, (one) => {
      const bytes = encoder.encode(printed(inOrder(one)))
      const found = scanned(bytes)
      if (found === undefined) return
      count += 1
      expect(found).toEqual(parsed(bytes))
    }),
    { seed: 1234, numRuns: 5_000 },
  )
  expect(count).toBeGreaterThan(1_000)
})

test('what a scan says of changed bytes is what parsing them says', () => {
  const { bytes } = delivery(9)
  let count = 0
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.nat(bytes.length),
      fc.constantFrom(...Buffer.from('",:{}[]\\ 0-aZ\u007f')),
      (at, cut, to) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = to
        const candidates = [changed, bytes.subarray(0, cut), Buffer.concat([bytes.subarray(0, at), bytes])]
          .map((candidate) => ({ found: scanned(candidate), candidate }))
          .filter(({ found }) => found !== undefined)
        count += candidates.length
        for (const { found, candidate } of candidates) expect(found).toEqual(parsed(candidate))
      },
    ),
    { seed: 32, numRuns: 3_000 },
  )
  expect(count).toBeGreaterThan(100)
})

test.each([
  ['members out of order', '{"event":{"outcome":"success","action":"a"}}'],
  ['a member twice', '{"event":{"action":"a","action":"b"}}'],
  ['an event twice', '{"event":{"action":"a"},"event":{}}'],
  ['white space', '{"event": {}}'],
  ['an escape', '{"event":{"action":"\\u0061"}}'],
  ['a letter that is no ASCII', '{"event":{"action":"ä"}}'],
  ['a number with a fraction', '{"event":{"a":1.50}}'],
  ['an event that is a list', '{"event":["word"]}'],
  ['something behind it', '{"event":{}}{}'],
  ['very many words', `{"event":{"a":"${'w '.repeat(600)}"}}`],
  ['deep nesting', `{"event":{"a":${'['.repeat(9)}"word"${']'.repeat(9)}}}`],
])('%s is left to parsing', (_, json) => {
  expect(scanned(encoder.encode(json))).toBeUndefined()
})

test('the code of a text is that of its bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', minLength: 9, maxLength: 60 }), (one) => {
      const bytes = encoder.encode(one)
      expect(columnCodeAt(bytes, 0, bytes.length)).toBe(columnCode(one))
      expect(idCodeAt(bytes, 0, bytes.length)).toBe(idCode(one))
    }),
  )
})

test('the code of an id in bytes is that of its text, a UUID in whatever case', () => {
  const idOf = (id: string, isUpper: boolean, tail: string): string => (isUpper ? id.toUpperCase() : id) + tail
  const id = fc.tuple(uuid, fc.boolean(), fc.constantFrom('', '', 'a', ' ')).map((parts) => idOf(...parts))
  fc.assert(
    fc.property(id, (one) => {
      const bytes = encoder.encode(`-${one}-`)
      expect(idCodeAt(bytes, 1, 1 + one.length)).toBe(idCode(one))
    }),
  )
})
