/** The query line's understanding of what is typed: words or a query, its pieces, the place at fault, what can follow. */
import { actionWords } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type QueryKnowledge, completeQuery } from './query-completion.ts'
import { readQuery } from './query-options.ts'
import { isQuery, partsOfQuery } from './query-parts.ts'
import { faultOf } from './query-text.ts'

const known: QueryKnowledge = {
  catalogue: actionWords,
  valuesOf: ({ name }) =>
    name === 'initiator' ? [{ value: 'IBMid-1', name: 'Ana Ruiz' }] : [{ value: 'curl/8' }, { value: 'two words' }],
  signs: { '==': 'exactly', '>=': 'at least', '<': 'less', '*': 'any' },
}

test('plain words are words; what has fields, signs or connectives is a query', () => {
  for (const text of ['billing', 'delete key', '12:30', 'https://example.test/x', 'crn:v1:a:b', 'a-b', '-x', 'what?']) {
    expect([text, isQuery(text)]).toEqual([text, false])
  }
  expect(isQuery(`"><img src=x onerror="y"><a href="javascript:alert(1)">x</a>`)).toBe(false)
  for (const text of ['key:x', 'a OR b', 'NOT a', 'a -b', '(a)', '"delete key"', 'bill*', '/x/', 'initator:ana']) {
    expect([text, isQuery(text)]).toEqual([text, true])
  }
  expect(isQuery('agent:"not closed')).toBe(true)
})

test('one filter that has a place of its own becomes that filter, unless there is a query that it joins', () => {
  const kinds = (text: string, current?: string): string[] =>
    readQuery({ text, caret: text.length, current }, [], known).options.map((option) => option.kind)
  expect(kinds('outcome:failure')[0]).toBe('token')
  expect(kinds('by:IBMid-1')[0]).toBe('token')
  expect(kinds('outcome:failure', 'key:*')[0]).toBe('run')
  expect(kinds('outcome:failure code:4xx')[0]).toBe('run')
  expect(kinds('key:x')[0]).toBe('run')
})

test('the pieces of any text are the text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      const parts = partsOfQuery(text, faultOf(text))
      expect(parts.map((part) => part.text).join('')).toBe(text)
    }),
  )
})

test('pieces are told apart, and the one at fault is marked', () => {
  const text = 'outcome:failure NOT code:>=many'
  expect(partsOfQuery(text, faultOf(text)).filter(({ kind }) => kind !== 'space')).toEqual([
    { text: 'outcome:', kind: 'field', isFault: false },
    { text: 'failure', kind: 'value', isFault: false },
    { text: 'NOT', kind: 'keyword', isFault: false },
    { text: 'code:', kind: 'field', isFault: false },
    { text: '>=', kind: 'operator', isFault: false },
    { text: 'many', kind: 'value', isFault: true },
  ])
})

/** The texts that each completion of a text would make; `|` is the caret. */
const completed = (typed: string): string[] => {
  const caret = typed.indexOf('|')
  const text = typed.replace('|', '')
  return completeQuery(text, caret, known).map(({ from, to, insert }) => text.slice(0, from) + insert + text.slice(to))
}

test('a word may become a field, a short one first', () => {
  expect(completed('x init|')[0]).toBe('x initiator:')
  expect(completed('x init| y')[0]).toBe('x initiator: y')
  expect(completed('initiator.h|')).toContain('initiator.host.address:')
  expect(completed('x |')).toEqual([])
})

test('a field offers its values, and what can stand before them', () => {
  expect(completed('outcome:f|')).toEqual(['outcome:failure '])
  expect(completed('severity:|')).toContain('severity:critical ')
  expect(completed('severity:|')).toContain('severity:>=')
  expect(completed('initiator:an|')).toEqual(['initiator:IBMid-1 '])
  expect(completed('agent:two|')).toEqual(['agent:"two words" '])
  expect(completed('agent:"two w|')).toEqual(['agent:"two words" '])
  expect(completed('outcome:[failure, pen|')).toEqual(['outcome:[failure, pending '])
  expect(completed('action:secrets.del|')).toContain('action:hs-crypto.secrets.delete ')
  expect(completed('time:yes|')).toEqual(['time:yesterday '])
  expect(completed('outcome:failure sev|')).toEqual(['outcome:failure severity:'])
  expect(completed('nonsense:x|')).toEqual([])
})
