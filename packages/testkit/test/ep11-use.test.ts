/** The EP11 client with a real product: families of mechanisms held against Node's own cryptography, logins, keystores. */
import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  diffieHellman,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign as signNode,
  verify as verifyNode,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectEp11, type Ep11, Ep11Error, publicKeyInfo, type StoredKey } from '@keywitness/ep11-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Product, startProduct } from '../src/index.ts'

let product: Product
let ep11: Ep11
beforeAll(async () => {
  product = await startProduct()
  const { apiKey, data, url: identityUrl } = product
  const address = product.ep11.replace('127.0.0.1', 'localhost')
  ep11 = connectEp11({ address, ca: readFileSync(join(data, 'tls/ca.pem')), apiKey, identityUrl })
}, 60_000)
afterAll(async () => {
  ep11.close()
  await product.stop()
  product.remove()
})

const data = Buffer.from('what is signed')
const nodeKey = (publicKey: Uint8Array): KeyObject =>
  createPublicKey({ key: publicKeyInfo(publicKey), format: 'der', type: 'spki' })
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => (error instanceof Ep11Error ? error.returnValue : error),
  )

const aesTemplate = { CKA_VALUE_LEN: 32, CKA_ENCRYPT: true, CKA_DECRYPT: true, CKA_EXTRACTABLE: true } as const

function rsaPair(use: object = {}, modulusBits = 2_048) {
  return ep11.generateKeyPair('CKM_RSA_PKCS_KEY_PAIR_GEN', {
    publicKey: { CKA_MODULUS_BITS: modulusBits, CKA_PUBLIC_EXPONENT: 65_537, CKA_VERIFY: true, ...use },
    privateKey: { CKA_SIGN: true, CKA_DECRYPT: true, CKA_UNWRAP: true },
  })
}

test('what the units offer has names, sizes and uses', async () => {
  const offered = await ep11.mechanisms()
  expect(offered[0]).toBe('CKM_RSA_PKCS')
  expect(offered.filter((name) => typeof name === 'number')).toEqual([])
  expect(await ep11.mechanismInfo('CKM_AES_CBC')).toEqual({
    keySizeMin: 16,
    keySizeMax: 32,
    flags: ['CKF_ENCRYPT', 'CKF_DECRYPT', 'CKF_WRAP', 'CKF_UNWRAP'],
  })
  expect(await failure(ep11.mechanismInfo('CKM_IBM_KYBER'))).toBe('CKR_MECHANISM_INVALID')
})

test('signatures of RSA, in both paddings, are Node’s', async () => {
  const { publicKey, privateKey } = await rsaPair()
  const key = nodeKey(publicKey)
  const plain = await ep11.sign('CKM_SHA256_RSA_PKCS', privateKey, data)
  expect(verifyNode('sha256', data, key, plain)).toBe(true)
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
  const pss = await ep11.sign('CKM_SHA384_RSA_PKCS_PSS', privateKey, data)
  expect(verifyNode('sha384', data, { key, ...padding }, pss)).toBe(true)
  expect(await ep11.verify('CKM_SHA384_RSA_PKCS_PSS', publicKey, data, pss)).toBe(true)
  expect(await ep11.verify('CKM_SHA384_RSA_PKCS_PSS', publicKey, Buffer.from('other'), pss)).toBe(false)
  expect(await ep11.verify('CKM_SHA384_RSA_PKCS_PSS', publicKeyInfo(publicKey), data, pss)).toBe(true)
}, 60_000)

test('what Node encrypts by OAEP is decrypted, and the other way', async () => {
  const { publicKey, privateKey } = await rsaPair({ CKA_ENCRYPT: true })
  const label = Buffer.from('label')
  const oaep = { mechanism: 'CKM_RSA_PKCS_OAEP', hash: 'CKM_SHA256', label } as const
  const node = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: label }
  const sealed = publicEncrypt({ key: nodeKey(publicKey), ...node }, data)
  expect(await ep11.decrypt(oaep, privateKey, sealed)).toEqual(data)
  expect(await ep11.decrypt(oaep, privateKey, await ep11.encrypt(oaep, publicKey, data))).toEqual(data)
}, 60_000)

