/** Base64 and decimals: one spelling for each value. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, isCount, parseDecimal, sameBytes, toBase64, toHex } from './bytes.ts'

test('base64 is what Node writes and reads back the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = toBase64(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(fromBase64(text)).toEqual(bytes)
    }),
  )
})

test('whatever base64 text is read prints as itself', () => {
  const texts = fc.array(fc.constantFrom('A', 'B', 'Q', 'g', '/', '+', '=', '9', ' ', '-'), { maxLength: 9 })
  fc.assert(
    fc.property(texts, (characters) => {
      const text = characters.join('')
      const bytes = fromBase64(text)
      expect(bytes === undefined ? text : toBase64(bytes)).toBe(text)
    }),
  )
})

test.each(['A', 'AA', 'AAA', 'AA=', 'A===', '====', 'AB==', 'AAB=', 'AA==AA==', 'AA\n=', '-_AA', 'AA AA', 'ĀAAA'])(
  'base64 %j is refused',
  (text) => {
    expect(fromBase64(text)).toBeUndefined()
  },
)

test.each(['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '٣', '9007199254740992', '99999999999999999999'])(
  'decimal %j is refused',
  (text) => {
    expect(parseDecimal(text)).toBeUndefined()
  },
)

test('decimals up to the largest safe integer are read', () => {
  expect(parseDecimal('0')).toBe(0)
  expect(parseDecimal('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
})

test('counts, hexadecimal and equality', () => {
  expect([0, 1, -1, 0.5, Number.NaN, 2 ** 53].map(isCount)).toEqual([true, true, false, false, false, false])
  expect(toHex(Uint8Array.of(0, 15, 255))).toBe('000fff')
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
})
