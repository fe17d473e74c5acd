/** An entry as rules look at it: who numbered it, when it was, where it came from, and what is no entry at all. */
import { expect, test, vi } from 'vitest'
import { delivery, producerB, sampleTime } from '../testing/sample-entries.ts'
import { alertStart, entryOf } from '../testing/alert-log.ts'
import { AlertSubject, type Locate } from './alert-subject.ts'
import { fieldReader } from './rule-field.ts'

test('an entry says who numbered it, what was done and when', () => {
  const subject = new AlertSubject(7, delivery(3, { producer: producerB }).bytes, 0)
  expect(subject).toMatchObject({ index: 7, producer: producerB, time: sampleTime + 3_000, address: '192.0.2.7' })
  expect(subject.action).toMatch(/^hs-crypto\.secrets\./)
})

test('what is no entry has no values, and the time at which it came', () => {
  for (const bytes of [
    Buffer.from('no JSON'),
    Buffer.from('{"event":7}'),
    Buffer.from('{"event":{"eventTime":"soon"}}'),
  ]) {
    const subject = new AlertSubject(0, bytes, alertStart)
    expect(subject).toMatchObject({ time: alertStart, action: undefined, producer: '', address: '' })
  }
})

test('an address is looked up once for all rules', () => {
  const locate = vi.fn<Locate>(() => ({ country: 'DE', network: 'AS64500' }))
  const subject = new AlertSubject(0, entryOf({ at: 0, address: '192.0.2.1' }), 0)
  const values = ['country', 'network', 'country'].map((field) => fieldReader(field, locate)(subject))
  expect(values).toEqual(['DE', 'AS64500', 'DE'])
  expect(locate).toHaveBeenCalledExactlyOnceWith('192.0.2.1')
  expect(fieldReader('country', undefined)(subject)).toBe('')
})

test('long values are told apart by their hash', () => {
  const valueOf = (key: string): string =>
    fieldReader('key', undefined)(new AlertSubject(0, entryOf({ at: 0, key }), 0))
  const [a, b] = [valueOf(`${'x'.repeat(5_000)}a`), valueOf(`${'x'.repeat(5_000)}b`)]
  expect([a.length, b.length, a === b]).toEqual([128, 128, false])
  expect(valueOf('x'.repeat(128))).toBe('x'.repeat(128))
})

test('of several members the first that is there is the value, a list is one value', () => {
  const subject = new AlertSubject(
    0,
    entryOf({ at: 0, who: 'ana', data: { keyRingId: ['a', 'b'], inner: { x: 1 } } }),
    0,
  )
  const valueOf = (field: string): string => fieldReader(field, undefined)(subject)
  expect(['initiator', 'ring', 'code', 'requestData.inner', 'reason'].map(valueOf)).toEqual([
    'ana',
    'a, b',
    '200',
    '{"x":1}',
    '',
  ])
})
