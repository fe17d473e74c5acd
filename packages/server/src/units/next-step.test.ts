/** The next step of a unit: through a ceremony, a rotation, and what goes wrong. */
import { expect, test } from 'vitest'
import { nextStep } from './next-step.ts'
import { withStandings } from './unit-standings.ts'

type Report = Parameters<typeof withStandings>[0][number]['report'] & Parameters<typeof nextStep>[0]

const [old, fresh, other] = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(32)) as [string, string, string]
const empty = { state: 'empty', partPatterns: [] } as const
const register = (state: 'uncommitted' | 'committed' | 'valid', pattern: string) => ({
  state,
  pattern,
  partPatterns: [],
})
const unit: Report = {
  unit: 'one',
  type: 'operational',
  imprint: false,
  administrators: [{ ski: 'a1'.repeat(32), name: 'Ana' }],
  currentRegister: empty,
  newRegister: empty,
}

function stepOf(
  report: Partial<Report>,
  inForce?: string,
  rotation?: Parameters<typeof nextStep>[3],
  isHeld = false,
): string {
  const [one] = withStandings([{ report: { ...unit, ...report } }], inForce, () => isHeld)
  if (one === undefined) throw new Error('no unit')
  return nextStep(one.report, one.standing, inForce, rotation)
}

test('a ceremony goes from people to thresholds to the master key', () => {
  expect(stepOf({ imprint: true, administrators: [] })).toBe('add-administrators')
  expect(stepOf({ imprint: true })).toBe('set-thresholds')
  expect(stepOf({})).toBe('load-master-key')
  expect(stepOf({ newRegister: register('uncommitted', old) })).toBe('commit')
  expect(stepOf({ newRegister: register('committed', old) })).toBe('activate')
  expect(stepOf({ currentRegister: register('valid', old) }, old)).toBe('none')
})

test('a recovery unit that has made the master key of a new instance waits for nothing', () => {
  expect(stepOf({ type: 'recovery', currentRegister: register('valid', old) })).toBe('none')
})

test('a rotation is begun, awaited, asked for again where it is held up, and activated', () => {
  const ready = { currentRegister: register('valid', old), newRegister: register('committed', fresh) }
  expect(stepOf({ ...ready, newRegister: register('uncommitted', fresh) }, old)).toBe('commit')
  expect(stepOf(ready, old)).toBe('rotate')
  expect(stepOf(ready, fresh, { state: 'started', broken: 0 })).toBe('await-rotation')
  expect(stepOf(ready, fresh, { state: 'started', broken: 2 })).toBe('rotate')
  expect(stepOf(ready, fresh, { state: 'rewrapped', broken: 0 })).toBe('activate')
  const changed = { currentRegister: register('valid', fresh) }
  expect(stepOf(changed, fresh, { state: 'rewrapped', broken: 0 })).toBe('none')
  expect(stepOf(changed, fresh, { state: 'finished', broken: 0 })).toBe('none')
})

test('a unit without the master key of its instance is to be given that one, whatever else it has', () => {
  expect(stepOf({}, old)).toBe('load-master-key')
  expect(stepOf({ currentRegister: register('valid', other) }, old)).toBe('load-master-key')
  expect(stepOf({ newRegister: register('committed', other) }, old)).toBe('load-master-key')
  expect(stepOf({ newRegister: register('committed', old) }, old)).toBe('activate')
})

test('a stale unit is to be looked at before anything else', () => {
  expect(stepOf({ currentRegister: register('valid', old) }, old, undefined, true)).toBe('confirm-state')
})
