/** UUID version 7. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOfType } from './field-types.ts'
import { uuidv7 } from './uuid.ts'

test('the example of RFC 9562, appendix A.6', () => {
  const random = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f)
  expect(uuidv7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
})

test('ids are UUIDs of version 7 and sort by time', () => {
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 })
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 2 ** 31 }), random, random, (a, b, one, other) => {
      const [first, second] = [uuidv7(a, one), uuidv7(b, other)]
      expect(first).toMatch(/^.{14}7.{4}[89ab]/)
      expect(isOfType('uuid', first)).toBe(true)
      expect(a === b || a < b === first < second).toBe(true)
    }),
  )
})

test.each([
  [-1, 10],
  [1.5, 10],
  [2 ** 48, 10],
  [1, 9],
  [1, 16],
])('%d milliseconds and %i random bytes make no id', (time, length) => {
  expect(() => uuidv7(time, new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }))
})
