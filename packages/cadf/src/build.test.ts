/** The builder: one whole event, the families' particulars, and what each value may be. */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  account,
  ana,
  anyFacts,
  call,
  emitted,
  instanceCrn,
  instanceId,
  keyCrn,
  keyId,
  spoiled,
  stamp,
} from '../test/facts.ts'
import { plainEvent } from '../test/plain-event.ts'
import { attachedLists } from './attached.ts'
import { buildEvent, writeEvent } from './build.ts'
import { canonicalJson } from './canonical.ts'
import type { ActionName } from './catalogue.ts'
import { checkEvent } from './check.ts'
import { EventError } from './error.ts'
import type { EventFacts } from './event.ts'

const build = <A extends ActionName>(action: A, changes: Partial<EventFacts<A>> = {}) =>
  buildEvent(call(action, changes), stamp)

test('an event has every member of the model, from facts, stamp and catalogue', () => {
  const event = build('hs-crypto.secrets.create', {
    reason: { code: 201 },
    target: {
      id: keyCrn,
      name: 'billing',
      resourceGroupId: `crn:v1:keywitness:public:resource-controller::${account}::resource-group:default`,
    },
    request: { keyType: 'root', keyRingId: 'payments' },
    response: { keyId, keyState: 1, keyVersionId: keyId, keyVersionCreationDate: '2026-11-25T19:37:46Z' },
  })
  expect(event).toEqual({
    action: 'hs-crypto.secrets.create',
    correlationId: 'b7a2e1d0-0000-4000-8000-000000000001',
    dataEvent: true,
    eventTime: '2026-11-25T19:37:46.95+0000',
    eventType: 'activity',
    id: stamp.id,
    initiator: {
      credential: { type: 'token' },
      host: { address: '203.0.113.7', addressType: 'IPv4', agent: 'curl/8.5.0' },
      id: 'IBMid-50TR4N',
      name: 'Ana',
      typeURI: 'service/security/account/user',
    },
    logSourceCRN: instanceCrn,
    message: 'Keywitness: create secret billing',
    observer: { name: 'ActivityTracker' },
    outcome: 'success',
    reason: { reasonCode: 201, reasonType: 'Created' },
    requestData: {
      instanceID: instanceId,
      keyRingId: 'payments',
      keyType: 'root',
      requestURI: `/api/v2/keys/${keyId}`,
    },
    responseData: { keyId, keyState: 1, keyVersionCreationDate: '2026-11-25T19:37:46Z', keyVersionId: keyId },
    saveServiceCopy: true,
    severity: 'normal',
    target: {
      id: keyCrn,
      name: 'billing',
      resourceGroupId: `crn:v1:keywitness:public:resource-controller::${account}::resource-group:default`,
      typeURI: 'hs-crypto/secrets',
    },
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
  })
})

test('an event is written as its object has it in canonical form, and is one that the reader takes', () => {
  const compare = (facts: EventFacts<ActionName>): void => {
    const { text, ...told } = writeEvent(facts, stamp)
    expect(text).toBe(canonicalJson(plainEvent(facts, stamp)))
    const { id, eventTime, action, outcome } = checkEvent(JSON.parse(text))
    expect(told).toEqual({ id, eventTime, action, outcome })
  }
  for (const { action } of emitted) compare(call(action as ActionName))
  fc.assert(fc.property(anyFacts(), compare))
})

/** What comes of it: the event's text, or why there is none. */
function outcomeOf(make: () => string): unknown {
  try {
    return make()
  } catch (error) {
    return error instanceof EventError ? { code: error.code, at: error.at } : error
  }
}

test('whatever one of the values is, it is written or refused as its object would be', () => {
  fc.assert(
    fc.property(anyFacts().chain(spoiled), (facts) => {
      const [written, plain] = [() => writeEvent(facts, stamp).text, () => canonicalJson(plainEvent(facts, stamp))].map(
        outcomeOf,
      )
      expect(written).toEqual(plain)
    }),
    { numRuns: 1000 },
  )
})

test('before and after values nest', () => {
  const { requestData } = build('hs-crypto.instance-policies.write', {
    request: {
      'initialValue.PolicyKCIAEnabled': false,
      'newValue.PolicyKCIAEnabled': true,
      'newValue.policyAllowedNetworkAttribute': 'private-only',
      'newValue.policyAllowedIPAttribute': ['192.0.2.0/24', '2001:db8::/32'],
    },
  })
  expect(requestData).toMatchObject({
    initialValue: { PolicyKCIAEnabled: false },
    newValue: {
      PolicyKCIAEnabled: true,
      policyAllowedIPAttribute: ['192.0.2.0/24', '2001:db8::/32'],
      policyAllowedNetworkAttribute: 'private-only',
    },
  })
})

