/** First steps are ticked off by what the trail says, not by what somebody clicked. */
import { expect, test } from 'vitest'
import type { Groups } from '../api/summaries-api.ts'
import { stepsDone } from './first-steps.ts'

const user = 'service/security/account/user'
const program = 'service/security/account/serviceid'

function groups(...rows: readonly (readonly string[])[]): Groups {
  return {
    count: rows.length,
    isComplete: true,
    rows: rows.map((values) => ({ values: values.map((value) => ({ value })), count: 1 })),
  }
}

const done = (rows: readonly (readonly string[])[], keys = 0, channels = 0): string[] => [
  ...stepsDone({ groups: groups(...rows), keys, channels }),
]

test('nothing is done in an empty trail', () => {
  expect(done([])).toEqual([])
})

test('one person who signs in twice is no colleague; another person is', () => {
  const ana = ['iam-identity.apikey.login', user, 'ana']
  expect(done([ana, ['iam-identity.session.create', user, 'ana']])).toEqual([])
  expect(done([ana, ['iam-identity.apikey.login', user, 'bob']])).toEqual(['colleague'])
})

test('a program that signs in is a client; what the service does by itself is none', () => {
  expect(done([['activity-tracker.log.verify', program, 'keywitness']])).toEqual([])
  expect(done([['iam-identity.apikey.login', program, 'backup']])).toEqual(['client'])
})

test('keys, channels and receipts are each ticked off', () => {
  expect(done([['activity-tracker.receipt.read', user, 'ana']], 1, 1)).toEqual(['key', 'channel', 'receipt'])
})
