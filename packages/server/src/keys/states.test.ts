/** The table of states against the reference's, and expiration as a state. */
import { expect, test } from 'vitest'
import { type KeyAct, type KeyState, allowedStates, requireState, stateAt } from './states.ts'
import { refusalFrom } from './testing/refusal.ts'

const states: readonly KeyState[] = [0, 1, 2, 3, 5]

/** kms-rest-api.md, section 8.1, one row each, columns 0 1 2 3 5. */
const table: Readonly<Record<KeyAct, string>> = {
  read: 'xxxxx',
  'read payload': 'xxxx.',
  wrap: '.x...',
  unwrap: '.x.x.',
  rewrap: '.x.x.',
  rotate: '.x...',
  'rotate as in Key Protect': '.x.x.',
  disable: '.x...',
  enable: '..x..',
  'set for deletion': '.xxx.',
  'unset for deletion': '.xxx.',
  sync: '.xxxx',
  'set a rotation policy': '.xx..',
  'set a dual authorisation policy': '.xxx.',
  delete: '.xxx.',
  restore: '....x',
  purge: '....x',
  'list versions': '.x...',
  'list versions of any state': '.xxxx',
}

function outcome(act: KeyAct, state: KeyState): string {
  return refusalFrom(() => requireState(act, { state, expiresAt: null }, 0))?.code ?? 'allowed'
}

test.each(Object.entries(table))('to %s is allowed in %s', (act, row) => {
  const expected = states.map((state, at) => {
    if (row[at] === 'x') return 'allowed'
    return state === 5 ? 'KEY_DELETED_ERR' : 'KEY_ACTION_INVALID_STATE_ERR'
  })
  expect(states.map((state) => outcome(act as KeyAct, state))).toEqual(expected)
})

test('the table has no other acts', () => {
  expect(Object.keys(allowedStates).sort()).toEqual(Object.keys(table).sort())
})

test('an active key is deactivated from its expiration on; in other states expiration changes nothing', () => {
  expect(stateAt({ state: 1, expiresAt: 100 }, 99)).toBe(1)
  expect(stateAt({ state: 1, expiresAt: 100 }, 100)).toBe(3)
  expect(stateAt({ state: 1, expiresAt: null }, 100)).toBe(1)
  expect(([0, 2, 3, 5] as const).map((state) => stateAt({ state, expiresAt: 1 }, 100))).toEqual([0, 2, 3, 5])
})

test('the refusal says which state the key is in and which are needed', () => {
  expect(() => requireState('unwrap', { state: 2, expiresAt: null }, 0)).toThrow(
    'The key is suspended; to unwrap it must be active or deactivated.',
  )
})
