/** Queries against a plain filter, pages while the log grows, times, ranges, roll-ups, and what is refused. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TrackerReader } from '../api.ts'
import type { EventQuery } from '../search-api.ts'
import { TrackerError } from '../errors.ts'
import { all, expected, indexesOf, mixedLog, size } from '../testing/mixed-log.ts'
import { deliveries, delivery, sampleEvent, sampleTime, uuidOf } from '../testing/sample-entries.ts'
import { followAll, sealAll, testLog } from '../testing/test-log.ts'

/** All pages of a query, one after the other. */
function allPages(reader: TrackerReader, query: EventQuery): number[] {
  const indexes: number[] = []
  for (let cursor: string | undefined, page = 0; page < 1_000; page++) {
    const { events, next } = reader.events({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    indexes.push(...events.map(({ index }) => index))
    if (next === undefined) return indexes
    cursor = next
  }
  throw new Error('there is no last page')
}

test('the mixed log has entries in every kind of place', () => {
  const counts = { size, covered: 70, sealed: 60, indexed: 85, segments: 3, producers: 1, anomalies: 0 }
  expect(mixedLog().read.counts()).toEqual(counts)
})

test('without restrictions the newest come first, across head and segments', () => {
  const { read } = mixedLog()
  expect(indexesOf(read, {})).toEqual(Array.from({ length: size }, (_, place) => size - 1 - place))
  expect(indexesOf(read, { order: 'asc', limit: 3 })).toEqual([0, 1, 2])
})

test('each member of a query finds what the events say, wherever they are', () => {
  const { read } = mixedLog()
  const some = all[33]!.fields
  expect(indexesOf(read, { action: some.action! })).toEqual(expected(({ action }) => action === some.action))
  expect(indexesOf(read, { outcome: 'failure' })).toEqual(expected(({ outcome }) => outcome === 'failure'))
  expect(indexesOf(read, { severity: ['critical', 'warning'] })).toEqual(
    expected(({ severity }) => severity === 'critical'),
  )
  expect(indexesOf(read, { initiator: 'IBMid-1' })).toEqual(expected(({ initiator }) => initiator === 'IBMid-1'))
  expect(indexesOf(read, { target: some.target! })).toEqual(expected(({ target }) => target === some.target))
  expect(indexesOf(read, { instance: some.instance! })).toEqual(expected(({ instance }) => instance === some.instance))
  expect(indexesOf(read, { keyId: some.keyId! })).toEqual(expected(({ keyId }) => keyId === some.keyId))
  expect(indexesOf(read, { correlationId: some.correlationId! })).toEqual([33])
  expect(indexesOf(read, { reasonCode: 403 })).toEqual(expected(({ reasonCode }) => reasonCode === 403))
  expect(indexesOf(read, { reasonCode: [403, 200] })).toHaveLength(size)
  expect(indexesOf(read, { initiator: 'nobody' })).toEqual([])
})

test('any combination of members, order, page length and window gives what a plain filter gives', () => {
  const { read } = mixedLog()
  const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined })
  const query = fc.record({
    action: maybe(
      fc.subarray(['hs-crypto.secrets.read', 'hs-crypto.secrets.wrap', 'hs-crypto.none'], { minLength: 1 }),
    ),
    outcome: maybe(fc.constantFrom('success', 'failure')),
    initiator: maybe(fc.constantFrom('IBMid-0', 'IBMid-2')),
    keyId: maybe(fc.constantFrom(uuidOf('key', 1), uuidOf('key', 4))),
    text: maybe(fc.constantFrom('BILLING 3', 'user1', 'failure', 'billing-2 read')),
    from: maybe(fc.integer({ min: -5, max: size + 5 })),
    to: maybe(fc.integer({ min: -5, max: size + 5 })),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    limit: fc.integer({ min: 1, max: 30 }),
    slices: maybe(fc.integer({ min: 1, max: 3 })),
  })
  fc.assert(
    fc.property(query, ({ from, to, text, ...rest }) => {
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
      const window = {
        ...(from === undefined ? {} : { from: sampleTime + from * 1_000 }),
        ...(to === undefined ? {} : { to: sampleTime + to * 1_000 }),
      }
      const found = allPages(read, {
        ...(given as unknown as EventQuery),
        ...window,
        ...(text === undefined ? {} : { text }),
      })
      const { action, outcome, initiator, keyId } = rest
      const words = (text ?? '')
        .toLowerCase()
        .split(/[ -]/)
        .filter((word) => word !== '')
      const plain = expected(
        (fields) =>
          (action?.includes(fields.action!) ?? true) &&
          (outcome === undefined || fields.outcome === outcome) &&
          (initiator === undefined || fields.initiator === initiator) &&
          (keyId === undefined || fields.keyId === keyId) &&
          (from === undefined || fields.time! >= sampleTime + from * 1_000) &&
          (to === undefined || fields.time! < sampleTime + to * 1_000),
      ).filter((index) => {
        const json = JSON.stringify(sampleEvent(index + 1)).toLowerCase()
        return words.every((word) => new RegExp(`[^a-z0-9]${word}[^a-z0-9]`).test(json))
      })
      expect(found).toEqual(rest.order === 'asc' ? plain.toReversed() : plain)
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('former names of an action find its events, and the other way round', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 2 })
  const [former, current] = ['hs-crypto.keyrings.create', 'hs-crypto.key-rings.create']
  tracker.append([delivery(1, { action: former }), delivery(2, { action: current }), delivery(3, { action: former })])
  tracker.publish()
  sealAll(tracker, log.folder)
  const reader = log.reader()
  expect(indexesOf(reader, { action: former })).toEqual([2, 1, 0])
  expect(indexesOf(reader, { action: [current] })).toEqual([2, 1, 0])
})

test('an event is found by its id wherever it is, and an unknown one is not', () => {
  const { read } = mixedLog()
  for (const index of [0, 33, 59, 60, 84, 85, 94]) {
    expect(read.byId(sampleEvent(index + 1).id)).toEqual({ index, bytes: delivery(index + 1).bytes })
  }
  expect(read.byId(uuidOf('nothing', 1))).toBeUndefined()
  expect(read.byId('x'.repeat(5_000))).toBeUndefined()
})

test('a UUID anywhere in an event is one word, with or without its dashes', () => {
  const { read } = mixedLog()
  const event = sampleEvent(42)
  for (const id of [event.id, event.correlationId!, uuidOf('version', 42)]) {
    expect(indexesOf(read, { text: id })).toEqual([41])
    expect(indexesOf(read, { text: `${id.replaceAll('-', '').toUpperCase()} billing` })).toEqual([41])
    expect(indexesOf(read, { text: `${id} nowhere` })).toEqual([])
  }
})

test('words with accents and other scripts are found', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 2 })
  tracker.append([
    delivery(1, { name: 'Schlüssel Ärger' }),
    delivery(2, { name: '請求キー' }),
    delivery(3, { name: 'Çà' }),
  ])
  tracker.publish()
  sealAll(tracker, log.folder)
  followAll(tracker)
  const reader = log.reader()
  expect(indexesOf(reader, { text: 'schlussel ÄRGER' })).toEqual([0])
  expect(indexesOf(reader, { text: '請求キー' })).toEqual([1])
  expect(indexesOf(reader, { text: 'ca' })).toEqual([2])
})

