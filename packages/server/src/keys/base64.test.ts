/** Base64 read strictly. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'

test('bytes come back as they were printed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
      expect(Uint8Array.from(fromBase64(toBase64(bytes)) ?? [])).toEqual(bytes)
    }),
  )
})

test('whatever is read prints as the same text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9+/=\s_-]{0,12}$/)), (text) => {
      const bytes = fromBase64(text)
      expect(bytes === undefined || toBase64(bytes) === text).toBe(true)
    }),
  )
})

test.each(['', 'AAA', 'AAA=A', 'AB==', 'AAB=', 'A===', '====', 'AA_-', 'AAAA\n', ' AAAA', 'AA==AAAA'])(
  '%j is not base64',
  (text) => {
    expect(fromBase64(text)).toBeUndefined()
  },
)
