/** The address of the KMIP page. */
import { expect, test } from 'vitest'
import { parseKmipSearch } from './search.ts'

test('an address names an adapter and a view, and nothing malformed', () => {
  expect(parseKmipSearch({ adapter: 'a-1', view: 'vcenter' })).toEqual({ adapter: 'a-1', view: 'vcenter' })
  expect(parseKmipSearch({ adapter: '../<b>', view: 'old' })).toEqual({})
})
