/** How calls fail: status, trailer and event of each return value, and what is recorded of a request that was refused. */
import { type ReturnValue, returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ErrorCode, errors, type ErrorSpec, Refusal } from '../errors.ts'
import { failureOfRefusal } from './failure.ts'
import { allStatuses, statusOf } from './return-statuses.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import { detailOf, type Grep11Client } from './testing/grep11-client.ts'

let house: Ep11House
let client: Grep11Client
beforeAll(async () => {
  house = await openEp11House()
  client = await house.client()
})
afterAll(() => house.close())
beforeEach(() => {
  house.unit.respond = () => ({})
  house.news()
})

const encrypt = { Mech: { Mechanism: 0x1082 }, Plain: Buffer.from('plain') }
const facts = { request: { mechanism: 'CKM_AES_CBC', dataLength: 5 }, response: {} }

/** Reference: grep11.md, section 13.3, typed in again. */
const table: readonly [ReturnValue, number, number, string][] = [
  ['CKR_GREP11_NOT_AUTHENTICATED', 16, 401, 'critical'],
  ['CKR_FUNCTION_REJECTED', 7, 403, 'critical'],
  ['CKR_ARGUMENTS_BAD', 3, 400, 'warning'],
  ['CKR_MECHANISM_INVALID', 3, 400, 'warning'],
  ['CKR_ATTRIBUTE_SENSITIVE', 3, 400, 'warning'],
  ['CKR_TEMPLATE_INCONSISTENT', 3, 400, 'warning'],
  ['CKR_DATA_LEN_RANGE', 3, 400, 'warning'],
  ['CKR_ENCRYPTED_DATA_INVALID', 3, 400, 'warning'],
  ['CKR_SIGNATURE_INVALID', 3, 400, 'warning'],
  ['CKR_KEY_HANDLE_INVALID', 3, 400, 'warning'],
  ['CKR_WRAPPED_KEY_INVALID', 3, 400, 'warning'],
  ['CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT', 3, 400, 'warning'],
  ['CKR_CURVE_NOT_SUPPORTED', 3, 400, 'warning'],
  ['CKR_IBM_BLOB_ERROR', 3, 400, 'warning'],
  ['CKR_GREP11_CANNOT_UNMARSHAL', 3, 400, 'warning'],
  ['CKR_KEY_FUNCTION_NOT_PERMITTED', 9, 409, 'warning'],
  ['CKR_KEY_UNEXTRACTABLE', 9, 409, 'warning'],
  ['CKR_SESSION_CLOSED', 9, 409, 'warning'],
  ['CKR_OPERATION_ACTIVE', 9, 409, 'warning'],
  ['CKR_IBM_WKID_MISMATCH', 9, 409, 'warning'],
  ['CKR_IBM_WK_NOT_INITIALIZED', 9, 409, 'warning'],
  ['CKR_PIN_INCORRECT', 7, 403, 'critical'],
  ['CKR_PIN_LOCKED', 7, 403, 'critical'],
  ['CKR_FUNCTION_NOT_SUPPORTED', 12, 400, 'warning'],
  ['CKR_GREP11_MISSING', 5, 404, 'warning'],
  ['CKR_GREP11_CONFLICT', 10, 409, 'warning'],
  ['CKR_GREP11_REPLAY', 10, 409, 'warning'],
  ['CKR_IBM_BLOBKEY_CONFLICT', 10, 409, 'warning'],
  ['CKR_IBM_TRANSPORT_LIMIT', 8, 429, 'warning'],
  ['CKR_DEVICE_MEMORY', 8, 429, 'warning'],
  ['CKR_IBM_MODE_CONFLICT', 14, 503, 'critical'],
  ['CKR_DEVICE_REMOVED', 14, 503, 'critical'],
  ['CKR_GENERAL_ERROR', 13, 500, 'critical'],
  ['CKR_DEVICE_ERROR', 13, 500, 'critical'],
  ['CKR_GREP11_DBINTERNAL', 13, 500, 'critical'],
  ['CKR_IBM_REQ_TIMEOUT', 4, 504, 'warning'],
]

