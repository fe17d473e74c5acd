/** The address of the locations page: read and written the same, and what is malformed is left out. */
import { expect, test } from 'vitest'
import { formatSearch, parseQueryString } from '../trail/search.ts'
import { comparedMost, type LocationsSearch, parseLocationsSearch, toggled } from './search.ts'

const guid = '0199c5f2-0000-7000-8000-000000000001'

test('what is written is read again', () => {
  const search: LocationsSearch = { locations: ['us-south', 'eu-de'], instances: [guid], range: '7d' }
  expect(parseLocationsSearch(parseQueryString(formatSearch({ ...search })))).toEqual(search)
  expect(parseLocationsSearch({})).toEqual({})
})

test('what is malformed, or there twice, is left out', () => {
  expect(parseLocationsSearch({ locations: 'eu-de,../x,eu-de,<b>', instances: 'x', range: '1y' })).toEqual({
    locations: ['eu-de'],
  })
  const many = Array.from({ length: 20 }, (_, at) => `place-${at}`)
  expect(parseLocationsSearch({ locations: many.join(',') }).locations).toHaveLength(comparedMost)
})

test('something is chosen, and chosen no more', () => {
  expect(toggled(['eu-de'], 'us-south')).toEqual(['eu-de', 'us-south'])
  expect(toggled(['eu-de'], 'eu-de')).toBeUndefined()
})
