/** HMAC and CMAC of EP11 against published vectors and OpenSSL, in one shot and in parts, and what they refuse. */
import { createHmac } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import wycheproof from '../../../../../vectors/symmetric/wycheproof.json' with { type: 'json' }
import { macVectors } from '../../testing/mac-vectors.ts'
import { keyTypes } from '../attributes.ts'
import { hashOf, type DigestName } from '../digests/hash-names.ts'
import type { MacMechanism } from '../mechanism-parts.ts'
import { mechanismName, mechanisms, type MechanismName } from '../mechanisms.ts'
import { SAVED_BYTES_MAX } from '../saved-state.ts'
import { cutData } from '../testing/in-parts.ts'
import type { SecretKey } from '../usable-key.ts'
import { macMechanisms } from './mac-mechanisms.ts'
import { refusal } from '../../testing/refusals.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const none = { kind: 'none' } as const
const { CKK_AES, CKK_DES, CKK_DES2, CKK_DES3, CKK_GENERIC_SECRET, CKK_RSA } = keyTypes

const mechanismOf = (name: MechanismName): MacMechanism => macMechanisms.get(mechanisms[name].value) as MacMechanism
const keyOf = (keyType: number, bytes: number): SecretKey => ({
  keyType,
  value: Buffer.from(Array.from({ length: bytes }, (_, index) => 11 * index + 3)),
})
const secretOf = (keyType: number, hex: string): SecretKey => ({ keyType, value: Buffer.from(hex, 'hex') })

/** Every piece in an operation of its own that is restored from what the one before saved. */
function inParts(mechanism: MacMechanism, key: SecretKey, pieces: readonly Uint8Array[]): Buffer {
  let running = mechanism.start(key)
  for (const piece of pieces) {
    running = mechanism.restore(key, running.save())
    running.update(piece)
  }
  return mechanism.restore(key, running.save()).finish()
}

const bothWays = (mechanism: MacMechanism, key: SecretKey, data: Buffer): string[] =>
  [mechanism.mac(key, data), inParts(mechanism, key, [data.subarray(0, 3), data.subarray(3)])].map((mac) =>
    mac.toString('hex'),
  )

const hmacs = (Object.keys(mechanisms) as MechanismName[])
  .filter((name) => name.endsWith('_HMAC'))
  .map((name) => {
    const digest = hashOf(mechanisms[name.slice(0, -'_HMAC'.length) as DigestName].value)
    return {
      name,
      mechanism: mechanismOf(name),
      keyBytesMin: mechanisms[name].sizeMin,
      hash: digest ?? { name: '', bytes: 0, blockBytes: 0 },
    }
  })

const cmacs = (
  [
    ['CKM_AES_CMAC', CKK_AES, 16],
    ['CKM_AES_CMAC', CKK_AES, 24],
    ['CKM_AES_CMAC', CKK_AES, 32],
    ['CKM_DES3_CMAC', CKK_DES2, 16],
    ['CKM_DES3_CMAC', CKK_DES3, 24],
    ['CKM_IBM_CMAC', CKK_AES, 32],
    ['CKM_IBM_CMAC', CKK_DES2, 16],
    ['CKM_IBM_CMAC', CKK_DES3, 24],
  ] as const
).map(([name, keyType, keyBytes]) => ({
  title: `${name} with ${keyBytes} bytes of key of type ${keyType}`,
  mechanism: mechanismOf(name),
  key: keyOf(keyType, keyBytes),
  blockBytes: keyType === CKK_AES ? 16 : 8,
}))

test('every HMAC and CMAC is there, and no other', () => {
  const names = [...macMechanisms.keys()].map((value) => mechanismName(value))
  const expected = Object.keys(mechanisms).filter((name) => /_HMAC$|_CMAC$/.test(name))
  expect(new Set(names)).toEqual(new Set(expected))
  expect(names.length).toBe(16)
})

