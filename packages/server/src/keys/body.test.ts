/** Bodies of the key API: what is taken in which spelling, each limit from both sides, and anything else refused. */
import { AAD_BYTES_MAX } from '@keywitness/crypto-unit/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../http/json.ts'
import { parseCreate, parseRotate, parseUnwrap, parseWrap } from './body.ts'
import { formatCiphertext } from './ciphertext.ts'
import { refusalFrom } from './testing/refusal.ts'
import { createBody, keyType } from './testing/wishes.ts'

const create = (key: object) => parseCreate(createBody(key) as JsonValue)
const base64 = (bytes: number) => Buffer.alloc(bytes, 9).toString('base64')
const handle = '01890a5d-ac96-774b-bcce-b302099a8057'
const ciphertext = formatCiphertext({ iv: new Uint8Array(12), ciphertext: new Uint8Array(40), handle })

function refusalOf(read: () => unknown): { code: string; at: string | undefined } | undefined {
  const refusal = refusalFrom(read)
  return refusal === undefined ? undefined : { code: refusal.code, at: refusal.at?.name }
}

test('a name is enough: a standard key is made, as the API has it', () => {
  expect(create({ name: 'billing' })).toEqual({
    name: 'billing',
    description: undefined,
    tags: [],
    extractable: true,
    expiresAt: undefined,
    material: undefined,
    secure: undefined,
    aliases: [],
    overrides: undefined,
  })
})

test('member names are read in any letter case, and null is as good as absent', () => {
  const upper = {
    METADATA: { CollectionType: keyType, CollectionTotal: 1 },
    Resources: [
      {
        Type: keyType,
        NAME: 'billing',
        Tags: ['a'],
        Extractable: false,
        ExpirationDate: '2030-01-01T00:00:00Z',
        description: null,
        payload: null,
        Aliases: null,
      },
    ],
  }
  expect(parseCreate(upper)).toMatchObject({ tags: ['a'], extractable: false, expiresAt: Date.UTC(2030, 0, 1) })
})

test('a resource as the service itself showed it is taken; what only the service sets is ignored', () => {
  const shown = { name: 'billing', id: 'x', state: 5, crn: 'y', deleted: true, imported: true, keyRingID: 'z' }
  expect(create(shown)).toMatchObject({ name: 'billing', material: undefined })
})

test.each<[string, JsonValue | undefined, string]>([
  ['none', undefined, 'NO_BODY_ERR'],
  ['a list', [], 'BAD_BODY_ERR'],
  ['a text', 'x', 'BAD_BODY_ERR'],
  ['no envelope', { type: keyType, name: 'billing' }, 'BAD_BODY_ERR'],
  ['no metadata', { resources: [{ type: keyType, name: 'ab' }] }, 'BAD_BODY_ERR'],
  ['empty metadata', { metadata: {}, resources: [{ type: keyType, name: 'ab' }] }, 'BAD_BODY_ERR'],
  ['no resources', { metadata: { collectionType: keyType, collectionTotal: 1 } }, 'BAD_BODY_ERR'],
  ['an empty list', { metadata: { collectionType: keyType, collectionTotal: 0 }, resources: [] }, 'BAD_BODY_ERR'],
  [
    'a wrong total',
    { metadata: { collectionType: keyType, collectionTotal: 2 }, resources: [{ type: keyType, name: 'ab' }] },
    'BAD_BODY_ERR',
  ],
  ['a text as resource', { metadata: { collectionType: keyType }, resources: ['x'] }, 'BAD_BODY_ERR'],
  [
    'two keys',
    {
      metadata: { collectionType: keyType, collectionTotal: 2 },
      resources: [
        { type: keyType, name: 'ab' },
        { type: keyType, name: 'cd' },
      ],
    },
    'BAD_BODY_ERR',
  ],
])('a creation with %s is refused', (_, body, code) => {
  expect(refusalOf(() => parseCreate(body))).toEqual({ code, at: undefined })
})

test('a member that is not known is a bad body', () => {
  expect(refusalOf(() => create({ name: 'billing', rotations: {} }))?.code).toBe('BAD_BODY_ERR')
  expect(refusalOf(() => create({ name: 'billing', surprise: 1 }))?.code).toBe('BAD_BODY_ERR')
})

