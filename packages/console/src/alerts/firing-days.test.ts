/** Days on which a rule would have fired. */
import { expect, test } from 'vitest'
import type { RuleTest } from '../api/alert-types.ts'
import { firingDays } from './firing-days.ts'

const tested = (at: readonly string[], total = at.length): RuleTest => ({
  looked: { from: '2025-11-20T12:00:00Z', to: '2025-11-23T12:00:00Z', events: 1 },
  isComplete: true,
  total,
  firings: at.map((each) => ({ at: each, group: [], count: 1, text: '', events: [] })),
})

test('every day that was looked at is there, also those without any', () => {
  expect(firingDays(tested(['2025-11-21T00:00:00Z', '2025-11-21T23:59:59Z', '2025-11-23T01:00:00Z']), 'utc')).toEqual([
    { date: '2025-11-20', count: 0 },
    { date: '2025-11-21', count: 2 },
    { date: '2025-11-22', count: 0 },
    { date: '2025-11-23', count: 1 },
  ])
})

test('where the list of firings ends early, later days are not known', () => {
  const days = firingDays(tested(['2025-11-20T13:00:00Z', '2025-11-21T13:00:00Z'], 900), 'utc')
  expect(days.map(({ count }) => count)).toEqual([1, 1, undefined, undefined])
})
