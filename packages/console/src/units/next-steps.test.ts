/** Crypto units compared, and what comes next for them. */
import { expect, test } from 'vitest'
import type { CryptoUnit } from '../api/units-api.ts'
import { differencesOf } from './agreement.ts'
import { commandsOf, isToExplain, nextStepsOf } from './next-steps.ts'

const pattern = 'c3'.repeat(32)
const guid = '0190a2b4-5f6a-4c3d-8e9f-001122334455'

function unit(id: string, changed: Partial<CryptoUnit> = {}): CryptoUnit {
  return {
    hsm_id: id,
    location: `[us-south].[${id}].[00].[00]`,
    serial_number: `serial of ${id}`,
    state: 'ready',
    version: 7,
    type: 'operational',
    administrators: [{ ski: 'a1', name: 'Ana' }, { ski: 'b2' }],
    signatureThreshold: 2,
    revocationThreshold: 2,
    masterKey: { current: { state: 'valid', verificationPattern: pattern }, new: { state: 'empty' } },
    next: 'none',
    ...changed,
  }
}

test('units with the same people, thresholds and master key agree, whatever the order', () => {
  const turned = unit('two', { administrators: [{ ski: 'b2' }, { ski: 'a1' }] })
  expect(differencesOf([unit('one'), turned])).toEqual([])
  expect(differencesOf([])).toEqual([])
})

test('what differs is named', () => {
  const other = unit('two', {
    administrators: [{ ski: 'a1' }],
    signatureThreshold: 1,
    masterKey: { current: { state: 'empty' }, new: { state: 'committed', verificationPattern: pattern } },
  })
  expect(differencesOf([unit('one'), other])).toEqual(['administrators', 'thresholds', 'currentKey', 'newKey'])
})

test('steps come in the order in which they are done, each for the units that wait for it', () => {
  const units = [unit('one', { next: 'activate' }), unit('two', { next: 'commit' }), unit('three')]
  const steps = nextStepsOf(units)
  expect(steps.map(({ step, units: waiting }) => [step, waiting.map(({ hsm_id }) => hsm_id)])).toEqual([
    ['commit', ['two']],
    ['activate', ['one']],
  ])
  expect(steps.flatMap((step) => commandsOf(step, units, guid))).toEqual([
    `keywitness tke cryptounit-mk-commit --instance ${guid} --unit two`,
    `keywitness tke cryptounit-mk-setimm --instance ${guid} --unit one`,
  ])
})

test('a recovery unit saves people from carrying key parts', () => {
  const fresh = ['one', 'two'].map((id) => unit(id, { next: 'add-administrators', type: 'recovery' }))
  const [first] = nextStepsOf(fresh)
  expect(first && commandsOf(first, fresh, guid)[0]).toMatch(/^keywitness tke auto-init /)
  const units = [unit('one', { next: 'load-master-key' }), unit('two', { type: 'recovery' })]
  const [load] = nextStepsOf(units)
  expect(load && commandsOf(load, units, guid)[0]).toBe(`keywitness tke auto-recover --instance ${guid} --unit one`)
})

test('what a server calls a unit is never a part of a command that a shell would read otherwise', () => {
  const units = [unit('$(rm -rf /)', { next: 'commit' })]
  const [step] = nextStepsOf(units)
  expect(step && commandsOf(step, units, '; true')).toEqual(['keywitness tke cryptounit-mk-commit --instance <guid>'])
})

test('a unit that waits for no command and is not as it should be has to be explained', () => {
  expect(isToExplain(unit('one'))).toBe(false)
  expect(isToExplain(unit('one', { state: 'differs' }))).toBe(true)
  expect(isToExplain(unit('one', { state: 'serving', type: 'failover' }))).toBe(true)
  expect(isToExplain(unit('one', { state: 'stale', next: 'confirm-state' }))).toBe(false)
})
