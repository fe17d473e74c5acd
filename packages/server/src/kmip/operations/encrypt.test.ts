/** Encrypt and Decrypt in each mode, held against OpenSSL; which keys may, how often, and what the event says. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { boolean, bytes, enumeration, integer, type Item, longInteger, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, uid, uidOf } from '../testing/messages.ts'
import {
  activeKey,
  attributesOf,
  bytesAt,
  createKey,
  dateAttribute,
  revocation,
  secretData,
  symmetricKey,
  toldOf,
} from '../testing/payloads.ts'

const { BlockCipherMode: modes, PaddingMethod: paddings, CryptographicAlgorithm: algorithms } = enumerations
const data = Buffer.from('sixteen bytes ..and sixteen more')

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const dataOf = (value: Uint8Array) => bytes(tags.Data, value)
const ivOf = (value: Uint8Array) => bytes(tags.IVCounterNonce, value)
const additionalOf = (value: Uint8Array) => bytes(tags.AuthenticatedEncryptionAdditionalData, value)
const tagOf = (value: Uint8Array) => bytes(tags.AuthenticatedEncryptionTag, value)

function parameters(mode: number | undefined, padding?: number, tagLength?: number): Item {
  return structure(tags.CryptographicParameters, [
    ...(mode === undefined ? [] : [enumeration(tags.BlockCipherMode, mode)]),
    ...(padding === undefined ? [] : [enumeration(tags.PaddingMethod, padding)]),
    ...(tagLength === undefined ? [] : [integer(tags.TagLength, tagLength)]),
  ])
}

async function registered(material: Uint8Array, algorithm: number = algorithms.AES, length?: number): Promise<string> {
  const wish = length === undefined ? { algorithm } : { algorithm, length }
  const id = uidOf(await house.client.ask('Register', symmetricKey(material, wish)))
  await house.client.ask('Activate', [uid(id)])
  return id
}

const encrypted = (id: string, ...rest: readonly Item[]) => house.client.ask('Encrypt', [uid(id), ...rest])
const encryptRefused = (id: string, ...rest: readonly Item[]) => house.client.refused('Encrypt', [uid(id), ...rest])

interface ModeCase {
  readonly name: string
  readonly openssl: string
  readonly keyBytes: number
  readonly ivBytes: number
  readonly algorithm?: number
  readonly length?: number
}

test.each<ModeCase>([
  { name: 'ECB', openssl: 'aes-256-ecb', keyBytes: 32, ivBytes: 0 },
  { name: 'CBC', openssl: 'aes-128-cbc', keyBytes: 16, ivBytes: 16 },
  { name: 'CFB', openssl: 'aes-256-cfb', keyBytes: 32, ivBytes: 16 },
  { name: 'OFB', openssl: 'aes-192-ofb', keyBytes: 24, ivBytes: 16 },
  { name: 'CTR', openssl: 'aes-256-ctr', keyBytes: 32, ivBytes: 16 },
  { name: 'XTS', openssl: 'aes-128-xts', keyBytes: 32, ivBytes: 16 },
  { name: 'CBC', openssl: 'des-ede3-cbc', keyBytes: 24, ivBytes: 8, algorithm: algorithms.DES3, length: 168 },
  { name: 'ECB', openssl: 'des-ede3', keyBytes: 24, ivBytes: 0, algorithm: algorithms.DES3, length: 168 },
])('$name of $openssl is OpenSSL’s', async ({ name, openssl, keyBytes, ivBytes, algorithm, length }) => {
  const key = randomBytes(keyBytes)
  const iv = randomBytes(ivBytes)
  const id = await registered(key, algorithm, length)
  const mode = parameters(modes[name as keyof typeof modes])
  const vector = ivBytes === 0 ? [] : [ivOf(iv)]
  const cipher = createCipheriv(openssl, key, ivBytes === 0 ? null : iv).setAutoPadding(false)
  const expected = Buffer.concat([cipher.update(data), cipher.final()])
  const answer = await encrypted(id, mode, dataOf(data), ...vector)
  expect(answer).toEqual([uid(id), dataOf(expected)])
  const decrypted = await house.client.ask('Decrypt', [uid(id), mode, dataOf(expected), ...vector])
  expect(decrypted).toEqual([uid(id), dataOf(data)])
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.use',
    outcome: 'success',
    severity: 'normal',
    code: 200,
    target: id,
    request: { operation: 'Decrypt', mechanism: `${algorithm === undefined ? 'AES' : '3DES'}-${name}` },
    response: { keyId: id, kmipState: 2, rootKeyId: house.client.adapter.crk },
  })
  expect(JSON.stringify(house.events())).not.toContain('sixteen')
})

test('a vector that the client does not give is drawn, answered, and decrypts', async () => {
  const id = await activeKey(house.client)
  const vectors = new Set<string>()
  for (let count = 0; count < 2; count += 1) {
    const answer = await encrypted(id, parameters(modes.CBC, paddings.PKCS5), dataOf(Buffer.from('odd')))
    expect(answer.map(({ tag }) => tag)).toEqual([tags.UniqueIdentifier, tags.Data, tags.IVCounterNonce])
    const iv = bytesAt(answer, tags.IVCounterNonce)
    vectors.add(iv.toString('hex'))
    const payload = [parameters(modes.CBC, paddings.PKCS5), dataOf(bytesAt(answer, tags.Data)), ivOf(iv)]
    expect(bytesAt(await house.client.ask('Decrypt', [uid(id), ...payload]), tags.Data).toString()).toBe('odd')
  }
  expect(vectors.size).toBe(2)
})

test.each([
  ['AES', modes.GCM, 'aes-256-gcm', algorithms.AES],
  ['ChaCha20Poly1305', undefined, 'chacha20-poly1305', algorithms.ChaCha20Poly1305],
] as const)('%s authenticates data and what goes with them', async (_, mode, openssl, algorithm) => {
  const key = randomBytes(32)
  const id = await registered(key, algorithm)
  const [iv, additional] = [randomBytes(12), Buffer.from('header')]
  const answer = await encrypted(id, parameters(mode), dataOf(data), ivOf(iv), additionalOf(additional))
  const decipher = createDecipheriv(openssl as 'aes-256-gcm', key, iv, { authTagLength: 16 })
  decipher.setAAD(additional, { plaintextLength: data.length })
  decipher.setAuthTag(bytesAt(answer, tags.AuthenticatedEncryptionTag))
  const text = bytesAt(answer, tags.Data)
  expect(Buffer.concat([decipher.update(text), decipher.final()])).toEqual(data)
  const decrypt = (more: readonly Item[]) =>
    house.client.send([{ operation: 'Decrypt', payload: [uid(id), parameters(mode), dataOf(text), ivOf(iv), ...more] }])
  const tag = bytesAt(answer, tags.AuthenticatedEncryptionTag)
  const [right] = await decrypt([additionalOf(additional), tagOf(tag)])
  expect(bytesAt(right?.fields ?? [], tags.Data)).toEqual(data)
  tag[0] = (tag[0] ?? 0) ^ 1
  for (const more of [[additionalOf(additional), tagOf(tag)], [tagOf(Buffer.from(tag))], []]) {
    expect((await decrypt(more))[0]?.reason).toBe('CryptographicFailure')
  }
  expect(house.lastEvent()).toMatchObject({ outcome: 'failure', reason: { reasonCode: 422 } })
})

test('a tag is as long as is asked', async () => {
  const id = await activeKey(house.client)
  const answer = await encrypted(id, parameters(modes.GCM, undefined, 12), dataOf(data))
  expect(bytesAt(answer, tags.AuthenticatedEncryptionTag)).toHaveLength(12)
  for (const bytesAsked of [-1, 0, 3, 17, 256, 0x7fff_ffff]) {
    expect(await encryptRefused(id, parameters(modes.GCM, undefined, bytesAsked), dataOf(data))).toBe(
      'CryptographicFailure',
    )
  }
  await encrypted(id, parameters(modes.CTR, undefined, 12), dataOf(data))
})

test('before KMIP 1.4 there is no authenticated encryption, and before 1.2 none at all', async () => {
  const id = await activeKey(house.client)
  const payload = [uid(id), parameters(modes.GCM), dataOf(data)]
  expect(await house.client.refused('Encrypt', payload, { minor: 3 })).toBe('FeatureNotSupported')
  expect(await house.client.refused('Encrypt', payload, { minor: 1 })).toBe('OperationNotSupported')
  expect(house.lastEvent().reason.reasonForFailure).toMatch(
    /^Encrypt is there from KMIP 1\.2 on; the message is of 1\.1\./,
  )
  await house.client.ask('Encrypt', [uid(id), parameters(modes.CBC), dataOf(data)], { minor: 2 })
})

test('the key’s own parameters hold where the request has none', async () => {
  const own = (mode: number) =>
    attribute('Cryptographic Parameters', structure(0, [enumeration(tags.BlockCipherMode, mode)]))
  const id = await activeKey(house.client, [own(modes.CTR), own(modes.ECB)])
  await encrypted(id, dataOf(Buffer.from('odd')))
  expect(house.lastEvent().requestData['mechanism']).toBe('AES-CTR')
  await encrypted(id, parameters(modes.ECB), dataOf(data))
  expect(house.lastEvent().requestData['mechanism']).toBe('AES-ECB')
  expect(await encryptRefused(await activeKey(house.client), dataOf(data))).toBe('MissingData')
})

test.each<[string, readonly Item[], string]>([
  ['no data', [parameters(modes.CBC)], 'MissingData'],
  ['an unknown mode', [parameters(0x7777), dataOf(data)], 'FeatureNotSupported'],
  ['a mode that is not served', [parameters(modes.CMAC), dataOf(data)], 'FeatureNotSupported'],
  ['padding where there is none', [parameters(modes.CTR, paddings.PKCS5), dataOf(data)], 'FeatureNotSupported'],
  ['an unknown padding', [parameters(modes.CBC, paddings.ISO10126), dataOf(data)], 'FeatureNotSupported'],
  ['data that are no blocks', [parameters(modes.CBC), dataOf(Buffer.from('odd'))], 'CryptographicFailure'],
  ['a short vector', [parameters(modes.CBC), dataOf(data), ivOf(Buffer.alloc(8))], 'CryptographicFailure'],
  ['an empty vector', [parameters(modes.CBC), dataOf(data), ivOf(Buffer.alloc(0))], 'CryptographicFailure'],
  ['a long vector', [parameters(modes.GCM), dataOf(data), ivOf(Buffer.alloc(300))], 'CryptographicFailure'],
  [
    'a vector where there is none',
    [parameters(modes.ECB), dataOf(data), ivOf(Buffer.alloc(16))],
    'CryptographicFailure',
  ],
  ['too many data', [parameters(modes.CTR), dataOf(Buffer.alloc(64 * 1_024 + 1))], 'InvalidField'],
  [
    'too many additional data',
    [parameters(modes.GCM), dataOf(data), additionalOf(Buffer.alloc(64 * 1_024 + 1))],
    'InvalidField',
  ],
  ['a first part', [parameters(modes.CTR), dataOf(data), boolean(tags.InitIndicator, true)], 'FeatureNotSupported'],
  ['a middle part', [parameters(modes.CTR), dataOf(data), bytes(tags.CorrelationValue, data)], 'FeatureNotSupported'],
  [
    'a part that is not the last',
    [parameters(modes.CTR), dataOf(data), boolean(tags.FinalIndicator, false)],
    'FeatureNotSupported',
  ],
  ['another algorithm', [otherAlgorithm(), dataOf(data)], 'FeatureNotSupported'],
  ['a parameter twice', [twice(), dataOf(data)], 'InvalidField'],
])('%s is refused', async (_, payload, reason) => {
  const id = await activeKey(house.client)
  expect(await encryptRefused(id, ...payload)).toBe(reason)
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.kmip-key.use',
    outcome: 'failure',
    responseData: { keyId: id, resultReason: reason },
  })
})

function otherAlgorithm(): Item {
  return structure(tags.CryptographicParameters, [
    enumeration(tags.BlockCipherMode, modes.CBC),
    enumeration(tags.CryptographicAlgorithm, algorithms.DES3),
  ])
}

function twice(): Item {
  const mode = enumeration(tags.BlockCipherMode, modes.CBC)
  return structure(tags.CryptographicParameters, [mode, mode])
}

test('the largest data are taken, and one whole part is told as such', async () => {
  const id = await activeKey(house.client)
  const whole = [boolean(tags.FinalIndicator, true)]
  const answer = await encrypted(id, parameters(modes.CTR), dataOf(Buffer.alloc(64 * 1_024)), ...whole)
  expect(bytesAt(answer, tags.Data)).toHaveLength(64 * 1_024)
})

describe('which key may', () => {
  const use = async (operation: 'Encrypt' | 'Decrypt', id: string) => {
    const payload = [uid(id), parameters(modes.ECB), dataOf(Buffer.alloc(16))]
    const [answer] = await house.client.send([{ operation, payload }])
    return answer?.reason ?? answer?.status
  }

  test('in which state: to protect only an active one, to process one that is or was active', async () => {
    const id = await createKey(house.client)
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['PermissionDenied', 'PermissionDenied'])
    await house.client.ask('Activate', [uid(id)])
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['Success', 'Success'])
    await house.client.ask('Revoke', revocation(id, 'Superseded'))
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['PermissionDenied', 'Success'])
    await house.client.ask('Revoke', revocation(id, 'KeyCompromise'))
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['PermissionDenied', 'Success'])
    expect(house.lastEvent().responseData['kmipState']).toBe(4)
    await house.client.ask('Destroy', [uid(id)])
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['ItemNotFound', 'ItemNotFound'])
  })

  test('from which date and until when', async () => {
    const now = house.time / 1_000
    const dates = [dateAttribute('Process Start Date', now + 10), dateAttribute('Protect Stop Date', now + 20)]
    const id = await activeKey(house.client, dates)
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['Success', 'PermissionDenied'])
    house.time += 10_000
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['Success', 'Success'])
    house.time += 10_000
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['PermissionDenied', 'Success'])
  })

  test('by its mask, its type and its root key', async () => {
    const decrypts = await activeKey(house.client, [], 8)
    expect([await use('Encrypt', decrypts), await use('Decrypt', decrypts)]).toEqual(['PermissionDenied', 'Success'])
    const secret = uidOf(await house.client.ask('Register', secretData(Buffer.alloc(16))))
    expect(await use('Encrypt', secret)).toBe('IllegalOperation')
    expect(await use('Encrypt', await registered(randomBytes(32), algorithms.HMAC_SHA256))).toBe('FeatureNotSupported')
    const id = await activeKey(house.client)
    house.forceState(house.client.adapter.crk, 2)
    expect(await use('Decrypt', id)).toBe('PermissionDenied')
    expect(house.lastEvent()).toMatchObject({ severity: 'critical', reason: { reasonCode: 403 } })
  })

  test.each([
    ['uses', 2, 2n],
    ['bytes', 1, 32n],
  ])('as long as %s are left of its limits, whatever else of it is changed', async (_, unit, total) => {
    const fields = [longInteger(tags.UsageLimitsTotal, total), enumeration(tags.UsageLimitsUnit, unit)]
    const limits = attribute('Usage Limits', structure(0, fields))
    const id = await activeKey(house.client, [limits])
    expect(await use('Encrypt', id)).toBe('Success')
    await house.client.ask('AddAttribute', [uid(id), attribute('x-Place', dataOf(data))])
    await house.client.ask('ModifyAttribute', [uid(id), attribute('x-Place', dataOf(Buffer.alloc(1)))])
    const left = (await attributesOf(house.client, id))['Usage Limits']?.[0] as readonly Item[]
    expect(left.find(({ tag }) => tag === tags.UsageLimitsCount)?.value).toBe(total / 2n)
    expect(await house.client.refused('ModifyAttribute', [uid(id), limits])).toBe('PermissionDenied')
    const named = { tag: tags.AttributeName, type: 'TextString', value: 'Usage Limits' } as const
    expect(await house.client.refused('DeleteAttribute', [uid(id), named])).toBe('PermissionDenied')
    expect(await use('Encrypt', id)).toBe('Success')
    expect([await use('Encrypt', id), await use('Decrypt', id)]).toEqual(['PermissionDenied', 'Success'])
  })

  test('a failed use counts nothing, and the count is not the client’s to set', async () => {
    const withCount = (count: bigint) =>
      attribute(
        'Usage Limits',
        structure(0, [
          longInteger(tags.UsageLimitsTotal, 1n),
          longInteger(tags.UsageLimitsCount, count),
          enumeration(tags.UsageLimitsUnit, 2),
        ]),
      )
    const id = await activeKey(house.client, [withCount(99n)])
    expect(await encryptRefused(id, parameters(modes.CBC), dataOf(Buffer.from('odd')))).toBe('CryptographicFailure')
    expect(await house.client.refused('ModifyAttribute', [uid(id), withCount(99n)])).toBe('InvalidField')
    expect([await use('Encrypt', id), await use('Encrypt', id)]).toEqual(['Success', 'PermissionDenied'])
    const plain = await activeKey(house.client)
    expect(await house.client.refused('AddAttribute', [uid(plain), withCount(99n)])).toBe('InvalidField')
  })
})
