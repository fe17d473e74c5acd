/** Keys that are derived inside the unit: published results, what is refused, and requests that are none. */
import { createHash, generateKeyPairSync, diffieHellman } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exportAsymmetric } from './asymmetric-key.ts'
import { putDerivation, type Derivation } from './derivation.ts'
import { FrameBatch } from './frames.ts'
import { materialForms } from './key-use.ts'
import { operations } from './protocol.ts'
import { putStored } from './testing/in-process-unit.ts'
import { SealingUnit, objectAad, putSealed, rootName } from './testing/sealing-unit.ts'

const house = new SealingUnit()
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const utf8 = (text: string): Buffer => Buffer.from(text)

async function derived(base: Uint8Array, derivation: Derivation, count: number): Promise<string> {
  const { status, fields } = await house.derive(house.seal(base), derivation, count)
  if (status !== 'OK') return status
  const parts = { iv: fields.raw(12), sealed: fields.bytes(1_024) }
  const sha256 = fields.raw(32)
  fields.end()
  const material = house.unseal(parts).fields.bytesAll
  expect(createHash('sha256').update(material).digest()).toEqual(sha256)
  return material.toString('hex')
}

describe('published results', () => {
  test.each([
    ['password', 'salt', 1, 20, '0c60c80f961f0e71f3a9b524af6012062fe037a6'],
    ['password', 'salt', 4_096, 20, '4b007901b765489abead49d926f721d065a429c1'],
    [
      'passwordPASSWORDpassword',
      'saltSALTsaltSALTsaltSALTsaltSALTsalt',
      4_096,
      25,
      '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038',
    ],
  ])('PBKDF2 (RFC 6070): %s, %s, %i', async (password, salt, iterations, count, expected) => {
    const derivation: Derivation = { method: 'PBKDF2', hash: 'SHA-1', salt: utf8(salt), iterations }
    expect(await derived(utf8(password), derivation, count)).toBe(expected)
  })

  test('HMAC (RFC 4231, case 1) and its leftmost bytes', async () => {
    const derivation: Derivation = { method: 'HMAC', hash: 'SHA-256', data: utf8('Hi There') }
    const mac = 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'
    expect(await derived(Buffer.alloc(20, 0x0b), derivation, 32)).toBe(mac)
    expect(await derived(Buffer.alloc(20, 0x0b), derivation, 16)).toBe(mac.slice(0, 32))
  })

  test('HASH (FIPS 180-4, the example of one block)', async () => {
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(await derived(utf8('abc'), { method: 'HASH', hash: 'SHA-256' }, 32)).toBe(digest)
  })

  test('ENCRYPT (SP 800-38A, F.1.1)', async () => {
    const use = {
      what: 'encrypt',
      algorithm: 'AES',
      mode: 'ECB',
      padding: 'None',
      data: hex('6bc1bee22e409f96e93d7e117393172a'),
    } as const
    const made = await derived(hex('2b7e151628aed2a6abf7158809cf4f3c'), { method: 'ENCRYPT', use }, 16)
    expect(made).toBe('3ad77bb40d7a3660a89ecaf32466ef97')
  })
})

test('a secret is agreed on with a key of the same curve, and with no other', async () => {
  const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const agreement = (peer: Uint8Array): Derivation => ({ method: 'ECDH', encoding: 'pkcs8', peer })
  const base = exportAsymmetric(mine.privateKey, 'pkcs8')
  const secret = diffieHellman({ privateKey: theirs.privateKey, publicKey: mine.publicKey })
  expect(await derived(base, agreement(exportAsymmetric(theirs.publicKey, 'spki')), 32)).toBe(secret.toString('hex'))
  for (const other of [
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
    generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey,
  ]) {
    expect(await derived(base, agreement(exportAsymmetric(other, 'spki')), 32)).toBe('INVALID')
  }
  expect(await derived(base, agreement(Buffer.alloc(90, 0x30)), 32)).toBe('INVALID')
  const spki = exportAsymmetric(theirs.publicKey, 'spki')
  expect(await derived(spki, { method: 'ECDH', encoding: 'spki', peer: spki }, 32)).toBe('INVALID')
})

