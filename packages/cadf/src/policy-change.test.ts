/** Looser or stricter: each policy and setting in each direction, and what only looks like a change. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyFacts, call, emitted, stamp } from '../test/facts.ts'
import { buildEvent } from './build.ts'
import type { ActionName, RequestFields, ResponseFields } from './catalogue.ts'
import { changeActions, type PolicyChange, policyChange } from './policy-change.ts'

type Given = Partial<Record<string, boolean | number | string | readonly string[] | object>>

/** Both sides of an event's request, or of its answer, under their dotted names. */
const sides = (before: Given, after: Given): Given => ({
  ...Object.fromEntries(Object.entries(before).map(([name, value]) => [`initialValue.${name}`, value])),
  ...Object.fromEntries(Object.entries(after).map(([name, value]) => [`newValue.${name}`, value])),
})

function changeOf<A extends ActionName>(action: A, request: Given, response: Given = {}): PolicyChange | undefined {
  return policyChange(
    buildEvent(
      call(action, {
        request: request as Partial<RequestFields<A>>,
        response: response as Partial<ResponseFields<A>>,
      }),
      stamp,
    ),
  )
}

const network = (enabled: boolean, allowed: string): Given => ({
  policyAllowedNetworkEnabled: enabled,
  policyAllowedNetworkAttribute: allowed,
})
const addresses = (enabled: boolean, ...blocks: string[]): Given => ({
  policyAllowedIPEnabled: enabled,
  policyAllowedIPAttribute: blocks,
})
const digest = (sha256: string): object => ({ sha256: sha256.repeat(64), bytes: 50_000, count: 999, first: [] })
const access = (enabled: boolean, changes: Given = {}): Given => ({
  PolicyKCIAEnabled: enabled,
  PolicyKCIAAttrCRK: true,
  PolicyKCIAAttrCSK: true,
  PolicyKCIAAttrIRK: true,
  PolicyKCIAAttrISK: true,
  PolicyKCIAAttrET: false,
  ...changes,
})
const rotation = (enabled: boolean, months?: number): Given => ({
  policyRotationEnabled: enabled,
  ...(months === undefined ? {} : { policyRotationIntervalMonth: months }),
})

