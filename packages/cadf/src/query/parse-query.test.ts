/** The language: what each form means, and where it says that a text is none. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseQuery, queryBounds } from './parse-query.ts'
import { type Query, QueryError } from './query.ts'

const now = Date.UTC(2026, 10, 25, 22, 15, 0)
const day = 86_400_000
const read = (text: string, zone?: string): Query => parseQuery(text, { now, zone })

/** A query in brackets: short enough to compare by eye. */
function shown(query: Query): string {
  switch (query.kind) {
    case 'every':
      return '*'
    case 'and':
    case 'or':
      return `(${query.parts.map(shown).join(query.kind === 'and' ? ' & ' : ' | ')})`
    case 'not':
      return `!${shown(query.part)}`
    case 'words':
      return `'${query.text}'${query.isPrefix ? '*' : ''}`
    case 'anywhere':
      return query.test.op === 'regex' ? `/${query.test.source}/` : `~${query.test.text}`
    case 'field': {
      const { field, test: one } = query
      if (one.op === 'exists') return `${field.name}?`
      if (one.op === 'range') return `${field.name} ${one.min ?? ''}..${one.max ?? ''}`
      if (one.op === 'regex') return `${field.name} /${one.source}/${one.isCaseSensitive ? '' : 'i'}`
      if (one.op === 'wildcard') return `${field.name} ~${one.text}`
      return `${field.name} ${one.op === 'prefix' ? '^' : '='}${one.isCaseSensitive ? '' : 'i'} ${one.text}`
    }
  }
}

test.each([
  ['', '*'],
  ['   ', '*'],
  ['*', '*'],
  ['billing', "'billing'"],
  ['billing eu', "('billing' & 'eu')"],
  ['billing AND eu', "('billing' & 'eu')"],
  ['a b OR c', "(('a' & 'b') | 'c')"],
  ['a (b OR c)', "('a' & ('b' | 'c'))"],
  ['NOT a b', "(!'a' & 'b')"],
  ['-a -"b c"', "(!'a' & !'b c')"],
  ['-(a OR b)', "!('a' | 'b')"],
  ['and or not', "('and' & 'or' & 'not')"],
  ['ANDROID', "'ANDROID'"],
  ['"delete key"', "'delete key'"],
  ['"say \\"hi\\""', '\'say "hi"\''],
  ['bill*', "'bill'*"],
  ['*ill?ng', '~*ill?ng'],
  ['/bill(ing)?/', '/bill(ing)?/'],
  ['non-profit', "'non-profit'"],
  ['crn:v1:keywitness:public', "'crn:v1:keywitness:public'"],
])('%s', (text, meaning) => {
  expect(shown(read(text))).toBe(meaning)
})

test.each([
  ['initiator:Ana', 'initiator ^i Ana'],
  ['INITIATOR:Ana', 'initiator ^i Ana'],
  ['initiator:=Ana', 'initiator ^ Ana'],
  ['initiator:==Ana', 'initiator =i Ana'],
  ['initiator:===Ana', 'initiator = Ana'],
  ['initiator:"Ana Ruiz"', 'initiator ^i Ana Ruiz'],
  ['initiator:*', 'initiator?'],
  ['initiator:An*', 'initiator ^i An'],
  ['initiator:A*a', 'initiator ~A*a'],
  ['initiator:A\\*a', 'initiator ^i A*a'],
  ['initiator:"A*a"', 'initiator ^i A*a'],
  ['initiator:/^A.*z$/i', 'initiator /^A.*z$/i'],
  ['initiator:[Ana, "Marek N", ==x]', '(initiator ^i Ana | initiator ^i Marek N | initiator ^i ==x)'],
  ['initiator:===[Ana,Marek]', '(initiator = Ana | initiator = Marek)'],
  ['uri:/api/v2/keys', 'uri ^i /api/v2/keys'],
  ['target:crn:v1:keywitness:public:x', 'target ^i crn:v1:keywitness:public:x'],
  ['agent:-x', 'agent ^i -x'],
  ['action:OR', 'action ^i OR'],
  ['key:fadedbee', 'key ^i fadedbee'],
  ['key:FADEDBEE-0000-4000-8000-000000000001', 'key =i FADEDBEE-0000-4000-8000-000000000001'],
  ['keyType:root', 'keyType ^i root'],
  ['requestData.keyType:root', 'requestData.keyType ^i root'],
  ['responseData.of.its.own:x', 'responseData.of.its.own ^i x'],
  ['-outcome:success', '!outcome ^i success'],
  ['code:403', 'code 403..404'],
  ['code:[401, 403]', '(code 401..402 | code 403..404)'],
  ['code:4xx', 'code 400..500'],
  ['code:>=400', 'code 400..'],
  ['code:>400', 'code 401..'],
  ['code:<400', 'code ..400'],
  ['code:<=400', 'code ..401'],
  ['code:400..499', 'code 400..500'],
  ['code:400..', 'code 400..'],
  ['totalResources:0', 'totalResources 0..1'],
  ['severity:critical', 'severity 2..3'],
  ['severity:>=warning', 'severity 1..'],
  ['severity:[normal, Critical]', '(severity 0..1 | severity 2..3)'],
  ['dataEvent:true', 'dataEvent =i true'],
])('%s', (text, meaning) => {
  expect(shown(read(text))).toBe(meaning)
})

