/** What a tracker says of its log: an event for each kind of anomaly, with what to make of it. */
import { catalogue, entryBytes, parseEntry, sentence } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { anomalyKinds, noOddities, sumOf } from './oddities.ts'
import { voiceOf } from './voice.ts'

const account = 'a'.repeat(32)
const id = '00000000-0000-4000-8000-000000000001'
const place = { account, location: 'eu-de', origin: `keywitness/eu-de/${id}`, folder: '', keyFolder: '' }
const voice = voiceOf(place, 'Keywitness', () => 1_000)
const producer = '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50'
const summary = { producer, epoch: 2, first: 7, last: 9, count: 3, index: 20, lastIndex: 22 }

test('each kind of anomaly has its event, which says what it means and what to do', () => {
  for (const kind of anomalyKinds) {
    const event = voice.anomaly({ ...summary, kind })
    expect(parseEntry(entryBytes(event, { id: producer, epoch: 1 }, 1)).event).toEqual(event)
    expect(event.logSourceCRN).toBe(`crn:v1:keywitness:public:activity-tracker:eu-de:a/${account}:${id}::`)
    expect(event.requestData).toEqual(summary)
    expect(catalogue.entry(event.action)?.explanations).toHaveLength(1)
    expect(catalogue.entry(event.action)?.source).toBe('extension')
  }
  const words = sentence(voice.anomaly({ ...summary, kind: 'missing' }))
  expect(words).toBe('Service Keywitness found 3 numbers of events missing (7 to 9)')
})

test('anomalies of several producers name none', () => {
  const { producer: _, ...others } = summary
  expect(voice.anomaly({ ...summary, kind: 'reused', producer: undefined }).requestData).toEqual(others)
})

test('the opening event names the epoch and number before it', () => {
  expect(voice.opening(producer, { epoch: 3, sequence: 12 })).toMatchObject({
    action: 'hs-crypto.producer.start',
    requestData: { producer, epoch: 4, previousEpoch: 3, previousSequence: 12 },
  })
})

test('what is odd is added up over logs', () => {
  const one = { repeats: 2, anomalies: { ...noOddities.anomalies, missing: 3 } }
  const other = { repeats: 1, anomalies: { ...noOddities.anomalies, missing: 1, reused: 5 } }
  expect(sumOf([one, other])).toEqual({ repeats: 3, anomalies: { ...noOddities.anomalies, missing: 4, reused: 5 } })
})
