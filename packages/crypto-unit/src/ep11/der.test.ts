/** Key structures in DER: what is written here is what OpenSSL writes, and what it writes is read. */
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { DerReader, element, sequence, tags } from '../tke/der.ts'
import {
  algorithmIdentifier,
  bitString,
  objectIdentifier,
  parametersOf,
  privateKeyInfo,
  publicKeyInfo,
  readPrivateKeyInfo,
  readPublicKeyInfo,
  takeUnsigned,
  unsignedInteger,
  wholeBytes,
} from './der.ts'

test('an unsigned INTEGER is as short as it can be, and never negative', () => {
  for (const [bytes, der] of [
    ['', '020100'],
    ['0000', '020100'],
    ['7f', '02017f'],
    ['80', '02020080'],
    ['0000ff01', '020300ff01'],
  ] as const) {
    expect(unsignedInteger(Buffer.from(bytes, 'hex')).toString('hex')).toBe(der)
  }
  expect(takeUnsigned(new DerReader(Buffer.from('020300ff01', 'hex'))).toString('hex')).toBe('00ff01')
  for (const wrong of ['0200', '020180', '0400', '0202ff']) {
    expect(() => takeUnsigned(new DerReader(Buffer.from(wrong, 'hex')))).toThrow('DER')
  }
})

test('keys of OpenSSL are taken apart and put together again byte for byte', () => {
  const { privateKey, publicKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const outer = readPublicKeyInfo(spki)
  expect(publicKeyInfo(outer.algorithm, outer.key)).toEqual(spki)
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const inner = readPrivateKeyInfo(pkcs8)
  expect(inner.algorithm).toEqual(outer.algorithm)
  expect(privateKeyInfo(inner.algorithm, inner.key)).toEqual(pkcs8)
  const identifier = Buffer.from('2a8648ce380401', 'hex')
  expect(algorithmIdentifier(identifier, parametersOf(outer.algorithm))).toEqual(outer.algorithm)
})

test('what is cut off or followed by more is refused', () => {
  const spki = publicKeyInfo(algorithmIdentifier(Buffer.of(1), sequence()), Buffer.of(1, 2))
  expect(readPublicKeyInfo(spki).key).toEqual(Buffer.of(1, 2))
  for (let length = 0; length < spki.length; length++) {
    expect(() => readPublicKeyInfo(spki.subarray(0, length))).toThrow('DER')
  }
  expect(() => readPublicKeyInfo(Buffer.concat([spki, Buffer.of(0)]))).toThrow('DER')
  expect(() => parametersOf(Buffer.from('3003060101', 'hex'))).toThrow('DER')
})

test('object identifiers are written as OpenSSL writes them', () => {
  const known = {
    '1.2.840.10045.2.1': '06072a8648ce3d0201',
    '1.2.840.113549.1.1.1': '06092a864886f70d010101',
    '1.3.36.3.3.2.8.1.1.14': '06092b240303020801010e',
    '1.3.101.113': '06032b6571',
    '2.16.840.1.101.3.4.3.17': '0609608648016503040311',
    '2.999': '06028837',
    '1.3.6.1.4.1.4294967295': '060a2b060104018fffffff7f',
  }
  for (const [dotted, hex] of Object.entries(known)) expect(objectIdentifier(dotted).toString('hex')).toBe(hex)
})

test('a bit string gives back its bytes, and one with unused bits or without a count of them is refused', () => {
  const contents = new DerReader(bitString(Buffer.of(1, 2))).take(tags.BIT_STRING)
  expect(wholeBytes(contents)).toEqual(Buffer.of(1, 2))
  for (const bits of ['', '0180', '08']) {
    expect(() => wholeBytes(Buffer.from(bits, 'hex'))).toThrow('DER')
    const spki = sequence(sequence(), element(tags.BIT_STRING, Buffer.from(bits, 'hex')))
    expect(() => readPublicKeyInfo(spki)).toThrow('DER')
  }
})
