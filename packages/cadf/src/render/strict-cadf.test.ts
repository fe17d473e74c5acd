/** Strict CADF: every action maps, nothing is lost, and the checker finds what pycadf lets through. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyFacts, call, emitted, keyCrn, stamp } from '../../test/facts.ts'
import { buildEvent } from '../build.ts'
import { catalogue } from '../catalogue.ts'
import { cadfActionOf, cadfTargetOf } from './cadf-taxonomy.ts'
import { checkStrictCadf } from './check-strict-cadf.ts'
import { strictCadf } from './strict-cadf.ts'

const place = { index: 41, leafHash: `${'+/'.repeat(21)}A=`, origin: 'keywitness/us-south/0' }

function rendered(facts: Parameters<typeof buildEvent>[0]) {
  return strictCadf({ event: buildEvent(facts, stamp), producer: 'p.1', sequence: 7 }, place)
}

test('an event of the dialect becomes one of the standard, with its own names beside it', () => {
  expect(
    rendered(
      call('hs-crypto.secrets.rotate', {
        outcome: 'failure',
        reason: { code: 409, forFailure: 'The key was rotated less than an hour ago.' },
      }),
    ),
  ).toEqual({
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    id: stamp.id,
    eventType: 'activity',
    eventTime: '2026-11-25T19:37:46.95+00:00',
    action: 'update/rotate',
    outcome: 'failure',
    initiator: {
      id: 'IBMid-50TR4N',
      typeURI: 'service/security/account/user',
      name: 'Ana',
      host: { address: '203.0.113.7', agent: 'curl/8.5.0' },
    },
    target: { id: keyCrn, typeURI: 'data/security/keymanager/secret', name: 'billing' },
    observer: {
      id: 'crn:v1:keywitness:public:hs-crypto:us-south:a/0123456789abcdef0123456789abcdef:1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a::',
      typeURI: 'service/security/keymanager',
      name: 'ActivityTracker',
    },
    reason: {
      reasonType: 'http://www.iana.org/assignments/http-status-codes/http-status-codes.xml',
      reasonCode: '409',
    },
    severity: 'warning',
    name: 'Keywitness: rotate secret billing -failure',
    tags: [
      'correlation_id?value=b7a2e1d0-0000-4000-8000-000000000001',
      'log_index?value=41',
      `leaf_hash?value=${'%2B%2F'.repeat(21)}A%3D`,
    ],
    attachments: [
      {
        name: 'requestData',
        typeURI: 'mime:application/json',
        contentType: 'mime:application/json',
        content: {
          instanceID: '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a',
          requestURI: '/api/v2/keys/fadedbee-0000-4000-8000-1234567890ab',
        },
      },
      {
        name: 'activityTracker',
        typeURI: 'mime:application/json',
        contentType: 'mime:application/json',
        content: expect.objectContaining({
          action: 'hs-crypto.secrets.rotate',
          'initiator.credential.type': 'token',
          'reason.reasonForFailure': 'The key was rotated less than an hour ago.',
          'target.typeURI': 'hs-crypto/secrets',
          producer: 'p.1',
          sequence: 7,
        }) as unknown,
      },
    ],
    reporterchain: [{ role: 'relay', reporter: { id: 'keywitness/us-south/0', typeURI: 'service/security/audit' } }],
  })
})

test('every action and every kind of target of the catalogue has its place in the taxonomies', () => {
  const unknown = emitted.flatMap(({ action, verb, typeURI }) => [
    ...(cadfActionOf(action) === 'unknown' && verb !== 'request' ? [action] : []),
    ...(cadfTargetOf(typeURI) === 'unknown' ? [typeURI] : []),
  ])
  expect(unknown).toEqual([])
})

test('former names map like their current ones', () => {
  for (const { action, formerNames } of catalogue.all()) {
    for (const former of formerNames) expect(cadfActionOf(former)).toBe(cadfActionOf(action))
  }
})

/** Every scalar of a value. */
function leaves(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.values(value).flatMap(leaves)
}

test('nothing of an event is lost, and the record is strict', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const event = buildEvent(facts, stamp)
      const record = strictCadf({ event }, place)
      expect(checkStrictCadf(record)).toEqual([])
      const there = new Set(leaves(record))
      expect(leaves(event).filter((leaf) => leaf !== '' && !there.has(leaf))).toEqual([])
    }),
  )
})

