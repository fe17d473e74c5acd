/** Numbers in texts of alerts can be read at a glance. */
import { expect, test } from 'vitest'
import { countText } from './count-text.ts'

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [12_400, '12,400'],
  [1_234_567, '1,234,567'],
  [-1_200, '-1,200'],
  [1_234.5678, '1234.5678'],
])('%d is told as %s', (count, text) => {
  expect(countText(count)).toBe(text)
})
