/** Encrypt with public and Decrypt with private RSA keys, held against OpenSSL; what does not decrypt says nothing. */
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { bytes } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { activeHalf, activePair, type ParameterWish, parametersOf } from '../testing/key-pairs.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { uid } from '../testing/messages.ts'
import { bytesAt, toldOf } from '../testing/payloads.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const text = Buffer.from('a key of somebody else’s')
const label = Buffer.from('label')

let house: KmipHouse
let publicKey: string
let privateKey: string
beforeEach(async () => {
  house = await openKmipHouse()
  publicKey = await activeHalf(house.client, 'PublicKey', rsa.publicKey, 4)
  privateKey = await activeHalf(house.client, 'PrivateKey', rsa.privateKey, 8)
})

const dataOf = (value: Uint8Array) => bytes(tags.Data, value)

test.each<[ParameterWish, string, object]>([
  [{ padding: 'PKCS1V1_5' }, 'RSA-PKCS1', { padding: constants.RSA_PKCS1_PADDING }],
  [{ padding: 'OAEP', hash: 'SHA_1' }, 'RSA-OAEP-SHA-1', { oaepHash: 'sha1' }],
  [
    { padding: 'OAEP', hash: 'SHA_256', maskHash: 'SHA_256', algorithm: 'RSA' },
    'RSA-OAEP-SHA-256',
    { oaepHash: 'sha256' },
  ],
  [{ padding: 'OAEP', hash: 'SHA_512', source: label }, 'RSA-OAEP-SHA-512', { oaepHash: 'sha512', oaepLabel: label }],
  [{ padding: 'OAEP', hash: 'SHA3_256' }, 'RSA-OAEP-SHA3-256', { oaepHash: 'sha3-256' }],
])('%o is OpenSSL’s in both directions', async (wish, mechanism, options) => {
  const parameters = parametersOf(wish)
  const encrypted = await house.client.ask('Encrypt', [uid(publicKey), parameters, dataOf(text)])
  expect(toldOf(house.lastEvent()).request).toEqual({ operation: 'Encrypt', mechanism })
  expect(privateDecrypt({ key: rsa.privateKey, ...options }, bytesAt(encrypted, tags.Data))).toEqual(text)
  const theirs = publicEncrypt({ key: rsa.publicKey, ...options }, text)
  const decrypted = await house.client.ask('Decrypt', [uid(privateKey), parameters, dataOf(theirs)])
  expect(decrypted).toEqual([uid(privateKey), dataOf(text)])
  expect(toldOf(house.lastEvent()).response).toEqual({
    keyId: privateKey,
    kmipState: 2,
    rootKeyId: house.client.adapter.crk,
  })
  expect(JSON.stringify(house.events())).not.toContain('somebody')
})

test('what does not decrypt is refused in the same words whatever is wrong with it', async () => {
  const parameters = parametersOf({ padding: 'PKCS1V1_5' })
  const good = publicEncrypt({ key: rsa.publicKey, padding: constants.RSA_PKCS1_PADDING }, text)
  const altered = Buffer.from(good)
  altered[9] = (altered[9] ?? 0) ^ 1
  const block = Buffer.concat([Buffer.of(0, 1), Buffer.alloc(252, 0xff), Buffer.of(0, 7)])
  const wrongType = publicEncrypt({ key: rsa.publicKey, padding: constants.RSA_NO_PADDING }, block)
  const messages = new Set<string | undefined>()
  for (const data of [altered, wrongType, good.subarray(1), Buffer.alloc(256, 0xff), Buffer.alloc(0)]) {
    const payload = [uid(privateKey), parameters, dataOf(data)]
    const [answer] = await house.client.send([{ operation: 'Decrypt', payload }])
    expect(answer).toMatchObject({ status: 'OperationFailed', reason: 'CryptographicFailure' })
    messages.add(answer?.message)
  }
  expect(messages.size).toBe(1)
})

test.each<[string, ParameterWish, string]>([
  ['no padding', {}, 'MissingData'],
  ['OAEP without a hash', { padding: 'OAEP' }, 'MissingData'],
  ['another mask than the hash', { padding: 'OAEP', hash: 'SHA_256', maskHash: 'SHA_1' }, 'FeatureNotSupported'],
  ['a hash that is not served', { padding: 'OAEP', hash: 'MD5' }, 'FeatureNotSupported'],
  ['a padding of signatures', { padding: 'PSS', hash: 'SHA_256' }, 'FeatureNotSupported'],
  ['a padding of ciphers', { padding: 'PKCS5' }, 'FeatureNotSupported'],
  ['another algorithm', { padding: 'PKCS1V1_5', algorithm: 'AES' }, 'FeatureNotSupported'],
])('%s is refused', async (_, wish, reason) => {
  for (const [operation, id] of [
    ['Encrypt', publicKey],
    ['Decrypt', privateKey],
  ] as const) {
    expect(await house.client.refused(operation, [uid(id), parametersOf(wish), dataOf(text)])).toBe(reason)
  }
})

test('more than a block holds, a vector, the other half, another mask and a key on a curve are refused', async () => {
  const parameters = parametersOf({ padding: 'PKCS1V1_5' })
  const ask = (id: string, ...rest: Parameters<typeof house.client.refused>[1] & object) =>
    house.client.refused('Encrypt', [uid(id), parameters, ...rest])
  expect(await ask(publicKey, dataOf(Buffer.alloc(246)))).toBe('CryptographicFailure')
  expect(await ask(publicKey, dataOf(text), bytes(tags.IVCounterNonce, Buffer.alloc(16)))).toBe('InvalidField')
  expect(await ask(publicKey)).toBe('MissingData')
  expect(await ask(privateKey, dataOf(text))).toBe('IllegalOperation')
  expect(await house.client.refused('Decrypt', [uid(publicKey), parameters, dataOf(text)])).toBe('IllegalOperation')
  const verifies = await activeHalf(house.client, 'PublicKey', rsa.publicKey, 2)
  expect(await ask(verifies, dataOf(text))).toBe('PermissionDenied')
  const { publicKey: onCurve } = await activePair(house.client, { publicMask: 4 })
  expect(await ask(onCurve, dataOf(text))).toBe('FeatureNotSupported')
})
