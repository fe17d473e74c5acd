/** Create Key Pair: which pairs are made, what their halves say of each other, what is refused, and the one event of it. */
import { createHash, createPublicKey } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { enumeration, integer, type Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { createPair, curveAttribute, gotHalf, pairPayload, type PairWish, textAt } from '../testing/key-pairs.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf, valueAt } from '../testing/messages.ts'
import { attributeOf, attributesOf, bytesAt, dateAttribute, fieldAt, stateOf, toldOf } from '../testing/payloads.ts'

const { CryptographicAlgorithm, KeyFormatType, LinkType, ObjectType, RecommendedCurve } = enumerations

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const linkOf = async (id: string): Promise<Item['value'][]> => {
  const link = await attributeOf(house.client, id, 'Link')
  return (link as readonly Item[]).map(({ value }) => value)
}

test('an RSA pair is made: one key, each half linked to the other, and one event that tells of both', async () => {
  const pair = await createPair(house.client, {
    algorithm: 'RSA',
    length: 2_048,
    privateMask: 9,
    publicMask: 6,
    privateOwn: [nameAttribute('signer')],
    publicOwn: [nameAttribute('signer’s public key')],
  })
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.create',
    outcome: 'success',
    severity: 'normal',
    code: 201,
    target: 'signer',
    request: {
      operation: 'CreateKeyPair',
      objectType: 'PrivateKey',
      cryptographicAlgorithm: 'RSA',
      cryptographicLength: 2_048,
      usageMask: 9,
      publicKeyUsageMask: 6,
      attributeNames: ['CryptographicUsageMask', 'Name', 'CryptographicAlgorithm', 'CryptographicLength'],
    },
    response: {
      keyId: pair.privateKey,
      publicKeyId: pair.publicKey,
      kmipState: 1,
      rootKeyId: house.client.adapter.crk,
    },
  })
  const privateKey = await gotHalf(house.client, pair.privateKey, 'PKCS_8')
  const publicKey = await gotHalf(house.client, pair.publicKey, 'X_509')
  expect(privateKey.asymmetricKeyDetails).toEqual({ modulusLength: 2_048, publicExponent: 65_537n })
  expect(createPublicKey(privateKey).equals(publicKey)).toBe(true)
  expect(await linkOf(pair.privateKey)).toEqual([LinkType.PublicKeyLink, pair.publicKey])
  expect(await linkOf(pair.publicKey)).toEqual([LinkType.PrivateKeyLink, pair.privateKey])
  const attributes = await attributesOf(house.client, pair.privateKey)
  expect(Object.keys(attributes)).toEqual(
    expect.arrayContaining(['Digest', 'Fresh', 'Initial Date', 'Never Extractable']),
  )
  expect(attributes['Object Type']).toEqual([ObjectType.PrivateKey])
  expect(await attributeOf(house.client, pair.publicKey, 'Cryptographic Usage Mask')).toBe(6)
})

test.each([
  ['PrivateKey', 'PKCS_1'],
  ['PublicKey', 'PKCS_1'],
] as const)('the %s of RSA is given as %s unless asked otherwise, and its digest is of that', async (half, format) => {
  const pair = await createPair(house.client, { algorithm: 'RSA', length: 2_048 })
  const id = half === 'PrivateKey' ? pair.privateKey : pair.publicKey
  const fields = await house.client.ask('Get', [uid(id)])
  expect(valueAt(fields, tags.ObjectType)).toBe(ObjectType[half])
  expect(fieldAt(fields.at(-1) as Item, tags.KeyFormatType)?.value).toBe(KeyFormatType[format])
  const digest = (await attributeOf(house.client, id, 'Digest')) as readonly Item[]
  const sha256 = createHash('sha256').update(bytesAt(fields, tags.KeyMaterial)).digest()
  expect(Buffer.from(digest[1]?.value as Uint8Array)).toEqual(sha256)
  expect(digest[2]?.value).toBe(KeyFormatType[format])
})

test.each<[PairWish, string, number, keyof typeof RecommendedCurve]>([
  [{ length: 256 }, 'prime256v1', 256, 'P_256'],
  [{ length: 384 }, 'secp384r1', 384, 'P_384'],
  [{ length: 521 }, 'secp521r1', 521, 'P_521'],
  [{ curve: 'P_256' }, 'prime256v1', 256, 'P_256'],
  [{ curve: 'SECP256K1', length: 256 }, 'secp256k1', 256, 'SECP256K1'],
  [{ curve: 'BRAINPOOLP384R1' }, 'brainpoolP384r1', 384, 'BRAINPOOLP384R1'],
  [{ algorithm: 'ECDSA', length: 224 }, 'secp224r1', 224, 'P_224'],
  [{ algorithm: 'ECDH', curve: 'P_521' }, 'secp521r1', 521, 'P_521'],
])('a pair on a curve is made: %o', async (wish, namedCurve, bits, recommended) => {
  const pair = await createPair(house.client, wish)
  const privateKey = await gotHalf(house.client, pair.privateKey, 'PKCS_8')
  expect(privateKey.asymmetricKeyDetails).toEqual({ namedCurve })
  const publicKey = await gotHalf(house.client, pair.publicKey, 'X_509')
  expect(createPublicKey(privateKey).equals(publicKey)).toBe(true)
  for (const id of [pair.privateKey, pair.publicKey]) {
    const told = await attributesOf(house.client, id)
    expect(told['Cryptographic Length']).toEqual([bits])
    expect(told['Cryptographic Algorithm']).toEqual([CryptographicAlgorithm[wish.algorithm ?? 'EC']])
    expect(told['Cryptographic Domain Parameters']).toEqual([
      [enumeration(tags.RecommendedCurve, RecommendedCurve[recommended])],
    ])
  }
})

