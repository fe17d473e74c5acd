/** A continuity report in words: what is missing is said first and is never called well. */
import { expect, test } from 'vitest'
import type { ContinuityReport, ProducerReport } from '../api/integrity-api.ts'
import { judge, sentencesOf } from './continuity-words.ts'

const none = { count: 0, places: [] }

function producer(change: Partial<ProducerReport> = {}): ProducerReport {
  return {
    producer: '0190a5b0-7c3e-7b52-9d1e-3f6a4c2b8d10',
    kind: 'service',
    events: 100,
    first: 1,
    last: 100,
    missing: none,
    late: none,
    reused: none,
    earlier: none,
    missingEpochs: none,
    contradictions: none,
    lateDated: none,
    futureDated: none,
    epochs: { count: 1 },
    heartbeats: { everySeconds: 60, recorded: 20, missed: none, stops: none },
    ...change,
  }
}

function report(producers: ProducerReport[], change: Partial<ContinuityReport> = {}): ContinuityReport {
  return {
    origin: 'test/log',
    size: 100,
    covered: 100,
    looked: { from: 0, to: 100, isWhole: true },
    unreadable: 0,
    repeats: 0,
    producers,
    checkpoints: { stored: 2, kept: 1 },
    reconciliation: { compared: 1, agreeing: 1, differing: none, notCompared: 0 },
    ...change,
  }
}

const namesOf = (one: ProducerReport): string[] => sentencesOf(one).map(({ name }) => name)

test('a producer whose numbers are all there says so, and that its heartbeats came', () => {
  expect(namesOf(producer())).toEqual(['noGap', 'heartbeats'])
  expect(judge(report([producer()]))).toBe('whole')
})

test('missing numbers come first, with where they would be, and break the log', () => {
  const missing = { count: 3, places: [{ first: 7, last: 9, index: 12 }] }
  const one = producer({ missing })
  expect(sentencesOf(one)[0]).toEqual({ name: 'missing', tone: 'critical', count: 3, index: 12, first: 7, last: 9 })
  expect(namesOf(one)).not.toContain('noGap')
  expect(judge(report([producer(), one]))).toBe('broken')
})

test('heartbeats that did not come are said instead of those that came', () => {
  const at = { index: 5, time: '2026-01-01T00:00:00.000Z' }
  const missed = { count: 2, places: [{ seconds: 600, after: at, before: at }] }
  const one = producer({ heartbeats: { everySeconds: 60, recorded: 20, missed, stops: none } })
  expect(sentencesOf(one)).toContainEqual({
    name: 'missedHeartbeats',
    tone: 'critical',
    count: 2,
    seconds: 600,
    index: 5,
  })
  expect(namesOf(one)).not.toContain('heartbeats')
})

test('late numbers are odd, and nothing is missing', () => {
  expect(judge(report([producer({ late: { count: 1, places: [{ first: 4, last: 4, index: 9 }] } })]))).toBe('odd')
})

test.each([
  ['entries that cannot be read', { unreadable: 1 }],
  [
    'counts that differ',
    {
      reconciliation: { compared: 2, agreeing: 1, differing: { count: 1, places: [] }, notCompared: 0 },
    },
  ],
])('%s break the log', (_, change) => {
  expect(judge(report([producer()], change))).toBe('broken')
})

test('of several stops the longest is told', () => {
  const at = (index: number) => ({ index, time: '2026-01-01T00:00:00.000Z' })
  const stops = {
    count: 2,
    places: [
      { seconds: 10, after: at(1), before: at(2) },
      { seconds: 900, after: at(5), before: at(6) },
    ],
  }
  const one = producer({ heartbeats: { everySeconds: 60, recorded: 20, missed: none, stops } })
  expect(sentencesOf(one)).toContainEqual({ name: 'stops', tone: 'plain', count: 2, seconds: 900, index: 5 })
})
