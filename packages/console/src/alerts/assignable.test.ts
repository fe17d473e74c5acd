/** Whom an alert can be assigned to. */
import { expect, test } from 'vitest'
import { assignable } from './assignable.ts'

const holder = (id: string, name: string, more: object = {}) => ({
  identity: { id, name, kind: 'user', state: 'active', ...more },
  can: ['trail.read', 'trail.watch'],
})

test('people come before programs, by name; who may only read, or is disabled, is no choice', () => {
  const choices = assignable([
    holder('s', 'Aaa robot', { kind: 'serviceId' }),
    holder('b', 'Bea'),
    holder('a', 'Ana'),
    { ...holder('r', 'Reader'), can: ['trail.read'] },
    holder('d', 'Disabled', { state: 'disabled' }),
  ])
  expect(choices.map(({ text }) => text)).toEqual(['Ana', 'Bea', 'Aaa robot'])
})

test('two of one name are told apart', () => {
  expect(assignable([holder('1', 'Ana'), holder('2', 'Ana')]).map(({ text }) => text)).toEqual(['Ana (1)', 'Ana (2)'])
})
