/** What needs somebody first: a log that contradicts itself stands above everything, and all that is well is not told. */
import { expect, test } from 'vitest'
import { alertingStatus, instanceDetail, trackerStatus } from '../../test/fixture/overview-samples.ts'
import { attentionOf } from './attention.ts'

const now = Date.UTC(2026, 0, 10)
const at = (days: number): string => new Date(now + days * 86_400_000).toISOString()
const namesOf = (...parts: Parameters<typeof attentionOf>): string[] => attentionOf(...parts).map(({ name }) => name)

test('nothing is told of what is well', () => {
  const status = trackerStatus({ endedAt: at(-1) })
  expect(
    namesOf([{ location: 'us-south', status, alerting: alertingStatus() }], [instanceDetail(at(90))], now),
  ).toEqual([])
})

test('what is critical comes first, whichever location it is of', () => {
  const first = { location: 'a', status: trackerStatus({ endedAt: at(-5) }), alerting: alertingStatus({ warning: 2 }) }
  const second = { location: 'b', status: trackerStatus({ state: 'bad', endedAt: at(0), findings: 3 }) }
  expect(attentionOf([first, second], [], now)).toMatchObject([
    { name: 'badVerification', tone: 'critical', location: 'b', count: 3 },
    { name: 'verificationOld', tone: 'warning', location: 'a' },
    { name: 'warningAlerts', tone: 'warning', location: 'a', count: 2 },
  ])
})

test.each([
  [-1, ['certificateEnded']],
  [29, ['certificateEnds']],
  [31, []],
])('a certificate that ends in %i days', (days, names) => {
  expect(namesOf([], [instanceDetail(at(days))], now)).toEqual(names)
})

test('entry 0 may be the one that was changed', () => {
  const status = trackerStatus({ endedAt: at(0), altered: 0 })
  expect(attentionOf([{ location: 'a', status }], [], now)).toMatchObject([{ name: 'altered', count: 0 }])
})

test('an alerting that tells nobody is told here', () => {
  const alerting = alertingStatus({ channels: 0, engine: 'behind', critical: 1 })
  expect(namesOf([{ location: 'a', alerting }], [], now)).toEqual(['criticalAlerts', 'engine', 'noChannel'])
})