test.each<[what: string, before: Given, after: Given, PolicyChange]>([
  ['private network only', network(true, 'public-and-private'), network(true, 'private-only'), 'stricter'],
  ['both networks again', network(true, 'private-only'), network(true, 'public-and-private'), 'looser'],
  ['the network policy on', network(false, 'public-and-private'), network(true, 'private-only'), 'stricter'],
  ['the network policy off', network(true, 'private-only'), network(false, 'private-only'), 'looser'],
  ['the network policy off as before', network(false, 'public-and-private'), network(false, 'private-only'), 'other'],
  ['the same network', network(true, 'private-only'), network(true, 'private-only'), 'other'],
  ['public instead of private', network(true, 'private-only'), network(true, 'public-only'), 'looser'],
  ['private instead of public', network(true, 'public-only'), network(true, 'private-only'), 'stricter'],
  ['public instead of both', network(true, 'public-and-private'), network(true, 'public-only'), 'stricter'],
  ['addresses asked for', addresses(false), addresses(true, '192.0.2.0/24'), 'stricter'],
  ['addresses not asked for any more', addresses(true, '192.0.2.0/24'), addresses(false), 'looser'],
  ['one more block', addresses(true, '192.0.2.0/24'), addresses(true, '192.0.2.0/24', '2001:db8::/32'), 'looser'],
  ['a shorter prefix', addresses(true, '192.0.2.0/24'), addresses(true, '192.0.2.0/23'), 'looser'],
  ['a longer prefix', addresses(true, '2001:db8::/32'), addresses(true, '2001:db8::/48'), 'stricter'],
  ['other addresses', addresses(true, '192.0.2.0/24'), addresses(true, '198.51.100.0/24'), 'looser'],
  [
    'the same addresses in other words',
    addresses(true, '192.0.2.0/24'),
    addresses(true, '192.0.2.128/25', '192.0.2.0/25'),
    'other',
  ],
  [
    'addresses too many to stand in the event',
    addresses(true, '192.0.2.0/24'),
    { ...addresses(true), policyAllowedIPAttribute: digest('a') },
    'looser',
  ],
  [
    'the same too many addresses',
    { ...addresses(true), policyAllowedIPAttribute: digest('a') },
    { ...addresses(true), policyAllowedIPAttribute: digest('a') },
    'other',
  ],
  [
    'too many addresses instead of all',
    addresses(false),
    { ...addresses(true), policyAllowedIPAttribute: digest('a') },
    'stricter',
  ],
  ['what is no block', addresses(true, 'everywhere'), addresses(true, '192.0.2.0/24'), 'other'],
  ['deletion by two', { policyDualAuthDeleteEnabled: false }, { policyDualAuthDeleteEnabled: true }, 'stricter'],
  ['deletion by one', { policyDualAuthDeleteEnabled: true }, { policyDualAuthDeleteEnabled: false }, 'looser'],
  ['deletion by two again', { policyDualAuthDeleteEnabled: true }, { policyDualAuthDeleteEnabled: true }, 'other'],
  ['access to creation restricted', access(false), access(true, { PolicyKCIAAttrCRK: false }), 'stricter'],
  ['access to creation free', access(true, { PolicyKCIAAttrET: true }), access(false), 'looser'],
  ...['CRK', 'CSK', 'IRK', 'ISK'].flatMap((kind): [string, Given, Given, PolicyChange][] => [
    [`${kind} allowed`, access(true, { [`PolicyKCIAAttr${kind}`]: false }), access(true), 'looser'],
    [`${kind} forbidden`, access(true), access(true, { [`PolicyKCIAAttr${kind}`]: false }), 'stricter'],
  ]),
  ['import by token only', access(true), access(true, { PolicyKCIAAttrET: true }), 'stricter'],
  ['import without a token', access(true, { PolicyKCIAAttrET: true }), access(true), 'looser'],
  [
    'less may be created and more imported',
    access(true, { PolicyKCIAAttrIRK: false }),
    access(true, { PolicyKCIAAttrCSK: false }),
    'looser',
  ],
  ['access as it was', access(true), access(true), 'other'],
  ['access off as before', access(false), access(false, { PolicyKCIAAttrCRK: false }), 'other'],
  ['metrics on', { policyMetricsEnabled: false }, { policyMetricsEnabled: true }, 'other'],
  ['metrics off', { policyMetricsEnabled: true }, { policyMetricsEnabled: false }, 'other'],
  ['rotation on', rotation(false), rotation(true, 6), 'stricter'],
  ['rotation off', rotation(true, 6), rotation(false, 6), 'looser'],
  ['a longer interval', rotation(true, 6), rotation(true, 7), 'looser'],
  ['a shorter interval', rotation(true, 6), rotation(true, 5), 'stricter'],
  ['the same interval', rotation(true, 6), rotation(true, 6), 'other'],
  ['another interval of a rotation that is off', rotation(false, 6), rotation(false, 12), 'other'],
  [
    'one policy stricter and another looser',
    { ...network(false, 'public-and-private'), ...rotation(true, 1) },
    { ...network(true, 'private-only'), ...rotation(true, 12) },
    'looser',
  ],
  [
    'one policy stricter and another as it was',
    { ...network(false, 'public-and-private'), policyMetricsEnabled: false },
    { ...network(true, 'private-only'), policyMetricsEnabled: true },
    'stricter',
  ],
])('of an instance: %s', (_what, before, after, change) => {
  expect(changeOf('hs-crypto.instance-policies.write', sides(before, after))).toBe(change)
})

test.each<[what: string, before: Given, after: Given, PolicyChange]>([
  ['deletion by two', { policyDualAuthDeleteEnabled: false }, { policyDualAuthDeleteEnabled: true }, 'stricter'],
  ['deletion by one', { policyDualAuthDeleteEnabled: true }, { policyDualAuthDeleteEnabled: false }, 'looser'],
  ['rotation off', rotation(true, 3), rotation(false, 3), 'looser'],
  ['a longer interval', rotation(true, 3), rotation(true, 4), 'looser'],
])('of a key: %s', (_what, before, after, change) => {
  expect(changeOf('hs-crypto.policies.write', sides(before, after))).toBe(change)
})

const unit = { location: '[us-south].[AZ1].[00].[02]' }
test.each<[before: number | undefined, after: number, PolicyChange]>([
  [2, 3, 'stricter'],
  [3, 2, 'looser'],
  [2, 2, 'other'],
  [0, 2, 'stricter'],
  [0, 1, 'looser'],
  [1, 1, 'looser'],
  [undefined, 2, 'other'],
  [undefined, 1, 'looser'],
])('a threshold of signatures from %s to %s', (before, after, change) => {
  for (const name of ['signatureThreshold', 'revocationSignatureThreshold']) {
    const was = before === undefined ? {} : { [`initialValue.${name}`]: before }
    const action = 'hs-crypto.tke-cryptounit-threshold.set'
    expect(changeOf(action, { ...unit, [name]: after }, { [name]: after, ...was })).toBe(change)
  }
})

test('what a crypto unit was asked for counts only where it did it', () => {
  const set = call('hs-crypto.tke-cryptounit-threshold.set', { request: { ...unit, signatureThreshold: 1 } })
  expect(policyChange(buildEvent({ ...set, outcome: 'failure', reason: { code: 500 } }, stamp))).toBeUndefined()
})