test('big data goes in parts: digest, MAC, signature and cipher are those of Node over the whole', async () => {
  const big = randomBytes(3 * 1024 * 1024 + 11)
  async function* pieces() {
    for (let at = 0; at < big.length; at += 100_003) {
      await Promise.resolve()
      yield big.subarray(at, at + 100_003)
    }
  }
  expect(await ep11.digest('CKM_SHA512', pieces())).toEqual(createHash('sha512').update(big).digest())
  const value = randomBytes(32)
  const { key } = await ep11.generateKey('CKM_AES_KEY_GEN', { ...aesTemplate, CKA_UNWRAP: true, CKA_WRAP: true })
  const iv = randomBytes(16)
  const mechanism = { mechanism: 'CKM_AES_CBC_PAD', iv } as const
  // A key that Node knows: encrypted under one of the unit, and unwrapped there.
  const { key: mac } = await ep11.unwrapKey(mechanism, {
    wrapped: await ep11.encrypt(mechanism, key, value),
    kek: key,
    template: { CKA_KEY_TYPE: 'CKK_GENERIC_SECRET', CKA_CLASS: 'CKO_SECRET_KEY', CKA_SIGN: true, CKA_VERIFY: true },
  })
  const tag = createHmac('sha256', value).update(big).digest()
  expect(await ep11.sign('CKM_SHA256_HMAC', mac, pieces())).toEqual(tag)
  expect(await ep11.verify('CKM_SHA256_HMAC', mac, pieces(), tag)).toBe(true)
  const { key: known } = await ep11.unwrapKey(mechanism, {
    wrapped: await ep11.encrypt(mechanism, key, value),
    kek: key,
    template: { CKA_KEY_TYPE: 'CKK_AES', CKA_ENCRYPT: true, CKA_DECRYPT: true },
  })
  const sealed = await ep11.encrypt(mechanism, known, pieces())
  const decipher = createDecipheriv('aes-256-cbc', value, iv)
  expect(Buffer.concat([decipher.update(sealed), decipher.final()]).equals(big)).toBe(true)
  expect((await ep11.decrypt(mechanism, known, sealed)).equals(big)).toBe(true)
}, 60_000)

test('a key leaves wrapped for who has the other half, and only if it may', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const { key } = await ep11.generateKey('CKM_AES_KEY_GEN', aesTemplate)
  const { key: kek } = await ep11.unwrapKey('CKM_IBM_TRANSPORTKEY', {
    wrapped: publicKey.export({ type: 'spki', format: 'der' }),
    kek: key,
    template: { CKA_CLASS: 'CKO_PUBLIC_KEY', CKA_KEY_TYPE: 'CKK_RSA', CKA_WRAP: true },
  })
  const oaep = { mechanism: 'CKM_RSA_PKCS_OAEP', hash: 'CKM_SHA_1' } as const
  const value = privateDecrypt(privateKey, await ep11.wrapKey(oaep, { key, kek }))
  const iv = randomBytes(16)
  const decipher = createDecipheriv('aes-256-cbc', value, iv)
  const sealed = await ep11.encrypt({ mechanism: 'CKM_AES_CBC_PAD', iv }, key, data)
  expect(Buffer.concat([decipher.update(sealed), decipher.final()])).toEqual(data)
  const less = await ep11.setAttributes(key, { CKA_EXTRACTABLE: false })
  expect(await failure(ep11.wrapKey(oaep, { key: less, kek }))).toBe('CKR_KEY_UNEXTRACTABLE')
  expect(await ep11.getAttributes(less, ['CKA_EXTRACTABLE', 'CKA_KEY_TYPE', 'CKA_CLASS', 'CKA_VALUE_LEN'])).toEqual({
    CKA_EXTRACTABLE: false,
    CKA_KEY_TYPE: 'CKK_AES',
    CKA_CLASS: 'CKO_SECRET_KEY',
    CKA_VALUE_LEN: 32,
  })
  expect(await failure(ep11.getAttributes(less, ['CKA_VALUE']))).toMatch(/^CKR_ATTRIBUTE_/)
}, 60_000)

test('both sides agree on a secret, one of them Node', async () => {
  const { publicKey, privateKey } = await ep11.generateKeyPair('CKM_EC_KEY_PAIR_GEN', {
    publicKey: { CKA_EC_PARAMS: 'P-384' },
    privateKey: { CKA_DERIVE: true },
  })
  const theirs = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const publicData = theirs.publicKey.export({ type: 'spki', format: 'der' }).subarray(-97)
  const template = {
    CKA_KEY_TYPE: 'CKK_GENERIC_SECRET',
    CKA_CLASS: 'CKO_SECRET_KEY',
    CKA_VALUE_LEN: 48,
    CKA_SIGN: true,
  } as const
  const { key } = await ep11.deriveKey({ mechanism: 'CKM_ECDH1_DERIVE', publicData }, privateKey, template)
  const secret = diffieHellman({ privateKey: theirs.privateKey, publicKey: nodeKey(publicKey) })
  expect(await ep11.sign('CKM_SHA256_HMAC', key, data)).toEqual(createHmac('sha256', secret).update(data).digest())
})

