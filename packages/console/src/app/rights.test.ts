/** Rights: a role on the account holds everywhere, one on an instance, a ring or a tracker only there. */
import { expect, test } from 'vitest'
import { mayAt } from './rights.ts'

const can = ['keys.rotate', 'trail.read']
const at = { instance: 'i1', keyRing: 'r1' }

test('without word from the server nothing is held back', () => {
  expect(mayAt(undefined, 'keys.delete', at)).toBe(true)
  expect(mayAt([], 'keys.delete', at)).toBe(false)
})

test('a right on the account holds for its instances and trackers', () => {
  const rights = [{ scope: { kind: 'account' as const }, roles: ['Writer'], can }]
  expect(mayAt(rights, 'keys.rotate', at)).toBe(true)
  expect(mayAt(rights, 'trail.read', { tracker: 'eu-de' })).toBe(true)
  expect(mayAt(rights, 'keys.delete', at)).toBe(false)
})

test('a right on an instance, a ring or a tracker holds there only', () => {
  const instance = { kind: 'instance' as const, id: 'i1' }
  const on = (scope: { kind: 'instance' | 'tracker'; id: string; keyRing?: string; key?: string }) => [
    { scope, roles: ['Writer'], can },
  ]
  expect(mayAt(on(instance), 'keys.rotate', at)).toBe(true)
  expect(mayAt(on({ ...instance, id: 'i2' }), 'keys.rotate', at)).toBe(false)
  expect(mayAt(on({ ...instance, keyRing: 'r1' }), 'keys.rotate', at)).toBe(true)
  expect(mayAt(on({ ...instance, keyRing: 'r2' }), 'keys.rotate', at)).toBe(false)
  expect(mayAt(on({ ...instance, key: 'k1' }), 'keys.rotate', at)).toBe(false)
  expect(mayAt(on({ kind: 'tracker', id: 'us-south' }), 'trail.read', { tracker: 'us-south' })).toBe(true)
  expect(mayAt(on({ kind: 'tracker', id: 'us-south' }), 'trail.read', { tracker: 'eu-de' })).toBe(false)
})
