/** AES and triple DES of EP11 against published vectors and OpenSSL, in one shot and in parts, and what they refuse. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import wycheproof from '../../../../../vectors/symmetric/wycheproof.json' with { type: 'json' }
import { cipherVectors } from '../../testing/cipher-vectors.ts'
import { keyTypes } from '../attributes.ts'
import type { CipherMechanism, Direction } from '../mechanism-parts.ts'
import { mechanismFlags, mechanisms, type Mechanism } from '../mechanisms.ts'
import type { MechanismParameter } from '../parameter.ts'
import { SAVED_BYTES_MAX } from '../saved-state.ts'
import { cutData } from '../testing/in-parts.ts'
import type { SecretKey } from '../usable-key.ts'
import { cipherMechanisms } from './cipher-mechanisms.ts'
import { refusal } from '../../testing/refusals.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const directions = ['encrypt', 'decrypt'] as const

const names = [
  'CKM_AES_ECB',
  'CKM_AES_CBC',
  'CKM_AES_CBC_PAD',
  'CKM_DES3_ECB',
  'CKM_DES3_CBC',
  'CKM_DES3_CBC_PAD',
] as const
type Name = (typeof names)[number]

/** Each mechanism with each size of key. */
const cases = names.flatMap((name) => {
  const isAes = name.startsWith('CKM_AES')
  const mode = name.includes('ECB') ? 'ecb' : 'cbc'
  const keys: readonly (readonly [number, number, string])[] = isAes
    ? [16, 24, 32].map((bytes) => [keyTypes.CKK_AES, bytes, `aes-${8 * bytes}`] as const)
    : [
        [keyTypes.CKK_DES2, 16, 'des-ede'],
        [keyTypes.CKK_DES3, 24, 'des-ede3'],
      ]
  return keys.map(([keyType, keyBytes, prefix]) => ({
    title: `${name} with ${keyBytes} bytes of key`,
    name,
    mechanism: mechanismOf(name),
    key: { keyType, value: Buffer.from(Array.from({ length: keyBytes }, (_, index) => 7 * index + 1)) },
    openssl: `${prefix}-${mode}`,
    blockBytes: isAes ? 16 : 8,
    parameter: mode === 'ecb' ? ({ kind: 'none' } as const) : vector(isAes ? 16 : 8),
    isPadded: name.endsWith('PAD'),
  }))
})

function mechanismOf(name: Name): CipherMechanism {
  return cipherMechanisms.get(mechanisms[name].value) as CipherMechanism
}

function vector(bytes: number): MechanismParameter & { readonly kind: 'bytes' } {
  return { kind: 'bytes', bytes: Buffer.from(Array.from({ length: bytes }, (_, index) => 200 - index)) }
}

/** What OpenSSL gives, with its own padding. */
function byOpenssl(
  { openssl, key, parameter, isPadded }: (typeof cases)[number],
  direction: Direction,
  data: Buffer,
): Buffer {
  const iv = parameter.kind === 'none' ? null : parameter.bytes
  const cipher = (direction === 'encrypt' ? createCipheriv : createDecipheriv)(openssl, key.value, iv)
  cipher.setAutoPadding(isPadded)
  return Buffer.concat([cipher.update(data), cipher.final()])
}

/** Every piece in an operation of its own that is restored from what the one before saved. */
function inParts(
  { mechanism, key, parameter }: (typeof cases)[number],
  direction: Direction,
  pieces: readonly Uint8Array[],
): Buffer {
  const outputs: Buffer[] = []
  let running = mechanism.start(direction, key, parameter)
  for (const piece of pieces) {
    running = mechanism.restore(direction, key, running.save())
    outputs.push(running.update(piece))
  }
  outputs.push(mechanism.restore(direction, key, running.save()).finish())
  return Buffer.concat(outputs)
}

test('every mechanism that encrypts with secret keys is there, and no other', () => {
  const symmetric = Object.entries<Mechanism>(mechanisms).filter(
    ([name, { flags }]) => (flags & mechanismFlags.ENCRYPT) !== 0 && !name.includes('RSA'),
  )
  expect(new Set(cipherMechanisms.keys())).toEqual(new Set(symmetric.map(([, { value }]) => value)))
})

