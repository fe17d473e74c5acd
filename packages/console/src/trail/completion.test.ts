/** Completion: what Enter does, and what is offered beside it. */
import { actionWords } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { splitPrefix, suggest } from './completion.ts'

const source = {
  actions: actionWords,
  initiators: [
    { id: 'IBMid-2700044V6T', name: 'Ana Ruiz' },
    { id: 'iam-ServiceId-1', name: 'billing-api' },
  ],
}
const tokens = (text: string): string[] => suggest(text, source).map(({ token }) => `${token.name}:${token.value}`)

test('nothing typed offers nothing', () => {
  expect(suggest('  ', source)).toEqual([])
})

test('Enter searches for the words that were typed', () => {
  expect(tokens('delete')[0]).toBe('words:delete')
  expect(tokens('delete')).toContain('action:hs-crypto.secrets.delete')
})

test('Enter takes a name that was typed in full', () => {
  expect(tokens('critical')[0]).toBe('severity:critical')
  expect(tokens('failure')[0]).toBe('outcome:failure')
  expect(tokens('hs-crypto.secrets.wrap')[0]).toBe('action:hs-crypto.secrets.wrap')
})

test('a former name leads to the action as it is called now', () => {
  const [first] = suggest('hs-crypto.importtoken.create', source)
  expect(first).toMatchObject({
    token: { name: 'action', value: 'hs-crypto.import-token.create' },
    formerly: 'hs-crypto.importtoken.create',
  })
})

test('people are found by name and become a filter by id', () => {
  expect(tokens('ana')).toContain('initiator:IBMid-2700044V6T')
  expect(tokens('by:bill')[0]).toBe('initiator:iam-ServiceId-1')
})

test('a pasted id is offered as all it can be', () => {
  const id = '5c3f2c1e-93d1-4a0e-8c4e-9f1d7b6a2e01'
  expect(tokens(id)).toEqual(expect.arrayContaining([`key:${id}`, `request:${id}`, `instance:${id}`]))
  expect(tokens('crn:v1:x')).toContain('target:crn:v1:x')
})

test('a filter typed by its name takes any value', () => {
  expect(tokens('code:409')).toEqual(['code:409'])
  expect(tokens('severity:w')).toEqual(['severity:warning'])
  expect(tokens('action:new.service.verb')).toEqual(['action:new.service.verb'])
  expect(tokens('key:')).toEqual([])
})

test('a colon in words is no filter', () => {
  expect(splitPrefix('policyAllowedIP: x')).toBeUndefined()
  expect(tokens('12:30')[0]).toBe('words:12:30')
})
