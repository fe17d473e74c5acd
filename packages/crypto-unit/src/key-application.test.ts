/** Uses of a key: published vectors of each mode in both directions, and every request that fits neither key nor mode. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyKey } from './key-application.ts'
import type { CipherMode, DecryptUse, EncryptUse, KeyUse } from './key-use.ts'
import { cipherVectors, type CipherVector } from './testing/cipher-vectors.ts'
import { macVectors } from './testing/mac-vectors.ts'
import { UnitError } from './unit-error.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hexOf = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString('hex')

function encryption(vector: CipherVector): EncryptUse {
  const { algorithm, mode, iv, additional, plaintext, tag } = vector
  return {
    what: 'encrypt',
    algorithm,
    mode,
    padding: 'None',
    data: bytes(plaintext),
    ...(iv !== undefined && { iv: bytes(iv) }),
    ...(additional !== undefined && { additional: bytes(additional) }),
    ...(tag !== undefined && { tagBytes: tag.length / 2 }),
  }
}

function decryption(vector: CipherVector): DecryptUse {
  const { algorithm, mode, iv, additional, ciphertext, tag } = vector
  return {
    what: 'decrypt',
    algorithm,
    mode,
    padding: 'None',
    data: bytes(ciphertext),
    ...(iv !== undefined && { iv: bytes(iv) }),
    ...(additional !== undefined && { additional: bytes(additional) }),
    ...(tag !== undefined && { tag: bytes(tag) }),
  }
}

/** The status and text that a use is refused with, or what it gives as hex. */
function outcomeOf(key: Uint8Array, use: KeyUse): string {
  try {
    const outcome = applyKey(key, use)
    return 'ok' in outcome ? String(outcome.ok) : (hexOf(outcome.data) ?? '')
  } catch (error) {
    return error instanceof UnitError ? error.status : `another error: ${String(error)}`
  }
}

/** Each byte with one bit turned over. */
function flips(value: Uint8Array): Buffer[] {
  return [...value.keys()].map((index) => {
    const flipped = Buffer.from(value)
    flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8))
    return flipped
  })
}

const vectorOf = (mode: CipherMode, algorithm = 'AES'): CipherVector =>
  cipherVectors.find((vector) => vector.mode === mode && vector.algorithm === algorithm) as CipherVector

describe('published vectors', () => {
  test.each(cipherVectors)('$origin encrypts', (vector) => {
    const made = applyKey(bytes(vector.key), encryption(vector))
    expect([hexOf(made.data), hexOf(made.tag), made.iv]).toEqual([vector.ciphertext, vector.tag, undefined])
  })

  test.each(cipherVectors)('$origin decrypts', (vector) => {
    expect(outcomeOf(bytes(vector.key), decryption(vector))).toBe(vector.plaintext)
  })

  test.each(macVectors)('$origin with $hash is made, and it alone is right', ({ hash, key, data, mac }) => {
    const use = { hash, data: Buffer.from(data) }
    expect(hexOf(applyKey(bytes(key), { what: 'mac', ...use }).data)).toBe(mac)
    const isRight = (given: Uint8Array): string => outcomeOf(bytes(key), { what: 'mac-verify', ...use, mac: given })
    expect(isRight(bytes(mac))).toBe('true')
    expect(new Set(flips(bytes(mac)).map(isRight))).toEqual(new Set(['false']))
    expect([isRight(bytes(mac).subarray(1)), isRight(bytes(mac).subarray(0, 12)), isRight(bytes(''))]).toEqual(
      Array.from({ length: 3 }, () => 'false'),
    )
    expect(isRight(bytes(`${mac}00`))).toBe('false')
    expect(outcomeOf(bytes(key), { what: 'mac-verify', hash, data: Buffer.from(`${data}.`), mac: bytes(mac) })).toBe(
      'false',
    )
  })
})

describe('altered data', () => {
  const proving = cipherVectors.filter(({ tag, mode }) => tag !== undefined || /Wrap/.test(mode))

  test.each(proving)('$origin: any flipped bit of data, tag, vector or additional data is TAMPERED', (vector) => {
    const key = bytes(vector.key)
    const use = decryption(vector)
    for (const field of ['data', 'tag', 'iv', 'additional'] as const) {
      const right = use[field]
      if (right === undefined) continue
      for (const flipped of flips(right)) expect(outcomeOf(key, { ...use, [field]: flipped })).toBe('TAMPERED')
    }
    for (const flipped of flips(key)) expect(outcomeOf(flipped, use)).toBe('TAMPERED')
  })

  test.each(cipherVectors.filter((vector) => !proving.includes(vector)))(
    '$origin: a mode that proves nothing gives other data for other data, and fails at none',
    (vector) => {
      for (const data of flips(bytes(vector.ciphertext))) {
        const given = outcomeOf(bytes(vector.key), { ...decryption(vector), data })
        expect(given).toMatch(/^[0-9a-f]+$/)
        expect(given).not.toBe(vector.plaintext)
      }
    },
  )

  test('a tag of 12 to 16 bytes is made and taken, and a shorter one opens nothing', () => {
    const vector = vectorOf('GCM')
    const key = bytes(vector.key)
    for (const tagBytes of [12, 13, 14, 15, 16]) {
      const { tag } = applyKey(key, { ...encryption(vector), tagBytes })
      expect(hexOf(tag)).toBe(vector.tag?.slice(0, tagBytes * 2))
      expect(outcomeOf(key, { ...decryption(vector), tag: tag as Uint8Array })).toBe(vector.plaintext)
    }
    for (const count of [0, 4, 8, 11]) {
      expect(outcomeOf(key, { ...decryption(vector), tag: bytes(vector.tag ?? '').subarray(0, count) })).toBe('INVALID')
    }
  })
})