test('more than a method gives, sizes that no key has and counts that are none are refused', async () => {
  const data = utf8('data')
  const hmac: Derivation = { method: 'HMAC', hash: 'SHA-256', data }
  const password = (iterations: number): Derivation => ({ method: 'PBKDF2', hash: 'SHA-1', salt: data, iterations })
  expect(await derived(data, hmac, 33)).toBe('INVALID')
  for (const count of [0, 513, 0xffff_ffff]) expect(await derived(data, hmac, count)).toBe('LIMIT')
  for (const iterations of [0, 1_000_001]) expect(await derived(data, password(iterations), 16)).toBe('INVALID')
  const use = { what: 'encrypt', algorithm: 'AES', mode: 'ECB', padding: 'None', data } as const
  expect(await derived(data, { method: 'ENCRYPT', use }, 4)).toBe('INVALID')
})

test('each byte of a key of 3DES has odd parity', async () => {
  const derivation: Derivation = { method: 'HASH', hash: 'SHA-512' }
  const { fields } = await house.derive(house.seal(utf8('base')), derivation, 24, 'des')
  const material = house.unseal({ iv: fields.raw(12), sealed: fields.bytes(1_024) }).fields.bytesAll
  expect([...material].every((byte) => byte.toString(2).replaceAll('0', '').length % 2 === 1)).toBe(true)
})

test('a base of another object, or altered, derives nothing', async () => {
  const base = house.seal(utf8('base'), utf8('another object'))
  expect((await house.derive(base, { method: 'HASH', hash: 'SHA-256' }, 32)).status).toBe('BROKEN_BLOB')
})

describe('requests', () => {
  const payloadOf = (derivation: Derivation): Buffer => {
    const batch = new FrameBatch()
    putStored(batch, rootName, house.blob)
    batch.bytes(objectAad)
    putStored(batch, rootName, house.blob)
    putSealed(batch, house.seal(utf8('base')), objectAad)
    putDerivation(batch, derivation)
    batch.u8(materialForms.indexOf('any'))
    batch.u32(16)
    return Buffer.from(batch.take())
  }
  const derivations: readonly Derivation[] = [
    { method: 'HASH', hash: 'SHA-256' },
    { method: 'PBKDF2', hash: 'SHA-256', salt: utf8('salt'), iterations: 2 },
    { method: 'NIST800-108-F', hash: 'SHA3-256', data: utf8('data'), iv: utf8('iv') },
    {
      method: 'ENCRYPT',
      use: { what: 'encrypt', algorithm: 'AES', mode: 'ECB', padding: 'PKCS5', data: utf8('data') },
    },
    { method: 'ECDH', encoding: 'pkcs8', peer: utf8('peer') },
  ]

  test.each(derivations)('for $method cut anywhere or made longer are malformed', async (derivation) => {
    const request = payloadOf(derivation)
    const longer = Buffer.concat([request, Buffer.alloc(1)])
    for (let count = 0; count <= longer.length; count++) {
      const answer = await house.unit.sendPatiently(operations.DERIVE, Buffer.from(longer.subarray(0, count)))
      expect([count, answer.status === 'MALFORMED']).toEqual([count, count !== request.length])
    }
  })

  test.each(derivations)(
    'for $method altered anywhere are answered, never with a failure of the unit',
    async (derivation) => {
      const request = payloadOf(derivation)
      await fc.assert(
        fc.asyncProperty(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
          const altered = Buffer.from(request)
          altered[at] = (altered[at] ?? 0) ^ mask
          expect((await house.unit.sendPatiently(operations.DERIVE, altered)).status).not.toBe('FAILED')
        }),
        { numRuns: 150 },
      )
    },
  )

  test('are refused while an instance has too many of the slow ones, and served again afterwards', async () => {
    const base = house.seal(utf8('base'))
    const slow: Derivation = { method: 'PBKDF2', hash: 'SHA-512', salt: utf8('salt'), iterations: 5_000 }
    // All are sent before one of them can be answered.
    const answers = await Promise.all(Array.from({ length: 18 }, () => house.derive(base, slow, 16)))
    const statuses = answers.map(({ status }) => status)
    expect([statuses.filter((status) => status === 'OK').length, statuses.slice(16)]).toEqual([16, ['BUSY', 'BUSY']])
    expect((await house.derive(base, slow, 16)).status).toBe('OK')
    const quick = Array.from({ length: 40 }, () => house.derive(base, { method: 'HASH', hash: 'SHA-256' }, 16))
    for (const { status } of await Promise.all(quick)) expect(status).toBe('OK')
  })
})
