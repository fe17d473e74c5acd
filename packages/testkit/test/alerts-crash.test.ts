/** A crash anywhere neither loses nor invents an alert: kill -9 under load, again and again, and everything counted. */
import { expect, test } from 'vitest'
import { alertSoak } from '../src/alert-soak.ts'

test('after kill -9 under load every firing was counted once, and every alert was told', async () => {
  const report = await alertSoak(5, () => undefined)
  expect(report.wrong).toEqual([])
  expect(report.uses).toBeGreaterThan(100)
  expect(report.alerts).toBeGreaterThanOrEqual(9)
}, 240_000)
