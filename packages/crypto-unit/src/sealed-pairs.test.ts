/** Key pairs that the unit makes and seals, what sealed private and public keys do, and what is refused. */
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
} from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { exportAsymmetric, keyEncodings, openAsymmetric, type KeyEncoding } from './asymmetric-key.ts'
import type { AsymmetricUse } from './asymmetric-use.ts'
import { mechanisms } from './ep11/mechanisms.ts'
import { FrameBatch } from './frames.ts'
import type { KeyPairKind } from './key-pair-kind.ts'
import { readOutcome } from './key-use.ts'
import { operations } from './protocol.ts'
import { identities, putStored } from './testing/in-process-unit.ts'
import { SealingUnit, putPairWish, rootName, type SealedParts } from './testing/sealing-unit.ts'

const house = new SealingUnit()
const data = Buffer.from('what is to be signed')
const none = { kind: 'none' } as const
const p256: KeyPairKind = { type: 'ec', curve: 'P-256' }

interface Made extends SealedParts {
  readonly sha256: string
  readonly spki: Buffer
}

async function newPair(kind: KeyPairKind, encoding: KeyEncoding): Promise<Made> {
  const { status, fields } = await house.sealPair(kind, encoding)
  expect(status).toBe('OK')
  const parts = { iv: fields.raw(12), sealed: fields.bytes(8_192) }
  const sha256 = fields.raw(32).toString('hex')
  const spki = fields.bytes(1_024)
  fields.end()
  return { ...parts, sha256, spki }
}

describe('a pair', () => {
  test.each<[KeyPairKind, KeyEncoding, 'pkcs1' | 'pkcs8' | 'sec1']>([
    [{ type: 'rsa', modulusBits: 2_048 }, 'pkcs1-private', 'pkcs1'],
    [{ type: 'rsa', modulusBits: 2_048 }, 'pkcs8', 'pkcs8'],
    [p256, 'sec1', 'sec1'],
    [{ type: 'ec', curve: 'BP-512R' }, 'pkcs8', 'pkcs8'],
  ])(
    'of %o is sealed as %s, with its digest, and its public key is that of the private one',
    async (kind, encoding, type) => {
      const pair = await newPair(kind, encoding)
      const der = house.unseal(pair).fields.bytesAll
      expect(createHash('sha256').update(der).digest('hex')).toBe(pair.sha256)
      const key = createPrivateKey({ key: der, format: 'der', type })
      const publicKey = createPublicKey({ key: pair.spki, format: 'der', type: 'spki' })
      expect(createPublicKey(key).equals(publicKey)).toBe(true)
    },
  )

  test.each<[KeyPairKind, KeyEncoding, string]>([
    [{ type: 'rsa', modulusBits: 2_049 }, 'pkcs8', 'INVALID'],
    [{ type: 'rsa', modulusBits: 8_192 }, 'pkcs8', 'INVALID'],
    [{ type: 'ec', curve: 'P-257' }, 'pkcs8', 'INVALID'],
    [{ type: 'ec', curve: 'ed25519' }, 'pkcs8', 'INVALID'],
    [p256, 'pkcs1-private', 'INVALID'],
    [p256, 'spki', 'MALFORMED'],
  ])('of %o as %s is not made', async (kind, encoding, status) => {
    expect((await house.sealPair(kind, encoding)).status).toBe(status)
  })

  test('is of one root key only', async () => {
    const other = (change: object) => house.sealPair(p256, 'pkcs8', { ...rootName, ...change })
    expect((await other({ id: 'key-9' })).status).toBe('BROKEN_BLOB')
    expect((await other({ kind: 'standard-key' })).status).toBe('KIND')
    expect((await other({ instance: 'another' })).status).toBe('NOT_READY')
  })

  test('whose unit gives up its master key meanwhile is not answered', async () => {
    const own = new SealingUnit()
    const making = own.sealPair({ type: 'rsa', modulusBits: 2_048 }, 'pkcs8')
    for (const identity of identities.slice(0, 2)) {
      const unit = own.unit
      unit.carryOut(identity, 'CLEAR_CURRENT', Buffer.alloc(0), own.administrators)
    }
    expect((await making).status).toBe('NOT_READY')
  })
})