test('the private key is what the placeholder of the batch means', async () => {
  const [, activated] = await house.client.send([
    { operation: 'CreateKeyPair', payload: pairPayload() },
    { operation: 'Activate' },
  ])
  const id = uidOf(activated?.fields ?? [])
  expect(await attributeOf(house.client, id, 'Object Type')).toBe(ObjectType.PrivateKey)
  expect(await stateOf(house.client, id)).toBe(enumerations.State.Active)
})

test('dates in the common attributes are those of both halves, and a half’s own go over them', async () => {
  const past = Math.floor(house.time / 1_000) - 60
  const pair = await createPair(house.client, {
    common: [dateAttribute('Activation Date', past)],
    publicOwn: [dateAttribute('Activation Date', past + 3_600)],
  })
  expect(await stateOf(house.client, pair.privateKey)).toBe(enumerations.State.Active)
  expect(await stateOf(house.client, pair.publicKey)).toBe(enumerations.State.PreActive)
})

test('from 1.4 on the usage masks may be left out; before, each half needs one', async () => {
  const bare = [pairPayload({ algorithm: 'RSA', length: 2_048 })[0] as Item]
  const fields = await house.client.ask('CreateKeyPair', bare)
  const masks = [tags.PrivateKeyUniqueIdentifier, tags.PublicKeyUniqueIdentifier].map((tag) =>
    attributeOf(house.client, textAt(fields, tag), 'Cryptographic Usage Mask'),
  )
  expect(await Promise.all(masks)).toEqual([1 | 8, 2 | 4])
  expect(await house.client.refused('CreateKeyPair', bare, { minor: 3 })).toBe('InvalidField')
})

test('each version makes and gets a pair', async () => {
  for (const minor of [0, 1, 2, 3, 4]) {
    const algorithm = minor < 2 ? 'ECDSA' : 'EC'
    const { privateKey, publicKey } = await createPair(house.client, { algorithm, length: 256 }, { minor })
    for (const id of [privateKey, publicKey]) {
      const fields = await house.client.ask('Get', [uid(id)], { minor })
      expect(bytesAt(fields, tags.KeyMaterial).length).toBeGreaterThan(80)
    }
  }
})

const length = (bits: number) => attribute('Cryptographic Length', integer(0, bits))
const algorithm = (name: keyof typeof CryptographicAlgorithm) =>
  attribute('Cryptographic Algorithm', enumeration(0, CryptographicAlgorithm[name]))

test.each<[string, Item[]]>([
  ['RSA of 1024 bits', pairPayload({ algorithm: 'RSA', length: 1_024 })],
  ['RSA of 2056 bits', pairPayload({ algorithm: 'RSA', length: 2_056 })],
  ['RSA of no length', pairPayload({ algorithm: 'RSA', curve: 'P_256' })],
  ['RSA on a curve', pairPayload({ algorithm: 'RSA', length: 2_048, curve: 'P_256' })],
  ['DSA', pairPayload({ algorithm: 'DSA', length: 2_048 })],
  ['AES', pairPayload({ algorithm: 'AES', length: 256 })],
  ['a curve over a binary field', pairPayload({ curve: 'K_283' })],
  ['a curve of another length', pairPayload({ curve: 'P_384', length: 256 })],
  ['a length that no curve of NIST has', pairPayload({ length: 255 })],
  ['halves of two lengths', pairPayload({ privateOwn: [length(384)], publicOwn: [length(256)], curve: 'P_256' })],
  ['halves of two algorithms', pairPayload({ privateOwn: [algorithm('ECDH')] })],
  ['halves on two curves', pairPayload({ curve: 'P_256', publicOwn: [curveAttribute('P_384')] })],
  ['one name for both', pairPayload({ common: [nameAttribute('twins')] })],
  ['an attribute of the server', pairPayload({ privateOwn: [attribute('State', enumeration(0, 2))] })],
  ['nothing', []],
])('%s is refused, and nothing is made', async (_, payload) => {
  expect(await house.client.refused('CreateKeyPair', payload)).toBe('InvalidField')
  expect(house.lastEvent().outcome).toBe('failure')
  expect(await house.client.ask('Locate')).toEqual([integer(tags.LocatedItems, 0)])
})

test('a name that is taken is refused for either half', async () => {
  await createPair(house.client, { privateOwn: [nameAttribute('mine')], publicOwn: [nameAttribute('everybody’s')] })
  for (const name of ['mine', 'everybody’s']) {
    for (const half of ['privateOwn', 'publicOwn'] as const) {
      const payload = pairPayload({ [half]: [nameAttribute(name)] })
      expect(await house.client.refused('CreateKeyPair', payload)).toBe('InvalidField')
    }
  }
})

test('a pair that is taken back leaves nothing behind, and its event says so', async () => {
  const undo = [enumeration(tags.BatchErrorContinuationOption, enumerations.BatchErrorContinuationOption.Undo)]
  const items = [
    { operation: 'CreateKeyPair', payload: pairPayload() },
    { operation: 'Get', payload: [uid('nobody')] },
  ] as const
  await house.client.send(items, { header: undo })
  expect(await house.client.ask('Locate')).toEqual([integer(tags.LocatedItems, 0)])
  const made = house.events().find(({ requestData }) => requestData['operation'] === 'CreateKeyPair')
  expect(made?.requestData['isUndone']).toBe(true)
})

test('while the crypto unit makes too many already, no pair is made, and nothing is wrong with the request', async () => {
  house.unit.fault = 'BUSY'
  expect(await house.client.refused('CreateKeyPair', pairPayload())).toBe('GeneralFailure')
  expect(house.lastEvent().reason.reasonCode).toBe(503)
})