test.each<[ActionName, before: Given, after: Given, PolicyChange]>([
  ['activity-tracker.retention.update', { retentionDays: 365 }, { retentionDays: 30 }, 'looser'],
  ['activity-tracker.retention.update', { retentionDays: 30 }, { retentionDays: 365 }, 'stricter'],
  ['activity-tracker.retention.update', { retentionDays: 0 }, { retentionDays: 3650 }, 'looser'],
  ['activity-tracker.retention.update', { retentionDays: 3650 }, { retentionDays: 0 }, 'stricter'],
  ['activity-tracker.rule.disable', { ruleEnabled: true }, { ruleEnabled: false }, 'looser'],
  ['activity-tracker.rule.enable', { ruleEnabled: false }, { ruleEnabled: true }, 'stricter'],
  ['activity-tracker.rule.enable', { ruleEnabled: true }, { ruleEnabled: true }, 'other'],
  ['activity-tracker.rule.update', { rule: '{}' }, { rule: '{"id":"a"}' }, 'other'],
  ['activity-tracker.hold.release', { state: 'open' }, { state: 'released' }, 'looser'],
  ['hs-crypto.mtlscert-cert.set', { mtlsEnabled: false }, { mtlsEnabled: true }, 'stricter'],
  ['hs-crypto.mtlscert-cert.set', { mtlsEnabled: true }, { mtlsEnabled: true }, 'other'],
  ['hs-crypto.mtlscert-cert.delete', { mtlsEnabled: true }, { mtlsEnabled: false }, 'looser'],
])('%s from %j to %j', (action, before, after, change) => {
  const both = sides(before, after)
  expect(action.includes('.rule.') ? changeOf(action, both) : changeOf(action, {}, both)).toBe(change)
})

test.each<[ActionName, from: string, to: string, PolicyChange]>([
  ['iam-identity.user.update', 'active', 'disabled', 'stricter'],
  ['iam-identity.serviceid.update', 'disabled', 'active', 'looser'],
  ['iam-identity.apikey.update', 'active', 'active', 'other'],
])('%s from %s to %s', (action, from, to, change) => {
  expect(changeOf(action, sides({ state: from }, { state: to }))).toBe(change)
})

test.each<[ActionName, request: Given, response: Given]>([
  ['hs-crypto.secrets.create', { keyType: 'root', 'newValue.policyDualAuthDeleteEnabled': true }, {}],
  ['hs-crypto.secrets.patch', sides({ keyRingId: 'a' }, { keyRingId: 'b' }), {}],
  ['hs-crypto.secrets.expire', {}, sides({ keyState: 1 }, { keyState: 3 })],
  ['activity-tracker.proposal.create', {}, sides({ retentionDays: 365 }, { retentionDays: 30 })],
  ['hs-crypto.instance-policies.read', {}, {}],
  ['hs-crypto.instance-policies.write', {}, {}],
])('%s with %j and %j changes no policy', (action, request, response) => {
  expect(changeOf(action, request, response)).toBeUndefined()
})

test('a refused change is none', () => {
  const request = sides({ policyDualAuthDeleteEnabled: true }, { policyDualAuthDeleteEnabled: false })
  const refused = call('hs-crypto.instance-policies.write', { outcome: 'failure', reason: { code: 409 }, request })
  expect(policyChange(buildEvent(refused, stamp))).toBeUndefined()
})

test('an event by its former name, of other programs, has its direction; one side alone tells none', () => {
  const action = 'hs-crypto.instancepolicies.write'
  const change = (requestData: unknown): PolicyChange | undefined => policyChange({ action, requestData })
  const on = { policyDualAuthDeleteEnabled: 'true' }
  const off = { policyDualAuthDeleteEnabled: 'false' }
  expect(change({ initialValue: on, newValue: off })).toBe('looser')
  expect(change({ newValue: off })).toBe('other')
  expect(change({ initialValue: 'x', newValue: [7] })).toBeUndefined()
  expect(change('text')).toBeUndefined()
  expect(change(null)).toBeUndefined()
})

test('addresses of an event that does not say whether the policy is on are compared', () => {
  const blocks = (...policyAllowedIPAttribute: string[]): object => ({ policyAllowedIPAttribute })
  const requestData = { initialValue: blocks('192.0.2.0/24'), newValue: blocks('192.0.2.0/24', '10.0.0.0/8') }
  expect(policyChange({ action: 'hs-crypto.instance-policies.write', requestData })).toBe('looser')
})

test('only events of the listed actions have a direction, whatever is in them', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const event = buildEvent(facts, stamp)
      expect(policyChange(event) === undefined || changeActions.includes(event.action)).toBe(true)
      expect(policyChange({ ...event, outcome: 'failure' })).toBeUndefined()
    }),
  )
  expect(emitted.map(({ action }) => action)).toEqual(
    expect.arrayContaining(changeActions.filter((action) => !action.includes('.instancepolicies.'))),
  )
})