test.each(table)(
  '%s is status %i, %i in its event, and the one detail of the trailer',
  async (value, code, status, severity) => {
    house.unit.respond = () => ({ facts, refusal: { code: returnValues[value], message: 'It cannot be.' } })
    const error = await client.fails('EncryptSingle', encrypt)
    const details = `${value}: It cannot be.`
    expect([error.code, error.details]).toEqual([code, details])
    expect(detailOf(error)).toEqual({
      code,
      message: details,
      ckr: returnValues[value],
      detail: details,
      retry: statusOf(value).retry,
    })
    const uses = house.uses()
    expect(uses).toHaveLength(1)
    expect(uses[0]).toMatchObject({
      outcome: 'failure',
      reason: { reasonCode: status, reasonForFailure: `It cannot be. (${value})` },
      requestData: { method: 'EncryptSingle', mechanism: 'CKM_AES_CBC', dataLength: 5 },
    })
    expect(uses[0]?.severity).toBe(severity)
  },
)

test('the same may be tried again only where that can help', () => {
  const retried = allStatuses().flatMap(([value, { retry }]) => (retry ? [value] : []))
  expect(retried).toEqual([
    'CKR_DEVICE_MEMORY',
    'CKR_DEVICE_REMOVED',
    'CKR_IBM_TRANSPORT_ERROR',
    'CKR_IBM_MODE_CONFLICT',
    'CKR_IBM_REQ_TIMEOUT',
    'CKR_GREP11_CONFLICT',
  ])
  expect(detailOf(errorOf('TOO_MANY_REQUESTS')).retry).toBe(true)
  expect(detailOf(errorOf('CONFLICT')).retry).toBe(true)
})

test('every return value but success has exactly one status', () => {
  const values = (Object.keys(returnValues) as ReturnValue[]).filter((value) => value !== 'CKR_OK')
  expect(allStatuses().map(([value]) => value)).toEqual(values.toSorted((a, b) => returnValues[a] - returnValues[b]))
  expect(() => statusOf('CKR_OK')).toThrow('no error')
})

test('refusals of the server have the status of their return value', () => {
  const valued = (Object.keys(errors) as ErrorCode[]).flatMap((code) => {
    const { ckr, status }: ErrorSpec = errors[code]
    // What cannot be recorded has no event to agree with.
    return ckr === undefined || code === 'STORAGE_FULL' ? [] : [[code, status, statusOf(ckr).status] as const]
  })
  expect(valued.length).toBeGreaterThan(8)
  for (const [code, own, ofValue] of valued) expect([code, ofValue]).toEqual([code, own])
  expect(detailOf(errorOf('KEY_NOT_FOUND_ERR')).ckr).toBe(returnValues.CKR_GENERAL_ERROR)
})

function errorOf(code: ErrorCode) {
  const failure = failureOfRefusal(new Refusal(code))
  return { metadata: { get: () => [Buffer.from(failure.status)] } } as unknown as Parameters<typeof detailOf>[0]
}

test('a number that is no return value is a general error', async () => {
  house.unit.respond = () => ({ refusal: { code: 0x7777, message: 'Strange.' } })
  expect(detailOf(await client.fails('Logout', {})).ckr).toBe(returnValues.CKR_GENERAL_ERROR)
})

test('a unit that fails unexpectedly is a 500 whose text stays inside', async () => {
  house.unit.respond = () => Promise.reject(new Error('a secret detail'))
  const error = await client.fails('EncryptSingle', encrypt)
  expect(detailOf(error)).toMatchObject({ code: 13, ckr: returnValues.CKR_GENERAL_ERROR })
  expect(error.details).not.toContain('secret')
  const [event] = house.uses()
  expect(event?.reason.reasonCode).toBe(500)
  expect(JSON.stringify(event)).not.toContain('secret detail')
})

