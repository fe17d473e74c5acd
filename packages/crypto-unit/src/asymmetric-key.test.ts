/** Keys that clients bring: OpenSSL reads RSA and EC keys whose numbers are bounded, and never sees another. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { isPrivateEncoding, openAsymmetric, type KeyEncoding } from './asymmetric-key.ts'
import { algorithmIdentifier, bitString, objectIdentifier, privateKeyInfo } from './ep11/der.ts'
import { longDhKey, longDsaKey, longRsaKey, longRsaNumbers, longRsaSpki } from './testing/long-keys.ts'
import { element, octets, sequence, tags } from './tke/der.ts'

vi.mock('node:crypto', { spy: true })

const readers = [createPrivateKey, createPublicKey]
const pair = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }),
  dsa: generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  other: generateKeyPairSync('ec', { namedCurve: 'sect571r1' }),
  explicit: generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
  edwards: generateKeyPairSync('ed25519'),
}

const der = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' | 'spki'): Buffer =>
  key.type === 'private'
    ? key.export({ format: 'der', type: type as 'pkcs8' })
    : key.export({ format: 'der', type: type as 'spki' })

const one = Buffer.from('020101', 'hex')
const p256 = objectIdentifier('1.2.840.10045.3.1.7')
const p384 = objectIdentifier('1.3.132.0.34')
const named = (curve: Buffer): Buffer => element(tags.CONSTRUCTED_0, curve)
const ecInfo = (curve: Buffer, inner: Buffer): Buffer =>
  privateKeyInfo(algorithmIdentifier(Buffer.from('2a8648ce3d0201', 'hex'), curve), inner)
const number = (bytes: number): Buffer => octets(Buffer.alloc(bytes, 0x7f))

afterEach(() => {
  for (const reader of readers) vi.mocked(reader).mockClear()
})

test.each<[string, KeyEncoding, Buffer]>([
  ['a DSA key', 'pkcs8', der(pair.dsa.privateKey, 'pkcs8')],
  ['a DSA key with a P of 6 KB', 'pkcs8', longDsaKey({ p: 6000, x: 6000 })],
  ['a DH key', 'pkcs8', longDhKey({})],
  // OpenSSL reads any PKCS #8 where it is told to read one of these.
  ['a DSA key as PKCS #1', 'pkcs1-private', der(pair.dsa.privateKey, 'pkcs8')],
  ['a DSA key as ECPrivateKey', 'sec1', der(pair.dsa.privateKey, 'pkcs8')],
  ['an RSA key of PKCS #8 as PKCS #1', 'pkcs1-private', der(pair.rsa.privateKey, 'pkcs8')],
  ['a public DSA key', 'spki', der(pair.dsa.publicKey, 'spki')],
  ['an Edwards key', 'pkcs8', der(pair.edwards.privateKey, 'pkcs8')],
  ['a public Edwards key', 'spki', der(pair.edwards.publicKey, 'spki')],
  ['a modulus of 4104 bits in PKCS #8', 'pkcs8', longRsaKey(513)],
  ['a modulus of 4104 bits in PKCS #1', 'pkcs1-private', longRsaNumbers(513)],
  ['a private exponent longer than its modulus', 'pkcs1-private', longRsaNumbers(128, 3, 129)],
  ['a prime longer than the modulus', 'pkcs8', longRsaKey(128, 3, 128, 129)],
  ['a public key with a modulus of 4104 bits', 'spki', longRsaSpki(513, 3)],
  ['a public exponent longer than its modulus', 'spki', longRsaSpki(128, 129)],
  ['a public key of PKCS #1 with such an exponent', 'pkcs1-public', sequence(one, Buffer.from('02020101', 'hex'))],
  ['a private key on a curve that is not known', 'pkcs8', der(pair.other.privateKey, 'pkcs8')],
  ['an ECPrivateKey on a curve that is not known', 'sec1', der(pair.other.privateKey, 'sec1')],
  ['a public key on a curve that is not known', 'spki', der(pair.other.publicKey, 'spki')],
  ['a private key on a curve given by its numbers', 'pkcs8', der(pair.explicit.privateKey, 'pkcs8')],
  ['an ECPrivateKey on a curve given by its numbers', 'sec1', der(pair.explicit.privateKey, 'sec1')],
  ['a public key on a curve given by its numbers', 'spki', der(pair.explicit.publicKey, 'spki')],
  ['a number longer than its curve', 'sec1', sequence(one, number(33), named(p256))],
  ['such a number in PKCS #8', 'pkcs8', ecInfo(p256, sequence(one, number(33)))],
  ['a key on two curves', 'pkcs8', ecInfo(p256, sequence(one, number(32), named(p384)))],
  ['a key on no curve', 'sec1', sequence(one, number(32), element(tags.CONSTRUCTED_1, bitString(Buffer.alloc(65, 4))))],
])('%s is refused, and OpenSSL never sees it', (_, encoding, key) => {
  expect(() => openAsymmetric(key, encoding)).toThrow('The key is no RSA or EC key of its encoding.')
  for (const reader of readers) expect(reader).not.toHaveBeenCalled()
})

test.each<[KeyEncoding, KeyObject, 'pkcs1' | 'pkcs8' | 'sec1' | 'spki']>([
  ['pkcs1-private', pair.rsa.privateKey, 'pkcs1'],
  ['pkcs8', pair.rsa.privateKey, 'pkcs8'],
  ['pkcs1-public', pair.rsa.publicKey, 'pkcs1'],
  ['spki', pair.rsa.publicKey, 'spki'],
  ['pkcs8', pair.ec.privateKey, 'pkcs8'],
  ['sec1', pair.ec.privateKey, 'sec1'],
  ['spki', pair.ec.publicKey, 'spki'],
])('a key in %s is read', (encoding, key, type) => {
  expect(openAsymmetric(der(key, type), encoding).key.equals(key)).toBe(true)
  expect(isPrivateEncoding(encoding) ? createPrivateKey : createPublicKey).toHaveBeenCalledOnce()
})

test('a private key on a curve is read also where the curve stands in it and around it, as some write it', () => {
  const { d = '' } = pair.ec.privateKey.export({ format: 'jwk' })
  const inner = sequence(one, octets(Buffer.from(d, 'base64url')), named(p256))
  expect(openAsymmetric(ecInfo(p256, inner), 'pkcs8').key.equals(pair.ec.privateKey)).toBe(true)
})
