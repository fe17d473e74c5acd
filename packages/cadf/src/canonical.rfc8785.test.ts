/** Canonical JSON against the vectors of RFC 8785, and what it refuses. */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, depthMax, quoted, valuesMax } from './canonical.ts'
import { EventError } from './error.ts'

const vectors = new URL('../../../vectors/cadf/rfc8785/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, vectors), 'utf8')

test.each(['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])('%s has its canonical form', (name) => {
  expect(canonicalJson(JSON.parse(read(`${name}.input.txt`)))).toBe(read(`${name}.output.txt`))
})

test('numbers print as in appendix B', () => {
  const rows = read('numbers.txt').trim().split('\n')
  expect(rows).toHaveLength(24)
  for (const row of rows) {
    const [bits = '', text] = row.split(' ')
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
  }
})

test('the order in which members were added does not show', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noUnicodeString: false })), (object) => {
      const turned = Object.fromEntries(Object.entries(object).toReversed())
      expect(canonicalJson(turned)).toBe(canonicalJson(object))
    }),
  )
})

test('what was printed parses and prints as the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value)
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
  )
})

test('a string alone is written as the engine does it, whatever its characters', () => {
  const texts = Array.from({ length: 0x1_0000 }, (_, code) => `a${String.fromCharCode(code)}b`)
  const [wellFormed, others] = [
    texts.filter((text) => text.isWellFormed()),
    texts.filter((text) => !text.isWellFormed()),
  ]
  expect(others).toHaveLength(0x800)
  expect([...wellFormed, '', '😀"'].filter((text) => quoted(text) !== JSON.stringify(text))).toEqual([])
  for (const text of others) {
    expect(() => quoted(text)).toThrow(expect.objectContaining({ code: 'ILL_FORMED_TEXT' }))
  }
})

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

test.each([
  ['a lone surrogate', '\ud800', 'ILL_FORMED_TEXT'],
  ['a lone surrogate in a name', { '\udc00': 1 }, 'ILL_FORMED_TEXT'],
  ['NaN', { a: Number.NaN }, 'NOT_FINITE'],
  ['infinity', [Number.POSITIVE_INFINITY], 'NOT_FINITE'],
  ['undefined', { a: undefined }, 'NOT_JSON'],
  ['a hole in an array', Array.from({ length: 2 }, (_, index) => (index === 0 ? 1 : undefined)), 'NOT_JSON'],
  ['a function', { toJSON: () => 1 }, 'NOT_JSON'],
  ['a big integer', 1n, 'NOT_JSON'],
  ['a date', new Date(0), 'NOT_JSON'],
  ['bytes', new Uint8Array(2), 'NOT_JSON'],
  ['too many levels', nested(depthMax + 1), 'TOO_DEEP'],
  ['too many values', Array.from({ length: valuesMax }, () => 0), 'TOO_LONG'],
])('%s has no canonical form', (_, value, code) => {
  expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ name: 'EventError', code }))
})

test('as many levels as allowed are printed', () => {
  expect(canonicalJson(nested(depthMax))).toBe('['.repeat(depthMax) + '1' + ']'.repeat(depthMax))
  expect(() => canonicalJson(nested(100_000))).toThrow(EventError)
})