const at = (text: string): number => Date.parse(text)

test.each<[string, number | undefined, number | undefined, string?]>([
  ['time:2026-11-25', at('2026-11-25T00:00Z'), at('2026-11-26T00:00Z')],
  ['time:2026-11', at('2026-11-01T00:00Z'), at('2026-12-01T00:00Z')],
  ['time:2026-11-25T14:05', at('2026-11-25T14:05Z'), at('2026-11-25T14:06Z')],
  ['time:2026-11-25T14:05:07', at('2026-11-25T14:05:07Z'), at('2026-11-25T14:05:08Z')],
  ['time:2026-11-25T14:05:07.25+02:00', at('2026-11-25T12:05:07.250Z'), at('2026-11-25T12:05:07.251Z')],
  ['time:"2026-11-25 14:05"', at('2026-11-25T14:05Z'), at('2026-11-25T14:06Z')],
  ['time:-15m', now - 900_000, now + 1],
  ['time:-2d..-1d', now - 2 * day, now - day + 1],
  ['time:>=-1w', now - 7 * day, undefined],
  ['time:<today', undefined, at('2026-11-25T00:00Z')],
  ['time:yesterday', at('2026-11-24T00:00Z'), at('2026-11-25T00:00Z')],
  ['time:2026-11-01..2026-11-30', at('2026-11-01T00:00Z'), at('2026-12-01T00:00Z')],
  ['eventTime:>2026-11-25', at('2026-11-26T00:00Z'), undefined],
  // In Berlin it is 23:15 of the same day; in Auckland the next day has begun.
  ['time:today', at('2026-11-24T23:00Z'), at('2026-11-25T23:00Z'), 'Europe/Berlin'],
  ['time:today', at('2026-11-25T11:00Z'), at('2026-11-26T11:00Z'), 'Pacific/Auckland'],
  ['time:2026-11-25T14:05', at('2026-11-25T13:05Z'), at('2026-11-25T13:06Z'), 'Europe/Berlin'],
  // The 25th of November 2026 is a Wednesday.
  ['time:last-night', at('2026-11-24T18:00Z'), at('2026-11-25T08:00Z')],
  ['time:this-week', at('2026-11-23T00:00Z'), at('2026-11-30T00:00Z')],
  ['time:last-week', at('2026-11-16T00:00Z'), at('2026-11-23T00:00Z')],
  ['time:this-month', at('2026-11-01T00:00Z'), at('2026-12-01T00:00Z')],
  ['time:last-month', at('2026-10-01T00:00Z'), at('2026-11-01T00:00Z')],
  ['time:this-quarter', at('2026-10-01T00:00Z'), at('2027-01-01T00:00Z')],
  ['time:last-quarter', at('2026-07-01T00:00Z'), at('2026-10-01T00:00Z')],
  ['time:last-night..this-morning', at('2026-11-24T18:00Z'), at('2026-11-25T12:00Z')],
  ['time:last-night', at('2026-11-24T17:00Z'), at('2026-11-25T07:00Z'), 'Europe/Berlin'],
  ['time:last-night', at('2026-11-25T05:00Z'), at('2026-11-25T19:00Z'), 'Pacific/Auckland'],
  ['time:last-month', at('2026-09-30T22:00Z'), at('2026-10-31T23:00Z'), 'Europe/Berlin'],
  // The day on which clocks go back has 25 hours, the other one 23.
  ['time:2026-10-25', at('2026-10-24T22:00Z'), at('2026-10-25T23:00Z'), 'Europe/Berlin'],
  ['time:2026-03-29', at('2026-03-28T23:00Z'), at('2026-03-29T22:00Z'), 'Europe/Berlin'],
])('%s is from %d to below %d %s', (text, min, max, zone) => {
  const query = read(text, zone)
  const test_ = query.kind === 'field' && query.test.op === 'range' ? query.test : undefined
  expect([test_?.min, test_?.max]).toEqual([min, max])
})

