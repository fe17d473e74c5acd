/** Sealed keys: fresh ones and their use inside the unit, what is refused, and frames that are none. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameBatch } from './frames.ts'
import { materialForms, putKeyUse, readOutcome, type DecryptUse, type EncryptUse } from './key-use.ts'
import {
  FRESH_BYTES_MAX,
  MATERIAL_AAD_BYTES_MAX,
  MATERIAL_BYTES_MAX,
  PLAINTEXT_BYTES_MAX,
  RANDOM_BYTES_MAX,
  operations,
} from './protocol.ts'
import { identities, putStored, type Answer } from './testing/in-process-unit.ts'
import { SealingUnit, objectAad, putSealed, rootName } from './testing/sealing-unit.ts'

const house = new SealingUnit()
const random = (count: number): Answer => house.unit.call(operations.RANDOM, (request) => request.u32(count))

const encrypting: EncryptUse = {
  what: 'encrypt',
  algorithm: 'AES',
  mode: 'GCM',
  padding: 'None',
  data: Buffer.from('text'),
  additional: Buffer.from('more'),
}

describe('fresh keys', () => {
  test.each([1, 16, 24, 32, 64, FRESH_BYTES_MAX])(
    'one of %i bytes opens under its root key to what its digest is of',
    (count) => {
      const made = house.fresh(count)
      const material = house.unseal(made).fields.bytesAll
      expect(material.length).toBe(count)
      expect(createHash('sha256').update(material).digest('hex')).toBe(made.sha256)
    },
  )

  test('no two are the same', () => {
    const digests = Array.from({ length: 200 }, () => house.fresh(16).sha256)
    expect(new Set(digests).size).toBe(200)
  })

  test('each byte of a key of 3DES has odd parity, and otherwise half of them have', () => {
    const isOdd = (byte: number): boolean => byte.toString(2).replaceAll('0', '').length % 2 === 1
    for (let round = 0; round < 50; round++) {
      for (const count of [16, 24]) {
        const made = house.fresh(count, 'des')
        const material = house.unseal(made).fields.bytesAll
        expect([...material].every(isOdd)).toBe(true)
        expect(createHash('sha256').update(material).digest('hex')).toBe(made.sha256)
      }
    }
    const odd = [...house.unseal(house.fresh(512)).fields.bytesAll].filter(isOdd).length
    expect(odd).toBeGreaterThan(128)
    expect(odd).toBeLessThan(384)
  })

  test('sizes that no key has are refused', () => {
    for (const count of [0, FRESH_BYTES_MAX + 1, 0xffff_ffff]) expect(house.sealFresh(count).status).toBe('LIMIT')
    for (const count of [0, 8, 15, 17, 32]) expect(house.sealFresh(count, 'des').status).toBe('LIMIT')
  })

  test('one that was sealed with other data does not open', () => {
    const made = house.fresh(16)
    const { status } = house.unseal(made, Buffer.from('another object'))
    expect(status).toBe('TAMPERED')
  })
})

describe('uses', () => {
  test('what one use encrypts another decrypts', () => {
    const key = house.fresh(32)
    const made = readOutcome(house.apply(key, encrypting).fields, 'encrypt')
    expect([made.iv?.length, made.tag?.length]).toEqual([12, 16])
    const back: DecryptUse = { ...encrypting, what: 'decrypt', ...made }
    expect(Buffer.from(readOutcome(house.apply(key, back).fields, 'decrypt').data).toString()).toBe('text')
    expect(house.apply(key, { ...back, data: Buffer.from('Text') }).status).toBe('TAMPERED')
    expect(house.apply(house.fresh(32), back).status).toBe('TAMPERED')
    expect(house.apply(house.fresh(31), back).status).toBe('INVALID')
  })

  test('a MAC is the one that the material gives, and is found right or wrong', () => {
    const material = randomBytes(200)
    const key = house.seal(material)
    const data = Buffer.from('a message')
    const right = createHmac('sha3-384', material).update(data).digest()
    const { fields } = house.apply(key, { what: 'mac', hash: 'SHA3-384', data })
    expect(Buffer.from(readOutcome(fields, 'mac').data)).toEqual(right)
    for (const [mac, ok] of [
      [right, true],
      [Buffer.alloc(48), false],
      [Buffer.alloc(0), false],
    ] as const) {
      const verified = house.apply(key, { what: 'mac-verify', hash: 'SHA3-384', data, mac })
      expect(readOutcome(verified.fields, 'mac-verify')).toEqual({ ok })
    }
  })

  test('a key of another object, altered, or under another kind or id is not used', () => {
    const key = house.fresh(32)
    const altered = Buffer.from(key.sealed)
    altered[5] = (altered[5] ?? 0) ^ 1
    const cut = key.sealed.subarray(0, 15)
    expect(house.apply(key, encrypting, Buffer.from('another object')).status).toBe('BROKEN_BLOB')
    expect(house.apply({ ...key, sealed: altered }, encrypting).status).toBe('BROKEN_BLOB')
    expect(house.apply({ ...key, sealed: cut }, encrypting).status).toBe('BROKEN_BLOB')
    expect(house.apply({ ...key, iv: key.iv.subarray(1) }, encrypting).status).toBe('BROKEN_BLOB')
    expect(house.apply(key, encrypting, objectAad, { ...rootName, id: 'key-9' }).status).toBe('BROKEN_BLOB')
    expect(house.apply(key, encrypting, objectAad, { ...rootName, kind: 'standard-key' }).status).toBe('KIND')
    expect(house.apply(key, encrypting, objectAad, { ...rootName, instance: 'another' }).status).toBe('NOT_READY')
    expect(house.sealFresh(16, 'any', objectAad, { ...rootName, kind: 'standard-key' }).status).toBe('KIND')
    expect(house.sealFresh(16, 'any', objectAad, { ...rootName, id: 'key-9' }).status).toBe('BROKEN_BLOB')
  })

  test('the largest of everything fits one frame', () => {
    const data = Buffer.alloc(MATERIAL_AAD_BYTES_MAX, 1)
    const parts = house.seal(Buffer.alloc(MATERIAL_BYTES_MAX, 2), data)
    const text = Buffer.alloc(PLAINTEXT_BYTES_MAX, 3)
    expect(house.apply(parts, { what: 'mac', hash: 'SHA-512', data: text }, data).status).toBe('OK')
    const padded = { ...encrypting, mode: 'CBC', padding: 'PKCS5', data: text, additional: Buffer.alloc(0) } as const
    const { data: made, iv } = readOutcome(house.apply(house.fresh(32), padded).fields, 'encrypt')
    expect([made.length, iv?.length]).toEqual([PLAINTEXT_BYTES_MAX + 16, 16])
  })

  test('none works once the last unit has given up its master key', () => {
    const other = new SealingUnit()
    const key = other.fresh(32)
    expect(other.apply(key, encrypting).status).toBe('OK')
    for (const identity of identities.slice(0, 2)) {
      other.unit.carryOut(identity, 'CLEAR_CURRENT', Buffer.alloc(0), other.administrators)
    }
    expect([other.sealFresh(16).status, other.apply(key, encrypting).status]).toEqual(['NOT_READY', 'NOT_READY'])
  })
})

test('random numbers are as many as asked, and never twice the same', () => {
  for (const count of [1, 33, RANDOM_BYTES_MAX]) expect(random(count).fields.bytesAll.length).toBe(count)
  for (const count of [0, RANDOM_BYTES_MAX + 1, 0xffff_ffff]) expect(random(count).status).toBe('LIMIT')
  expect(random(32).fields.bytesAll).not.toEqual(random(32).fields.bytesAll)
})

function payloadOf(put: (request: FrameBatch) => void): Buffer {
  const batch = new FrameBatch()
  put(batch)
  return Buffer.from(batch.take())
}

describe('what is not a request', () => {
  const key = house.fresh(32)
  const whole: readonly (readonly [string, number, (request: FrameBatch) => void])[] = [
    [
      'SEAL_FRESH',
      operations.SEAL_FRESH,
      (request) => {
        putStored(request, rootName, house.blob)
        request.bytes(objectAad)
        request.u8(0)
        request.u32(16)
      },
    ],
    [
      'APPLY',
      operations.APPLY,
      (request) => {
        putStored(request, rootName, house.blob)
        putSealed(request, key, objectAad)
        putKeyUse(request, encrypting)
      },
    ],
    ['RANDOM', operations.RANDOM, (request) => request.u32(16)],
  ]

  test.each(whole)('%s cut anywhere or made longer is malformed', (_, operation, put) => {
    expect(house.unit.call(operation, put).status).toBe('OK')
    const request = Buffer.concat([payloadOf(put), Buffer.alloc(1)])
    for (let count = 0; count <= request.length; count++) {
      const { status } = house.unit.send(operation, Buffer.from(request.subarray(0, count)))
      expect(status).toBe(count === request.length - 1 ? 'OK' : 'MALFORMED')
    }
  })

  test.each(whole)('%s altered anywhere is answered, never with a failure of the unit itself', (_, operation, put) => {
    const request = payloadOf(put)
    fc.assert(
      fc.property(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const altered = Buffer.from(request)
        altered[at] = (altered[at] ?? 0) ^ mask
        expect(house.unit.send(operation, altered).status).not.toBe('FAILED')
      }),
      { numRuns: 1_000 },
    )
    expect(house.unit.call(operation, put).status).toBe('OK')
  })

  test('a form of material that nobody knows, and associated data that are too long', () => {
    const malformed = house.unit.call(operations.SEAL_FRESH, (request) => {
      putStored(request, rootName, house.blob)
      request.bytes(objectAad)
      request.u8(materialForms.length)
      request.u32(16)
    })
    expect(malformed.status).toBe('MALFORMED')
    const long = Buffer.alloc(MATERIAL_AAD_BYTES_MAX + 1)
    expect(house.sealFresh(16, 'any', long).status).toBe('MALFORMED')
    expect(house.apply(key, encrypting, long).status).toBe('MALFORMED')
    expect(house.apply(house.seal(Buffer.alloc(MATERIAL_BYTES_MAX + 1)), encrypting).status).toBe('MALFORMED')
  })
})
