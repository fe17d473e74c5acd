/** Encryption with RSA keys: Wycheproof's vectors, OpenSSL as the second implementation, and what is refused, in one way. */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asKey, ckm, noParameter } from '../../testing/asymmetric-keys.ts'
import { openssl } from '../../testing/openssl.ts'
import { mgfs, oaepParameter, rsaWycheproof } from '../../testing/rsa-vectors.ts'
import { hashOf } from '../digests/hash-names.ts'
import type { AsymmetricCipherMechanism } from '../mechanism-parts.ts'
import type { MechanismParameter } from '../parameter.ts'
import { rsaCiphers } from './ciphers.ts'
import { refusalOf } from '../../testing/refusals.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = asKey('CKK_RSA', pair.privateKey)
const publicKey = asKey('CKK_RSA', pair.publicKey)
const pkcs1 = mechanism('RSA_PKCS')
const oaep = mechanism('RSA_PKCS_OAEP')
const message = Buffer.from('a key to wrap')

function mechanism(name: string): AsymmetricCipherMechanism {
  const found = rsaCiphers.get(ckm(name))
  if (found === undefined) throw new Error(`${name} is not there.`)
  return found
}

/** A ciphertext of this very block. */
function raised(block: Uint8Array): Buffer {
  return publicEncrypt({ key: pair.publicKey, padding: constants.RSA_NO_PADDING }, block)
}

describe.each(rsaWycheproof.decryption)('Wycheproof $file', ({ scheme, hash, privateKey: pkcs8, tests }) => {
  const key = asKey('CKK_RSA', createPrivateKey({ key: Buffer.from(pkcs8, 'hex'), format: 'der', type: 'pkcs8' }))

  test.each(tests)('$tcId $comment', ({ message: expected, ciphertext, label, isValid }) => {
    const parameter = hash === undefined ? noParameter : oaepParameter(hash, Buffer.from(label ?? '', 'hex'))
    const decrypt = (): Buffer => mechanism(`RSA_${scheme}`).decrypt(key, parameter, Buffer.from(ciphertext, 'hex'))
    const found = isValid ? decrypt().toString('hex') : refusalOf(decrypt)
    expect(found).toMatch(isValid ? new RegExp(`^${expected}$`) : /^CKR_ENCRYPTED_DATA_(INVALID|LEN_RANGE)$/)
  })
})

test('PKCS #1 v1.5: what is encrypted is decrypted again, here and by Node, from nothing to eleven bytes less than the modulus', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 245 }), (bytes) => {
      const ciphertext = pkcs1.encrypt(publicKey, noParameter, bytes)
      expect(ciphertext.length).toBe(256)
      expect(pkcs1.decrypt(privateKey, noParameter, ciphertext)).toEqual(Buffer.from(bytes))
      const options = { key: pair.privateKey, padding: constants.RSA_PKCS1_PADDING }
      expect(privateDecrypt(options, ciphertext)).toEqual(Buffer.from(bytes))
    }),
    { numRuns: 30 },
  )
  for (const length of [0, 245]) {
    const bytes = Buffer.alloc(length, 7)
    expect(pkcs1.decrypt(privateKey, noParameter, pkcs1.encrypt(publicKey, noParameter, bytes))).toEqual(bytes)
  }
  expect(refusalOf(() => pkcs1.encrypt(publicKey, noParameter, Buffer.alloc(246)))).toBe('CKR_DATA_LEN_RANGE')
})

test('PKCS #1 v1.5: whatever is wrong with a block is refused with the same words, and never answered with invented data', () => {
  const good = Buffer.concat([Buffer.of(0, 2), Buffer.alloc(8, 1), Buffer.of(0), Buffer.alloc(245, 7)])
  expect(pkcs1.decrypt(privateKey, noParameter, raised(good))).toEqual(Buffer.alloc(245, 7))
  const wrongs = [
    [0, 1],
    [1, 1],
    [1, 0],
    [1, 3],
    [2, 0],
    [9, 0],
  ].map(([at, byte]) => {
    const wrong = Buffer.from(good)
    wrong[at as number] = byte as number
    return wrong
  })
  const endless = Buffer.concat([Buffer.of(0, 2), Buffer.alloc(254, 1)])
  const above = Buffer.alloc(256, 0xff)
  const said = [...[...wrongs, endless, Buffer.alloc(256)].map(raised), above].map((ciphertext) => {
    try {
      return pkcs1.decrypt(privateKey, noParameter, ciphertext).toString('hex')
    } catch (error) {
      return String(error)
    }
  })
  expect(new Set(said)).toEqual(new Set(['Ep11Error: The data cannot be decrypted.']))
  expect(refusalOf(() => pkcs1.decrypt(privateKey, noParameter, above))).toBe('CKR_ENCRYPTED_DATA_INVALID')
})