test.each([
  ['no mechanism', 'EncryptSingle', {}, returnValues.CKR_MECHANISM_INVALID],
  ['a mechanism that is no number of one', 'DigestInit', { Mech: { Mechanism: '4294967296' } }, 0x70],
  ['a mechanism that is no number of one', 'GetMechanismInfo', { Mech: '18446744073709551615' }, 0x70],
  ['more random bytes than any number', 'GenerateRandom', { Len: '4294967296' }, returnValues.CKR_DATA_LEN_RANGE],
  [
    'an attribute that is none',
    'GetAttributeValue',
    { Attributes: { '4294967296': {} } },
    returnValues.CKR_ATTRIBUTE_TYPE_INVALID,
  ],
  [
    'more attributes than there are',
    'SetAttributeValue',
    { Attributes: Object.fromEntries(Array.from({ length: 300 }, (_, type) => [type, { AttributeTF: true }])) },
    returnValues.CKR_TEMPLATE_INCONSISTENT,
  ],
  [
    'a parameter out of range',
    'DigestInit',
    { Mech: { Mechanism: 1, RSAPSSParameter: { SaltByteCount: '4294967296' } } },
    returnValues.CKR_MECHANISM_PARAM_INVALID,
  ],
  [
    'an enumeration below zero',
    'DigestInit',
    { Mech: { Mechanism: 1, ECSGParameter: { Type: -1 } } },
    returnValues.CKR_MECHANISM_PARAM_INVALID,
  ],
])('a request with %s does not reach the unit (%s)', async (_, name, request, ckr) => {
  house.unit.asked.length = 0
  expect(detailOf(await client.fails(name, request)).ckr).toBe(ckr)
  expect(house.unit.asked).toEqual([])
  expect(house.uses()).toMatchObject([{ requestData: { method: name }, outcome: 'failure' }])
})

test.each([
  ['cut off', Buffer.from('0a05abcd', 'hex')],
  ['of another type', Buffer.from('08ffffffffffffffffff01', 'hex')],
  ['of an endless number', Buffer.alloc(64, 0xff)],
  ['of a group that never ends', Buffer.from('0b0b0b0b', 'hex')],
])('a message that is %s is refused as such, as one event', async (_, message) => {
  const { error } = await client.raw('/grep11.Crypto/Encrypt', message)
  expect(detailOf(error)).toMatchObject({ code: 3, ckr: returnValues.CKR_GREP11_CANNOT_UNMARSHAL })
  expect(house.uses()).toMatchObject([
    { severity: 'warning', reason: { reasonCode: 400 }, requestData: { method: 'Encrypt' } },
  ])
})

test.each([
  ['/grep11.Crypto/Nothing', '/grep11.Crypto/Nothing'],
  ['/grep11.Other/Encrypt', '/grep11.Other/Encrypt'],
  ['/grpc.health.v1.Health/Check', '/grpc.health.v1.Health/Check'],
  ['/', '/'],
  ['/grep11.Crypto/En%20crypt?apikey=secret', '/'],
  [`/${'x'.repeat(4_000)}/y`, '/'],
])('the path %s is no method, and that is one event', async (path, told) => {
  const { error } = await client.raw(path, Buffer.alloc(0))
  expect(detailOf(error)).toMatchObject({ code: 12, ckr: returnValues.CKR_FUNCTION_NOT_SUPPORTED })
  expect(house.uses()).toMatchObject([
    { severity: 'warning', reason: { reasonCode: 400 }, requestData: { requestURI: told } },
  ])
})

test('whoever may not use EP11 learns nothing of its methods and messages', async () => {
  const theirs = await house.client('c', { apiKey: await house.withRole('KmipAdapterManager') })
  for (const path of ['/grep11.Crypto/Nothing', '/grep11.Crypto/Encrypt']) {
    const { error } = await theirs.raw(path, Buffer.alloc(64, 0xff))
    expect(detailOf(error)).toMatchObject({ code: 7, ckr: returnValues.CKR_FUNCTION_REJECTED })
  }
})
