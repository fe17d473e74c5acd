/** Encryption under root keys: the published vectors of GCM, a second implementation's view, and every altered bit. */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fields, FrameBatch } from './frames.ts'
import { IvPool } from './iv-pool.ts'
import { openSealed, putSealed } from './sealed-text.ts'
import { UnitError } from './unit-error.ts'

/** "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, appendix B: test cases 4, 10 and 16. */
const aad = Buffer.from('feedfacedeadbeeffeedfacedeadbeefabaddad2', 'hex')
const iv = Buffer.from('cafebabefacedbaddecaf888', 'hex')
const plaintext =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'
const cases = [
  {
    key: 'feffe9928665731c6d6a8f9467308308',
    ciphertext:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c',
    ciphertext:
      '3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710',
    tag: '2519498e80f1478f37ba55bd6d27618c',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    ciphertext:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
] as const

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof UnitError ? error.status : 'another error'
  }
  return 'no error'
}

test.each(cases)('the published vector for a key of $key.length hex digits opens', ({ key, ciphertext, tag }) => {
  const opened = openSealed(secret(key), iv, Buffer.from(ciphertext + tag, 'hex'), aad)
  expect(opened.toString('hex')).toBe(plaintext)
})

test.each(cases)('any flipped bit of vector, iv or aad is refused ($key.length)', ({ key, ciphertext, tag }) => {
  const sealed = Buffer.from(ciphertext + tag, 'hex')
  for (const flipped of flips(sealed)) expect(codeOf(() => openSealed(secret(key), iv, flipped, aad))).toBe('TAMPERED')
  for (const flipped of flips(iv)) expect(codeOf(() => openSealed(secret(key), flipped, sealed, aad))).toBe('TAMPERED')
  for (const flipped of flips(aad)) expect(codeOf(() => openSealed(secret(key), iv, sealed, flipped))).toBe('TAMPERED')
})

test('an iv or a tag of another length is refused before any cipher sees it', () => {
  const [{ key, ciphertext, tag }] = cases
  const sealed = Buffer.from(ciphertext + tag, 'hex')
  expect(codeOf(() => openSealed(secret(key), Buffer.alloc(16), sealed, aad))).toBe('TAMPERED')
  expect(codeOf(() => openSealed(secret(key), Buffer.alloc(0), sealed, aad))).toBe('TAMPERED')
  expect(codeOf(() => openSealed(secret(key), iv, sealed.subarray(0, 15), aad))).toBe('TAMPERED')
})

test('what is sealed here opens with a raw key in node:crypto, and the other way round', () => {
  const ivs = new IvPool()
  const keyBytes = fc.constantFrom(16, 24, 32).map((count) => randomBytes(count))
  fc.assert(
    fc.property(keyBytes, fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 200 }), (raw, text, data) => {
      const out = new FrameBatch()
      putSealed(out, createSecretKey(raw), Buffer.from(text), Buffer.from(data), ivs)
      const answer = new Fields(Buffer.from(out.take()))
      const usedIv = answer.raw(12)
      const sealed = answer.bytes(1000)
      const cipherName = `aes-${raw.length * 8}-gcm` as 'aes-256-gcm'
      const decipher = createDecipheriv(cipherName, raw, usedIv).setAAD(data).setAuthTag(sealed.subarray(-16))
      expect(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])).toEqual(Buffer.from(text))
      const cipher = createCipheriv(cipherName, raw, usedIv).setAAD(data)
      const theirs = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
      expect(openSealed(createSecretKey(raw), usedIv, theirs, Buffer.from(data))).toEqual(Buffer.from(text))
    }),
  )
})

test('no initialisation vector is given out twice, across refills of the pool', () => {
  const ivs = new IvPool()
  const seen = new Set<string>()
  for (let count = 0; count < 5_000; count++) seen.add(ivs.take().toString('hex'))
  expect(seen.size).toBe(5_000)
})

function secret(hex: string): ReturnType<typeof createSecretKey> {
  return createSecretKey(Buffer.from(hex, 'hex'))
}

/** Each byte with one bit turned over. */
function* flips(bytes: Buffer): Generator<Buffer> {
  for (const index of bytes.keys()) {
    const flipped = Buffer.from(bytes)
    flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8))
    yield flipped
  }
}