describe.each(Object.keys(mgfs))('OAEP with %s', (hash) => {
  const name = hashOf(ckm(hash))?.name ?? ''
  const bytesMax = 256 - 2 * (hashOf(ckm(hash))?.bytes ?? 0) - 2
  const options = [
    'rsa_padding_mode:oaep',
    `rsa_oaep_md:${name}`,
    `rsa_mgf1_md:${name}`,
    `rsa_oaep_label:${Buffer.from('label').toString('hex')}`,
  ].flatMap((option) => ['-pkeyopt', option])
  const parameter = oaepParameter(hash, Buffer.from('label'))

  test('OpenSSL decrypts what is encrypted here, and the other way round', () => {
    const key = pair.privateKey.export({ format: 'pem', type: 'pkcs8' })
    const ours = oaep.encrypt(publicKey, parameter, message)
    const opened = openssl(
      { key, in: ours },
      'pkeyutl',
      '-decrypt',
      '-inkey',
      'key',
      '-in',
      'in',
      '-out',
      'out',
      ...options,
    )
    expect(opened).toEqual(message)
    const theirs = openssl(
      { key, in: message },
      'pkeyutl',
      '-encrypt',
      '-inkey',
      'key',
      '-in',
      'in',
      '-out',
      'out',
      ...options,
    )
    expect(oaep.decrypt(privateKey, parameter, theirs)).toEqual(message)
  })

  test('data have at most the bytes that the digest leaves, and another label or digest does not decrypt them', () => {
    const longest = Buffer.alloc(bytesMax, 3)
    const ciphertext = oaep.encrypt(publicKey, parameter, longest)
    expect(oaep.decrypt(privateKey, parameter, ciphertext)).toEqual(longest)
    expect(refusalOf(() => oaep.encrypt(publicKey, parameter, Buffer.alloc(bytesMax + 1)))).toBe('CKR_DATA_LEN_RANGE')
    const others = [oaepParameter(hash), oaepParameter(hash, Buffer.from('Label'))]
    for (const other of [...others, oaepParameter(hash === 'SHA256' ? 'SHA512' : 'SHA256', Buffer.from('label'))]) {
      expect(refusalOf(() => oaep.decrypt(privateKey, other, ciphertext))).toBe('CKR_ENCRYPTED_DATA_INVALID')
    }
  })
})

test('OAEP without a label, or with an empty one, is the same', () => {
  const ciphertext = oaep.encrypt(publicKey, oaepParameter('SHA256', Buffer.of()), message)
  expect(oaep.decrypt(privateKey, oaepParameter('SHA256'), ciphertext)).toEqual(message)
})

test('OAEP refuses a mask of another digest, a digest it has no mask of, and a parameter of another kind', () => {
  const refused = (parameter: MechanismParameter): string => refusalOf(() => oaep.check(publicKey, parameter))
  const good = oaepParameter('SHA256')
  oaep.check(publicKey, good)
  for (const wrong of [
    { ...good, mgf: 1 },
    { ...good, mgf: 0 },
    { ...good, hash: ckm('SHA512_256') },
    { ...good, hash: 0, mgf: 0 },
    { ...good, mgf: 0x80000002 },
    noParameter,
    { kind: 'bytes', bytes: Buffer.of(1) },
    { kind: 'pss', hash: good.hash, mgf: good.mgf, saltBytes: 0 },
  ] as const) {
    expect(refused(wrong)).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
  const small = asKey('CKK_RSA', generateKeyPairSync('rsa', { modulusLength: 512 }).publicKey)
  expect(refusalOf(() => oaep.check(small, good))).toBe('CKR_KEY_SIZE_RANGE')
  oaep.check(small, oaepParameter('SHA_1'))
  expect(refusalOf(() => pkcs1.check(publicKey, good))).toBe('CKR_MECHANISM_PARAM_INVALID')
})

describe.each([
  ['RSA_PKCS', noParameter],
  ['RSA_PKCS_OAEP', oaepParameter('SHA_1')],
] as const)('%s', (name, parameter) => {
  test('refuses keys of another type, public ones for decryption, and ciphertexts that are not as long as the modulus', () => {
    const cipher = mechanism(name)
    const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    for (const key of [asKey('CKK_EC', ec), asKey('CKK_RSA', ec), asKey('CKK_EC', pair.privateKey)]) {
      expect(refusalOf(() => cipher.check(key, parameter))).toBe('CKR_KEY_TYPE_INCONSISTENT')
      expect(refusalOf(() => cipher.encrypt(key, parameter, message))).toBe('CKR_KEY_TYPE_INCONSISTENT')
      expect(refusalOf(() => cipher.decrypt(key, parameter, message))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    }
    const ciphertext = cipher.encrypt(publicKey, parameter, message)
    expect(refusalOf(() => cipher.decrypt(publicKey, parameter, ciphertext))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    for (const length of [0, 255, 257]) {
      const other = Buffer.concat([ciphertext, Buffer.of(0)]).subarray(0, length)
      expect(refusalOf(() => cipher.decrypt(privateKey, parameter, other))).toBe('CKR_ENCRYPTED_DATA_LEN_RANGE')
    }
    expect(refusalOf(() => cipher.decrypt(privateKey, parameter, Buffer.alloc(256, 0xff)))).toBe(
      'CKR_ENCRYPTED_DATA_INVALID',
    )
    const even = createPublicKey({
      key: { kty: 'RSA', n: Buffer.alloc(256, 0xfe).toString('base64url'), e: 'AQAB' },
      format: 'jwk',
    })
    expect(refusalOf(() => cipher.encrypt(asKey('CKK_RSA', even), parameter, message))).toBe('CKR_FUNCTION_FAILED')
  })
})
