/** Counts, histograms, facets and contexts: the same from the tables, from the entries and from both. */
import { entryBytes } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from '../api.ts'
import type { EventFilter } from '../search-api.ts'
import { all, expected, indexesOf, mixedLog, size } from '../testing/mixed-log.ts'
import { delivery, sampleEvent, sampleTime, uuidOf } from '../testing/sample-entries.ts'
import { followAll, sealAll, testLog } from '../testing/test-log.ts'

function withData(sequence: number, requestData: Record<string, string | string[]>): Delivery {
  const { producer, epoch } = delivery(sequence)
  const event = { ...sampleEvent(sequence), requestData }
  return { ...delivery(sequence), bytes: entryBytes(event, { id: producer, epoch }, sequence) }
}

/** The first is asked of the tables alone, the second of the entries, the third of both. */
const filters: readonly EventFilter[] = [
  { outcome: 'failure' },
  { query: '/failure/' },
  { query: 'outcome:failure agent:sample' },
  { query: 'severity:>=warning OR -initiator:IBMid-1' },
  { query: `key:${uuidOf('key', 2)} -action:*.wrap` },
  { query: 'nothing' },
  {},
]

test('a count is the number of what a search finds', () => {
  const { read } = mixedLog()
  for (const filter of filters) {
    expect(read.count(filter)).toEqual({ total: indexesOf(read, filter).length, lookedFrom: 0 })
  }
})

test('a histogram counts each event once, in the bucket of its time', () => {
  const { read } = mixedLog()
  for (const width of [10_000, 7_777, 60_000, 900_000]) {
    const edges = Array.from({ length: 14 }, (_, at) => sampleTime + at * width)
    const windows = [
      { from: sampleTime + 12_345 },
      { to: sampleTime + 77_777 },
      { query: 'time:-1m', now: sampleTime + 90_000 },
    ]
    for (const filter of [...filters, ...windows]) {
      const found = new Set(indexesOf(read, filter))
      const { buckets, total } = read.histogram(filter, edges, 'outcome')
      const counts = edges.slice(1).map((to, at) => {
        const within = all.filter(({ index, fields }) => {
          const { time = 0 } = fields
          return found.has(index) && time >= edges[at]! && time < to
        })
        const by = new Map<string, number>()
        for (const { fields } of within) by.set(fields.outcome ?? '', (by.get(fields.outcome ?? '') ?? 0) + 1)
        return by
      })
      expect(buckets.map((bucket) => new Map(bucket))).toEqual(counts)
      expect(total).toBe(counts.flatMap((by) => [...by.values()]).reduce((sum, count) => sum + count, 0))
    }
  }
})

test('edges may lie anywhere: whole minutes come from roll-ups, the others event by event', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 60 })
  const times = Array.from({ length: 200 }, (_, at) => sampleTime + at * 37_130)
  tracker.append(times.slice(0, 170).map((time, at) => delivery(at + 1, { time })))
  tracker.publish()
  followAll(tracker)
  sealAll(tracker, log.folder)
  tracker.append(times.slice(170).map((time, at) => delivery(at + 171, { time })))
  const read = log.reader()
  const start = fc.integer({ min: sampleTime - 200_000, max: sampleTime + 7_000_000 })
  const width = fc.oneof(fc.integer({ min: 500, max: 900_000 }), fc.constantFrom(60_000, 30_000, 600_000, 61_000))
  fc.assert(
    fc.property(start, width, fc.integer({ min: 1, max: 120 }), fc.boolean(), (from, step, count, isRounded) => {
      const first = isRounded ? Math.floor(from / 60_000) * 60_000 : from
      const edges = Array.from({ length: count + 1 }, (_, at) => first + at * step)
      const { buckets, total, lookedFrom } = read.histogram({}, edges, 'outcome')
      const counts = edges.slice(1).map((to, at) => times.filter((time) => time >= edges[at]! && time < to).length)
      expect(buckets.map((bucket) => bucket.reduce((sum, [, events]) => sum + events, 0))).toEqual(counts)
      expect([total, lookedFrom]).toEqual([counts.reduce((sum, events) => sum + events, 0), 0])
    }),
    { seed: 41, numRuns: 300 },
  )
})

test('facets say how often each value was found, and the first and the newest event that have it', () => {
  const { read } = mixedLog()
  for (const filter of filters) {
    const found = indexesOf(read, filter)
    const { facets, total } = read.facets(filter, ['initiator', 'outcome', 'code', 'key', 'agent', 'reason'], 2)
    expect(total).toBe(found.length)
    const counted = new Map<string, { count: number; first: number; newest: number }>()
    for (const index of found) {
      const value = all[index]!.fields.initiator!
      const before = counted.get(value) ?? { count: 0, first: index, newest: index }
      counted.set(value, {
        count: before.count + 1,
        first: Math.min(before.first, index),
        newest: Math.max(before.newest, index),
      })
    }
    const top = [...counted].map(([value, rest]) => ({ value, ...rest }))
    top.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    const [initiator, , , , agent, reason] = facets
    expect(initiator).toMatchObject({ field: 'initiator', values: top.slice(0, 2), missing: 0 })
    expect(initiator?.others).toBe(top.slice(2).reduce((sum, { count }) => sum + count, 0))
    expect(agent?.values.map(({ count }) => count)).toEqual(found.length === 0 ? [] : [found.length])
    expect([reason?.values, reason?.missing]).toEqual([[], found.length])
  }
})