describe('published vectors', () => {
  const blockVectors = cipherVectors.filter(
    ({ algorithm, mode }) => (algorithm === 'AES' || algorithm === '3DES') && (mode === 'ECB' || mode === 'CBC'),
  )

  test.each(blockVectors)('$origin', ({ algorithm, mode, key, iv, plaintext, ciphertext }) => {
    const mechanism = mechanismOf(`CKM_${algorithm === 'AES' ? 'AES' : 'DES3'}_${mode === 'ECB' ? 'ECB' : 'CBC'}`)
    const value = Buffer.from(key, 'hex')
    const desType = value.length === 16 ? keyTypes.CKK_DES2 : keyTypes.CKK_DES3
    const secret = { keyType: algorithm === 'AES' ? keyTypes.CKK_AES : desType, value }
    const parameter =
      iv === undefined ? ({ kind: 'none' } as const) : { kind: 'bytes' as const, bytes: Buffer.from(iv, 'hex') }
    const [clear, ciphered] = [plaintext, ciphertext].map((text) => Buffer.from(text, 'hex')) as [Buffer, Buffer]
    expect(mechanism.run('encrypt', secret, parameter, clear)).toEqual(ciphered)
    expect(mechanism.run('decrypt', secret, parameter, ciphered)).toEqual(clear)
    const running = mechanism.start('encrypt', secret, parameter)
    expect(Buffer.concat([...Array.from(clear, (byte) => running.update(Buffer.of(byte))), running.finish()])).toEqual(
      ciphered,
    )
  })

  const padding = wycheproof.aes_cbc_pkcs5.map(({ tcId, key, iv, msg, ct, result }) => {
    const mechanism = mechanismOf('CKM_AES_CBC_PAD')
    const secret = { keyType: keyTypes.CKK_AES, value: Buffer.from(key, 'hex') }
    const parameter = { kind: 'bytes' as const, bytes: Buffer.from(iv, 'hex') }
    const [clear, ciphered] = [msg, ct].map((text) => Buffer.from(text, 'hex')) as [Buffer, Buffer]
    return {
      tcId,
      result,
      clear,
      ciphered,
      encrypt: () => mechanism.run('encrypt', secret, parameter, clear),
      decrypt: () => mechanism.run('decrypt', secret, parameter, ciphered),
      decryptInParts() {
        const running = mechanism.start('decrypt', secret, parameter)
        const outputs = [running.update(ciphered.subarray(0, 5)), running.update(ciphered.subarray(5))]
        return Buffer.concat([...outputs, running.finish()])
      },
    }
  })

  test.each(padding.filter(({ result }) => result === 'valid'))(
    'Wycheproof aes_cbc_pkcs5 $tcId, valid',
    ({ clear, ciphered, encrypt, decrypt, decryptInParts }) => {
      expect(encrypt()).toEqual(ciphered)
      expect(decrypt()).toEqual(clear)
      expect(decryptInParts()).toEqual(clear)
    },
  )

  test.each(padding.filter(({ result }) => result === 'invalid'))(
    'Wycheproof aes_cbc_pkcs5 $tcId, invalid',
    ({ ciphered, decrypt, decryptInParts }) => {
      const isWhole = ciphered.length > 0 && ciphered.length % 16 === 0
      const expected = isWhole ? 'CKR_ENCRYPTED_DATA_INVALID' : 'CKR_ENCRYPTED_DATA_LEN_RANGE'
      expect(refusal(decrypt)).toBe(expected)
      expect(refusal(decryptInParts)).toBe(expected)
    },
  )
})

