/** Actions are told by their titles, and those of another version by their names. */
import { expect, test } from 'vitest'
import { actionTitle } from './action-title.ts'

test('an action is told by its title, up to the first stop', () => {
  expect(actionTitle('hs-crypto.secrets.delete')).toBe('Delete a key')
  expect(actionTitle('activity-tracker.rule.create')).toBe('Create a rule')
  expect(actionTitle('other.thing.do')).toBe('other.thing.do')
})
