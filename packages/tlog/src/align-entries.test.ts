/** What was done to a list of entries is named as the least that explains it. */
import { expect, test } from 'vitest'
import { alignEntries } from './align-entries.ts'

function list(text: string): Uint8Array[] {
  return text.split('').map((letter) => Uint8Array.of(letter.charCodeAt(0)))
}

test.each([
  ['abcdef', 'abcdef', ''],
  ['abXdef', 'abcdef', 'CHANGED 2'],
  ['Xbcdef', 'abcdef', 'CHANGED 0'],
  ['abcdeX', 'abcdef', 'CHANGED 5'],
  ['bacdef', 'abcdef', 'SWAPPED 0-1'],
  ['fbcdea', 'abcdef', 'SWAPPED 0-5'],
  ['badcfe', 'abcdef', 'SWAPPED 0-1, SWAPPED 2-3, SWAPPED 4-5'],
  ['bcdef', 'abcdef', 'MISSING 0+1'],
  ['abdef', 'abcdef', 'MISSING 2+1'],
  ['abcde', 'abcdef', 'MISSING 5+1'],
  ['abf', 'abcdef', 'MISSING 2+3'],
  ['', 'abc', 'MISSING 0+3'],
  ['Xabcde', 'abcdef', 'EXTRA 0+1'],
  ['abXYcd', 'abcdef', 'EXTRA 2+2'],
  ['abXdeYZ', 'abcdefg', 'CHANGED 2, CHANGED 5, CHANGED 6'],
  ['bXdefg', 'abcdefg', 'CHANGED 0, CHANGED 1, MISSING 2+1'],
  ['acdefXh', 'abcdefgh', 'MISSING 1+1, CHANGED 6'],
])('%s for %s is: %s', (found, wanted, expected) => {
  const differences = alignEntries(list(found), list(wanted))
  const words = differences.map(({ kind, at, count, other }) => {
    if (kind === 'CHANGED') return `CHANGED ${at}`
    return kind === 'SWAPPED' ? `SWAPPED ${at}-${other}` : `${kind} ${at}+${count}`
  })
  expect(words.join(', ')).toBe(expected)
})