test('ML-KEM and ML-DSA do what those of Node do', async () => {
  const kem = await ep11.generateKeyPair('CKM_ML_KEM_KEY_PAIR_GEN', {
    publicKey: { CKA_PARAMETER_SET: 2, CKA_DERIVE: true },
    privateKey: { CKA_DERIVE: true },
  })
  const template = { CKA_KEY_TYPE: 'CKK_GENERIC_SECRET', CKA_CLASS: 'CKO_SECRET_KEY', CKA_SIGN: true } as const
  const made = await ep11.deriveKey({ mechanism: 'CKM_ML_KEM', mode: 'encapsulate' }, kem.publicKey, template)
  const opened = await ep11.deriveKey(
    { mechanism: 'CKM_ML_KEM', mode: 'decapsulate', cipherText: made.checkSum.subarray(-1_088) },
    kem.privateKey,
    template,
  )
  const [one, other] = await Promise.all([made, opened].map(({ key }) => ep11.sign('CKM_SHA256_HMAC', key, data)))
  expect(one).toEqual(other)
  const dsa = await ep11.generateKeyPair('CKM_ML_DSA_KEY_PAIR_GEN', {
    publicKey: { CKA_PARAMETER_SET: 2, CKA_VERIFY: true },
    privateKey: { CKA_SIGN: true },
  })
  const signature = await ep11.sign('CKM_ML_DSA', dsa.privateKey, data)
  expect(verifyNode(null, data, nodeKey(dsa.publicKey), signature)).toBe(true)
}, 60_000)

test('a signature of others verifies by their SubjectPublicKeyInfo', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signature = signNode('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const info = publicKey.export({ type: 'spki', format: 'der' })
  expect(await ep11.verify('CKM_ECDSA_SHA256', info, data, signature)).toBe(true)
  expect(await ep11.verify('CKM_ECDSA_SHA256', info, data, signature.subarray(1))).toBe(false)
})

test('keys that are made in a login work in it, by the same PIN again, and nowhere else', async () => {
  const [storeId, pin] = [Buffer.from('payments'), Buffer.from('12345678')]
  const inSession = await ep11.login(storeId, pin)
  const { key } = await inSession.generateKey('CKM_AES_KEY_GEN', aesTemplate)
  const mechanism = { mechanism: 'CKM_AES_CBC_PAD', iv: randomBytes(16) } as const
  const sealed = await inSession.encrypt(mechanism, key, data)
  expect(await failure(ep11.decrypt(mechanism, key, sealed))).toBe('CKR_SESSION_CLOSED')
  const other = await ep11.login(storeId, Buffer.from('87654321'))
  expect(await failure(other.decrypt(mechanism, key, sealed))).toBe('CKR_SESSION_CLOSED')
  expect(await (await ep11.login(storeId, pin)).decrypt(mechanism, key, sealed)).toEqual(data)
  await inSession.logout()
  expect(await failure(inSession.decrypt(mechanism, key, sealed))).toMatch(/^CKR_/)
})

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const one of found) list.push(one)
  return list
}

test('a keystore keeps keys and certificates, finds them, and knows who has read an old version', async () => {
  const { keystores } = ep11
  const store = await keystores.create({ type: 'public', name: 'payments' })
  expect(store).toMatchObject({ name: 'payments', type: 'public', authenticated: false, keyCount: 0, version: 0 })
  const { key } = await ep11.generateKey('CKM_AES_KEY_GEN', aesTemplate)
  const attributes = { CKA_LABEL: 'billing', CKA_ID: Buffer.from([1]) }
  const stored = await keystores.storeKey(store.id, { key, attributes })
  expect(stored).toMatchObject({
    keystoreId: store.id,
    version: 0,
    key,
    attributes: { CKA_LABEL: 'billing', CKA_KEY_TYPE: 'CKK_AES', CKA_EXTRACTABLE: true },
  })
  const note = { key: Buffer.from('a note'), attributes: { CKA_CLASS: 'CKO_DATA', CKA_LABEL: 'note' } } as const
  await keystores.storeKey(store.id, note)
  const less = await ep11.setAttributes(key, { CKA_EXTRACTABLE: false })
  const updated = await keystores.updateKey(stored, { key: less, attributes: { CKA_ID: null, CKA_LABEL: 'billing-2' } })
  expect(updated).toMatchObject({ version: 1, attributes: { CKA_LABEL: 'billing-2', CKA_EXTRACTABLE: false } })
  expect(updated.attributes).not.toHaveProperty('CKA_ID')
  expect(await failure(keystores.updateKey(stored, { attributes: {} }))).toBe('CKR_GREP11_CONFLICT')
  const found: StoredKey[] = await all(keystores.findKeys({ CKA_LABEL: 'billing-2', CKA_KEY_TYPE: 'CKK_AES' }))
  expect(found).toEqual([updated])
  expect((await all(keystores.keys(store.id))).map(({ key: bytes }) => bytes)).toEqual([less, note.key])
  expect(await all(keystores.keys(store.id, [randomId()]))).toEqual([])
  expect(await all(keystores.find({ name: 'payments', type: 'public' }))).toMatchObject([{ id: store.id, keyCount: 2 }])
  await keystores.deleteKey(updated)
  expect(await failure(keystores.deleteKey(updated))).toBe('CKR_GREP11_MISSING')
  await keystores.delete(store.id)
  expect(await keystores.list([store.id])).toEqual([])
})

const randomId = (): string => `0190a2b4-5f6a-7c3d-8e9f-${randomBytes(6).toString('hex')}`