test.each<[string, number, number, RegExp]>([
  ['a AND', 5, 0, /^Expected a word, "a phrase", field:value or \( here\.$/],
  ['OR a', 0, 2, /not OR/],
  ['(a b', 0, 1, /not closed/],
  ['a b)', 3, 1, /no parenthesis for this one to close/],
  ['a ()', 3, 1, /not \)/],
  ['say "hello', 4, 6, /This quote is not closed/],
  ['initiatr:Ana', 0, 8, /There is no field initiatr\. Did you mean initiator/],
  ['https://example.com', 0, 5, /put it in quotes: "https:…"/],
  ['action:', 7, 0, /Expected a value for action here/],
  ['action:(a OR b)', 7, 1, /action:\[one, another\]/],
  ['action:[a b]', 10, 1, /Expected , or \] here/],
  ['action:[a, b', 7, 1, /This list is not closed/],
  ['action:>=a', 9, 1, /action has no order/],
  ['code:many', 5, 4, /Expected a whole number, such as code:200/],
  ['code:/4../', 5, 5, /Expected a number or a range.*, not a regular expression/],
  ['code:..', 5, 2, /Expected a bound beside/],
  ['code:>=400..500', 7, 8, /Expected one value after >=/],
  ['code:500..400', 5, 8, /This range is empty/],
  ['severity:high', 9, 4, /Expected normal, warning, critical/],
  ['dataEvent:yes', 10, 3, /Expected true or false/],
  ['time:soon', 5, 4, /Expected a time: 2026-11-25,/],
  ['time:2026-02-30', 5, 10, /Expected a time/],
  ['time:2026-11-25T25:00', 5, 16, /Expected a time/],
])('%s: what is wrong stands at %d, %d characters', (text, place, length, message) => {
  const error = errorOf(text)
  expect([error?.at, error?.length, error?.message]).toEqual([place, length, expect.stringMatching(message)])
})

function errorOf(text: string): QueryError | undefined {
  try {
    read(text)
    return undefined
  } catch (error) {
    if (error instanceof QueryError) return error
    throw error
  }
}

test('long, deep and crowded queries are refused, not suffered', () => {
  expect(errorOf('x'.repeat(queryBounds.characters + 1))?.code).toBe('TOO_LONG')
  expect(errorOf('('.repeat(1_000) + 'a' + ')'.repeat(999))?.code).toBe('TOO_DEEP')
  expect(errorOf('-'.repeat(1_900) + 'a')?.code).toBe('TOO_DEEP')
  expect(errorOf('a '.repeat(200))?.code).toBe('TOO_LONG')
  expect(errorOf(`code:[${'1,'.repeat(100)}1]`)?.code).toBe('TOO_LONG')
  expect(errorOf(`code:[${'1,'.repeat(60)}1] `.repeat(3))?.code).toBe('TOO_LONG')
  expect(errorOf('a* '.repeat(queryBounds.patterns))).toBeUndefined()
  expect(errorOf(`${'a* '.repeat(queryBounds.patterns)} uri:*b?`)?.code).toBe('TOO_LONG')
  expect(errorOf('code:1..2..3')?.code).toBe('BAD_VALUE')
  expect(errorOf('time:0099-01-01')?.code).toBe('BAD_VALUE')
})

test('whatever is typed is a query or an error that points into it', () => {
  const piece = fc.oneof(
    fc.constantFrom('AND', 'OR', 'NOT', '(', ')', '-', '"', '/', '[', ']', ',', '\\', '*', '?', ' ', '..', '>='),
    fc.constantFrom('action:', 'code:', 'time:', 'severity:', 'nothing:', 'crn:v1:', '-15m', '403', '2026-11-25'),
    fc.string({ maxLength: 6, unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join('')
      const error = errorOf(text)
      if (error === undefined) return
      expect(error.at).toBeGreaterThanOrEqual(0)
      expect(error.at + error.length).toBeLessThanOrEqual(text.length)
      expect(error.message.length).toBeGreaterThan(10)
    }),
    { numRuns: 3_000 },
  )
})
