/** Messages of many small fields: refused before any object is made of them, however they are written. */
import { create, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { ListValueSchema } from '@bufbuild/protobuf/wkt'
import {
  EncryptSingleRequestSchema,
  GenerateKeyRequestSchema,
  GetMechanismListResponseSchema,
  KeyBlobSchema,
} from '@keywitness/ep11-client/schema/grep11_pb'
import { ListKeysByIdsRequestSchema } from '@keywitness/ep11-client/schema/keystore_pb'
import { returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demandFewFields, DEPTH_MAX, FIELDS_MAX } from './field-count.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import { detailOf, type Grep11Client } from './testing/grep11-client.ts'

let house: Ep11House
let client: Grep11Client
beforeAll(async () => {
  house = await openEp11House()
  client = await house.client()
})
afterAll(() => house.close())

const { EndGroup, LengthDelimited, StartGroup, Varint } = WireType
const keyBlobs = KeyBlobSchema.field.keyBlobs.number
const version = KeyBlobSchema.field.version.number
const key = EncryptSingleRequestSchema.field.key.number
const plain = EncryptSingleRequestSchema.field.plain.number
const template = GenerateKeyRequestSchema.field.templateBytes.number
const unknown = 1_000

/** A field of no bytes, so often. */
function empty(number: number, count: number): Buffer {
  const one = new BinaryWriter().tag(number, LengthDelimited).uint32(0).finish()
  return Buffer.alloc(one.length * count, one)
}

function field(number: number, content: Uint8Array, wire = LengthDelimited): Buffer {
  return Buffer.from(new BinaryWriter().tag(number, wire).bytes(content).finish())
}

const count = (schema: DescMessage, message: Uint8Array) => () => demandFewFields(schema, message)

const many = 1_500_000

test.each([
  ['a KeyBlob of a million empty blobs', 'EncryptSingle', field(key, empty(keyBlobs, many))],
  ['a template of a million entries', 'GenerateKey', empty(template, many)],
  ['a million unknown fields', 'EncryptSingle', empty(unknown, 1_000_000)],
  ['a million times the same field', 'EncryptSingle', empty(plain, many)],
])('%s is refused as such, and does not reach the unit', async (_, method, message) => {
  house.news()
  house.unit.asked.length = 0
  const { error } = await client.raw(`/grep11.Crypto/${method}`, message)
  expect(detailOf(error).ckr).toBe(returnValues.CKR_GREP11_CANNOT_UNMARSHAL)
  expect(house.unit.asked).toEqual([])
  expect(house.uses()).toMatchObject([{ outcome: 'failure', reason: { reasonCode: 400 } }])
})

test('fields are counted to the last one that may be, within others too', () => {
  const around = field(key, empty(keyBlobs, FIELDS_MAX - 1))
  expect(count(EncryptSingleRequestSchema, around)).not.toThrow()
  expect(count(EncryptSingleRequestSchema, Buffer.concat([around, empty(plain, 1)]))).toThrow('too many')
})

test('an entry of a map is one field and those in it', () => {
  const entry = new BinaryWriter().uint32(8).uint32(1).tag(2, LengthDelimited).uint32(0).finish()
  const entries = (number: number) => Buffer.concat(Array.from({ length: number }, () => field(template, entry)))
  expect(count(GenerateKeyRequestSchema, entries(Math.floor(FIELDS_MAX / 3)))).not.toThrow()
  expect(count(GenerateKeyRequestSchema, entries(Math.ceil(FIELDS_MAX / 3)))).toThrow('too many')
})

test('data are not read as fields, and the longest question to a keystore is let through', () => {
  expect(count(EncryptSingleRequestSchema, field(plain, empty(unknown, 1_000_000)))).not.toThrow()
  const ids = Array.from({ length: 1_000 }, () => Buffer.alloc(16, 1))
  const question = toBinary(ListKeysByIdsRequestSchema, create(ListKeysByIdsRequestSchema, { ids }))
  expect(count(ListKeysByIdsRequestSchema, question)).not.toThrow()
})

test('elements of a packed list count', () => {
  const list = (number: number) =>
    toBinary(
      GetMechanismListResponseSchema,
      create(GetMechanismListResponseSchema, { mechs: Array(number).fill(300n) }),
    )
  expect(count(GetMechanismListResponseSchema, list(FIELDS_MAX - 1))).not.toThrow()
  expect(count(GetMechanismListResponseSchema, list(FIELDS_MAX))).toThrow('too many')
})

test('messages are nested as deeply as may be, and no deeper', () => {
  const nested = (depth: number): Uint8Array => {
    let message: Uint8Array = Buffer.alloc(0)
    // A ListValue holds a Value, which holds a ListValue.
    for (let level = 1; level < depth; level++) message = field(level % 2 === depth % 2 ? 6 : 1, message)
    return message
  }
  expect(count(ListValueSchema, nested(DEPTH_MAX))).not.toThrow()
  expect(count(ListValueSchema, nested(DEPTH_MAX + 1))).toThrow('nested')
})

/** The decoder goes on where a count by the tags alone would pass over what it finds there. */
const otherwise = empty(keyBlobs, 100)
const tag = (wire: WireType) => new BinaryWriter().tag(unknown, wire).finish()
test.each([
  ['a number that is written as bytes', field(key, field(version, otherwise))],
  ['a message that is written as a number', field(key, otherwise, Varint)],
  ['a group', Buffer.concat([tag(StartGroup), otherwise, tag(EndGroup)])],
  ['a field that is longer than its message', Buffer.concat([field(key, Buffer.from([0x2a, 2])), otherwise])],
])('%s is refused, not counted as something else', (_, message) => {
  expect(fromBinary(EncryptSingleRequestSchema, message)).toBeDefined()
  expect(count(EncryptSingleRequestSchema, message)).toThrow(/another type|no groups|longer than/)
})
