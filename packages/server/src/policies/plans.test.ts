/** Query plans: what every call and every look of the timers asks is answered by an index, however much there is. */
import { expect, test } from 'vitest'
import { openHouse } from '../keys/testing/house.ts'
import { dueKeys } from './rotation-job.ts'

test('the next rotation that falls due is the first of its index', () => {
  const { store } = openHouse()
  const plan = store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${dueKeys}`, 0, 1).map(({ detail }) => detail)
  expect(plan).toEqual([
    expect.stringContaining('SEARCH p USING COVERING INDEX key_policies_due'),
    expect.stringContaining('SEARCH k USING PRIMARY KEY'),
  ])
})
