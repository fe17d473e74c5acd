/** Metadata as they are sent: names and values, Base64 with and without padding, times, and text in percent. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binaryValue, bytesOf, lengthOf, percentEncoded, textOf, timeoutOf } from './metadata.ts'

test('values of one name are one, joined by commas', () => {
  const raw = [':path', '/', 'x', 'a', 'y', 'b', 'x', 'c']
  expect([textOf(raw, 'x'), textOf(raw, 'y'), textOf(raw, 'z')]).toEqual(['a, c', 'b', undefined])
  expect(lengthOf(raw)).toBe(12)
})

test('whatever bytes there are, they come back from Base64, padded and not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const value = binaryValue(bytes)
      expect(value).not.toContain('=')
      expect(bytesOf(['a-bin', value], 'a-bin')).toEqual(Buffer.from(bytes))
      expect(bytesOf(['a-bin', Buffer.from(bytes).toString('base64')], 'a-bin')).toEqual(Buffer.from(bytes))
    }),
  )
  expect(bytesOf([], 'a-bin')).toBeUndefined()
})

test.each(['!', 'a', 'ab=', 'abc==', 'ab==cd', 'abcde', 'ab cd', 'a_-b', '='])('%j is no Base64', (value) => {
  expect(bytesOf(['a-bin', value], 'a-bin')).toBe('malformed')
})

test('two values are not one, in two fields or in one', () => {
  expect(bytesOf(['a-bin', 'AAAA', 'a-bin', 'AAAA'], 'a-bin')).toBe('malformed')
  expect(bytesOf(['a-bin', 'AAAA,AAAA'], 'a-bin')).toBe('malformed')
})

test.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3_000],
  ['4m', 4],
  ['5u', 0.005],
  ['6n', 0.000_006],
  ['99999999H', 359_999_996_400_000],
  ['0S', 0],
  ['', undefined],
  ['S', undefined],
  ['1', undefined],
  ['-1S', undefined],
  ['1.5S', undefined],
  ['1s', undefined],
  ['1 S', undefined],
  ['123456789S', undefined],
  ['1S, 1S', undefined],
])('the time %j is %s ms', (text, ms) => {
  expect(timeoutOf(text)).toBe(ms)
})

test('text is printable ASCII, and comes back by percent', () => {
  expect(percentEncoded('100 % of ~')).toBe('100 %25 of ~')
  expect(percentEncoded('ü\n')).toBe('%C3%BC%0A')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const written = percentEncoded(text)
      expect(written).toMatch(/^[ -~]*$/)
      expect(decodeURIComponent(written)).toBe(text)
    }),
  )
})
