/** Two checkpoints proved against each other: what is one growing log holds, and whatever is not has the name of its fault. */
import { expect, test } from 'vitest'
import { directLog } from '../../test/fixture/direct-api.ts'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import { FixtureLog } from '../../test/fixture/log.ts'
import { type PairQuestion, claimOf, provePair } from './prove-pair.ts'

function grow(log: FixtureLog, count: number, seed = 1): string {
  const day = sampleDay(seed)
  for (let i = 0; i < count; i++) log.append(sampleEvent(day.next().value, 1_700_000_000_000 + i, i + seed * 1000))
  log.publish()
  return log.checkpoint
}

function questionOf(log: FixtureLog, notes: PairQuestion['notes'], keys = [log.key.text]): PairQuestion {
  return { origin: 'test/log', keys, notes, head: claimOf(log.checkpoint) }
}

test.each([
  [1, 1],
  [1, 6],
  [4, 4],
  [5, 9],
  [7, 293],
  [256, 1],
])('a log of %i that grew by %i is one log, folded to both roots', async (size, by) => {
  const log = new FixtureLog('test/log')
  const older = grow(log, size)
  const newer = grow(log, by, 2)
  const trace = await provePair(directLog(log), questionOf(log, [newer, older]))
  expect(trace.fault).toBeUndefined()
  expect([trace.older?.size, trace.newer?.size, trace.headSize]).toEqual([size, size + by, size + by])
  expect([trace.older?.signature, trace.newer?.signature]).toEqual(['good', 'good'])
  expect([trace.foldedOlder, trace.foldedNewer]).toEqual([trace.older?.root, trace.newer?.root])
  expect(trace.folds?.at(-1)).toMatchObject({ older: trace.older?.root, newer: trace.newer?.root })
})

test('one checkpoint twice needs no hash', async () => {
  const log = new FixtureLog('test/log')
  const note = grow(log, 5)
  const trace = await provePair(directLog(log), questionOf(log, [note, note]))
  expect(trace).toMatchObject({ folds: [], headSize: 5 })
  expect(trace.fault).toBeUndefined()
})

test('a history that was rewritten between them does not hold', async () => {
  const log = new FixtureLog('test/log')
  const older = grow(log, 5)
  grow(log, 4, 2)
  const other = new FixtureLog('test/log', log.key)
  grow(other, 9, 3)
  const trace = await provePair(directLog(other), questionOf(other, [older, other.checkpoint]))
  expect(trace.fault).toBe('trees')
  expect(trace.foldedOlder).not.toBe(trace.older?.root)
})

test('two checkpoints of another history agree, and not with what this browser verified', async () => {
  const log = new FixtureLog('test/log')
  grow(log, 9)
  const other = new FixtureLog('test/log', log.key)
  const notes = [grow(other, 5, 2), grow(other, 7, 3)] as const
  const trace = await provePair(directLog(other), { ...questionOf(log, notes), head: claimOf(log.checkpoint) })
  expect(trace).toMatchObject({ fault: 'head', strange: 'newer', headSize: 9 })
})

test('a spoiled signature, another log and what is no checkpoint each have their name', async () => {
  const log = new FixtureLog('test/log')
  const older = grow(log, 5)
  const newer = grow(log, 5, 2)
  // What is signed says 10 entries.
  const spoiled = newer.replace('\n10\n', '\n11\n')
  const api = directLog(log)
  const faultOf = async (notes: PairQuestion['notes']): Promise<string | undefined> =>
    (await provePair(api, questionOf(log, notes))).fault
  expect(await faultOf([older, spoiled])).toBe('signature')
  const other = new FixtureLog('test/other')
  expect(await faultOf([older, grow(other, 9)])).toBe('origin')
  expect(await faultOf([older, 'nothing signed'])).toBe('form')
})

test('signed by a key that this browser does not know is said, and the trees are compared all the same', async () => {
  const log = new FixtureLog('test/log')
  const older = grow(log, 5)
  const newer = grow(log, 5, 2)
  const stranger = new FixtureLog('test/log')
  const trace = await provePair(directLog(log), questionOf(log, [older, newer], [stranger.key.text]))
  expect(trace).toMatchObject({ older: { signature: 'unknown' }, newer: { signature: 'unknown' } })
  expect(trace.fault).toBeUndefined()
})