describe('a sealed key', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rsaPrivate = house.seal(exportAsymmetric(rsa.privateKey, 'pkcs1-private'))
  const rsaPublic = house.seal(exportAsymmetric(rsa.publicKey, 'pkcs1-public'))
  const ecPrivate = house.seal(exportAsymmetric(ec.privateKey, 'sec1'))
  const ecPublic = house.seal(exportAsymmetric(ec.publicKey, 'spki'))
  const sha256Rsa = { value: mechanisms.CKM_SHA256_RSA_PKCS.value, parameter: none }
  const ecdsa = { value: mechanisms.CKM_ECDSA_SHA256.value, parameter: none }

  test('of RSA signs as OpenSSL verifies, and verifies what OpenSSL signs', () => {
    const use = { encoding: 'pkcs1-private', mechanism: sha256Rsa, data } as const
    const { fields } = house.apply(rsaPrivate, { what: 'sign', ...use })
    const { data: signature } = readOutcome(fields, 'sign')
    expect(verify('sha256', data, rsa.publicKey, signature)).toBe(true)
    const verifying = { ...use, what: 'signature-verify', encoding: 'pkcs1-public' } as const
    const theirs = sign('sha256', data, rsa.privateKey)
    for (const [given, ok] of [
      [theirs, true],
      [theirs.subarray(1), false],
      [Buffer.alloc(256), false],
      [Buffer.alloc(0), false],
    ] as const) {
      const answer = house.apply(rsaPublic, { ...verifying, signature: given })
      expect(readOutcome(answer.fields, 'signature-verify')).toEqual({ ok })
    }
  })

  test('on a curve signs as OpenSSL verifies, and a private one verifies too', () => {
    const use = { encoding: 'sec1', mechanism: ecdsa, data } as const
    const { data: signature } = readOutcome(house.apply(ecPrivate, { what: 'sign', ...use }).fields, 'sign')
    expect(verify('sha256', data, { key: ec.publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
    const verified = house.apply(ecPrivate, { what: 'signature-verify', ...use, signature })
    expect(readOutcome(verified.fields, 'signature-verify')).toEqual({ ok: true })
  })

  test('encrypts and decrypts as OpenSSL does', () => {
    const oaep = {
      value: mechanisms.CKM_RSA_PKCS_OAEP.value,
      parameter: { kind: 'oaep', hash: mechanisms.CKM_SHA256.value, mgf: 2, label: undefined },
    } as const
    const encrypting = { what: 'public-encrypt', encoding: 'pkcs1-public', mechanism: oaep, data } as const
    const { data: made } = readOutcome(house.apply(rsaPublic, encrypting).fields, 'public-encrypt')
    expect(privateDecrypt({ key: rsa.privateKey, oaepHash: 'sha256' }, made)).toEqual(data)
    const theirs = publicEncrypt({ key: rsa.publicKey, oaepHash: 'sha256' }, data)
    const decrypting = { ...encrypting, what: 'private-decrypt', encoding: 'pkcs1-private', data: theirs } as const
    expect(Buffer.from(readOutcome(house.apply(rsaPrivate, decrypting).fields, 'private-decrypt').data)).toEqual(data)
    const altered = publicEncrypt({ key: rsa.publicKey, padding: constants.RSA_PKCS1_PADDING }, data)
    expect(house.apply(rsaPrivate, { ...decrypting, data: altered }).status).toBe('TAMPERED')
    expect(house.apply(rsaPrivate, { ...decrypting, data: theirs.subarray(1) }).status).toBe('TAMPERED')
  })

  test.each<[string, SealedParts, AsymmetricUse]>([
    ['a public key that is to sign', rsaPublic, { what: 'sign', encoding: 'pkcs1-public', mechanism: sha256Rsa, data }],
    ['a key in another encoding', rsaPrivate, { what: 'sign', encoding: 'pkcs8', mechanism: sha256Rsa, data }],
    ['a key of another algorithm', rsaPrivate, { what: 'sign', encoding: 'pkcs1-private', mechanism: ecdsa, data }],
    [
      'a mechanism that signs nothing',
      rsaPrivate,
      {
        what: 'sign',
        encoding: 'pkcs1-private',
        mechanism: { value: mechanisms.CKM_AES_CBC.value, parameter: none },
        data,
      },
    ],
    [
      'a mechanism that encrypts nothing',
      rsaPublic,
      { what: 'public-encrypt', encoding: 'pkcs1-public', mechanism: sha256Rsa, data },
    ],
    [
      'a parameter that the mechanism does not have',
      rsaPrivate,
      { what: 'sign', encoding: 'pkcs1-private', mechanism: { ...sha256Rsa, parameter: { kind: 'other' } }, data },
    ],
    [
      'a parameter that decryption does not have',
      rsaPrivate,
      {
        what: 'private-decrypt',
        encoding: 'pkcs1-private',
        mechanism: { value: mechanisms.CKM_RSA_PKCS.value, parameter: { kind: 'other' } },
        data,
      },
    ],
    [
      'a public key that is to decrypt',
      rsaPublic,
      {
        what: 'private-decrypt',
        encoding: 'pkcs1-public',
        mechanism: { value: mechanisms.CKM_RSA_PKCS.value, parameter: none },
        data: Buffer.alloc(256),
      },
    ],
    [
      'more data than a block holds',
      rsaPublic,
      {
        what: 'public-encrypt',
        encoding: 'pkcs1-public',
        mechanism: { value: mechanisms.CKM_RSA_PKCS.value, parameter: none },
        data: Buffer.alloc(300),
      },
    ],
  ])('%s is refused', (_, parts, use) => {
    expect(house.apply(parts, use).status).toBe('INVALID')
  })

  test('says nothing of itself in any answer, whatever is asked', () => {
    const secret = exportAsymmetric(ec.privateKey, 'sec1').subarray(7, 39)
    const values = Object.values(mechanisms).map(({ value }) => value)
    const statuses = new Set<string>()
    fc.assert(
      fc.property(
        fc.constantFrom(...keyEncodings),
        fc.constantFrom(...values),
        fc.constantFrom('sign' as const, 'public-encrypt' as const, 'private-decrypt' as const),
        fc.uint8Array({ maxLength: 80 }),
        (encoding, value, what, text) => {
          const answer = house.apply(ecPrivate, { what, encoding, mechanism: { value, parameter: none }, data: text })
          statuses.add(answer.status)
          for (let from = 0; from + 8 <= secret.length; from++) {
            expect(answer.fields.bytesAll.includes(secret.subarray(from, from + 8))).toBe(false)
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(statuses).toContain('INVALID')
    expect(statuses).not.toContain('FAILED')
    expect(house.apply(ecPublic, { what: 'sign', encoding: 'spki', mechanism: ecdsa, data }).status).toBe('INVALID')
  })
})

describe('encodings', () => {
  const keys = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 1_024 }),
    ec: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  }

  test.each(keyEncodings)('%s is read as it is written, and nothing before, behind or cut off it', (encoding) => {
    for (const [name, pair] of Object.entries(keys)) {
      if (name === 'ec' ? encoding.startsWith('pkcs1') : encoding === 'sec1') continue
      const der = exportAsymmetric(pair.privateKey, encoding)
      const { key } = openAsymmetric(der, encoding)
      expect(exportAsymmetric(key, encoding)).toEqual(der)
      const wrong = [Buffer.concat([der, Buffer.of(0)]), der.subarray(1), der.subarray(0, -1), Buffer.alloc(0)]
      for (const bytes of wrong) expect(() => openAsymmetric(bytes, encoding)).toThrow('no RSA or EC key')
    }
  })

  test('keys of other kinds are none', () => {
    for (const pair of [generateKeyPairSync('ed25519'), generateKeyPairSync('rsa-pss', { modulusLength: 1_024 })]) {
      const der = pair.publicKey.export({ format: 'der', type: 'spki' })
      expect(() => openAsymmetric(der, 'spki')).toThrow('no RSA or EC key')
    }
    for (const [key, encoding] of [
      [keys.ec.publicKey, 'sec1'],
      [keys.ec.privateKey, 'pkcs1-private'],
      [keys.ec.privateKey, 'pkcs1-public'],
      [keys.rsa.privateKey, 'sec1'],
    ] as const) {
      expect(() => exportAsymmetric(key, encoding)).toThrow('do not have the encoding')
    }
  })
})

describe('what is not a request', () => {
  let request: Buffer
  beforeAll(() => {
    const batch = new FrameBatch()
    putStored(batch, rootName, house.blob)
    putPairWish(batch, p256, 'sec1')
    request = Buffer.from(batch.take())
  })

  test('SEAL_PAIR cut anywhere or made longer is malformed', async () => {
    for (let count = 0; count <= request.length + 1; count++) {
      const piece = Buffer.concat([request, Buffer.alloc(1)]).subarray(0, count)
      const { status } = await house.unit.sendPatiently(operations.SEAL_PAIR, Buffer.from(piece))
      expect([count, status === 'OK']).toEqual([count, count === request.length])
    }
  })

  test('SEAL_PAIR altered anywhere is answered, never with a failure of the unit itself', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const altered = Buffer.from(request)
        altered[at] = (altered[at] ?? 0) ^ mask
        expect((await house.unit.sendPatiently(operations.SEAL_PAIR, altered)).status).not.toBe('FAILED')
      }),
      { numRuns: 300 },
    )
  })
})