describe('padding', () => {
  const padded = [vectorOf('ECB'), vectorOf('CBC'), vectorOf('ECB', '3DES'), vectorOf('CBC', '3DES')]

  test.each(padded)(
    '$algorithm $mode: PKCS5 adds one to a block of bytes that say how many (RFC 8018, 6.1.1)',
    (vector) => {
      const key = bytes(vector.key)
      const block = vector.algorithm === 'AES' ? 16 : 8
      for (let count = 0; count <= block * 2; count++) {
        const data = Buffer.alloc(count, 0x61)
        const made = applyKey(key, { ...encryption(vector), padding: 'PKCS5', data })
        const added = block - (count % block)
        expect(outcomeOf(key, { ...decryption(vector), data: made.data })).toBe(
          Buffer.concat([data, Buffer.alloc(added, added)]).toString('hex'),
        )
        expect(outcomeOf(key, { ...decryption(vector), padding: 'PKCS5', data: made.data })).toBe(data.toString('hex'))
      }
    },
  )

  test.each(padded)(
    '$algorithm $mode: every padding that is not right is refused with the same text as a wrong tag',
    (vector) => {
      const key = bytes(vector.key)
      const block = vector.algorithm === 'AES' ? 16 : 8
      const endings = ['00', 'ff', '0302', '020302', (block + 1).toString(16).padStart(2, '0')]
      const texts = endings.map((ending) => {
        const data = Buffer.concat([Buffer.alloc(block - ending.length / 2, 0x61), bytes(ending)])
        const made = applyKey(key, { ...encryption(vector), data })
        return textOf(() => applyKey(key, { ...decryption(vector), padding: 'PKCS5', data: made.data }))
      })
      const gcm = vectorOf('GCM')
      texts.push(textOf(() => applyKey(bytes(gcm.key), { ...decryption(gcm), tag: Buffer.alloc(16) })))
      expect(new Set(texts)).toEqual(new Set(['TAMPERED The data do not decrypt with this key and these parameters.']))
    },
  )

  function textOf(run: () => unknown): string {
    try {
      run()
    } catch (error) {
      return error instanceof UnitError ? `${error.status} ${error.message}` : 'another error'
    }
    return 'no error'
  }
})