describe('published vectors of HMAC', () => {
  const byHash: Readonly<Record<string, MechanismName>> = {
    'SHA-1': 'CKM_SHA_1_HMAC',
    'SHA-224': 'CKM_SHA224_HMAC',
    'SHA-256': 'CKM_SHA256_HMAC',
    'SHA-384': 'CKM_SHA384_HMAC',
    'SHA-512': 'CKM_SHA512_HMAC',
    'SHA3-224': 'CKM_IBM_SHA3_224_HMAC',
    'SHA3-256': 'CKM_IBM_SHA3_256_HMAC',
    'SHA3-384': 'CKM_IBM_SHA3_384_HMAC',
    'SHA3-512': 'CKM_IBM_SHA3_512_HMAC',
  }
  const usable = macVectors.filter(({ hash, key }) => {
    const name = byHash[hash]
    return name !== undefined && key.length / 2 >= mechanisms[name].sizeMin
  })

  test.each(usable)('$origin with $hash', ({ hash, key, data, mac }) => {
    const mechanism = mechanismOf(byHash[hash] as MechanismName)
    expect(bothWays(mechanism, secretOf(CKK_GENERIC_SECRET, key), Buffer.from(data))).toEqual([mac, mac])
  })

  const lists: readonly (readonly [keyof typeof wycheproof & `hmac_${string}`, readonly MechanismName[]])[] = [
    ['hmac_sha1', ['CKM_SHA_1_HMAC']],
    ['hmac_sha224', ['CKM_SHA224_HMAC']],
    ['hmac_sha256', ['CKM_SHA256_HMAC']],
    ['hmac_sha384', ['CKM_SHA384_HMAC']],
    ['hmac_sha512', ['CKM_SHA512_HMAC']],
    ['hmac_sha512_224', ['CKM_SHA512_224_HMAC', 'CKM_IBM_SHA512_224_HMAC']],
    ['hmac_sha512_256', ['CKM_SHA512_256_HMAC', 'CKM_IBM_SHA512_256_HMAC']],
    ['hmac_sha3_224', ['CKM_IBM_SHA3_224_HMAC']],
    ['hmac_sha3_256', ['CKM_IBM_SHA3_256_HMAC']],
    ['hmac_sha3_384', ['CKM_IBM_SHA3_384_HMAC']],
    ['hmac_sha3_512', ['CKM_IBM_SHA3_512_HMAC']],
  ]

  test.each(lists)('Wycheproof %s', (list, names) => {
    for (const name of names) {
      const taken = wycheproof[list].filter(({ key }) => key.length / 2 >= mechanisms[name].sizeMin)
      expect(taken.length).toBeGreaterThan(20)
      for (const { tcId, key, msg, tag } of taken) {
        const macs = bothWays(mechanismOf(name), secretOf(CKK_GENERIC_SECRET, key), Buffer.from(msg, 'hex'))
        expect(macs, `${tcId}`).toEqual([tag, tag])
      }
    }
  })
})

describe('published vectors of CMAC', () => {
  const blocks =
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710'
  const aes128 = '2b7e151628aed2a6abf7158809cf4f3c'
  const aes192 = '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b'
  const aes256 = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'
  const threeKeys = '0123456789abcdef23456789abcdef01456789abcdef0123'
  const twoKeys = '0123456789abcdef23456789abcdef01'

  test.each([
    ['RFC 4493, example 1', CKK_AES, aes128, 0, 'bb1d6929e95937287fa37d129b756746'],
    ['RFC 4493, example 2', CKK_AES, aes128, 16, '070a16b46b4d4144f79bdd9dd04a287c'],
    ['RFC 4493, example 3', CKK_AES, aes128, 40, 'dfa66747de9ae63030ca32611497c827'],
    ['RFC 4493, example 4', CKK_AES, aes128, 64, '51f0bebf7e3b9d92fc49741779363cfe'],
    ['SP 800-38B, D.2, example 5', CKK_AES, aes192, 0, 'd17ddf46adaacde531cac483de7a9367'],
    ['SP 800-38B, D.2, example 6', CKK_AES, aes192, 16, '9e99a7bf31e710900662f65e617c5184'],
    ['SP 800-38B, D.2, example 7', CKK_AES, aes192, 40, '8a1de5be2eb31aad089a82e6ee908b0e'],
    ['SP 800-38B, D.2, example 8', CKK_AES, aes192, 64, 'a1d5df0eed790f794d77589659f39a11'],
    ['SP 800-38B, D.3, example 9', CKK_AES, aes256, 0, '028962f61b7bf89efc6b551f4667d983'],
    ['SP 800-38B, D.3, example 10', CKK_AES, aes256, 16, '28a7023f452e8f82bd4bf28d8c37c35c'],
    ['SP 800-38B, D.3, example 11', CKK_AES, aes256, 40, 'aaf3d8f1de5640c232f5b169b9c911e6'],
    ['SP 800-38B, D.3, example 12', CKK_AES, aes256, 64, 'e1992190549f6ed5696a2c056c315410'],
    ['NIST example TDES_CMAC, 3 keys, sample 1', CKK_DES3, threeKeys, 0, '7db0d37df936c550'],
    ['NIST example TDES_CMAC, 3 keys, sample 2', CKK_DES3, threeKeys, 16, '30239cf1f52e6609'],
    ['NIST example TDES_CMAC, 3 keys, sample 3', CKK_DES3, threeKeys, 20, '6c9f3ee4923f6be2'],
    ['NIST example TDES_CMAC, 3 keys, sample 4', CKK_DES3, threeKeys, 32, '99429bd0bf7904e5'],
    ['NIST example TDES_CMAC, 2 keys, sample 1', CKK_DES2, twoKeys, 0, '79ce52a7f786a960'],
    ['NIST example TDES_CMAC, 2 keys, sample 2', CKK_DES2, twoKeys, 16, 'cc18a0b79af2413b'],
    ['NIST example TDES_CMAC, 2 keys, sample 3', CKK_DES2, twoKeys, 20, 'c06d377ecd101969'],
    ['NIST example TDES_CMAC, 2 keys, sample 4', CKK_DES2, twoKeys, 32, '9cd33580f9b64dfb'],
  ])('%s', (_, keyType, key, bytes, mac) => {
    const data = Buffer.from(blocks, 'hex').subarray(0, bytes)
    for (const name of ['CKM_IBM_CMAC', keyType === CKK_AES ? 'CKM_AES_CMAC' : 'CKM_DES3_CMAC'] as const) {
      expect(bothWays(mechanismOf(name), secretOf(keyType, key), data)).toEqual([mac, mac])
    }
  })

  test('Wycheproof aes_cmac', () => {
    for (const { tcId, key, msg, tag, result } of wycheproof.aes_cmac) {
      const mac = (): string[] => bothWays(mechanismOf('CKM_AES_CMAC'), secretOf(CKK_AES, key), Buffer.from(msg, 'hex'))
      const outcome = result === 'valid' ? mac() : refusal(mac)
      expect(outcome, `${tcId}`).toEqual(result === 'valid' ? [tag, tag] : 'CKR_KEY_SIZE_RANGE')
    }
  })
})

