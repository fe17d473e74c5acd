/** What a change of registers means outside a rotation: no key that wraps is lost by a command that does not say so. */
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { consequencesOf, type MasterKeys } from './master-keys.ts'

const K1 = '1'.repeat(64)
const K2 = '2'.repeat(64)
const K3 = '3'.repeat(64)

interface Registers {
  readonly current?: string
  readonly coming?: string
}

function report(unit: string, { current, coming }: Registers, type: UnitReport['type'] = 'operational'): UnitReport {
  const register = (pattern: string | undefined, state: 'valid' | 'committed') =>
    pattern === undefined ? { state: 'empty', partPatterns: [] } : { state, pattern, partPatterns: [] }
  return {
    instance: 'i',
    unit,
    type,
    revision: 1,
    imprint: false,
    currentRegister: register(current, 'valid'),
    newRegister: register(coming, 'committed'),
  } as unknown as UnitReport
}

interface Scene {
  readonly type?: UnitReport['type']
  readonly before: Registers
  readonly after: Registers
  readonly other?: Registers
  readonly recovery?: Registers
  readonly failover?: Registers
  readonly inForce?: string
  /** Master keys that something is wrapped under. */
  readonly wrapping?: readonly string[]
  readonly isGivingUp?: boolean
}

/** The master key in force afterwards, when it changes; or the code of the refusal. */
function outcome(scene: Scene): string | undefined {
  const { type, before, after, other = {}, recovery = {}, failover = {}, wrapping = [], isGivingUp = false } = scene
  const keys: MasterKeys = {
    inForce: () => scene.inForce,
    all: () => [],
    rotation: () => undefined,
    started: () => [],
    countUnder: (_, pattern) => (wrapping.includes(pattern) ? 5 : 0),
  }
  const others = [report('b', other), report('r', recovery, 'recovery'), report('f', failover, 'failover')]
  try {
    return consequencesOf(keys, report('a', before, type), report('a', after, type), others, 1, isGivingUp).inForce
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

test.each<[string, Scene, string | undefined]>([
  ['the first activation decides', { before: { coming: K1 }, after: { current: K1 } }, K1],
  [
    'another key takes over while nothing is wrapped',
    { before: { current: K1, coming: K2 }, after: { current: K2 }, inForce: K1 },
    K2,
  ],
  ['a recovery unit decides nothing', { type: 'recovery', before: { coming: K1 }, after: { current: K1 } }, undefined],
  ['a failover unit decides nothing', { type: 'failover', before: { coming: K1 }, after: { current: K1 } }, undefined],
  [
    'a unit that comes back with another key decides nothing while a failover unit serves with the key in force',
    { before: { coming: K2 }, after: { current: K2 }, failover: { current: K1 }, inForce: K1, wrapping: [K1] },
    undefined,
  ],
  [
    'a unit that differs decides nothing while another holds the key in force',
    { before: { coming: K2 }, after: { current: K2 }, other: { current: K1 }, inForce: K1, wrapping: [K1] },
    undefined,
  ],
  [
    'when no unit works any more with the key in force, the next activation decides',
    { before: { coming: K2 }, after: { current: K2 }, inForce: K1, wrapping: [K1] },
    K2,
  ],
])('%s', (_, scene, inForce) => {
  expect(outcome(scene)).toBe(inForce)
})

test.each<[string, Scene]>([
  [
    'the key in force, although another unit has it too',
    {
      before: { current: K1, coming: K2 },
      after: { current: K2 },
      other: { current: K1 },
      inForce: K1,
      wrapping: [K1],
    },
  ],
  [
    'a key that is not in force, and that nobody else has',
    {
      before: { current: K1, coming: K3 },
      after: { current: K3 },
      other: { current: K2 },
      inForce: K2,
      wrapping: [K1, K2],
    },
  ],
  [
    'a key that a recovery unit is the last to have',
    { type: 'recovery', before: { current: K2, coming: K3 }, after: { current: K3 }, inForce: K2, wrapping: [K2] },
  ],
  [
    'a key that waits in the new register, by loading another',
    { before: { coming: K1 }, after: { coming: K3 }, inForce: K2, wrapping: [K1] },
  ],
])('what keys are wrapped under is not given up by a command that does not say so: %s', (_, scene) => {
  expect(outcome(scene)).toBe('MASTER_KEY_IN_USE')
})

test('a key that another unit has too may go, as long as that one is as it is', () => {
  const scene: Scene = {
    before: { current: K1, coming: K2 },
    after: { current: K2 },
    recovery: { current: K1 },
    other: { current: K2 },
    inForce: K2,
    wrapping: [K1, K2],
  }
  expect(outcome(scene)).toBeUndefined()
})

test('zeroizing and clearing the current register do what they say', () => {
  const scene: Scene = { before: { current: K1 }, after: {}, inForce: K1, wrapping: [K1], isGivingUp: true }
  expect(outcome(scene)).toBeUndefined()
})
