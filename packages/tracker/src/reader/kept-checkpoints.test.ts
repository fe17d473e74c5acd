/** Kept checkpoints: the first of each hour and those that were handed out, in pages, each consistent with each other. */
import { fromBase64, verifyConsistency } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { deliveries } from '../testing/sample-entries.ts'
import { testLog } from '../testing/test-log.ts'

/** A checkpoint each half hour, ten of them; the one of size 40 was handed out. */
function halfHours() {
  const log = testLog()
  let now = Date.UTC(2025, 5, 19, 13)
  const tracker = log.open({ clock: { now: () => now } })
  for (let sequence = 1; sequence <= 91; sequence += 10) {
    tracker.append(deliveries(sequence, sequence + 9))
    tracker.publish()
    if (sequence === 31) tracker.keep(40)
    now += 30 * 60_000
  }
  return log.reader()
}

test('kept are the first of each hour and those handed out', () => {
  const reader = halfHours()
  const kept = reader.checkpoints(1_000, 1_000)
  expect(kept.map(({ size }) => size)).toEqual([90, 70, 50, 40, 30, 10])
  expect(kept.at(-1)).toMatchObject({ signedAt: Date.UTC(2025, 5, 19, 13), note: reader.checkpointAt(10)?.note })
})

test('pages follow each other from the largest size down', () => {
  const reader = halfHours()
  expect(reader.checkpoints(1_000, 2).map(({ size }) => size)).toEqual([90, 70])
  expect(reader.checkpoints(70, 3).map(({ size }) => size)).toEqual([50, 40, 30])
  expect(reader.checkpoints(10, 3)).toEqual([])
  expect(() => reader.checkpoints(-1, 3)).toThrow('page')
  expect(() => reader.checkpoints(10, 5_000)).toThrow('page')
})

test('any two of them are shown to be of one log', () => {
  const reader = halfHours()
  const kept = reader.checkpoints(1_000, 1_000).toReversed()
  const rootOf = (root: string): Uint8Array => fromBase64(root) ?? new Uint8Array()
  for (const [place, from] of kept.entries()) {
    for (const to of kept.slice(place)) {
      const proof = reader.consistency(from.size, to.size) ?? []
      expect(() => verifyConsistency(from.size, to.size, rootOf(from.root), rootOf(to.root), proof)).not.toThrow()
    }
  }
})

test('there is no checkpoint of a size that was never signed', () => {
  expect(halfHours().checkpointAt(11)).toBeUndefined()
})
