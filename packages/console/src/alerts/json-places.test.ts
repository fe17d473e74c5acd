/** Where the members of a JSON text stand: found by their path, and whatever is no JSON at its first wrong character. */
import { expect, test } from 'vitest'
import { lineOf, placeOf, readJson } from './json-places.ts'

const text = `{
  "id": "r \\" }",
  "when": { "steps": [ { "query": "a" }, { "query": "b", "count": 2 } ] },
  "groupBy": []
}`

const found = (path: string): string => {
  const reading = readJson(text)
  if ('fault' in reading) throw new Error('no JSON')
  const { from, to } = placeOf(reading.places, path)
  return text.slice(from, to)
}

test('a member is found by its path, and one that is missing by what should hold it', () => {
  expect(found('id')).toBe('"r \\" }"')
  expect(found('when.steps.1.query')).toBe('"b"')
  expect(found('when.steps.1.count')).toBe('2')
  expect(found('when.steps.2.query')).toBe('[ { "query": "a" }, { "query": "b", "count": 2 } ]')
  expect(found('groupBy')).toBe('[]')
  expect(lineOf(text, text.indexOf('"groupBy"'))).toBe(4)
})

test.each([
  ['', 0],
  ['{"a": 1,}', 8],
  ['{"a" 1}', 5],
  ['{a: 1}', 1],
  ['[1, 2', 5],
  ['{} x', 3],
  ['{"a": "b\n"}', 6],
  ['01', 1],
])('what is no JSON is so from its first wrong character on: %j', (bad, from) => {
  expect(readJson(bad)).toEqual({ fault: { from, to: Math.min(bad.length, from + 1) } })
})

test('what JSON.parse reads is read, and nothing else', () => {
  for (const good of ['{}', ' [1.5e3, -0, true, null, "\\u00e9"] ', '{"a":{"b":[[]]}}', '"x"']) {
    expect(readJson(good)).toMatchObject({ value: JSON.parse(good) as unknown })
  }
  expect(readJson('['.repeat(50) + ']'.repeat(50))).toHaveProperty('fault')
})
