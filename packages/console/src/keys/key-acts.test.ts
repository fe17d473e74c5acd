/** What can be done to a key, by its state, by who asks, and by what the roles permit. */
import { describe, expect, test } from 'vitest'
import type { InventoryKey } from '../api/keys-api.ts'
import { actsOf } from './key-acts.ts'

const key: InventoryKey = {
  id: '0199c5f2-0000-7000-8000-000000000001',
  name: 'billing',
  aliases: [],
  ring: 'default',
  kind: 'root',
  imported: false,
  state: 'active',
  createdAt: '2026-01-01T00:00:00Z',
  createdBy: { id: 'ana' },
  versions: 1,
  rotation: null,
  needsTwo: false,
  deletion: null,
  registrations: 0,
  protectedByRegistration: false,
}
const waiting: InventoryKey = {
  ...key,
  needsTwo: true,
  deletion: { by: { id: 'ana' }, at: '2026-01-01T00:00:00Z', expiresAt: '2026-01-08T00:00:00Z' },
}
const now = Date.parse('2026-01-02T00:00:00Z')
const all = (): boolean => true
const possible = (of: InventoryKey, me = 'ben') => actsOf(of, me, now, all).possible

describe('what can be done to a key', () => {
  test('one person deletes a key that needs one, and authorises the deletion of one that needs two', () => {
    expect(possible(key)).toContain('delete')
    expect(possible(key)).not.toContain('authorise')
    expect(possible({ ...key, needsTwo: true })).toContain('authorise')
    expect(possible({ ...key, needsTwo: true })).not.toContain('delete')
  })

  test('who authorised the deletion is nobody’s second person, and may take it back', () => {
    expect(possible(waiting, 'ana')).not.toContain('approve')
    expect(possible(waiting, 'ben')).toContain('approve')
    for (const me of ['ana', 'ben']) expect(possible(waiting, me)).toContain('withdraw')
    expect(possible(waiting)).not.toContain('authorise')
  })

  test('a suspended key is enabled, a destroyed one restored while there is time', () => {
    expect(possible({ ...key, state: 'suspended' })).toEqual(
      expect.arrayContaining(['enable', 'delete', 'setRotation']),
    )
    expect(possible({ ...key, state: 'suspended' })).not.toContain('rotate')
    const destroyed: InventoryKey = { ...key, state: 'destroyed', restoreUntil: '2026-01-30T00:00:00Z' }
    expect(possible(destroyed)).toEqual(['restore'])
    expect(possible({ ...destroyed, restoreUntil: '2026-01-01T00:00:00Z' })).toEqual([])
    expect(possible({ ...destroyed, purgeFrom: '2026-01-03T00:00:00Z' })).toEqual(['restore'])
    expect(possible({ ...destroyed, purgeFrom: '2026-01-01T00:00:00Z' })).toEqual(['restore', 'purge'])
  })

  test('a standard key has no versions to rotate; material of an imported one does not go through a browser', () => {
    expect(possible({ ...key, kind: 'standard' })).not.toContain('rotate')
    expect(possible({ ...key, imported: true })).not.toContain('rotate')
  })

  test('what the roles do not permit is named apart', () => {
    const acts = actsOf(key, 'ben', now, (permission) => permission === 'keys.rotate')
    expect(acts.possible).toEqual(['rotate'])
    expect(acts.notMine).toContain('delete')
  })
})
