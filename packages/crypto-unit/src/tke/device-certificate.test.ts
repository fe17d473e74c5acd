/** Device certificates: vector V11 verifies under its root, and nowhere a byte of it can be another one. */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeDeviceCertificate,
  makeDeviceCertificate,
  rootKey,
  rootOf,
  verifyDeviceCertificate,
  type DeviceRoot,
} from './device-certificate.ts'
import { pointOfKey, pointSki } from './p521.ts'
import { ProtocolError } from '../frames.ts'
import { v11, v2 } from '../testing/tke-vectors.ts'

const vector = Buffer.from(v11.certificate, 'hex')
const root = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
const module = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey

test('vector V11: the certificate is read, and proves the key of the module', () => {
  const { point, signerSki, subjectSki } = decodeDeviceCertificate(vector)
  expect(signerSki).toBe(v11.root.ski)
  expect(subjectSki).toBe('0ef3e133af5a3cc2cf768a8cd7bbc4002fbe134d8f92664355773e8238f62102')
  expect(pointSki(point).toString('hex')).toBe(subjectSki)
  expect(pointOfKey(verifyDeviceCertificate(vector, v11.root))).toEqual(point)
})

test('vector V11: the root has the identifier of its coordinates', () => {
  expect(rootOf(rootKey(v11.root))).toEqual(v11.root)
})

function verdict(bytes: Uint8Array, under: DeviceRoot): string {
  try {
    verifyDeviceCertificate(bytes, under)
    return 'taken'
  } catch (error) {
    return error instanceof ProtocolError ? 'refused' : 'another error'
  }
}

test('vector V11: with any byte altered the certificate is refused', () => {
  expect(verdict(vector, v11.root)).toBe('taken')
  const verdicts = Array.from(vector, (byte, at) => {
    const altered = Buffer.from(vector)
    altered[at] = byte ^ 1
    return `${at} ${verdict(altered, v11.root)}`
  })
  expect(verdicts.filter((text) => !text.endsWith(' refused'))).toEqual([])
})

test('a certificate cut off anywhere, or with a byte behind it, is refused', () => {
  for (let count = 0; count < vector.length; count++) {
    expect(verdict(vector.subarray(0, count), v11.root)).toBe('refused')
    expect(() => decodeDeviceCertificate(vector.subarray(0, count))).toThrow(ProtocolError)
  }
  expect(() => decodeDeviceCertificate(Buffer.concat([vector, Buffer.alloc(1)]))).toThrow(ProtocolError)
  expect(verdict(Buffer.concat([vector, Buffer.alloc(1)]), v11.root)).toBe('refused')
})

test('a certificate of ours is as long as the one of the reference, and proves the key under the root alone', () => {
  const certificate = makeDeviceCertificate(module, root)
  expect(certificate.length).toBe(vector.length)
  expect(verifyDeviceCertificate(certificate, rootOf(root)).equals(createPublicKey(module))).toBe(true)
  expect(decodeDeviceCertificate(certificate)).toEqual({
    point: pointOfKey(module),
    subjectSki: pointSki(pointOfKey(module)).toString('hex'),
    signerSki: rootOf(root).ski,
  })
  expect(verdict(certificate, v11.root)).toBe('refused')
  expect(verdict(vector, rootOf(root))).toBe('refused')
})

test('a certificate of ours has the fixed bytes of the reference wherever no key, name or time stands', () => {
  const fixed = (certificate: Buffer): string => {
    const bytes = Buffer.from(certificate)
    const named = [
      [40 + 17, 8],
      [40 + 27, 12],
      [40 + 41, 32],
      [40 + 87, 32],
      [40 + 121, 32],
      [40 + 155, 16],
      [216 + 25, 133],
      [376 + 8, 32],
      [376 + 73, 66],
      [376 + 141, 66],
    ] as const
    for (const [at, length] of named) bytes.fill(0, at, at + length)
    return bytes.toString('hex')
  }
  expect(fixed(makeDeviceCertificate(module, root))).toBe(fixed(vector))
})

test('keys made at random are certified and proved', () => {
  fc.assert(
    fc.property(fc.constant(undefined), () => {
      const one = generateKeyPairSync('ec', { namedCurve: 'P-521' })
      const other = generateKeyPairSync('ec', { namedCurve: 'P-521' })
      const certificate = makeDeviceCertificate(one.publicKey, other.privateKey)
      expect(verifyDeviceCertificate(certificate, rootOf(other.publicKey)).equals(one.publicKey)).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('a root that certifies itself is refused, as clients refuse it', () => {
  expect(verdict(makeDeviceCertificate(root, root), rootOf(root))).toBe('refused')
})

const SIGNER_AT = 376

/** The certificate with its signed part signed anew. */
function signedBy(certificate: Buffer, key: KeyObject): Buffer {
  const signed = Buffer.from(certificate)
  const signature = sign('sha512', signed.subarray(0, SIGNER_AT), { key, dsaEncoding: 'ieee-p1363' })
  signature.copy(signed, SIGNER_AT + 73, 0, 66)
  signature.copy(signed, SIGNER_AT + 141, 66)
  return signed
}

test('another signer who names the root is refused, and so is the root under another name', () => {
  const certificate = makeDeviceCertificate(module, root)
  expect(verdict(signedBy(certificate, root), rootOf(root))).toBe('taken')
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
  expect(verdict(signedBy(certificate, stranger), rootOf(root))).toBe('refused')
  certificate.fill(0, 40 + 121, 40 + 153)
  expect(verdict(signedBy(certificate, root), rootOf(root))).toBe('refused')
})

test('a point that is not on the curve is refused, though the root signed it', () => {
  const certificate = makeDeviceCertificate(module, root)
  certificate.fill(0, 216 + 26, 216 + 158)
  expect(verdict(signedBy(certificate, root), rootOf(root))).toBe('refused')
})

test('a root whose coordinates are no point, or are not those of its hash, is refused', () => {
  const refused = [
    { ...v11.root, ski: v2.ski },
    { ...v11.root, x: v2.x },
    { ...v11.root, y: '' },
    { ...v11.root, x: `zz${v11.root.x.slice(2)}` },
    { ...v11.root, x: v2.x, y: v2.y },
  ]
  for (const one of refused) {
    expect(() => rootKey(one)).toThrow(ProtocolError)
    expect(verdict(vector, one)).toBe('refused')
  }
})
