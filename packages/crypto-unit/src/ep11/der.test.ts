/** Key structures in DER: what is written here is what OpenSSL writes, and what it writes is read. */
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { DerReader, sequence } from '../tke/der.ts'
import {
  algorithmIdentifier,
  parametersOf,
  privateKeyInfo,
  publicKeyInfo,
  readPrivateKeyInfo,
  readPublicKeyInfo,
  takeUnsigned,
  unsignedInteger,
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