test('what older producers wrote, or left out, still makes a strict record', () => {
  for (const event of [
    undefined,
    'text',
    {},
    { id: '01a21436-d2c6-729e-8c28-7a164460004e' },
    {
      eventTime: '2019-11-25T11:07:50.325-06:00',
      action: 'kms.secrets.rotate',
      outcome: 'Success',
      initiator: {
        id: 'initiator',
        typeURI: '/service/security/account/user',
        name: 7,
        host: { address: ' 10.4.8.7' },
      },
      target: { id: 'a key', typeURI: 'kms/secrets' },
      reason: { reasonCode: 200 },
      responseData: '{"a":1}',
      dataEvent: 'true',
    },
  ]) {
    const record = strictCadf({ event }, place)
    expect(checkStrictCadf(record)).toEqual([])
  }
  const old = strictCadf({ event: { eventTime: '2019-11-25T11:07:50.325-06:00', action: 'kms.secrets.rotate' } }, place)
  expect(old).toMatchObject({ eventTime: '2019-11-25T17:07:50.32+00:00', action: 'update/rotate', outcome: 'unknown' })
  const dated = strictCadf({ event: { id: '01a21436-d2c6-729e-8c28-7a164460004e' } }, place)
  expect(dated['eventTime']).toMatch(/^20\d\d-.*\+00:00$/)
})

const good = rendered(call('hs-crypto.secrets.create'))

test.each([
  ['a time without colon in its offset', { eventTime: '2026-11-25T19:37:46.95+0000' }, 'eventTime'],
  ['a time in Z', { eventTime: '2026-11-25T19:37:46Z' }, 'eventTime'],
  ['a day that there is not', { eventTime: '2026-02-30T19:37:46+00:00' }, 'eventTime'],
  ['an action that only begins like one', { action: 'createfoo' }, 'action'],
  ['an action with an empty segment', { action: 'create//x' }, 'action'],
  ['an action of ours', { action: 'hs-crypto.secrets.create' }, 'action'],
  ['an outcome in capitals', { outcome: 'Success' }, 'outcome'],
  ['a control event without reason', { eventType: 'control', reason: undefined }, 'reason'],
  ['a monitor event without measurements', { eventType: 'monitor' }, 'measurements'],
  ['a numeric code', { reason: { reasonType: 'http://x', reasonCode: 200 } }, 'reason.reasonCode'],
  ['a code without its domain', { reason: { reasonCode: '200' } }, 'reason'],
  ['a phrase for a domain', { reason: { reasonType: 'Not Found', reasonCode: '404' } }, 'reason.reasonType'],
  ['both a target and its id', { targetId: 'x' }, 'target'],
  ['no observer', { observer: undefined }, 'observer'],
  ['an observer without id', { observer: { name: 'ActivityTracker', typeURI: 'service' } }, 'observer.id'],
  ['an initiator that refers to itself', { initiator: { id: 'initiator', typeURI: 'data' } }, 'initiator.id'],
  ['a type that only begins like one', { target: { id: 'x', typeURI: 'servicefoo' } }, 'target.typeURI'],
  [
    'a credential without token',
    { initiator: { id: 'x', typeURI: 'data', credential: { type: 'apikey' } } },
    'initiator.credential.token',
  ],
  ['a tag without value', { tags: ['tag'] }, 'tags.0'],
  ['an attachment of no type', { attachments: [{ content: 'x', name: 'y' }] }, 'attachments.0.typeURI'],
  ['a step of no role', { reporterchain: [{ role: 'reader', reporterId: 'x' }] }, 'reporterchain.0.role'],
  ['a measurement without metric', { eventType: 'monitor', measurements: [{ result: 1 }] }, 'measurements.0.metric'],
])('the checker finds %s', (_what, change, at) => {
  const record = JSON.parse(JSON.stringify({ ...good, ...change })) as unknown
  expect(checkStrictCadf(record).map((fault) => fault.at)).toContain(at)
})

test('the checker takes a control event with its reason, a monitor event with measurements, and ids for resources', () => {
  const { initiator: _initiator, ...others } = good
  const metric = { metricId: 'cpu', unit: 'percent' }
  for (const record of [
    { ...good, eventType: 'control' },
    { ...good, eventType: 'monitor', measurements: [{ result: '80', metric }] },
    { ...others, initiatorId: 'urn:x' },
    { ...good, eventTime: '2012-03-22T13:00:00-04:00' },
  ]) {
    expect(checkStrictCadf(record)).toEqual([])
  }
  for (const nothing of [undefined, null, [], 'x', 7]) expect(checkStrictCadf(nothing)).not.toEqual([])
})
