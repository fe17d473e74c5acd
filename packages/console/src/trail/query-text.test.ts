/** Queries as text: whatever a value holds, its condition is read as that value and finds it. */
import { type Query, parseQuery } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { conditionOf, faultOf, filteredFor, filteredOut, withCondition } from './query-text.ts'

const read = (text: string): Query => parseQuery(text, { now: 0 })

test('a condition of any text is read as this text, exactly', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }), (value) => {
      const condition = conditionOf('address', value)
      fc.pre(condition !== undefined)
      expect(read(condition)).toMatchObject({ kind: 'field', test: { op: 'exact', text: value } })
    }),
  )
})

test('conditions are short where they can be', () => {
  expect(conditionOf('severity', 'critical')).toBe('severity:critical')
  expect(conditionOf('code', '409')).toBe('code:409')
  expect(conditionOf('initiator', 'IBMid-2700044V6T')).toBe('initiator:==IBMid-2700044V6T')
  expect(conditionOf('agent', 'curl/8.5.0')).toBe('agent:==curl/8.5.0')
  expect(conditionOf('reason', 'It "is" so.')).toBe('reason:=="It \\"is\\" so."')
})

test('what the language cannot say has no condition', () => {
  expect(conditionOf('nonsense', 'x')).toBeUndefined()
  expect(conditionOf('code', 'many')).toBeUndefined()
  expect(conditionOf('address', 'a\nb')).toBeUndefined()
  expect(conditionOf('address', 'x'.repeat(513))).toBeUndefined()
})

test('a condition joins what stands there, replaces its opposite, and does not stand twice', () => {
  expect(withCondition(undefined, 'a:==1')).toBe('a:==1')
  const query = withCondition('billing -address:==1', 'NOT agent:==x')
  expect(query).toBe('billing -address:==1 NOT agent:==x')
  expect(withCondition(query, 'agent:==x')).toBe('billing -address:==1 agent:==x')
  expect(withCondition(query, 'NOT agent:==x')).toBe(query)
  expect(withCondition('code:1 OR code:2', 'agent:==x')).toBe('(code:1 OR code:2) agent:==x')
  expect(read(withCondition('code:1 OR code:2', 'agent:==x'))).toMatchObject({ kind: 'and' })
})

test('a query that cannot be read says where', () => {
  expect(faultOf('outcome:failure (action:x')).toMatchObject({ code: 'SYNTAX', at: 16, length: 1 })
  expect(faultOf('initator:ana')).toMatchObject({ code: 'UNKNOWN_FIELD', at: 0 })
  expect(faultOf('key:*')).toBeUndefined()
})

test('a value is filtered for by the filter of its own, or else by the query, and out by the query', () => {
  expect(filteredFor({}, 'initiator', 'IBMid-1')).toEqual({ initiator: 'IBMid-1' })
  expect(filteredFor({ initiator: 'IBMid-2' }, 'initiator', 'IBMid-1')).toEqual({
    initiator: 'IBMid-2',
    query: 'initiator:==IBMid-1',
  })
  expect(filteredFor({}, 'severity', 'critical')).toEqual({ severity: ['critical'] })
  expect(filteredFor({ query: 'x' }, 'address', '192.0.2.1')).toEqual({ query: 'x address:==192.0.2.1' })
  expect(filteredOut({ words: 'w' }, 'outcome', 'success')).toEqual({ words: 'w', query: 'NOT outcome:success' })
  expect(filteredOut({}, 'requestData.keyType', 'root')).toEqual({ query: 'NOT requestData.keyType:==root' })
  expect(filteredOut({}, 'nonsense', 'root')).toBeUndefined()
})
