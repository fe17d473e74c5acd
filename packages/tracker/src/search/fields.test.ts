/** Search fields of well-formed and of odd events, and the codes of their values. */
import { expect, test } from 'vitest'
import { delivery, sampleEvent, uuidOf } from '../testing/sample-entries.ts'
import { columnCode } from './column-code.ts'
import { eventOf, searchFields } from './fields.ts'

test('the fields of an entry are those of its event', () => {
  const event = sampleEvent(7)
  const fields = searchFields(eventOf(delivery(7).bytes))
  expect(fields.id).toBe(event.id)
  expect(fields.time).toBe(Date.UTC(2025, 5, 19, 12, 0, 7))
  expect(fields.target).toBe(event.target.id)
  expect(fields.keyId).toBe(uuidOf('key', 2))
  expect(fields.instance).toBe(uuidOf('instance', 1))
  expect([fields.action, fields.outcome, fields.severity, fields.reasonCode]).toEqual([
    event.action,
    'failure',
    'critical',
    403,
  ])
})

test('the key is taken from the data when the target is no key, the instance from the log source', () => {
  const fields = searchFields({
    target: { id: 'crn:v1:keywitness:public:hs-crypto:us-south:a/1:i-1::' },
    logSourceCRN: 'crn:v1:keywitness:public:hs-crypto:us-south:a/1:i-2::',
    responseData: { keyId: 'k-1' },
    requestData: { keyId: 'k-2' },
  })
  expect([fields.keyId, fields.instance]).toEqual(['k-1', 'i-2'])
})

test.each([
  ['no JSON', '{'],
  ['no object', '7'],
  ['null', 'null'],
  ['no event', '{"event":null}'],
  [
    'values of other types',
    '{"event":{"id":5,"eventTime":{},"initiator":"x","reason":[],"requestData":"s","target":null}}',
  ],
])('an entry with %s has no fields and breaks nothing', (_what, text) => {
  const fields = searchFields(eventOf(new TextEncoder().encode(text)))
  expect([fields.id, fields.time, fields.initiator, fields.reasonCode, fields.instance, fields.keyId]).toEqual(
    Array.from({ length: 6 }),
  )
})

test('a time of no known form is none', () => {
  expect(searchFields({ eventTime: 'yesterday' }).time).toBeUndefined()
})

test('codes are whole numbers of at most six bytes, apart for the values of one column', () => {
  const texts = [
    'success',
    'failure',
    'critical',
    '',
    'a',
    'b',
    ...Array.from({ length: 5_000 }, (_, n) => uuidOf('x', n)),
  ]
  const codes = texts.map(columnCode)
  expect(new Set(codes).size).toBe(texts.length)
  for (const code of codes) expect(Number.isSafeInteger(code) && code > 0 && code < 2 ** 47).toBe(true)
})
