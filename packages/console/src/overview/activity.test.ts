/** What happened, summed up: counts of instances, and the days to look at first. */
import { expect, test } from 'vitest'
import type { Facets, Groups, Histogram } from '../api/summaries-api.ts'
import { type ActivityBucket, readActivity, worstPeriods } from './activity.ts'

const signal = new AbortController().signal

function bucket(from: string, change: Partial<ActivityBucket> = {}): ActivityBucket {
  return { from, to: `${from}+`, normal: 1, warning: 0, critical: 0, failures: 0, ...change }
}

test('severities and failures of one time meet in one bucket, and instances are counted once each', async () => {
  const asked: object[] = []
  const histogram = (by: string): Histogram => ({
    from: '',
    to: '',
    interval: '1h',
    count: 6,
    isComplete: true,
    buckets: [
      { from: 'a', to: 'b', counts: by === 'severity' ? { normal: 3, critical: 1 } : { success: 3, failure: 1 } },
      { from: 'b', to: 'c', counts: by === 'severity' ? { warning: 2 } : {} },
    ],
  })
  const facets: Facets = {
    count: 1,
    isComplete: true,
    facets: [{ field: 'action', values: [{ value: 'x', count: 1 }], others: 0, missing: 0 }],
  }
  const row = (instance: string, severity: string, outcome: string, count: number): Groups['rows'][number] => ({
    values: [{ value: instance }, { value: severity }, { value: outcome }],
    count,
  })
  const api: Parameters<typeof readActivity>[0] = {
    histogram: (query, request) => {
      asked.push({ ...query, ...request })
      return Promise.resolve(histogram(request.by))
    },
    facets: () => Promise.resolve(facets),
    groups: () =>
      Promise.resolve({
        count: 6,
        isComplete: false,
        rows: [row('i', 'critical', 'failure', 1), row('i', 'normal', 'success', 3), row('j', 'warning', 'success', 2)],
      }),
  }
  const activity = await readActivity(api, { range: '24h', now: Date.UTC(2026, 0, 2), tz: 'UTC' }, signal)
  expect(asked[0]).toMatchObject({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', interval: '1h' })
  expect(activity.buckets).toEqual([
    { from: 'a', to: 'b', normal: 3, warning: 0, critical: 1, failures: 1 },
    { from: 'b', to: 'c', normal: 0, warning: 2, critical: 0, failures: 0 },
  ])
  expect(activity.isComplete).toBe(false)
  expect(activity.instances.get('i')).toEqual({ events: 4, critical: 1, failures: 1 })
  expect(activity.instances.get('j')).toEqual({ events: 2, critical: 0, failures: 0 })
})

test('critical comes before any number of failures, and quiet times are left out', () => {
  const buckets = [
    bucket('1', { failures: 9 }),
    bucket('2'),
    bucket('3', { critical: 1 }),
    bucket('4', { failures: 9 }),
  ]
  expect(worstPeriods(buckets, 5).map(({ from }) => from)).toEqual(['3', '4', '1'])
  expect(worstPeriods(buckets, 1)).toHaveLength(1)
})

test('buckets of one day are one day', () => {
  const buckets = [bucket('1a', { failures: 1 }), bucket('1b', { critical: 2 }), bucket('2a', { critical: 1 })]
  expect(worstPeriods(buckets, 5, (time) => time.slice(0, 1))).toEqual([
    { from: '1a', to: '1b+', critical: 2, failures: 1, events: 4 },
    { from: '2a', to: '2a+', critical: 1, failures: 0, events: 2 },
  ])
})
