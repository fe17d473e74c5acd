/** The filter of the key list: its grammar, and the ranges its terms mean. */
import { expect, test } from 'vitest'
import { parseFilter } from './filter.ts'
import { refusalFrom } from './testing/refusal.ts'

const ms = (text: string): number => Date.parse(text)
const noon = '2026-03-01T12:00:00Z'

test('terms are separated by blanks, also by several and before the first; all must hold', () => {
  const filter = parseFilter(` state=1,2  extractable=false creationDate=gte:"${noon}" creationDate=lt:"2026-04-01" `)
  expect(filter).toEqual({
    states: new Set([1, 2]),
    extractable: false,
    dates: { creationDate: { from: ms(noon), to: ms('2026-04-01T00:00:00Z') - 1 } },
  })
  expect(parseFilter('')).toEqual({ dates: {} })
})

test.each([
  ['expirationDate=none', { isNone: true }],
  [`creationDate="${noon}"`, { from: ms(noon), to: ms(noon) }],
  [`creationDate=${noon}`, { from: ms(noon), to: ms(noon) }],
  [`creationDate=gt:"${noon}"`, { from: ms(noon) + 1 }],
  [`creationDate=gte:${noon}`, { from: ms(noon) }],
  [`creationDate=lt:"${noon}"`, { to: ms(noon) - 1 }],
  [`creationDate=lte:"${noon}"`, { to: ms(noon) }],
  ['creationDate=gt:"2026-03-01T13:00:00+01:00"', { from: ms(noon) + 1 }],
  // Finer than a millisecond: half a millisecond after noon lies between two stored times.
  ['creationDate=gt:"2026-03-01T12:00:00.0005Z"', { from: ms(noon) + 1 }],
  ['creationDate=gte:"2026-03-01T12:00:00.0005Z"', { from: ms(noon) + 1 }],
  ['creationDate=lt:"2026-03-01T12:00:00.0005Z"', { to: ms(noon) }],
  ['creationDate=lte:"2026-03-01T12:00:00.0005Z"', { to: ms(noon) }],
  ['creationDate="2026-03-01T12:00:00.0005Z"', { from: ms(noon) + 1, to: ms(noon) }],
  [
    `creationDate=gt:"${noon}" creationDate=gte:"2026-02-01" creationDate=lte:"2026-05-01"`,
    {
      from: ms(noon) + 1,
      to: ms('2026-05-01T00:00:00Z'),
    },
  ],
])('%s', (text, range) => {
  expect(Object.values(parseFilter(text).dates)).toEqual([range])
})

test('states that exclude each other match nothing', () => {
  expect(parseFilter('state=1 state=2').states).toEqual(new Set())
  expect(parseFilter('state=1,2 state=2').states).toEqual(new Set([2]))
})

test.each([
  'state=7',
  'state=1, 2',
  'state=none',
  'extractable=yes',
  'extractable=true extractable=false',
  'imported=true',
  'creationDate',
  'creationDate=',
  'creationDate=yesterday',
  'creationDate=ge:"2026-03-01"',
  'creationDate=gt:none',
  'creationDate="2026-02-30"',
  `creationDate=gt:"${noon}`,
  'state=1 state=1 state=1 state=1',
  `creationDate=gt:"${noon}"extractable=true`,
  'a'.repeat(1_025),
])('%s is refused, naming the parameter', (text) => {
  const refusal = refusalFrom(() => parseFilter(text))
  expect([refusal?.code, refusal?.at?.name]).toEqual(['INVALID_QUERY_PARAM_ERR', 'filter'])
})