test('a failure carries its reason, and the severity of its code', () => {
  const event = build('hs-crypto.secrets.create', {
    outcome: 'failure',
    reason: { code: 401, forFailure: 'The caller may not do this here.' },
  })
  expect(event).toMatchObject({
    outcome: 'failure',
    message: 'Keywitness: create secret billing -failure',
    severity: 'critical',
    reason: {
      reasonCode: 401,
      reasonForFailure: 'The caller may not do this here.',
      reasonType: 'Unauthorized',
    },
  })
})

test('a Trusted Key Entry event is critical and has no correlation id', () => {
  const event = build('hs-crypto.tke-cryptounit.reset', { request: { location: '[us-east].[AZ2-CSSTAG2].[03].[22]' } })
  expect(event.severity).toBe('critical')
  expect(event).not.toHaveProperty('correlationId')
  expect(event.requestData['location']).toBe('[us-east].[AZ2-CSSTAG2].[03].[22]')
})

test('a KMIP event has no host address', () => {
  const { initiator } = build('hs-crypto.kmip-key.read')
  expect(initiator.host).toEqual({ agent: 'curl/8.5.0' })
})

test('a call through a private listener has no host address, and an IPv6 address its type', () => {
  const from = (host: EventFacts<ActionName>['initiator']['host']) =>
    build('hs-crypto.secrets.list', { initiator: { ...ana, host } }).initiator.host
  expect(from(undefined)).toEqual({})
  expect(from({ address: '2001:db8::1' })).toEqual({ address: '2001:db8::1', addressType: 'IPv6' })
})

test('the variant of a call is found from its fields, or named', () => {
  const remove = (request: EventFacts<'hs-crypto.kmip-management.delete'>['request'], variant?: string) =>
    build('hs-crypto.kmip-management.delete', { request, variant }).severity
  expect(remove({ objectKind: 'certificate' })).toBe('warning')
  expect(remove({ objectKind: 'object' })).toBe('critical')
  expect(remove({}, 'object')).toBe('critical')
  expect(() => remove({}, 'everything')).toThrow(expect.objectContaining({ code: 'UNKNOWN_VARIANT' }))
})

test('of the query only harmless parameters stay', () => {
  const event = build('hs-crypto.secrets.list', { requestURI: '/api/v2/keys?limit=5&search=s3cret&apikey=x&state=0,1' })
  expect(event.requestData['requestURI']).toBe('/api/v2/keys?limit=5&state=0,1')
})

