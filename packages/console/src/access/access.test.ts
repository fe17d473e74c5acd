/** The access page's address, its scopes, and that every role is told in a sentence. */
import { expect, test } from 'vitest'
import texts from '../i18n/en/access.json' with { type: 'json' }
import { formatSearch, parseQueryString } from '../trail/search.ts'
import { isTrackerRole, roleNamed, roles, scopeOf, scopeValue } from './roles.ts'
import { parseAccessSearch } from './search.ts'

test('what is written in the address is read again, and what is malformed left out', () => {
  const search = { view: 'services' as const, id: 'iam-ServiceId-0190a2b4-5f6a', location: 'eu-de' }
  expect(parseAccessSearch(parseQueryString(formatSearch(search)))).toEqual(search)
  expect(parseAccessSearch({ view: 'roles', id: '<b>', location: '../' })).toEqual({})
})

test('every role has a sentence of what it allows', () => {
  expect(Object.keys(texts.role)).toEqual([...roles])
  for (const sentence of Object.values(texts.role)) expect(sentence).toContain('{{where}}')
  expect(roleNamed('Auditor')).toBe('Auditor')
  expect(roleNamed('Emperor')).toBeUndefined()
  expect(roles.filter(isTrackerRole)).toEqual(['Auditor', 'Officer', 'Administrator', 'Producer'])
})

test('a chosen scope is the scope that is granted', () => {
  const scopes = [{ kind: 'account' }, { kind: 'instance', id: 'i-1' }, { kind: 'tracker', id: 'eu-de' }] as const
  for (const scope of scopes) expect(scopeOf(scopeValue(scope), '')).toEqual(scope)
  expect(scopeOf('instance i-1', 'payments')).toEqual({ kind: 'instance', id: 'i-1', keyRing: 'payments' })
  expect(scopeOf('tracker eu-de', 'payments')).toEqual({ kind: 'tracker', id: 'eu-de' })
})