test('groups say how often values of fields were found together, wherever the entries are', () => {
  const { read } = mixedLog()
  for (const filter of filters) {
    const found = indexesOf(read, filter)
    const counted = new Map<string, { values: string[]; count: number; first: number; newest: number }>()
    let missing = 0
    for (const index of found) {
      const { keyId, initiator, outcome } = all[index]!.fields
      if (keyId === undefined || initiator === undefined || outcome === undefined) {
        missing += 1
        continue
      }
      const values = [keyId, initiator, outcome]
      const { count, first, newest } = counted.get(values.join(' ')) ?? { count: 0, first: index, newest: index }
      counted.set(values.join(' '), {
        values,
        count: count + 1,
        first: Math.min(first, index),
        newest: Math.max(newest, index),
      })
    }
    const top = [...counted.values()].toSorted(
      (a, b) => b.count - a.count || (JSON.stringify(a.values) < JSON.stringify(b.values) ? -1 : 1),
    )
    const { groups, others, ...rest } = read.groups(filter, ['key', 'initiator', 'outcome'], 3)
    expect(rest).toEqual({ total: found.length, lookedFrom: 0, missing })
    expect(groups).toEqual(top.slice(0, 3))
    expect(others).toBe(top.slice(3).reduce((sum, { count }) => sum + count, 0))
    // What no table tells: every entry is looked at.
    const slow = read.groups(filter, ['key', 'agent'], 1_000)
    expect(slow.groups.reduce((sum, { count }) => sum + count, slow.missing)).toBe(found.length)
    expect(read.groups(filter, ['reason'], 1)).toMatchObject({ groups: [], missing: found.length })
  }
})

test('an event with lists counts once in each combination, and in so many at most', () => {
  const log = testLog()
  const list = Array.from({ length: 40 }, (_, at) => `10.0.0.${at}`)
  const requestData = { some: ['a', 'b', 'a'], many: list, more: list }
  log.open().append([withData(1, requestData), withData(2, { some: 'a' })])
  const read = log.reader()
  const one = read.groups({}, ['requestData.some', 'requestData.many'], 1_000)
  expect(one.groups).toHaveLength(80)
  expect(one.groups[0]).toEqual({ values: ['a', '10.0.0.0'], count: 1, first: 0, newest: 0 })
  expect(one.missing).toBe(1)
  expect(read.groups({}, ['requestData.many', 'requestData.more'], 1_000).groups).toHaveLength(256)
  expect(read.groups({}, ['requestData.some'], 10).groups.map(({ count }) => count)).toEqual([2, 1])
})

test('whatever time there is, a count says how far it looked, and is right that far', () => {
  const { read } = mixedLog()
  fc.assert(
    fc.property(fc.constantFrom(...filters), fc.integer({ min: -1, max: 2 }), (filter, ms) => {
      const { total, lookedFrom } = read.count({ ...filter, until: performance.now() + ms })
      expect(total).toBe(indexesOf(read, filter).filter((index) => index >= lookedFrom).length)
    }),
    { numRuns: 60 },
  )
})

test('the span of a log is that of its events, to the minute', () => {
  const { read } = mixedLog()
  const span = read.span({})
  expect(span?.from).toBeLessThanOrEqual(sampleTime + 1_000)
  expect(span?.from).toBeGreaterThan(sampleTime - 60_000)
  expect(span?.to).toBeGreaterThanOrEqual(sampleTime + size * 1_000)
  expect(span?.to).toBeLessThan(sampleTime + size * 1_000 + 60_000)
})

test('a context has what came before and after and has the same in common', () => {
  const { read } = mixedLog()
  const shown = (by: 'log' | 'key' | 'request', index: number): [number[], boolean, boolean] => {
    const { events, hasOlder, hasNewer } = read.context(index, by, 3, 2, {})
    return [events.map((event) => event.index), hasOlder, hasNewer]
  }
  expect(shown('log', 50)).toEqual([[47, 48, 49, 50, 51, 52], true, true])
  expect(shown('log', 0)).toEqual([[0, 1, 2], false, true])
  expect(shown('log', size - 1)).toEqual([[91, 92, 93, 94], true, false])
  expect(shown('request', 50)).toEqual([[50], false, false])
  const ofKey = expected((fields) => fields.keyId === all[50]!.fields.keyId).toReversed()
  const place = ofKey.indexOf(50)
  expect(shown('key', 50)).toEqual([ofKey.slice(place - 3, place + 3), true, true])
})

test.each<[string, () => unknown]>([
  ['no edges', () => mixedLog().read.histogram({}, [], 'outcome')],
  ['edges out of order', () => mixedLog().read.histogram({}, [2, 1], 'outcome')],
  [
    'too many edges',
    () =>
      mixedLog().read.histogram(
        {},
        Array.from({ length: 1_002 }, (_, at) => at),
        'outcome',
      ),
  ],
  ['a facet of no field', () => mixedLog().read.facets({}, ['nothing'], 1)],
  [
    'too many facets',
    () =>
      mixedLog().read.facets(
        {},
        Array.from({ length: 13 }, () => 'action'),
        1,
      ),
  ],
  ['a group of no field', () => mixedLog().read.groups({}, ['nothing'], 1)],
  ['a group of nothing', () => mixedLog().read.groups({}, [], 1)],
  ['too many fields of a group', () => mixedLog().read.groups({}, ['action', 'key', 'code', 'outcome'], 1)],
  ['too many groups', () => mixedLog().read.groups({}, ['action'], 1_001)],
  ['too many values', () => mixedLog().read.facets({}, ['action'], 101)],
  ['a context without end', () => mixedLog().read.context(1, 'log', 101, 0, {})],
])('%s is refused', (_, ask) => {
  expect(ask).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
})

test('a count is withdrawn between entries', () => {
  const { read } = mixedLog()
  expect(() => read.count({ query: '/x/', signal: { cancelled: true } })).toThrow(
    expect.objectContaining({ code: 'CANCELLED' }),
  )
})