test('pages are stable while entries are appended, sealed and indexed', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 20 })
  tracker.append(deliveries(1, 50))
  const reader = log.reader()
  const query = { limit: 7, initiator: 'IBMid-1' }
  const seen: number[] = []
  let cursor: string | undefined
  let next = 51
  do {
    const page = reader.events({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...page.events.map(({ index }) => index))
    cursor = page.next
    tracker.append(deliveries(next, next + 9))
    next += 10
    tracker.publish()
    sealAll(tracker, log.folder)
    tracker.follow(15)
  } while (cursor !== undefined)
  const before = all.slice(0, 50).filter(({ fields }) => fields.initiator === 'IBMid-1')
  expect(seen).toEqual(before.map(({ index }) => index).toReversed())
})

test('a cursor keeps the time window of the first page', () => {
  const { read } = mixedLog()
  const first = read.events({ limit: 5, from: sampleTime + 50_000, to: sampleTime + 80_000 })
  const second = read.events({ limit: 100, from: 0, to: 1, cursor: first.next! })
  expect(second.events.map(({ index }) => index)).toEqual(Array.from({ length: 25 }, (_, place) => 73 - place))
})

test('cursors of other queries and things that are no cursors are refused', () => {
  const { read } = mixedLog()
  const cursor = read.events({ limit: 1, outcome: 'failure' }).next!
  const forged = Buffer.from(JSON.stringify([1, 'desc', -5, null, null, 0])).toString('base64url')
  const bad: EventQuery[] = [
    { limit: 1, outcome: 'success', cursor },
    { limit: 1, outcome: 'failure', order: 'asc', cursor },
    { limit: 1, cursor: 'x' },
    { limit: 1, cursor: 'A'.repeat(10_000) },
    { limit: 1, cursor: '../..' },
    { limit: 1, cursor: forged },
    { limit: 1, cursor: '' },
  ]
  for (const query of bad) expect(codeOf(() => read.events(query))).toBe('BAD_CURSOR')
})

