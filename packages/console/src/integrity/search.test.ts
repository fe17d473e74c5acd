/** The address of the integrity page: what is malformed is left out. */
import { expect, test } from 'vitest'
import { parseIntegritySearch } from './search.ts'

test.each([
  [{}, {}],
  [{ view: 'health', period: 'all' }, {}],
  [
    { view: 'checkpoints', checkpoint: '120', with: '7' },
    { view: 'checkpoints', checkpoint: 120, with: 7 },
  ],
  [
    { view: 'checkpoints', checkpoint: 120 },
    { view: 'checkpoints', checkpoint: 120 },
  ],
  [{ with: '7', checkpoint: '-1' }, {}],
  [{ view: 'nowhere', verification: '../x', hold: '<b>' }, {}],
  [
    { view: 'keeping', hold: '0190a2b4-5f6a', period: '7d' },
    { view: 'keeping', hold: '0190a2b4-5f6a', period: '7d' },
  ],
])('%o is %o', (raw, search) => {
  expect(parseIntegritySearch(raw)).toEqual(search)
})
