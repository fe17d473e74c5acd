/** Messages, in the form of Activity Tracker. */
import { expect, test } from 'vitest'
import { emitted } from '../test/facts.ts'
import { messageOf } from './message.ts'
import { reasonTypeOf } from './reason.ts'

test.each([
  ['hs-crypto.secrets.rotate', 'billing', 'success', 'Keywitness: rotate secret billing'],
  ['hs-crypto.secrets.delete', 'billing', 'failure', 'Keywitness: delete secret billing -failure'],
  ['hs-crypto.secrets.list', '', 'success', 'Keywitness: list secret'],
  ['hs-crypto.secrets.ack-rotate', 'billing', 'pending', 'Keywitness: ack-rotate secret billing -pending'],
  ['hs-crypto.keyrings.create', 'payments', 'success', 'Keywitness: create key-ring payments'],
] as const)('%s of "%s" with %s reads: %s', (action, name, outcome, message) => {
  expect(messageOf('Keywitness', action, name, outcome)).toBe(message)
})

test('the display name of the service is the first word', () => {
  expect(messageOf('Vault of Ana', 'hs-crypto.secrets.list', '', 'success')).toBe('Vault of Ana: list secret')
})

test('verb and object are single words of the action language', () => {
  const odd = emitted.filter(({ verb, object }) => !/^[a-z0-9-]+ [a-z0-9-]+$/.test(`${verb} ${object}`))
  expect(odd.map(({ action }) => action)).toEqual([])
})

test('an unknown action has no message', () => {
  expect(() => messageOf('Keywitness', 'a.b.c', '', 'success')).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_ACTION' }),
  )
})

test.each([
  [200, 'OK'],
  [204, 'No Content'],
  [401, 'Unauthorized'],
  [409, 'Conflict'],
  [507, 'Insufficient Storage'],
  [299, 'Success'],
  [499, 'Client Error'],
  [599, 'Server Error'],
])('%i is %s', (code, phrase) => {
  expect(reasonTypeOf(code)).toBe(phrase)
})