test('queries out of bounds are refused', () => {
  const { read } = mixedLog()
  const bad: Partial<EventQuery>[] = [
    { limit: 0 },
    { limit: 1_001 },
    { limit: 1.5 },
    { order: 'sideways' as 'asc' },
    { from: Number.NaN },
    { text: 'x'.repeat(513) },
    { text: Array.from({ length: 17 }, (_, n) => `w${n}`).join(' ') },
    { text: '!!!' },
    { initiator: 'x'.repeat(1_025) },
    { action: Array.from({ length: 65 }, () => 'a') },
    { reasonCode: 1.5 },
  ]
  for (const query of bad) expect(codeOf(() => read.events({ limit: 1, ...query }))).toBe('BAD_INPUT')
})

test('text that looks like query syntax is only words', () => {
  const { read } = mixedLog()
  for (const text of [
    'billing" OR "x',
    'NEAR(billing 3)',
    'word:billing',
    'billing*',
    '^billing',
    '-- ; DROP TABLE event',
  ]) {
    expect(() => read.events({ limit: 5, text })).not.toThrow()
  }
  expect(indexesOf(read, { text: 'billing OR nothing' })).toEqual([])
})

test('a withdrawn query stops at the next slice', () => {
  const { read } = mixedLog()
  let asked = 0
  const signal = {
    get cancelled() {
      asked += 1
      return asked > 2
    },
  }
  expect(codeOf(() => read.events({ limit: 10, initiator: 'nobody', signal }))).toBe('CANCELLED')
  expect(asked).toBe(3)
})

test('a withdrawn query stops at the next entry, however many its page still wants', () => {
  const { read } = mixedLog()
  let asked = 0
  const signal = {
    get cancelled() {
      asked += 1
      return asked > 20
    },
  }
  expect(codeOf(() => read.events({ limit: 100, outcome: ['success', 'failure'], signal }))).toBe('CANCELLED')
  expect(asked).toBe(21)
})

test('since gives what matches after an index, oldest first, and says how far it looked', () => {
  const { read } = mixedLog()
  const first = read.since(49, { limit: 3, outcome: 'failure' })
  expect(first.events.map(({ index }) => index)).toEqual([55, 62, 69])
  expect(first.scannedTo).toBe(69)
  const rest = read.since(first.scannedTo, { limit: 100, outcome: 'failure' })
  expect(rest.events.map(({ index }) => index)).toEqual([76, 83, 90])
  expect(rest.scannedTo).toBe(size - 1)
  expect(read.since(size - 1, { limit: 5 })).toEqual({ events: [], scannedTo: size - 1 })
  expect(read.since(-1, { limit: 1 }).events[0]?.index).toBe(0)
})

test('range gives consecutive entries over the border of segment and head', () => {
  const { read } = mixedLog()
  expect(read.range(55, 65, 100).map(({ index }) => index)).toEqual([55, 56, 57, 58, 59, 60, 61, 62, 63, 64])
  expect(read.range(90, 1_000, 3).map(({ index }) => index)).toEqual([90, 91, 92])
  expect(read.range(95, 96, 10)).toEqual([])
  expect(codeOf(() => read.range(5, 1, 10))).toBe('BAD_INPUT')
  expect(codeOf(() => read.entry(size))).toBe('MISSING')
  expect(codeOf(() => read.entry(-1))).toBe('MISSING')
})

test('minutes add up to the events, from roll-ups and from entries', () => {
  const { read } = mixedLog()
  const minutes = read.minutes(0, sampleTime * 2, 1_000)
  expect(minutes.reduce((sum, { count }) => sum + count, 0)).toBe(size)
  const failures = minutes.filter(({ outcome }) => outcome === 'failure').reduce((sum, { count }) => sum + count, 0)
  expect(failures).toBe(expected(({ outcome }) => outcome === 'failure').length)
  const one = read.minutes(sampleTime + 60_000, sampleTime + 120_000, 10)
  expect(one.map(({ minute }) => minute)).toEqual([sampleTime + 60_000, sampleTime + 60_000])
  expect(one.reduce((sum, { count }) => sum + count, 0)).toBe(36)
})

test('a reader opened before the first entry sees all that comes after', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  const reader = log.reader()
  expect([reader.size(), reader.covered(), reader.checkpoint()]).toEqual([0, 0, undefined])
  expect(reader.events({ limit: 5 })).toEqual({ events: [] })
  tracker.append(deliveries(1, 25))
  expect(reader.size()).toBe(25)
  tracker.publish()
  sealAll(tracker, log.folder)
  expect(reader.counts()).toMatchObject({ size: 25, covered: 25, sealed: 20, segments: 2 })
  expect(reader.entry(3)).toEqual(delivery(4).bytes)
})

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof TrackerError) return error.code
    throw error
  }
  return 'no error'
}
