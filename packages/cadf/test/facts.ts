/** What the tests of this package make events from: one fixed call, and any call of any action. */
import * as fc from 'fast-check'
import {
  type ActionName,
  type CatalogueEntry,
  type EventFacts,
  type EventStamp,
  type FieldSpec,
  catalogue,
  initiatorTypes,
} from '../src/index.ts'

export const account = `a/${'0123456789abcdef'.repeat(2)}`
export const instanceId = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
export const keyId = 'fadedbee-0000-4000-8000-1234567890ab'
export const instanceCrn = `crn:v1:keywitness:public:hs-crypto:us-south:${account}:${instanceId}::`
export const keyCrn = `crn:v1:keywitness:public:hs-crypto:us-south:${account}:${instanceId}:key:${keyId}`
export const stamp: EventStamp = {
  id: '01a21436-d2c6-729e-8c28-7a164460004e',
  time: Date.UTC(2026, 10, 25, 19, 37, 46, 957),
  serviceName: 'Keywitness',
}

export const ana = {
  id: 'IBMid-50TR4N',
  name: 'Ana',
  typeURI: initiatorTypes.user,
  credential: { type: 'token' },
  host: { address: '203.0.113.7', agent: 'curl/8.5.0' },
} as const satisfies EventFacts<ActionName>['initiator']

/** Ana's call on the key "billing"; every member can be replaced. */
export function call<A extends ActionName>(action: A, changes: Partial<EventFacts<A>> = {}): EventFacts<A> {
  return {
    action,
    outcome: 'success',
    reason: { code: 200 },
    initiator: ana,
    target: { id: keyCrn, name: 'billing' },
    correlationId: 'b7a2e1d0-0000-4000-8000-000000000001',
    logSourceCRN: instanceCrn,
    requestURI: `/api/v2/keys/${keyId}`,
    instanceID: instanceId,
    ...changes,
  }
}

export const emitted: readonly CatalogueEntry[] = catalogue.all().filter(({ retired }) => retired !== true)

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length })
const identifier = fc.string({
  unit: fc.constantFrom(...'ABCXYZabcxyz0189._:@/+-'.split('')),
  minLength: 1,
  maxLength: 128,
})
const date = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((when) => when.toISOString())

/** Text as names may be: any well-formed Unicode but control and direction characters. */
function printable(max: number): fc.Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: max }).map((text) =>
    text
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, 'x')
      .slice(0, max)
      .toWellFormed(),
  )
}

/** A SubjectPublicKeyInfo of P-521 in base64, whose point may be on no curve. */
function publicKeyOf(point: Uint8Array): string {
  const head = Buffer.from('30819b301006072a8648ce3d020106052b810400230381860004', 'hex')
  return Buffer.concat([head, Buffer.from([1]), point]).toString('base64')
}

/** An ECDSA-Sig-Value of these two numbers in base64. */
function signatureOf(...numbers: readonly Uint8Array[]): string {
  const content = Buffer.concat(numbers.flatMap((number) => [Buffer.from([0x02, number.length]), number]))
  const length = content.length < 128 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.from([0x30, ...length]), content]).toString('base64')
}

/** A value of a field's type. */
export function valueOf(field: FieldSpec): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'uuid':
      return fc.uuid()
    case 'integer':
      return fc.maxSafeInteger()
    case 'boolean':
      return fc.boolean()
    case 'date':
      return date
    case 'crn':
      return fc.uuid().map((id) => `crn:v1:keywitness:public:hs-crypto:eu-de:${account}:${id}:key:${id}`)
    case 'sha256':
      return hex(64)
    case 'identifier':
      return identifier
    case 'enum':
      return fc.constantFrom(...field.values)
    case 'name':
      return printable(Math.min(field.max, 60))
    case 'identifier[]':
      return fc.array(identifier, { maxLength: 5 })
    case 'p521-public-key':
      return fc.uint8Array({ minLength: 131, maxLength: 131 }).map(publicKeyOf)
    case 'p521-signature':
      return fc
        .tuple(fc.uint8Array({ minLength: 8, maxLength: 66 }), fc.uint8Array({ minLength: 8, maxLength: 66 }))
        .map(([r, s]) => signatureOf(r, s))
    default:
      return fc.array(hex(64), { maxLength: 5 })
  }
}

