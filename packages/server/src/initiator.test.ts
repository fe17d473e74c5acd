/** Where an initiator came from, whatever a proxy says. */
import { expect, test } from 'vitest'
import type { Caller } from './caller.ts'
import { initiatorOf } from './initiator.ts'

const caller: Caller = {
  id: 'iam-ServiceId-1',
  name: 'backup',
  kind: 'serviceId',
  account: '0a'.repeat(16),
  credential: 'token',
  isPrivate: false,
}

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
])('%s is told as the address %s', (given, address) => {
  expect(initiatorOf({ ...caller, address: given }).host).toEqual({ address })
})

test.each(['unknown', 'client.example', '203.0.113.7:x', '[abc]:1', ''])(
  'what a trusted proxy forwards as an address and is none (%s) does not make a call unrecordable',
  (given) => {
    expect(initiatorOf({ ...caller, address: given }).host).toEqual({})
  },
)

test('no address is told of a private listener', () => {
  expect(initiatorOf({ ...caller, address: '203.0.113.7', isPrivate: true }).host).toEqual({})
})