test('descriptive texts are cut and cleaned, never refused for their length', () => {
  const event = build('hs-crypto.secrets.list', {
    initiator: { ...ana, name: 'A\u0000na\u202e', host: { agent: '😀'.repeat(200) } },
    target: { id: keyCrn, name: 'n'.repeat(300) },
    reason: { code: 500, forFailure: 'f'.repeat(5000) },
  })
  expect(event.initiator.name).toBe('A\ufffdna\ufffd')
  expect(event.initiator.host.agent).toHaveLength(255)
  expect(event.initiator.host.agent).toMatch(/😀…$/)
  expect(event.target.name).toBe(`${'n'.repeat(255)}…`)
  expect(event.reason.reasonForFailure).toHaveLength(1024)
})

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
const blocksOf = (network: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${network}.${index >> 8}.${index & 255}.0/24`)

/** A policy's event, and what was attached to it. */
function attaching(request: EventFacts<'hs-crypto.instance-policies.write'>['request']) {
  const attached: string[] = []
  const event = buildEvent(call('hs-crypto.instance-policies.write', { request }), {
    ...stamp,
    attach: (content) => {
      attached.push(new TextDecoder().decode(content))
      return sha256(content)
    },
  })
  return { event, attached }
}

test('a list too long for an event goes in as its digest, and its whole beside it', () => {
  const blocks = blocksOf(10, 3000)
  const { event, attached } = attaching({ 'newValue.policyAllowedIPAttribute': blocks })
  expect(attached).toEqual([JSON.stringify(blocks)])
  const digest = {
    bytes: attached[0]!.length,
    count: 3000,
    first: blocks.slice(0, 10),
    sha256: sha256(Buffer.from(attached[0]!)),
  }
  expect(event.requestData['newValue']).toEqual({ policyAllowedIPAttribute: digest })
  expect(attachedLists(event)).toEqual([{ ...digest, at: 'requestData.newValue.policyAllowedIPAttribute' }])
})

test('whichever field of whichever action a long list stands in, it is attached', () => {
  const kept = { ...stamp, attach: sha256 }
  for (const { action, ...sides } of emitted) {
    for (const side of ['request', 'response'] as const) {
      for (const { name, type } of sides[side].filter((field) => field.type.endsWith('[]'))) {
        const list = Array.from({ length: 1001 }, () => 'a'.repeat(type === 'sha256[]' ? 64 : 3))
        const facts = call(action as ActionName, { [side]: { [name]: list } })
        const { text } = writeEvent(facts, kept)
        expect(attachedLists(JSON.parse(text)).map(({ at }) => at)).toEqual([`${side}Data.${name}`])
        expect(text).toBe(canonicalJson(plainEvent(facts, kept)))
      }
    }
  }
})

test('of two lists that do not fit together the longer one is attached, and the event fits into the log', () => {
  const [short, long] = [blocksOf(10, 1000), blocksOf(192, 1000).map((block) => `${block}.and.a.longer.name.than.that`)]
  const { event, attached } = attaching({
    'initialValue.policyAllowedIPAttribute': long,
    'newValue.policyAllowedIPAttribute': short,
  })
  expect(attached).toEqual([JSON.stringify(long)])
  expect(event.requestData).toMatchObject({ newValue: { policyAllowedIPAttribute: short } })
})

test('lists that fit are not attached, and nothing is where nobody keeps attachments', () => {
  const blocks = blocksOf(10, 1000)
  const { event, attached } = attaching({ 'newValue.policyAllowedIPAttribute': blocks })
  expect([attached, attachedLists(event)]).toEqual([[], []])
  expect(() =>
    build('hs-crypto.instance-policies.write', {
      request: { 'newValue.policyAllowedIPAttribute': [...blocks, '10.9.9.0/24'] },
    }),
  ).toThrow(expect.objectContaining({ code: 'TOO_LONG', at: 'requestData.newValue.policyAllowedIPAttribute' }))
})

test.each([
  ['an item outside its type', ['a b', ...blocksOf(10, 2000)], 'BAD_VALUE'],
  ['an item that is no text', [{ secret: 'x' }, ...blocksOf(10, 2000)], 'BAD_VALUE'],
  ['too many items', Array.from({ length: 100_001 }, () => 'x'), 'TOO_LONG'],
  ['too many bytes', Array.from({ length: 50_000 }, () => 'x'.repeat(100)), 'TOO_LONG'],
])('%s is not attached either', (_, list, code) => {
  expect(() => attaching({ 'newValue.policyAllowedIPAttribute': list as string[] })).toThrow(
    expect.objectContaining({ code, at: 'requestData.newValue.policyAllowedIPAttribute' }),
  )
})

test.each<[string, Partial<EventFacts<'hs-crypto.secrets.create'>>, string, string]>([
  ['a target that is no CRN', { target: { id: 'billing', name: '' } }, 'BAD_VALUE', 'target.id'],
  ['a log source that is no CRN', { logSourceCRN: '' }, 'BAD_VALUE', 'logSourceCRN'],
  ['a status that is none', { reason: { code: 42 } }, 'BAD_VALUE', 'reason.code'],
  ['a correlation id with a space', { correlationId: 'a b' }, 'BAD_VALUE', 'correlationId'],
  ['an instance that is no identifier', { instanceID: 'a b' }, 'BAD_VALUE', 'requestData.instanceID'],
  [
    'an address that is none',
    { initiator: { ...ana, host: { address: 'here' } } },
    'BAD_VALUE',
    'initiator.host.address',
  ],
  ['ill-formed Unicode', { target: { id: keyCrn, name: '\ud800' } }, 'ILL_FORMED_TEXT', 'target.name'],
  ['a fraction in an integer', { response: { keyState: 1.5 } }, 'BAD_VALUE', 'responseData.keyState'],
  ['a number that is not finite', { response: { keyState: Number.NaN } }, 'BAD_VALUE', 'responseData.keyState'],
])('%s is refused by name', (_, changes, code, at) => {
  expect(() => build('hs-crypto.secrets.create', changes)).toThrow(expect.objectContaining({ code, at }))
})

test('a field that the action does not have is refused, and its name is not repeated', () => {
  const payload = { payload: 'c2VjcmV0' } as EventFacts<'hs-crypto.secrets.create'>['request']
  const attempt = (): unknown => build('hs-crypto.secrets.create', { request: payload })
  expect(attempt).toThrow(expect.objectContaining({ code: 'UNKNOWN_FIELD', at: 'requestData' }))
})

test.each([
  ['unknown', 'hs-crypto.secrets.steal'],
  ['former', 'hs-crypto.secrets.eventack'],
  ['retired', 'hs-crypto.instance-ip-allowlist-port.read'],
])('an %s action is not emitted', (_, action) => {
  expect(() => build(action as ActionName)).toThrow(EventError)
})
