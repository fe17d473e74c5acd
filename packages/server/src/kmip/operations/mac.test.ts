/** MAC and MAC Verify with each hash, held against OpenSSL; RNG Retrieve. */
import { createHmac, randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { uid, uidOf, valueAt } from '../testing/messages.ts'
import { activeKey, bytesAt, maskAttribute, revocation, symmetricKey, toldOf } from '../testing/payloads.ts'

const { CryptographicAlgorithm: algorithms, HashingAlgorithm: hashes, ValidityIndicator } = enumerations
const data = Buffer.from('what is to be authenticated')
const GENERATE = 0x80
const VERIFY = 0x100

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

async function hmacKey(material: Uint8Array, algorithm: number, mask = GENERATE | VERIFY): Promise<string> {
  const payload = symmetricKey(material, { algorithm, length: material.length * 8 }, [maskAttribute(mask)])
  const id = uidOf(await house.client.ask('Register', payload))
  await house.client.ask('Activate', [uid(id)])
  return id
}

const dataOf = (value: Uint8Array) => bytes(tags.Data, value)

async function verified(id: string, code: Uint8Array, of: Uint8Array = data): Promise<unknown> {
  const payload = [uid(id), dataOf(of), bytes(tags.MACData, code)]
  return valueAt(await house.client.ask('MACVerify', payload), tags.ValidityIndicator)
}

test.each([
  ['HMAC_SHA1', 'sha1', 'SHA-1'],
  ['HMAC_SHA224', 'sha224', 'SHA-224'],
  ['HMAC_SHA256', 'sha256', 'SHA-256'],
  ['HMAC_SHA384', 'sha384', 'SHA-384'],
  ['HMAC_SHA512', 'sha512', 'SHA-512'],
  ['HMAC_SHA3_224', 'sha3-224', 'SHA3-224'],
  ['HMAC_SHA3_256', 'sha3-256', 'SHA3-256'],
  ['HMAC_SHA3_384', 'sha3-384', 'SHA3-384'],
  ['HMAC_SHA3_512', 'sha3-512', 'SHA3-512'],
] as const)('%s is OpenSSL’s, and verifies', async (algorithm, openssl, told) => {
  const material = randomBytes(20)
  const id = await hmacKey(material, algorithms[algorithm])
  const expected = createHmac(openssl, material).update(data).digest()
  expect(await house.client.ask('MAC', [uid(id), dataOf(data)])).toEqual([uid(id), bytes(tags.MACData, expected)])
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: 'kmip-key.use',
    code: 200,
    request: { operation: 'MAC', mechanism: `HMAC-${told}` },
    response: { keyId: id, kmipState: 2, rootKeyId: house.client.adapter.crk },
  })
  expect(await verified(id, expected)).toBe(ValidityIndicator.Valid)
})

test('a code of other data, a shorter, a longer and an empty one are not valid', async () => {
  const material = randomBytes(32)
  const id = await hmacKey(material, algorithms.HMAC_SHA256)
  const right = createHmac('sha256', material).update(data).digest()
  expect(await verified(id, right, Buffer.from('other'))).toBe(ValidityIndicator.Invalid)
  for (const wrong of [right.subarray(1), Buffer.concat([right, right]), Buffer.alloc(500), Buffer.alloc(0)]) {
    expect(await verified(id, wrong)).toBe(ValidityIndicator.Invalid)
  }
  expect(house.lastEvent()).toMatchObject({ outcome: 'success', responseData: { keyId: id } })
})

test('the request may repeat what the key’s algorithm says, and nothing else', async () => {
  const id = await hmacKey(randomBytes(32), algorithms.HMAC_SHA256)
  const asked = (...fields: readonly Item[]) => [uid(id), structure(tags.CryptographicParameters, fields), dataOf(data)]
  await house.client.ask('MAC', asked(enumeration(tags.HashingAlgorithm, hashes.SHA_256)))
  await house.client.ask('MAC', asked(enumeration(tags.CryptographicAlgorithm, algorithms.HMAC_SHA256)))
  for (const other of [
    enumeration(tags.HashingAlgorithm, hashes.SHA_512),
    enumeration(tags.HashingAlgorithm, 0x7777),
    enumeration(tags.CryptographicAlgorithm, algorithms.HMAC_SHA1),
  ]) {
    expect(await house.client.refused('MAC', asked(other))).toBe('FeatureNotSupported')
  }
})

test('a key makes codes when its mask and state allow it, and verifies them when those do', async () => {
  const id = await hmacKey(randomBytes(32), algorithms.HMAC_SHA256, VERIFY)
  expect(await house.client.refused('MAC', [uid(id), dataOf(data)])).toBe('PermissionDenied')
  expect(await verified(id, randomBytes(32))).toBe(ValidityIndicator.Invalid)
  const both = await hmacKey(randomBytes(32), algorithms.HMAC_SHA256)
  await house.client.ask('Revoke', revocation(both, 'Superseded'))
  expect(await house.client.refused('MAC', [uid(both), dataOf(data)])).toBe('PermissionDenied')
  expect(await verified(both, randomBytes(32))).toBe(ValidityIndicator.Invalid)
  const aes = await activeKey(house.client, [], GENERATE)
  expect(await house.client.refused('MAC', [uid(aes), dataOf(data)])).toBe('FeatureNotSupported')
})

test('without data or code there is nothing to do', async () => {
  const id = await hmacKey(randomBytes(32), algorithms.HMAC_SHA256)
  expect(await house.client.refused('MAC', [uid(id)])).toBe('MissingData')
  expect(await house.client.refused('MACVerify', [uid(id), dataOf(data)])).toBe('MissingData')
  expect(await house.client.refused('MAC', [uid(id), dataOf(Buffer.alloc(64 * 1_024 + 1))])).toBe('InvalidField')
  await house.client.ask('MAC', [uid(id), dataOf(Buffer.alloc(0))])
})

test('random bytes are as many as asked for, and the event is about the instance', async () => {
  const retrieve = (count: number) => house.client.ask('RNGRetrieve', [integer(tags.DataLength, count)])
  expect(bytesAt(await retrieve(4_096), tags.Data)).toHaveLength(4_096)
  expect(bytesAt(await retrieve(32), tags.Data)).not.toEqual(bytesAt(await retrieve(32), tags.Data))
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.use',
    outcome: 'success',
    severity: 'normal',
    code: 200,
    target: house.instance.name,
    request: { operation: 'RNGRetrieve', mechanism: 'DRBG' },
    response: {},
  })
  for (const count of [0, -1, 4_097]) {
    expect(await house.client.refused('RNGRetrieve', [integer(tags.DataLength, count)])).toBe('InvalidField')
  }
  expect(await house.client.refused('RNGRetrieve', [])).toBe('MissingData')
})

test('a crypto unit that is away is a failure of the server, not of the key', async () => {
  const id = await hmacKey(randomBytes(32), algorithms.HMAC_SHA256)
  house.unit.fault = 'UNAVAILABLE'
  expect(await house.client.refused('MAC', [uid(id), dataOf(data)])).toBe('GeneralFailure')
  expect(house.lastEvent()).toMatchObject({ severity: 'critical', reason: { reasonCode: 503 } })
})