describe('what fits neither key nor mode is INVALID', () => {
  test.each(cipherVectors)('$origin: vector, tag and additional data that the mode has not', (vector) => {
    const key = bytes(vector.key)
    const { iv, tag, ...bare } = decryption(vector)
    const invalid: KeyUse[] = []
    if (iv === undefined)
      invalid.push({ ...encryption(vector), iv: Buffer.alloc(16) }, { ...bare, iv: Buffer.alloc(16) })
    else {
      invalid.push({ ...bare, ...(tag && { tag }) })
      for (const count of [0, 1, 7, 65]) invalid.push({ ...encryption(vector), iv: Buffer.alloc(count) })
    }
    if (tag === undefined) {
      invalid.push({ ...encryption(vector), tagBytes: 16 }, { ...decryption(vector), tag: Buffer.alloc(16) })
      invalid.push({ ...encryption(vector), additional: Buffer.alloc(1) })
    } else {
      invalid.push({ ...bare, ...(iv && { iv }) })
      for (const tagBytes of [0, 1, 11, 17]) invalid.push({ ...encryption(vector), tagBytes })
    }
    if (vector.mode !== 'ECB' && vector.mode !== 'CBC') {
      invalid.push({ ...encryption(vector), padding: 'PKCS5' }, { ...decryption(vector), padding: 'PKCS5' })
    }
    for (const use of invalid) expect(outcomeOf(key, use)).toBe('INVALID')
  })

  test.each(cipherVectors)('$origin: keys of every other length', (vector) => {
    const fitting: readonly number[] =
      vector.mode === 'XTS'
        ? [32, 64]
        : vector.algorithm === 'AES'
          ? [16, 24, 32]
          : vector.algorithm === '3DES'
            ? [16, 24]
            : [32]
    for (let count = 0; count <= 80; count++) {
      const key = Buffer.from(Array.from({ length: count }, (_, index) => index))
      const fits = fitting.includes(count)
      expect(outcomeOf(key, encryption(vector)) === 'INVALID').toBe(!fits)
      expect(outcomeOf(key, decryption(vector)) === 'INVALID').toBe(!fits)
    }
  })

  test.each([
    ['ECB', 'AES', [1, 15, 17], [1, 15, 17]],
    ['CBC', 'AES', [1, 15, 17], [1, 15, 17]],
    ['ECB', '3DES', [1, 7, 9], [1, 7, 9]],
    ['CBC', '3DES', [1, 7, 9], [1, 7, 9]],
    ['XTS', 'AES', [0, 1, 15], [0, 1, 15]],
    ['NISTKeyWrap', 'AES', [0, 8, 15, 17, 20], [0, 8, 16, 23, 25]],
    ['AESKeyWrapPadding', 'AES', [0], [0, 8, 15, 17]],
  ] as const)('data of a length that %s with %s does not take', (mode, algorithm, plain, encrypted) => {
    const vector = vectorOf(mode, algorithm)
    const key = bytes(vector.key)
    for (const count of plain)
      expect(outcomeOf(key, { ...encryption(vector), data: Buffer.alloc(count) })).toBe('INVALID')
    for (const count of encrypted) {
      expect(outcomeOf(key, { ...decryption(vector), data: Buffer.alloc(count) })).toBe('INVALID')
    }
  })

  test('a padded ciphertext of no whole block, and one that is empty', () => {
    const vector = vectorOf('CBC')
    for (const count of [0, 1, 15, 17]) {
      const use: DecryptUse = { ...decryption(vector), padding: 'PKCS5', data: Buffer.alloc(count) }
      expect(outcomeOf(bytes(vector.key), use)).toBe('INVALID')
    }
  })

  test('a mode of another algorithm', () => {
    const taken = new Set(cipherVectors.map(({ algorithm, mode }) => `${algorithm} ${mode}`))
    for (const { algorithm, key } of [vectorOf('GCM'), vectorOf('ECB', '3DES'), vectorOf('AEAD', 'ChaCha20Poly1305')]) {
      for (const { mode, iv, plaintext } of cipherVectors) {
        if (taken.has(`${algorithm} ${mode}`)) continue
        const data = bytes(plaintext)
        const use = { algorithm, mode, padding: 'None', data, ...(iv !== undefined && { iv: bytes(iv) }) } as const
        expect(outcomeOf(bytes(key), { what: 'encrypt', ...use })).toBe('INVALID')
        expect(outcomeOf(bytes(key), { what: 'decrypt', ...use })).toBe('INVALID')
      }
    }
  })

  test('two halves of a key of XTS that are the same', () => {
    const vector = vectorOf('XTS')
    for (const count of [32, 64]) {
      expect(outcomeOf(Buffer.alloc(count, 7), encryption(vector))).toBe('INVALID')
      expect(outcomeOf(Buffer.alloc(count, 7), decryption(vector))).toBe('INVALID')
    }
  })

  test('an empty key of a MAC', () => {
    expect(outcomeOf(Buffer.alloc(0), { what: 'mac', hash: 'SHA-256', data: Buffer.alloc(1) })).toBe('INVALID')
  })
})

test('a vector that is not given is drawn, of the length that the mode wants, and never twice the same', () => {
  for (const vector of cipherVectors) {
    const { iv, ...bare } = encryption(vector)
    const made = [1, 2].map(() => applyKey(bytes(vector.key), bare))
    const wanted = vector.mode === 'GCM' || vector.mode === 'AEAD' ? 12 : vector.algorithm === '3DES' ? 8 : 16
    expect(made.map(({ iv: drawn }) => drawn?.length)).toEqual(
      iv === undefined ? [undefined, undefined] : [wanted, wanted],
    )
    if (iv === undefined) continue
    expect(made[0]?.iv).not.toEqual(made[1]?.iv)
    const [{ data, iv: drawn, tag }] = made as [(typeof made)[0]]
    const back = { ...decryption(vector), data, iv: drawn as Uint8Array, ...(tag && { tag }) }
    expect(outcomeOf(bytes(vector.key), back)).toBe(vector.plaintext)
  }
})

test('whatever is asked ends in an answer, INVALID or TAMPERED, and what was encrypted decrypts', () => {
  const some = fc.uint8Array({ maxLength: 70 })
  const optional = fc.option(some, { nil: undefined })
  fc.assert(
    fc.property(
      fc.constantFrom(...cipherVectors),
      fc.constantFrom<EncryptUse['padding']>('None', 'PKCS5'),
      fc.oneof(
        some,
        fc.constantFrom(8, 16, 24, 32, 48, 64).map((count) => new Uint8Array(count).fill(5)),
      ),
      optional,
      optional,
      optional,
      (vector, padding, data, iv, additional, tag) => {
        const { algorithm, mode } = vector
        const shared = { algorithm, mode, padding, data, ...(iv && { iv }), ...(additional && { additional }) }
        const key = bytes(vector.key)
        for (const use of [
          { what: 'encrypt', ...shared, ...(tag && { tagBytes: tag.length }) },
          { what: 'decrypt', ...shared, ...(tag && { tag }) },
        ] as const) {
          expect(outcomeOf(key, use)).toMatch(/^(INVALID|TAMPERED|[0-9a-f]*)$/)
          expect(outcomeOf(Buffer.from(data), use)).toMatch(/^(INVALID|TAMPERED|[0-9a-f]*)$/)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
