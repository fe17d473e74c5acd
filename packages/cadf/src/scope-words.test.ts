/** Where a role counts is told in words, and what is no scope of ours stays as it is. */
import { expect, test } from 'vitest'
import { scopeInWords } from './scope-words.ts'

test.each([
  ['account', 'the whole account'],
  ['tracker/us-south', 'the trail of us-south'],
  ['instance/6d3f', 'the instance 6d3f'],
  ['instance/6d3f/payments', 'the key ring payments of the instance 6d3f'],
  ['instance/6d3f/keystore/9a', 'the keystore 9a of the instance 6d3f'],
  ['instance/6d3f/key/9a', 'the key 9a of the instance 6d3f'],
])('%s is %s', (scope, words) => {
  expect(scopeInWords(scope)).toBe(words)
})

test('an instance is called by its name where the reader knows it', () => {
  const nameOf = (guid: string): string | undefined => (guid === '6d3f' ? 'billing' : undefined)
  expect(scopeInWords('instance/6d3f/payments', nameOf)).toBe('the key ring payments of the instance billing')
  expect(scopeInWords('instance/77aa', nameOf)).toBe('the instance 77aa')
})

test.each(['', 'instance', 'instance/', 'tracker/a/b', 'instance/a/b/c', 'instance/a/key/b/c', 'region/eu'])(
  'what is no scope of ours stays as it is: %j',
  (scope) => {
    expect(scopeInWords(scope)).toBe(scope)
  },
)
