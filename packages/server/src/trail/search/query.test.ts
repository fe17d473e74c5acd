/** The trail's query parameters: what they mean, and a named refusal for what they cannot. */
import { expect, test } from 'vitest'
import { Refusal } from '../../errors.ts'
import { maskSecrets } from './mask.ts'
import { parseSearch } from './query.ts'

const now = Date.parse('2026-03-04T05:06:07Z')
const parse = (text: string) => parseSearch(new URLSearchParams(text), now)

test('times are absolute with a zone, or relative to now', () => {
  expect(parse('from=-15m&to=now').filter).toEqual({ from: now - 900_000, to: now })
  expect(parse('from=2026-01-01T00:00:00%2B01:00').filter.from).toBe(Date.parse('2025-12-31T23:00:00Z'))
})

test('a day begins in the zone that is named', () => {
  expect(parse('from=2026-03-04&tz=Europe/Berlin').filter.from).toBe(Date.parse('2026-03-03T23:00:00Z'))
  expect(parse('from=yesterday&to=today').filter).toEqual({
    from: Date.parse('2026-03-03T00:00:00Z'),
    to: Date.parse('2026-03-04T00:00:00Z'),
  })
})

test('a query goes on as it was written, with what its times are relative to', () => {
  const { filter, asked } = parse('query=action:*.delete -outcome:success&tz=UTC&limit=5')
  expect(filter).toEqual({ query: 'action:*.delete -outcome:success', now, zone: 'UTC' })
  expect(asked).toBe('action:*.delete -outcome:success tz:UTC')
})

test('a query that cannot be read is refused with the place at fault, and without what looks like a secret', () => {
  const refusal = (() => {
    try {
      return parse(`query=code:200 eyJ${'a'.repeat(60)}.${'b'.repeat(60)}:x`)
    } catch (error) {
      return error as Refusal
    }
  })()
  expect(refusal).toMatchObject({
    code: 'INVALID_QUERY_PARAM_ERR',
    at: { type: 'query_param', name: 'query', from: 9 },
  })
  expect((refusal as Refusal).message).toContain('at character 10')
  expect((refusal as Refusal).message).not.toContain('aaaa')
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
  ['from=someday', 'from'],
  ['from=2026-13-01', 'from'],
  ['tz=Mars/Base', 'tz'],
  [`query=${'x'.repeat(2001)}`, 'query'],
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
