/** What policies of an instance change, and whom they shut out. */
import { expect, test } from 'vitest'
import type { PolicyValue } from '../api/instance-policies-api.ts'
import { changesBetween, endsCreation, isBlock, policyIn, policyKinds, shutsOut, unset } from './instance-policies.ts'

const only = (...blocks: string[]): PolicyValue => ({
  kind: 'allowedIP',
  isOn: true,
  attributes: { allowed_ip: blocks },
})
const isPrivate: PolicyValue = {
  kind: 'allowedNetwork',
  isOn: true,
  attributes: { allowed_network: 'private-only' },
}
const access = (attributes: Partial<PolicyValue<'keyCreateImportAccess'>['attributes']>): PolicyValue => ({
  kind: 'keyCreateImportAccess',
  isOn: true,
  attributes: { ...unset.keyCreateImportAccess.attributes, ...attributes },
})

test('what was never set is as it holds without it', () => {
  for (const kind of policyKinds) expect(policyIn([], kind)).toBe(unset[kind])
  const value = only('10.0.0.0/8')
  expect(policyIn([{ value, setAt: '', setBy: '' }], 'allowedIP')).toBe(value)
})

test('a change is what is another thing then; switching on what holds anyway changes nothing', () => {
  expect(changesBetween(unset.keyCreateImportAccess, access({}))).toEqual([])
  expect(changesBetween(unset.keyCreateImportAccess, access({ import_root_key: false }))).toEqual([
    { before: { name: 'import_root_key', is: true }, after: { name: 'import_root_key', is: false } },
  ])
  const monthly: PolicyValue = { kind: 'rotation', isOn: true, attributes: { interval_month: 1 } }
  expect(changesBetween(unset.rotation, monthly)).toMatchObject([{ before: { is: null }, after: { is: 1 } }])
  expect(changesBetween(monthly, { ...monthly, isOn: false })).toMatchObject([{ after: { is: null } }])
  expect(changesBetween(only('10.0.0.0/8'), only('10.0.0.0/8', '::/0'))).toHaveLength(1)
})

test('who changes a network policy is told whether it shuts them out', () => {
  const here = { address: '203.0.113.7' }
  expect(shutsOut(only('203.0.113.0/24'), here)).toBe('no')
  expect(shutsOut(only('198.51.100.0/24'), here)).toBe('surely')
  expect(shutsOut(only('198.51.100.0/24'), undefined)).toBe('perhaps')
  expect(shutsOut(only('2001:db8::/32'), here)).toBe('surely')
  expect(shutsOut(only('fe80::/10'), { address: 'fe80::1%eth0' })).toBe('no')
  expect(shutsOut(unset.allowedIP, here)).toBe('no')
  expect(shutsOut(isPrivate, here)).toBe('surely')
  expect(shutsOut(isPrivate, { address: undefined })).toBe('perhaps')
  expect(shutsOut(unset.allowedNetwork, here)).toBe('no')
  expect(shutsOut(access({}), here)).toBe('no')
})

test('a policy by which nobody can make a key any more is told apart', () => {
  const none = { create_root_key: false, create_standard_key: false, import_root_key: false }
  expect(endsCreation(access(none))).toBe(false)
  expect(endsCreation(access({ ...none, import_standard_key: false }))).toBe(true)
})

test('a block is an address with a length', () => {
  for (const text of ['10.0.0.0/8', '::/0', '2001:db8::/32']) expect(isBlock(text)).toBe(true)
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'here/8', '']) expect(isBlock(text)).toBe(false)
})
