/** The address of the page of crypto units. */
import { expect, test } from 'vitest'
import { parseUnitsSearch } from './search.ts'

test('an address names a view, a unit, a ceremony and a step, and nothing malformed', () => {
  const whole = { view: 'transcript', unit: '0190a2b4-5f6a-4c3d-8e9f-001122334455', ceremony: 12, step: 14 }
  expect(parseUnitsSearch({ ...whole, ceremony: '12', step: '14' })).toEqual(whole)
  expect(parseUnitsSearch({ view: 'else', unit: '<img>', ceremony: '-1', step: '1e3' })).toEqual({})
})
