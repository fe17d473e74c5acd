/** Return codes in words: the pair says most, then the reason, then the code alone. */
import { expect, test } from 'vitest'
import { explainReturnCode } from './return-codes.ts'

test.each([
  [208, 21, 'There are not enough signatures'],
  [80, 53, 'Both master key registers are full'],
  // A reason that comes with another return code than the tables pair it with.
  [49, 64, 'The new master key register is not committed'],
  [7, 99, 'The export is not valid'],
  [7, 140, 'The policy for signatures and key types forbids it'],
  [163, 0, 'The transaction counter is not valid'],
  [0x8001_0002, 0, 'The crypto unit failed'],
  [9_999, 9_999, 'The crypto unit refused the command'],
])('%i/%i: %s', (returnCode, reason, words) => {
  expect(explainReturnCode(returnCode, reason)).toBe(words)
})