test.each([
  ['name', undefined],
  ['name', 'a'],
  ['name', 'a'.repeat(91)],
  ['name', 7],
  ['name', 'two\nlines'],
  ['name', 'turned \u202e around'],
  ['type', 'application/json'],
  ['description', 'a'],
  ['description', ''],
  ['description', 'a'.repeat(241)],
  ['tags', 'a'],
  ['tags', ['']],
  ['tags', ['a'.repeat(31)]],
  ['tags', ['a<b']],
  ['tags', ['a,b']],
  ['tags', ['a|b']],
  ['tags', [7]],
  ['tags', Array.from({ length: 31 }, () => 'a')],
  ['extractable', 'false'],
  ['expirationDate', '2030-01-01'],
  ['expirationDate', 1_893_456_000],
  ['aliases', 'one'],
  ['aliases', ['a']],
  ['aliases', ['not one']],
  ['aliases', ['metadata']],
  ['aliases', ['11111111-1111-4111-8111-111111111111']],
  ['aliases', ['twice', 'twice']],
  ['aliases', ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']],
  ['payload', 'not base64'],
  ['payload', ''],
  ['payload', base64(7_501)],
  ['payload', base64(12_000)],
])('a creation with %s %j is refused, naming the member', (member, value) => {
  const key = { name: 'billing', [member]: value }
  expect(refusalOf(() => create(key))).toEqual({ code: 'INVALID_FIELD_ERR', at: member })
})

test.each([
  ['encryptedNonce', base64(28), 'iv'],
  ['iv', base64(12), 'encryptedNonce'],
  ['encryptionAlgorithm', 'RSAES_OAEP_SHA_256', 'encryptedNonce'],
])('a secure import with nothing but %s is refused, naming what is missing', (member, value, missing) => {
  const key = { name: 'billing', extractable: false, [member]: value }
  expect(refusalOf(() => create(key))).toEqual({ code: 'INCORRECT_NONCE_IV_ERR', at: missing })
})

test.each([
  { name: 'ab' },
  { name: '😀'.repeat(90) },
  { description: 'ab' },
  { description: 'd'.repeat(240) },
  { tags: Array.from({ length: 30 }, () => 't'.repeat(30)) },
  { payload: base64(1) },
  { payload: base64(7_500) },
  { extractable: false, payload: base64(16) },
  { extractable: false, payload: base64(24) },
  { extractable: false, payload: base64(32) },
])('a creation at its limits is taken: %#', (key) => {
  expect(refusalOf(() => create({ name: 'billing', ...key }))).toBeUndefined()
})

test.each([15, 17, 31, 33, 0])('a root key of %i bytes is refused, on creation and on rotation', (bytes) => {
  const refused = { code: 'INVALID_FIELD_ERR', at: 'payload' }
  expect(refusalOf(() => create({ name: 'billing', extractable: false, payload: base64(bytes) }))).toEqual(refused)
  expect(refusalOf(() => parseRotate({ payload: base64(bytes) }))).toEqual(refused)
})

test('a wrap without body, with an empty one or with an empty plaintext asks for a data key', () => {
  for (const body of [undefined, {}, { plaintext: '' }, { plaintext: null, aad: [] }]) {
    expect(parseWrap(body)).toEqual({ plaintext: undefined, aad: Buffer.alloc(0) })
  }
})

test('plaintext is base64 of at most 4096 characters', () => {
  expect(parseWrap({ PlainText: base64(3_072) }).plaintext).toHaveLength(3_072)
  for (const plaintext of [base64(3_073), 'secret', 'AB==', 7]) {
    expect(refusalOf(() => parseWrap({ plaintext }))).toEqual({ code: 'INVALID_FIELD_ERR', at: 'plaintext' })
  }
})

test('aad is at most 126 texts of at most 255 characters', () => {
  const most = Array.from({ length: 126 }, () => '😀'.repeat(255))
  const { length } = parseWrap({ aad: most }).aad
  expect(length).toBeGreaterThan(126 * 255)
  expect(length).toBeLessThanOrEqual(AAD_BYTES_MAX)
  for (const aad of [[...most, 'x'], ['a'.repeat(256)], [7], [['a']], 'a', { 0: 'a' }]) {
    expect(refusalOf(() => parseUnwrap({ ciphertext, aad }))).toEqual({ code: 'INVALID_FIELD_ERR', at: 'aad' })
  }
})

test('lists of aad that differ never authenticate the same', () => {
  const lists = fc.array(fc.oneof(fc.string(), fc.constantFrom('', '"', ',', '","', '\\')), { maxLength: 4 })
  fc.assert(
    fc.property(lists, lists, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      expect(Buffer.from(parseWrap({ aad: one }).aad).equals(parseWrap({ aad: other }).aad)).toBe(same)
    }),
  )
})

test('unwrap needs a body and a ciphertext in it', () => {
  expect(refusalOf(() => parseUnwrap(undefined))).toEqual({ code: 'NO_BODY_ERR', at: undefined })
  expect(refusalOf(() => parseUnwrap([]))).toEqual({ code: 'BAD_BODY_ERR', at: undefined })
  for (const body of [{}, { ciphertext: null }, { ciphertext: 7 }, { ciphertext: '' }]) {
    expect(refusalOf(() => parseUnwrap(body))).toEqual({ code: 'INVALID_FIELD_ERR', at: 'ciphertext' })
  }
  expect(parseUnwrap({ CipherText: ciphertext }).wrapping?.handle).toBe(handle)
})

test('a rotation without body, or with the members a creation has, gives no material', () => {
  for (const body of [undefined, {}, { type: keyType, name: 'x', description: 'y', extractable: false }]) {
    expect(parseRotate(body)).toEqual({ material: undefined })
  }
  expect(parseRotate({ payload: base64(16) }).material?.bytes).toHaveLength(16)
})

test('each call gives fresh bytes, since the unit zeroes them', () => {
  const body = { payload: base64(16) }
  parseRotate(body).material?.bytes.fill(0)
  expect(parseRotate(body).material?.bytes).toEqual(Buffer.alloc(16, 9))
})

test('any JSON is read or refused, and no refusal repeats what was sent', () => {
  const marked = 'MARKED-secret'
  const leaf = fc.oneof(fc.constant(marked), fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
  const known = `metadata resources collectionType collectionTotal name type payload plaintext aad ciphertext tags
    description expirationDate aliases iv ${marked}`
  const names = fc.constantFrom(...known.split(/\s+/))
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(names, tie('node')),
    ),
  }))
  const readers = [parseCreate, parseWrap, parseUnwrap, parseRotate, (key: unknown) => create(Object(key) as object)]
  fc.assert(
    fc.property(node, fc.constantFrom(...readers), (body, read) => {
      const refusal = refusalFrom(() => read(body as JsonValue))
      expect(`${refusal?.message} ${refusal?.at?.name}`).not.toContain(marked)
    }),
  )
})
