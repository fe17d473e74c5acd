/** How the trail stops: in time, whatever waits in the outbox; the outbox keeps the rest. */
import { afterEach, expect, test } from 'vitest'
import { openTrailHouse, type TrailHouse } from '../../testing/trail-house.ts'

let house: TrailHouse | undefined
afterEach(() => house?.remove())

const rows = 60_000
const delivered = (): number => house?.acknowledged.get(1) ?? 0

test('a stop does not wait for a big outbox: it keeps what is not delivered in time', async () => {
  house = await openTrailHouse({ accounts: 1, rows, trail: { deliverMs: 0 } })
  await house.trail.stop()
  expect(delivered()).toBeLessThan(rows)
  expect(house.store.get('SELECT count(*) AS n FROM outbox')).toEqual({ n: rows })
})

test('a stop delivers to every tracker in turn, so that a busy one takes no time from the others', async () => {
  house = await openTrailHouse({ accounts: 3, rows: 2_000 })
  await house.trail.stop()
  expect([...house.acknowledged].toSorted(([a], [b]) => a - b)).toEqual([
    [1, 5_998],
    [2, 5_999],
    [3, 6_000],
  ])
})
