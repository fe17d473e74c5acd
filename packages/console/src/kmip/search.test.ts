/** The address of the KMIP page. */
import { expect, test } from 'vitest'
import { parseKmipSearch } from './search.ts'

test('an address names an adapter and a view, and nothing malformed', () => {
  expect(parseKmipSearch({ adapter: 'a-1', view: 'vcenter' })).toEqual({ adapter: 'a-1', view: 'vcenter' })
  expect(parseKmipSearch({ adapter: 'a', state: '2,5,x', object: 'o-1' })).toEqual({
    adapter: 'a',
    state: [2, 5],
    object: 'o-1',
  })
  expect(parseKmipSearch({ state: '2' })).toEqual({ state: [2] })
  expect(parseKmipSearch({ view: 'new', back: 'vcenter' })).toEqual({ view: 'new', back: 'vcenter' })
  expect(parseKmipSearch({ view: 'vcenter', back: 'vcenter' })).toEqual({ view: 'vcenter' })
  expect(parseKmipSearch({ adapter: '../<b>', view: 'old', state: '7', object: '<b>' })).toEqual({})
})