describe.each(hmacs)('$name', ({ mechanism, keyBytesMin, hash }) => {
  const key = keyOf(CKK_GENERIC_SECRET, 32)

  test('gives what OpenSSL gives, for keys of any length, however the data are cut, with a save and restore at every cut', () => {
    const keys = fc.uint8Array({ minLength: keyBytesMin, maxLength: hash.blockBytes + 40 })
    const property = fc.property(keys, cutData(3 * hash.blockBytes), fc.boolean(), (value, pieces, isAes) => {
      const secret = { keyType: isAes ? CKK_AES : CKK_GENERIC_SECRET, value: Buffer.from(value) }
      const data = Buffer.concat(pieces)
      const expected = createHmac(hash.name, value).update(data).digest()
      expect(mechanism.mac(secret, data)).toEqual(expected)
      expect(inParts(mechanism, secret, pieces)).toEqual(expected)
    })
    fc.assert(property, { seed, numRuns: 60 })
  })

  test('takes keys of a block, of a byte more and of a byte less', () => {
    for (const bytes of [hash.blockBytes - 1, hash.blockBytes, hash.blockBytes + 1]) {
      const secret = keyOf(CKK_GENERIC_SECRET, bytes)
      const expected = createHmac(hash.name, secret.value).update('data').digest('hex')
      expect(bothWays(mechanism, secret, Buffer.from('data'))).toEqual([expected, expected])
    }
  })

  test('takes AES keys, and keys of at least half the digest', () => {
    mechanism.check(keyOf(CKK_AES, 32), none)
    mechanism.check(keyOf(CKK_GENERIC_SECRET, keyBytesMin), none)
    for (const use of usesOf(mechanism, keyOf(CKK_GENERIC_SECRET, keyBytesMin - 1), mechanism.start(key).save())) {
      expect(refusal(use)).toBe('CKR_KEY_SIZE_RANGE')
    }
    for (const keyType of [CKK_DES, CKK_DES2, CKK_DES3, CKK_RSA]) {
      for (const use of usesOf(mechanism, keyOf(keyType, 32), mechanism.start(key).save())) {
        expect(refusal(use)).toBe('CKR_KEY_TYPE_INCONSISTENT')
      }
    }
  })

  test('a state of another key is told by its chaining value until a block of data has been taken', () => {
    const other = mechanism.start(keyOf(CKK_AES, 33))
    other.update(Buffer.alloc(hash.blockBytes - 1))
    expect(refusal(() => mechanism.restore(key, other.save()))).toBe('CKR_SAVED_STATE_INVALID')
  })

  test('neither a state that has not taken the key nor one of the digest is a state of it', () => {
    const saved = mechanism.start(key).save()
    saved.writeBigUInt64BE(0n, 5)
    expect(refusal(() => mechanism.restore(key, saved))).toBe('CKR_SAVED_STATE_INVALID')
  })

  test('the saved form is short and holds nothing of the key', () => {
    const running = mechanism.start(key)
    running.update(Buffer.alloc(2 * hash.blockBytes - 1))
    const saved = running.save()
    expect(saved.length).toBeLessThanOrEqual(SAVED_BYTES_MAX)
    for (let at = 0; at + 4 <= key.value.length; at++) {
      expect(saved.includes(key.value.subarray(at, at + 4))).toBe(false)
    }
  })
})