/** Some fields of a list, with values of their types. */
function someFields(fields: readonly FieldSpec[]): fc.Arbitrary<{ [name: string]: unknown }> {
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, valueOf(field)])), { requiredKeys: [] })
}

/** Any call of any action that is emitted. */
export function anyFacts(): fc.Arbitrary<EventFacts<ActionName>> {
  return fc.constantFrom(...emitted).chain((entry) =>
    fc
      .record({
        outcome: fc.constantFrom('success', 'failure', 'pending', 'unknown' as const),
        code: fc.integer({ min: 100, max: 599 }),
        forFailure: fc.option(fc.string({ unit: 'grapheme', maxLength: 2000 }), { nil: undefined }),
        initiator: fc.record({
          id: identifier,
          name: fc.string({ unit: 'grapheme', maxLength: 400 }),
          typeURI: fc.constantFrom(...Object.values(initiatorTypes)),
          host: fc.record(
            { address: fc.oneof(fc.ipV4(), fc.ipV6()), agent: fc.string({ unit: 'grapheme', maxLength: 400 }) },
            { requiredKeys: [] },
          ),
        }),
        targetName: fc.string({ unit: 'grapheme', maxLength: 400 }),
        requestURI: fc.option(fc.webPath({ size: 'small' }), { nil: undefined }),
        request: someFields(entry.request),
        response: someFields(entry.response),
      })
      .map(({ outcome, code, forFailure, initiator, targetName, requestURI, request, response }) => ({
        ...call(entry.action as ActionName),
        outcome,
        reason: { code, forFailure },
        initiator: { ...initiator, credential: { type: 'token' as const } },
        target: { id: keyCrn, name: targetName },
        requestURI,
        request,
        response,
      })),
  )
}

/** Texts that JSON escapes, that have no form, that say something else than they seem to, or that are long. */
const oddTexts = [
  '',
  'a"b',
  'a\\b',
  'a\nb',
  '\u0000',
  '\u007f',
  '\u2028',
  '\u202e',
  '\ud800',
  'x\udc00',
  'é😀',
  'x'.repeat(5000),
]
const oddValues = [...oddTexts, Number.NaN, 1.5, -0, 2 ** 53, true, null, {}, [], ['a'], ['a"b'], ['\ud800'], [1]]

/** The same call with one of its values replaced by an odd one. */
export function spoiled(facts: EventFacts<ActionName>): fc.Arbitrary<EventFacts<ActionName>> {
  const entry = emitted.find(({ action }) => action === facts.action)!
  const text = fc.constantFrom(...oddTexts)
  const put = (side: 'request' | 'response') =>
    fc
      .tuple(fc.constantFrom('unknown', ...entry[side].map(({ name }) => name)), fc.constantFrom(...oddValues))
      .map(([name, value]) => ({ ...facts, [side]: { ...facts[side], [name]: value } }))
  const { initiator, target, reason } = facts
  const spoilings: fc.Arbitrary<object>[] = [
    put('request'),
    put('response'),
    ...['correlationId', 'logSourceCRN', 'requestURI', 'instanceID', 'outcome'].map((name) =>
      text.map((odd) => ({ ...facts, [name]: odd })),
    ),
    ...['authnId', 'authnName', 'id', 'name', 'typeURI'].map((name) =>
      text.map((odd) => ({ ...facts, initiator: { ...initiator, [name]: odd } })),
    ),
    text.map((odd) => ({ ...facts, initiator: { ...initiator, credential: { type: odd } } })),
    ...['address', 'agent'].map((name) =>
      text.map((odd) => ({ ...facts, initiator: { ...initiator, host: { ...initiator.host, [name]: odd } } })),
    ),
    ...['id', 'name', 'resourceGroupId'].map((name) =>
      text.map((odd) => ({ ...facts, target: { ...target, [name]: odd } })),
    ),
    text.map((odd) => ({ ...facts, target: { ...target, host: { address: odd } } })),
    text.map((odd) => ({ ...facts, reason: { ...reason, forFailure: odd } })),
    fc.constantFrom(Number.NaN, 1.5, 0, 99, 600, 1e21).map((code) => ({ ...facts, reason: { ...reason, code } })),
  ]
  return fc.oneof(...spoilings) as fc.Arbitrary<EventFacts<ActionName>>
}