describe.each(cases)('$title', (one) => {
  const { mechanism, key, parameter, blockBytes, isPadded } = one

  test('gives what OpenSSL gives, however the data are cut, with a save and restore at every cut', () => {
    const property = fc.property(
      cutData(5 * blockBytes),
      fc.array(fc.nat(4 * blockBytes), { maxLength: 5 }),
      (pieces, cuts) => {
        const wholeBytes = (data: Buffer): number => (isPadded ? data.length : data.length - (data.length % blockBytes))
        const all = Buffer.concat(pieces)
        const clear = all.subarray(0, wholeBytes(all))
        const ciphered = byOpenssl(one, 'encrypt', clear)
        expect(mechanism.run('encrypt', key, parameter, clear)).toEqual(ciphered)
        expect(mechanism.run('decrypt', key, parameter, ciphered)).toEqual(clear)
        expect(inParts(one, 'encrypt', cut(clear, cuts))).toEqual(ciphered)
        expect(inParts(one, 'decrypt', cut(ciphered, cuts))).toEqual(clear)
      },
    )
    fc.assert(property, { seed, numRuns: 100 })
  })

  test('one running operation gives the same as one restored at every cut', () => {
    const data = Buffer.alloc(6 * blockBytes, 5)
    for (const direction of directions) {
      const input = direction === 'encrypt' ? data : byOpenssl(one, 'encrypt', data)
      const running = mechanism.start(direction, key, parameter)
      const pieces = cut(input, [1, blockBytes, 0, blockBytes - 1, 2 * blockBytes + 3])
      expect(Buffer.concat([...pieces.map((piece) => running.update(piece)), running.finish()])).toEqual(
        byOpenssl(one, direction, input),
      )
    }
  })

  test('the saved form is short and holds nothing of the key', () => {
    for (const direction of directions) {
      const running = mechanism.start(direction, key, parameter)
      running.update(Buffer.alloc(3 * blockBytes - 1, 1))
      const saved = running.save()
      expect(saved.length).toBeLessThanOrEqual(5 + 2 + 2 * blockBytes)
      expect(saved.length).toBeLessThanOrEqual(SAVED_BYTES_MAX)
      for (let at = 0; at + 4 <= key.value.length; at++)
        expect(saved.includes(key.value.subarray(at, at + 4))).toBe(false)
    }
  })

  test('the vector that a client gave may be overwritten once the operation runs', () => {
    if (parameter.kind === 'none') return
    const own = { kind: 'bytes' as const, bytes: Buffer.from(parameter.bytes) }
    const running = mechanism.start('encrypt', key, own)
    own.bytes.fill(0)
    const data = Buffer.alloc(blockBytes, 1)
    expect(Buffer.concat([running.update(data), running.finish()])).toEqual(byOpenssl(one, 'encrypt', data))
  })

  test('keys of other types and sizes are refused, whatever is done with them', () => {
    const uses = (other: SecretKey): (() => unknown)[] => [
      () => mechanism.check(other, parameter),
      () => mechanism.start('encrypt', other, parameter),
      () => mechanism.restore('decrypt', other, mechanism.start('decrypt', key, parameter).save()),
      () => mechanism.run('encrypt', other, parameter, Buffer.alloc(blockBytes)),
    ]
    const { CKK_AES, CKK_DES, CKK_DES2, CKK_DES3, CKK_GENERIC_SECRET } = keyTypes
    const foreign = [CKK_GENERIC_SECRET, CKK_DES, ...(blockBytes === 16 ? [CKK_DES2, CKK_DES3] : [CKK_AES])]
    for (const keyType of foreign) {
      for (const use of uses({ ...key, keyType })) expect(refusal(use)).toBe('CKR_KEY_TYPE_INCONSISTENT')
    }
    for (const bytes of [0, 8, 15, key.value.length + 1]) {
      for (const use of uses({ ...key, value: Buffer.alloc(bytes) })) expect(refusal(use)).toBe('CKR_KEY_SIZE_RANGE')
    }
    mechanism.check(key, parameter)
  })

  test('parameters that are not its own are refused', () => {
    const wrong: MechanismParameter[] = [
      { kind: 'other' },
      { kind: 'pss', hash: mechanisms.CKM_SHA256.value, mgf: 2, saltBytes: 0 },
      { kind: 'bytes', bytes: Buffer.alloc(blockBytes - 1) },
      { kind: 'bytes', bytes: Buffer.alloc(blockBytes + 1) },
      ...(parameter.kind === 'none' ? [vector(blockBytes)] : [{ kind: 'none' } as const, vector(0)]),
    ]
    for (const other of wrong) {
      expect(refusal(() => mechanism.check(key, other))).toBe('CKR_MECHANISM_PARAM_INVALID')
      expect(refusal(() => mechanism.start('encrypt', key, other))).toBe('CKR_MECHANISM_PARAM_INVALID')
      expect(refusal(() => mechanism.run('encrypt', key, other, Buffer.alloc(blockBytes)))).toBe(
        'CKR_MECHANISM_PARAM_INVALID',
      )
    }
    if (parameter.kind === 'none') mechanism.check(key, vector(0))
  })
})

describe.each(cases.filter(({ isPadded }) => !isPadded))('$title, without padding', (one) => {
  const { mechanism, key, parameter, blockBytes } = one

  test('a last block that is not whole is refused by the direction, as in one shot', () => {
    for (const [direction, code] of [
      ['encrypt', 'CKR_DATA_LEN_RANGE'],
      ['decrypt', 'CKR_ENCRYPTED_DATA_LEN_RANGE'],
    ] as const) {
      const running = mechanism.start(direction, key, parameter)
      running.update(Buffer.alloc(blockBytes + 1))
      expect(refusal(() => running.finish())).toBe(code)
      expect(refusal(() => mechanism.run(direction, key, parameter, Buffer.alloc(blockBytes + 1)))).toBe(code)
    }
  })

  test('no data at all are no blocks', () => {
    for (const direction of directions) {
      expect(mechanism.run(direction, key, parameter, Buffer.alloc(0))).toEqual(Buffer.alloc(0))
      expect(mechanism.start(direction, key, parameter).finish()).toEqual(Buffer.alloc(0))
    }
  })
})