describe.each(cmacs)('$title', ({ mechanism, key, blockBytes }) => {
  test('gives the same however the data are cut, with a save and restore at every cut', () => {
    const property = fc.property(cutData(5 * blockBytes), (pieces) => {
      expect(inParts(mechanism, key, pieces)).toEqual(mechanism.mac(key, Buffer.concat(pieces)))
    })
    fc.assert(property, { seed, numRuns: 100 })
  })

  test('gives what the command line of OpenSSL gives', () => {
    const name = blockBytes === 16 ? `AES-${8 * key.value.length}-CBC` : 'DES-EDE3-CBC'
    const value =
      key.value.length === 16 && blockBytes === 8 ? Buffer.concat([key.value, key.value.subarray(0, 8)]) : key.value
    const data = Buffer.alloc(200_003, 'any data')
    const words = ['mac', '-cipher', name, '-macopt', `hexkey:${value.toString('hex')}`, 'CMAC']
    const { stdout } = spawnSync('openssl', words, { input: data, encoding: 'utf8' })
    expect(mechanism.mac(key, data).toString('hex')).toBe(stdout.trim().toLowerCase())
  })

  test('keys of other types and sizes are refused', () => {
    const saved = mechanism.start(key).save()
    for (const use of usesOf(mechanism, { ...key, value: Buffer.alloc(15) }, saved)) {
      expect(refusal(use)).toBe('CKR_KEY_SIZE_RANGE')
    }
    for (const keyType of [CKK_GENERIC_SECRET, CKK_DES]) {
      for (const use of usesOf(mechanism, { ...key, keyType }, saved)) {
        expect(refusal(use)).toBe('CKR_KEY_TYPE_INCONSISTENT')
      }
    }
    mechanism.check(key, none)
  })

  test.each([
    ['that holds back more than a block', (saved: Buffer) => void saved.writeUInt8(blockBytes + 1, 5)],
    ['that holds back what is not there', (saved: Buffer) => void saved.writeUInt8(1, 5)],
    ['that has no data, but a chaining value', (saved: Buffer) => void saved.writeUInt8(1, 6)],
    ['of another version', (saved: Buffer) => void saved.writeUInt8(0)],
    ['of another mechanism', (saved: Buffer) => void saved.writeUInt32BE(mechanisms.CKM_SHA256_HMAC.value, 1)],
  ])('a saved state is refused: one %s', (_, change) => {
    const saved = mechanism.start(key).save()
    change(saved)
    expect(refusal(() => mechanism.restore(key, saved))).toBe('CKR_SAVED_STATE_INVALID')
  })
})

test('AES_CMAC and DES3_CMAC each take their own keys alone, IBM_CMAC both', () => {
  expect(refusal(() => mechanismOf('CKM_AES_CMAC').check(keyOf(CKK_DES3, 24), none))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  expect(refusal(() => mechanismOf('CKM_DES3_CMAC').check(keyOf(CKK_AES, 24), none))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  for (const keyType of [CKK_AES, CKK_DES3]) mechanismOf('CKM_IBM_CMAC').check(keyOf(keyType, 24), none)
})

test('IBM_CMAC takes no state of a key with other blocks', () => {
  const mechanism = mechanismOf('CKM_IBM_CMAC')
  for (let bytes = 0; bytes <= 16; bytes++) {
    const running = mechanism.start(keyOf(CKK_DES3, 24))
    running.update(Buffer.alloc(bytes, 1))
    expect(refusal(() => mechanism.restore(keyOf(CKK_AES, 24), running.save()))).toBe('CKR_SAVED_STATE_INVALID')
  }
})

test.each([...macMechanisms])('mechanism %i takes no parameter but an empty one', (value, mechanism) => {
  const key = keyOf(
    mechanismName(value) === 'CKM_DES3_CMAC' ? CKK_DES3 : CKK_AES,
    mechanismName(value) === 'CKM_DES3_CMAC' ? 24 : 32,
  )
  mechanism.check(key, none)
  mechanism.check(key, { kind: 'bytes', bytes: Buffer.alloc(0) })
  expect(refusal(() => mechanism.check(key, { kind: 'bytes', bytes: Buffer.alloc(1) }))).toBe(
    'CKR_MECHANISM_PARAM_INVALID',
  )
  expect(refusal(() => mechanism.check(key, { kind: 'other' }))).toBe('CKR_MECHANISM_PARAM_INVALID')
})

function usesOf(mechanism: MacMechanism, key: SecretKey, saved: Buffer): (() => unknown)[] {
  return [
    () => mechanism.check(key, none),
    () => mechanism.start(key),
    () => mechanism.restore(key, saved),
    () => mechanism.mac(key, Buffer.alloc(1)),
  ]
}
