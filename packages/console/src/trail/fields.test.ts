/** Data of an event as rows: every value once, changes side by side. */
import { beforeAll, expect, test } from 'vitest'
import texts from '../i18n/en/trail-parts.json'
import { addTexts, startTexts } from '../i18n/texts.ts'
import { fieldTable } from './fields.ts'

beforeAll(() => {
  startTexts()
  addTexts('trail', texts)
})

test('values before and after stand side by side, others in rows', () => {
  const { rows, changes } = fieldTable('hs-crypto.policies.write', 'request', {
    instanceID: 'i-1',
    initialValue: { policyDualAuthDeleteEnabled: true },
    newValue: { policyDualAuthDeleteEnabled: false },
  })
  expect(rows).toEqual([{ name: 'instanceID', value: 'i-1', meaning: undefined }])
  expect(changes).toHaveLength(1)
  expect(changes[0]).toMatchObject({ name: 'policyDualAuthDeleteEnabled', before: 'true', after: 'false' })
  expect(changes[0]?.meaning).toBeTypeOf('string')
})

test('a value that was not set before has no before', () => {
  const { changes } = fieldTable('hs-crypto.secrets.patch', 'request', { newValue: { keyRingId: 'payments' } })
  expect(changes).toMatchObject([{ name: 'keyRingId', before: undefined, after: 'payments' }])
})

test('lists are compared item by item, and what stayed as it was is told apart', () => {
  const { changes } = fieldTable('hs-crypto.instance-policies.write', 'request', {
    initialValue: { policyAllowedIPAttribute: ['10.0.0.0/8', '192.0.2.1/32'], policyAllowedIPEnabled: true },
    newValue: { policyAllowedIPAttribute: ['192.0.2.1/32', '203.0.113.0/24'], policyAllowedIPEnabled: true },
  })
  expect(changes).toMatchObject([
    { isSame: false, items: { added: ['203.0.113.0/24'], removed: ['10.0.0.0/8'], kept: ['192.0.2.1/32'] } },
    { isSame: true, items: undefined },
  ])
})

test('a list that was not set before was empty; one that is not whole is not compared', () => {
  const policy = (before: object, newValue: object) =>
    fieldTable('hs-crypto.instance-policies.write', 'request', { initialValue: before, newValue } as never).changes[0]
  const list = { policyAllowedIPAttribute: ['10.0.0.0/8'] }
  expect(policy({}, list)?.items).toEqual({ added: ['10.0.0.0/8'], removed: [], kept: [] })
  const digest = {
    policyAllowedIPAttribute: { bytes: 9_000, count: 900, first: ['10.0.0.0/8'], sha256: 'a'.repeat(64) },
  }
  expect(policy(list, digest)?.items).toBeUndefined()
})

test('of a crypto unit what is in force since a change stands beside what was before, on whichever side it is told', () => {
  const request = { permissions: '01ff2055', signatureThreshold: 3 }
  const response = { signatureThreshold: 2, initialValue: { signatureThreshold: 0, permissions: '81ff0011' } }
  const { rows, changes } = fieldTable('hs-crypto.tke-cryptounit-threshold.set', 'response', response, request)
  expect(rows).toMatchObject([{ name: 'signatureThreshold', value: '2' }])
  expect(changes).toMatchObject([
    { name: 'signatureThreshold', before: '0', after: '2' },
    { name: 'permissions', before: '81ff0011', after: '01ff2055', meaning: expect.stringMatching(/asked for/) },
  ])
})

test('what an event only names is not taken for a value after a change', () => {
  const request = { rule: 'nightly', initialValue: { rule: '{}' } }
  const { changes } = fieldTable('activity-tracker.rule.delete', 'request', request)
  expect(changes).toMatchObject([{ name: 'rule', before: '{}', after: undefined }])
})

test('what stands in a field here is told, not what it holds elsewhere', () => {
  const { rows } = fieldTable('hs-crypto.tke-cryptounit-admin.add', 'request', { adminId: 'ab' })
  expect(rows[0]?.meaning).toMatch(/^The subject key identifier/)
})

test('the states of KMIP are told by their names, with the number that a search takes', () => {
  const states = { initialValue: { kmipState: 3 }, newValue: { kmipState: 5 }, kmipState: 2, keyState: 2 }
  const { rows, changes } = fieldTable('hs-crypto.kmip-key.destroy', 'response', states)
  expect(changes).toMatchObject([
    { name: 'kmipState', before: 'Deactivated (3)', after: 'Destroyed (5)', isSame: false },
  ])
  expect(rows).toMatchObject([
    { name: 'kmipState', value: 'Active (2)', raw: '2' },
    { name: 'keyState', value: '2' },
  ])
  expect(fieldTable('hs-crypto.kmip-key.destroy', 'response', { kmipState: 9 }).rows[0]?.value).toBe('9')
})

test('lists are one value, nested members have dotted names', () => {
  const { rows } = fieldTable('unknown.action.verb', 'response', { ids: ['a', 'b'], eventAckData: { eventId: 'e' } })
  expect(rows.map(({ name, value }) => [name, value])).toEqual([
    ['ids', 'a\nb'],
    ['eventAckData.eventId', 'e'],
  ])
})

test('what the catalogue says of a field is its meaning', () => {
  const { rows } = fieldTable('hs-crypto.secrets.create', 'request', { keyType: 'root' })
  expect(rows[0]?.meaning).toBe('The type of the key.')
})
