/** Text of others cannot steer the terminal. */
import { expect, test } from 'vitest'
import { formatBytes, formatCount, printable, printableJson } from './printable.ts'

test('what could steer a terminal or turn its direction is shown, not obeyed', () => {
  expect(printable('a\u001b[2Jb\rc\nd\u0007\u009b1m\u202eevil\u2028')).toBe(
    'a\\u001b[2Jb\\u000dc\\u000ad\\u0007\\u009b1m\\u202eevil\\u2028',
  )
  expect(printable('Ünïcode 日本 😀')).toBe('Ünïcode 日本 😀')
  expect(printable('\ud800')).toBe('\ufffd')
})

test('printed JSON is safe and still the same value', () => {
  const value = { name: '\u001b[31m\u202e', list: ['\u0085', 'plain\n'] }
  const text = printableJson(value, 2)
  for (const unsafe of ['\u001b', '\u202e', '\u0085']) expect(text).not.toContain(unsafe)
  expect(JSON.parse(text)).toEqual(value)
})

test('sizes and counts are written for people', () => {
  expect([0, 999, 1000, 1_234_567, 5e12].map(formatBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '1.2 MB',
    '5.0 TB',
  ])
  expect(formatCount(1_234_567)).toBe('1,234,567')
})
