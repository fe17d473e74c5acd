/** Sentences, as a person would tell them. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ana, anyFacts, call, emitted, instanceCrn, keyCrn, keyId, stamp } from '../test/facts.ts'
import { buildEvent } from './build.ts'
import type { ActionName } from './catalogue.ts'
import { type EventFacts, initiatorTypes } from './event.ts'
import { reasonForRefusal } from './reason.ts'
import { deedOf, sentence } from './sentence.ts'

function told<A extends ActionName>(action: A, changes: Partial<EventFacts<A>> = {}): string {
  return sentence(buildEvent(call(action, changes), stamp))
}

const failure = (code: number): { outcome: 'failure'; reason: { code: number } } => ({
  outcome: 'failure',
  reason: { code },
})
const refusal = (code: number, of: string) => ({
  ...failure(code),
  reason: { code, forFailure: reasonForRefusal('It was refused.', of) },
})
const wholeInstance = { id: instanceCrn, name: 'first instance' }
const adapter = { id: keyCrn.replace(':key:', ':kmip-adapter:'), name: 'vcenter' }
const vcenter = {
  id: 'CertificateID-4f2a91c0d7e5b3a6',
  name: 'vcenter-1',
  typeURI: initiatorTypes.certificate,
  credential: { type: 'certificate' as const },
}
const nobody = {
  id: 'unknown',
  name: 'unknown',
  typeURI: initiatorTypes.unknown,
  credential: { type: 'none' as const },
  host: { address: '203.0.113.9' },
}
const keywitness = {
  id: 'iam-ServiceId-1',
  name: 'Keywitness',
  typeURI: initiatorTypes.serviceId,
  credential: ana.credential,
}

test.each([
  ['Ana deleted root key billing', told('hs-crypto.secrets.delete', { request: { keyType: 'root' } })],
  ['Ana deleted key billing', told('hs-crypto.secrets.delete')],
  ['Ana deleted a key', told('hs-crypto.secrets.delete', { target: { id: keyCrn, name: '' } })],
  ['Ana listed keys (0 found)', told('hs-crypto.secrets.list', { response: { totalResources: 0 } })],
  [
    'Ana moved key billing from key ring default to key ring payments',
    told('hs-crypto.secrets.patch', {
      request: { 'initialValue.keyRingId': 'default', 'newValue.keyRingId': 'payments' },
    }),
  ],
  [
    'Ana was refused: delete root key billing (409)',
    told('hs-crypto.secrets.delete', { ...failure(409), request: { keyType: 'root' } }),
  ],
  [
    'Ana tried to wrap data with key billing, but the service failed (503)',
    told('hs-crypto.secrets.wrap', failure(503)),
  ],
  ['Ana began to rotate key billing', told('hs-crypto.secrets.rotate', { outcome: 'pending', reason: { code: 202 } })],
  [
    'Ana tried to rotate key billing; how it ended is not known',
    told('hs-crypto.secrets.rotate', { outcome: 'unknown' }),
  ],
  ['Ana made an invalid key request (400)', told('hs-crypto.secrets.default', failure(400))],
  [
    'Ana set the instance policies of billing: allowed network on (private-only), dual authorization of deletion off',
    told('hs-crypto.instance-policies.write', {
      request: {
        'newValue.policyAllowedNetworkEnabled': true,
        'newValue.policyAllowedNetworkAttribute': 'private-only',
        'newValue.policyDualAuthDeleteEnabled': false,
      },
    }),
  ],
  [
    'Ana set the instance policies of billing: allowed IP on (10.0.0.0/8, 10.1.0.0/16, 10.2.0.0/16 and 1 more)',
    told('hs-crypto.instance-policies.write', {
      request: {
        'newValue.policyAllowedIPEnabled': true,
        'newValue.policyAllowedIPAttribute': ['10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'],
      },
    }),
  ],
  [
    'Ana added an administrator to crypto unit [us-east].[AZ2-CSSTAG2].[03].[22]',
    told('hs-crypto.tke-cryptounit-admin.add', { target: { id: keyCrn, name: '[us-east].[AZ2-CSSTAG2].[03].[22]' } }),
  ],
  [
    'Ana tried to remove administrator Ben Okoro from crypto unit billing, but the service failed (500)',
    told('hs-crypto.tke-cryptounit-admin.remove', { ...failure(500), request: { adminName: 'Ben Okoro' } }),
  ],
  [
    'Service Keywitness wrapped everything of billing under the new master key (1 in all)',
    told('hs-crypto.tke-master-key-rotation.complete', { initiator: keywitness, response: { totalResources: 1 } }),
  ],
  [
    'Ana set the signature thresholds of crypto unit billing to 2 and 3 for revocation',
    told('hs-crypto.tke-cryptounit-threshold.set', {
      request: { signatureThreshold: 2, revocationSignatureThreshold: 3 },
    }),
  ],
  [
    'Certificate vcenter-1 revoked KMIP key billing (key-compromise)',
    told('hs-crypto.kmip-key.revoke', { initiator: vcenter, request: { revocationReasonCode: 'key-compromise' } }),
  ],
  [
    'Certificate 4f2a91c0d7e5 retrieved KMIP key billing',
    told('hs-crypto.kmip-key.read', { initiator: { ...vcenter, name: '' } }),
  ],
  [
    'Ana deleted KMIP adapter billing',
    told('hs-crypto.kmip-management.delete', { request: { objectKind: 'adapter' } }),
  ],
  [
    'Certificate 4f2a91c0d7e5 was turned away from KMIP: no adapter has this certificate (401)',
    told('hs-crypto.kmip-key.default', {
      ...refusal(401, 'KMIP_UNKNOWN_CERTIFICATE'),
      initiator: { ...vcenter, name: 'unknown' },
    }),
  ],
  [
    'Certificate vcenter-1 was turned away from KMIP: it has expired, or is not valid yet (401)',
    told('hs-crypto.kmip-key.default', { ...refusal(401, 'KMIP_CERTIFICATE_EXPIRED'), initiator: vcenter }),
  ],
  [
    'An unknown caller was turned away from KMIP without a certificate (401)',
    told('hs-crypto.kmip-key.default', {
      ...refusal(401, 'KMIP_NO_CERTIFICATE'),
      initiator: { ...nobody, host: {} },
    }),
  ],
  [
    'Certificate vcenter-1 made an invalid KMIP request (400)',
    told('hs-crypto.kmip-key.default', { ...refusal(400, 'KMIP_INVALID_MESSAGE'), initiator: vcenter }),
  ],
  [
    'Certificate vcenter-1 was refused: create a KMIP key in first instance (400)',
    told('hs-crypto.kmip-key.create', { ...failure(400), initiator: vcenter, target: wholeInstance }),
  ],
  [
    'Certificate vcenter-1 used the random generator of first instance (RNGRetrieve)',
    told('hs-crypto.kmip-key.use', {
      initiator: vcenter,
      target: wholeInstance,
      request: { operation: 'RNGRetrieve' },
    }),
  ],
  [
    `Certificate vcenter-1 created KMIP key billing by re-key, in place of ${keyId}`,
    told('hs-crypto.kmip-key.create', { initiator: vcenter, request: { replacedKeyId: keyId } }),
  ],
  [
    'Ana was refused: read a KMIP object of vcenter (404)',
    told('hs-crypto.kmip-management.read', { ...failure(404), target: adapter, request: { objectKind: 'object' } }),
  ],
  [
    'Ana was refused: create a KMIP adapter in first instance (400)',
    told('hs-crypto.kmip-management.create', {
      ...failure(400),
      target: wholeInstance,
      request: { objectKind: 'adapter' },
    }),
  ],
  [
    'Ana created KMIP adapter vcenter',
    told('hs-crypto.kmip-management.create', { target: adapter, request: { objectKind: 'adapter' } }),
  ],
  ['Service Keywitness expired key billing', told('hs-crypto.secrets.expire', { initiator: keywitness })],
  ['Service 1 expired key billing', told('hs-crypto.secrets.expire', { initiator: { ...keywitness, name: '' } })],
  [
    'Service Keywitness began epoch 3 of its events, after event number 120',
    told('hs-crypto.producer.start', {
      initiator: keywitness,
      request: { epoch: 3, previousEpoch: 2, previousSequence: 120 },
    }),
  ],
  [
    'Ana was refused: use EP11 Encrypt (401, no client certificate)',
    told('hs-crypto.ep11.use', {
      ...failure(401),
      target: { id: keyCrn, name: '' },
      request: { method: 'Encrypt', tlsFailure: 'missing' },
    }),
  ],
  [
    'Ana was refused: look up EP11 keystores by id (401, client certificate of another instance)',
    told('hs-crypto.keystore.listkeystoresbyids', { ...failure(401), request: { tlsFailure: 'wrong-instance' } }),
  ],
  ['Ana was refused: use EP11 (401)', told('hs-crypto.ep11.use', failure(401))],
  ['Ana got a token with API key billing', told('iam-identity.apikey.login')],
  [
    'An unknown caller at 203.0.113.9 was refused: get a token (400)',
    told('iam-identity.apikey.login', { ...failure(400), initiator: nobody, target: { id: keyCrn, name: '' } }),
  ],
  [
    'An unknown caller calling itself root was refused: read key billing (401)',
    told('hs-crypto.secrets.read', { ...failure(401), initiator: { ...nobody, name: 'root', host: {} } }),
  ],
  [
    'An unknown caller at 203.0.113.9 failed to authenticate 523 more times within 60 seconds',
    told('iam-identity.authentication.flood', { initiator: nobody, request: { count: 523, windowSeconds: 60 } }),
  ],
  [
    `An unknown caller failed to authenticate over KMIP 40 more times within 60 seconds, each time with certificate ${'4f'.repeat(32)}`,
    told('iam-identity.authentication.flood', {
      initiator: { ...nobody, host: {} },
      request: { count: 40, windowSeconds: 60, protocol: 'KMIP', certificateFingerprint: '4f'.repeat(32) },
    }),
  ],
  ['Ana signed in to the console (link)', told('iam-identity.session.create', { request: { method: 'link' } })],
  [
    'Ana granted role Writer to billing for the instance 1',
    told('iam-access.role.grant', { request: { role: 'Writer', scope: 'instance/1' } }),
  ],
  [
    'Ana searched the audit trail for "action:delete" (12 found)',
    told('activity-tracker.events.search', { request: { query: 'action:delete' }, response: { totalResources: 12 } }),
  ],
])('%s', (expected, actual) => {
  expect(actual).toBe(expected)
})

test('an instance is called by its name where the reader knows it', () => {
  const granted = call('iam-access.role.grant', { request: { role: 'Writer', scope: 'instance/1/payments' } })
  expect(sentence(buildEvent(granted, stamp), (guid) => (guid === '1' ? 'Frankfurt' : undefined))).toBe(
    'Ana granted role Writer to billing for the key ring payments of the instance Frankfurt',
  )
})

test('a deed is told without who, and without what its data say', () => {
  const target = { id: keyCrn, name: 'unit 1' }
  const facts = { target, request: { adminName: 'Ben Okoro' } }
  const event = (more: object) => buildEvent(call('hs-crypto.tke-cryptounit-admin.add', { ...facts, ...more }), stamp)
  expect(deedOf(event({}))).toBe('added an administrator to crypto unit unit 1')
  expect(deedOf(event(failure(500)))).toBe('add an administrator to crypto unit unit 1')
  expect(deedOf({ ...event({}), action: 'other.action' })).toBe('did other.action')
})

test('what an event holds is never taken for a template', () => {
  const target = { id: keyCrn, name: '{request.keyType} [x|{name}]' }
  expect(told('hs-crypto.secrets.delete', { target, request: { keyType: 'root' } })).toBe(
    'Ana deleted root key {request.keyType} [x|{name}]',
  )
})

test('an action that the catalogue does not know is told by its name', () => {
  const event = { ...buildEvent(call('hs-crypto.secrets.list'), stamp), action: 'is.vpc.vpc.create' }
  expect(sentence(event)).toBe('Ana did is.vpc.vpc.create billing')
  expect(sentence({ ...event, outcome: 'failure', reason: { reasonCode: 403, reasonType: 'Forbidden' } })).toBe(
    'Ana was refused: do is.vpc.vpc.create billing (403)',
  )
})

test('a former name is told like the current one', () => {
  const event = {
    ...buildEvent(call('hs-crypto.secrets-metadata.read'), stamp),
    action: 'hs-crypto.secrets.readmetadata',
  }
  expect(sentence(event)).toBe('Ana read the metadata of key billing')
})

test('every event of every action has one sentence, in one line and without a gap', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const named = { ...facts, initiator: ana, target: { id: keyCrn, name: 'billing' }, request: {}, response: {} }
      const text = sentence(buildEvent(named, stamp))
      expect(text).toMatch(/^Ana \S/)
      expect(text).not.toMatch(/ {2}| $|[{}]|undefined|\n/)
    }),
  )
})

test('every action reads well without a name and without fields', () => {
  for (const { action } of emitted) {
    const facts = { ...call(action as ActionName), target: { id: keyCrn, name: '' } }
    expect(sentence(buildEvent(facts, stamp))).toMatch(/^Ana [a-z][^{}[\]|]*[A-Za-z0-9)]$/)
  }
})