describe.each(cases.filter(({ isPadded }) => isPadded))('$title, with padding', (one) => {
  const { mechanism, key, parameter, blockBytes } = one

  test('decryption holds back the last whole block, and only that', () => {
    const ciphered = byOpenssl(one, 'encrypt', Buffer.alloc(2 * blockBytes - 1, 3))
    const running = mechanism.start('decrypt', key, parameter)
    expect(running.update(ciphered.subarray(0, blockBytes))).toEqual(Buffer.alloc(0))
    expect(running.update(ciphered.subarray(blockBytes, blockBytes + 1))).toEqual(Buffer.alloc(blockBytes, 3))
    expect(running.update(ciphered.subarray(blockBytes + 1))).toEqual(Buffer.alloc(0))
    expect(running.finish()).toEqual(Buffer.alloc(blockBytes - 1, 3))
  })

  test('encrypted data that end within a block, or are none, are refused', () => {
    for (const bytes of [0, 1, blockBytes - 1, blockBytes + 1]) {
      const running = mechanism.start('decrypt', key, parameter)
      running.update(Buffer.alloc(bytes))
      expect(refusal(() => running.finish())).toBe('CKR_ENCRYPTED_DATA_LEN_RANGE')
      expect(refusal(() => mechanism.run('decrypt', key, parameter, Buffer.alloc(bytes)))).toBe(
        'CKR_ENCRYPTED_DATA_LEN_RANGE',
      )
    }
  })

  test('every wrong padding is refused in the same words', () => {
    const wrong = (last: readonly number[]): string => {
      const block = Buffer.concat([Buffer.alloc(blockBytes - last.length, 0x41), Buffer.from(last)])
      const ciphered = byOpenssl({ ...one, isPadded: false }, 'encrypt', block)
      expect(() => byOpenssl(one, 'decrypt', ciphered)).toThrow('bad decrypt')
      const running = mechanism.start('decrypt', key, parameter)
      running.update(ciphered)
      expect(refusal(() => running.finish())).toBe('CKR_ENCRYPTED_DATA_INVALID')
      let said = ''
      try {
        mechanism.run('decrypt', key, parameter, ciphered)
      } catch (error) {
        said = (error as Error).message
      }
      return said
    }
    const said = [[0], [blockBytes + 1], [255], [1, 2], [3, 2, 3], [0x80], Array(blockBytes - 1).fill(blockBytes)].map(
      wrong,
    )
    expect(new Set(said)).toEqual(new Set(['The encrypted data cannot be decrypted.']))
  })
})

describe('a saved state that is none of the operation', () => {
  const one = cases.find(({ name }) => name === 'CKM_AES_CBC_PAD') as (typeof cases)[number]
  const { mechanism, key, parameter } = one
  const saved = (direction: Direction, bytes: number): Buffer => {
    const running = mechanism.start(direction, key, parameter)
    running.update(Buffer.alloc(bytes))
    return running.save()
  }

  test.each([
    ['of the other direction', saved('encrypt', 5)],
    ['of another version', Buffer.concat([Buffer.of(9), saved('decrypt', 5).subarray(1)])],
    ['that ends early', saved('decrypt', 5).subarray(0, -1)],
    ['that goes on', Buffer.concat([saved('decrypt', 5), Buffer.alloc(1)])],
    [
      'that holds back more than a block',
      Buffer.concat([saved('decrypt', 0).subarray(0, -1), Buffer.of(17), Buffer.alloc(17)]),
    ],
    ['of another mechanism', mechanismOf('CKM_AES_CBC').start('decrypt', key, parameter).save()],
    ['that is empty', Buffer.alloc(0)],
  ])('is refused: one %s', (_, state) => {
    expect(refusal(() => mechanism.restore('decrypt', key, state))).toBe('CKR_SAVED_STATE_INVALID')
  })

  test('encryption never holds back a whole block', () => {
    const state = Buffer.concat([saved('encrypt', 0).subarray(0, -1), Buffer.of(16), Buffer.alloc(16)])
    expect(refusal(() => mechanism.restore('encrypt', key, state))).toBe('CKR_SAVED_STATE_INVALID')
  })
})

/** Data in pieces of these lengths, as far as they go, and the rest. */
function cut(data: Buffer, lengths: readonly number[]): Buffer[] {
  let at = 0
  const pieces = lengths.map((length) => data.subarray(at, (at += length)))
  return [...pieces, data.subarray(at)]
}
