/** Days of retention as typed: longer, shorter, or nothing that can be asked for. */
import { expect, test } from 'vitest'
import { changeOf, daysMax } from './retention-change.ts'

test.each([
  ['400', 365, { kind: 'longer', days: 400 }],
  ['30', 365, { kind: 'shorter', days: 30 }],
  ['0', 365, { kind: 'longer', days: 0 }],
  ['365', 0, { kind: 'shorter', days: 365 }],
  [' 365 ', 365, { kind: 'same' }],
  ['0', 0, { kind: 'same' }],
  ['', 365, { kind: 'invalid' }],
  ['-1', 365, { kind: 'invalid' }],
  ['1.5', 365, { kind: 'invalid' }],
  [String(daysMax + 1), 365, { kind: 'invalid' }],
])('%j where it is %i', (text, now, change) => {
  expect(changeOf(text, now)).toEqual(change)
})
