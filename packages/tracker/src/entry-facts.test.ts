/** What is found in an entry's bytes is what parsing finds. */
import { entryBytes, formatEventTime, parseEventTime } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { deliveredFacts, entryFactsOf } from './entry-facts.ts'
import { delivery, producerA, producerB, sampleEvent, sampleTime } from './testing/sample-entries.ts'

test('numbers, action, outcome and time are those of the entry', () => {
  for (const number of [1, 7, 999_999_999_999]) {
    const { bytes, producer, epoch, sequence } = delivery(number, { time: sampleTime + (number % 100_000) })
    const { event } = JSON.parse(Buffer.from(bytes).toString())
    expect(entryFactsOf(bytes)).toEqual({
      numbered: { producer, epoch, sequence, opening: undefined },
      action: event.action,
      outcome: event.outcome,
      time: parseEventTime(event.eventTime),
    })
  }
})

test('what a delivery says beside its entry does not count, unless the entry names no numbers', () => {
  const { bytes } = delivery(4)
  const beside = { producer: producerB, epoch: 9, sequence: 5 }
  expect(deliveredFacts(beside, bytes).numbered).toMatchObject({ producer: producerA, epoch: 1, sequence: 4 })
  expect(deliveredFacts(beside, Buffer.from('foreign')).numbered).toMatchObject(beside)
})

test('words of others that look like members are none', () => {
  const event = { ...sampleEvent(1), correlationId: 'x","eventTime":"1999-01-01T00:00:00.00+0000","outcome":"failure' }
  const facts = entryFactsOf(entryBytes(event, { id: producerA, epoch: 1 }, 1))
  expect(facts).toMatchObject({ time: parseEventTime(event.eventTime), outcome: 'success' })
})

test('times of one minute, of others and of other forms are read alike', () => {
  const times = [0, 10, 59_990, 60_000, 3_599_990, 86_400_000, 5].map((ms) => formatEventTime(sampleTime + ms))
  for (const text of [
    ...times,
    '2025-06-19T12:00:30.5Z',
    '2025-06-19T12:00:30.50+0200',
    '2025-06-19T12:00:61.00+0000',
    'soon',
  ]) {
    let expected: number | undefined
    try {
      expected = parseEventTime(text)
    } catch {
      expected = undefined
    }
    expect(entryFactsOf(Buffer.from(`{"event":{"action":"a","eventTime":"${text}"}}`)).time, text).toBe(expected)
  }
})

test('the event that opens an epoch says what came before', () => {
  const event = {
    ...sampleEvent(1, { action: 'hs-crypto.producer.start' }),
    requestData: { epoch: 3, previousEpoch: 2, previousSequence: 8 },
  }
  const facts = entryFactsOf(entryBytes(event, { id: producerA, epoch: 3 }, 9))
  expect(facts.numbered?.opening).toEqual({ epoch: 2, sequence: 8 })
  const other = { ...event, requestData: { previousEpoch: '2' } }
  expect(entryFactsOf(entryBytes(other, { id: producerA, epoch: 3 }, 9)).numbered?.opening).toBeUndefined()
})
