/** Saved views beside the search: what one becomes, when it is no longer that, how they are listed. */
import { parseQuery } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import type { SavedView } from '../api/views-api.ts'
import { asQuery } from './search-as-query.ts'
import { groupsOf, isChanged, searchOf } from './saved-views.ts'
import type { TrailSearch } from './search.ts'

const view: SavedView = {
  id: 'ab-1',
  name: 'Refused',
  category: 'Daily',
  query: 'outcome:failure',
  from: 'last-night',
  to: 'this-morning',
  by: 'outcome',
  isShared: true,
  owner: { id: 'IBMid-1', name: 'Ana' },
  version: 3,
}

test('the search that a view becomes is that view, until something of it is another', () => {
  const search = searchOf(view, { facets: true, tz: 'Europe/Berlin' })
  expect(search).toEqual({
    query: 'outcome:failure',
    from: 'last-night',
    to: 'this-morning',
    by: 'outcome',
    facets: true,
    tz: 'Europe/Berlin',
    saved: 'ab-1',
  })
  expect(isChanged(view, search)).toBe(false)
  expect(isChanged(view, { ...search, event: 7, view: 'proof' })).toBe(false)
  const { to: _, ...open } = search
  const changed: TrailSearch[] = [open, { ...search, query: 'code:403' }, { ...search, severity: ['critical'] }]
  for (const other of [...changed, { ...search, words: 'billing' }]) expect(isChanged(view, other)).toBe(true)
})

test('views are listed by category and name, found by their words, and those without a category come last', () => {
  const views = [
    { ...view, id: '1', name: 'b', category: '' },
    { ...view, id: '2', name: 'Night', category: 'weekly' },
    { ...view, id: '3', name: 'a', category: '' },
    { ...view, id: '4', name: 'Refused', category: 'Daily' },
  ]
  const listed = (typed: string): string[] =>
    groupsOf(views, typed).map(({ category, views: ofIt }) => `${category}: ${ofIt.map(({ name }) => name).join(' ')}`)
  expect(listed('')).toEqual(['Daily: Refused', 'weekly: Night', ': a b'])
  expect(listed('ana NIGHT')).toEqual(['weekly: Night'])
  expect(listed('nobody')).toEqual([])
})

test.each<[TrailSearch, string | undefined]>([
  [{}, ''],
  [{ from: '-1h', event: 3 }, ''],
  [{ query: 'code:403' }, 'code:403'],
  [{ query: 'code:403 OR code:404', severity: ['critical'] }, '(code:403 OR code:404) severity:critical'],
  [
    { severity: ['critical', 'warning'], outcome: ['failure'] },
    '(severity:critical OR severity:warning) outcome:failure',
  ],
  [{ action: ['hs-crypto.secrets.delete'] }, 'action:==hs-crypto.secrets.delete'],
  [
    { initiator: 'IBMid-1', key: 'fadedbee-0000-4000-8000-000000000001', code: '409' },
    'initiator:==IBMid-1 key:fadedbee-0000-4000-8000-000000000001 code:409',
  ],
  [{ words: 'billing OR key-1 "x' }, String.raw`billing "OR" "key-1" "\"x"`],
  [{ words: 'w', query: 'nonesuch:1' }, undefined],
  [{ code: 'many' }, undefined],
])('%o is one query', (search, query) => {
  const made = asQuery(search)
  expect(made).toBe(query)
  expect(() => parseQuery(made ?? '', { now: 0 })).not.toThrow()
})
