/** The trail's query parameters: what they mean, and a named refusal for what they cannot. */
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { maskSecrets } from './mask.ts'
import { parseSearch } from './query.ts'

const now = Date.parse('2026-03-04T05:06:07Z')
const parse = (text: string) => parseSearch(new URLSearchParams(text), now)

test('times are absolute with a zone, or relative to now', () => {
  expect(parse('from=-15m&to=now').filter).toEqual({ from: now - 900_000, to: now })
  expect(parse('from=2026-01-01T00:00:00%2B01:00').filter.from).toBe(Date.parse('2025-12-31T23:00:00Z'))
})

test('lists come repeated or with commas', () => {
  expect(parse('severity=critical,warning&severity=normal').filter.severity).toEqual(['critical', 'warning', 'normal'])
  expect(parse('reasonCode=401,403').filter.reasonCode).toEqual([401, 403])
})

test('what was asked is told as a person would read it, without paging', () => {
  expect(parse('severity=critical&limit=5&cursor=x&order=asc&text=a b').asked).toBe('severity:critical text:a b')
})

test.each([
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['limit=ten', 'limit'],
  ['order=up', 'order'],
  ['from=yesterday', 'from'],
  ['from=2026-01-01', 'from'],
  ['severity=loud', 'severity'],
  ['outcome=maybe', 'outcome'],
  ['reasonCode=abc', 'reasonCode'],
  ['to=now&to=now', 'to'],
  ['colour=red', 'colour'],
  [`text=${'x'.repeat(513)}`, 'text'],
  [`initiator=${'a,'.repeat(51)}`, 'initiator'],
])('%s is refused by name', (query, name) => {
  let thrown: unknown
  try {
    parse(query)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(Refusal)
  expect((thrown as Refusal).at).toEqual({ type: 'query_param', name })
})

test('tokens and long base64 are masked, hashes and names stay', () => {
  const hash = 'a1'.repeat(32)
  const token = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(40)}.${'y'.repeat(40)}`
  expect(maskSecrets(`text:${token} and ${'Zz9_'.repeat(12)} but ${hash} of billing-key`)).toBe(
    `text:(masked) and (masked) but ${hash} of billing-key`,
  )
})
