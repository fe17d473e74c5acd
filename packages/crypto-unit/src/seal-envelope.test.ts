/** The seal under a passphrase: it opens with that passphrase as it was made, and with nothing else. */
import { createCipheriv, argon2Sync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type KdfParameters,
  openSeal,
  passphraseFault,
  protectSeal,
  readSealFile,
  SEAL_FILE_BYTES_MAX,
  SealEnvelopeError,
  type SealEnvelopeErrorCode,
} from './seal-envelope.ts'

const passphrase = 'correct horse battery staple'
/** The cheapest that is taken: these tests open often. */
const cheap: KdfParameters = { memoryKiB: 19 * 1024, passes: 2, lanes: 1 }
const seal = new Uint8Array(randomBytes(32))
const envelope = protectSeal(seal, passphrase, cheap)

function codeOf(act: () => unknown): SealEnvelopeErrorCode | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (!(error instanceof SealEnvelopeError) || error.message.includes(passphrase)) throw error
    return error.code
  }
}

function changed(at: number, value: number): Uint8Array {
  const bytes = new Uint8Array(envelope)
  bytes[at] = value
  return bytes
}

function withNumber(at: number, value: number): Uint8Array {
  const bytes = new Uint8Array(envelope)
  new DataView(bytes.buffer).setUint32(at, value)
  return bytes
}

test('what was protected opens with the passphrase, at the usual cost', () => {
  const usual = protectSeal(seal, passphrase)
  expect(readSealFile(usual)).toEqual({
    kind: 'protected',
    version: 1,
    kdf: { memoryKiB: 65_536, passes: 3, lanes: 1 },
  })
  expect(openSeal(usual, passphrase)).toEqual(seal)
})

test('the bytes are those that the description says', () => {
  const bytes = Buffer.from(envelope)
  expect(bytes.toString('latin1', 0, 8)).toBe('KWITSEAL')
  expect([...bytes.subarray(8, 10)]).toEqual([1, 1])
  const [memory, passes, parallelism] = [10, 14, 18].map((at) => bytes.readUInt32BE(at)) as [number, number, number]
  const nonce = bytes.subarray(22, 38)
  const message = Buffer.from(passphrase)
  const key = argon2Sync('argon2id', { message, nonce, memory, passes, parallelism, tagLength: 32 })
  const cipher = createCipheriv('aes-256-gcm', key, bytes.subarray(38, 50)).setAAD(bytes.subarray(0, 50))
  expect(Buffer.concat([cipher.update(seal), cipher.final(), cipher.getAuthTag()])).toEqual(bytes.subarray(50))
})

test('an envelope made by an earlier run opens', () => {
  const kept =
    '4b5749545345414c010100004c000000000200000001' +
    '000102030405060708090a0b0c0d0e0f' +
    '101112131415161718191a1b' +
    '736fcf6c8976e3a3f15531260c354b2becd82eb120b3196a1280b92754ab0dcc' +
    '07e2f94e9ae8e295d70eddbe26cd6698'
  expect(openSeal(Buffer.from(kept, 'hex'), passphrase)).toEqual(new Uint8Array(32).fill(0x5a))
})

test('two envelopes of one seal have nothing in common but the parameters', () => {
  const other = protectSeal(seal, passphrase, cheap)
  expect(other.subarray(0, 22)).toEqual(envelope.subarray(0, 22))
  for (const [from, to] of [
    [22, 38],
    [38, 50],
    [50, 82],
    [82, 98],
  ] as const) {
    expect(other.subarray(from, to)).not.toEqual(envelope.subarray(from, to))
  }
})

test.each(['', 'correct horse battery stapl', 'Correct horse battery staple', ` ${passphrase}`, 'x'.repeat(100_000)])(
  'another passphrase does not open it',
  (other) => expect(codeOf(() => openSeal(envelope, other))).toBe('DOES_NOT_OPEN'),
)

test('however a keyboard composes its letters, the passphrase is the same', () => {
  const composed = protectSeal(seal, 'Füße über Zürich'.normalize('NFC'), cheap)
  expect(openSeal(composed, 'Füße über Zürich'.normalize('NFD'))).toEqual(seal)
})

test('a flipped bit anywhere is refused', () => {
  for (let at = 0; at < envelope.length; at++) {
    // Of the parameters every bit, of the rest one in each byte: each costs a derivation.
    const bits = at < 22 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]
    for (const bit of bits) {
      const bytes = changed(at, envelope[at]! ^ (1 << bit))
      expect(
        codeOf(() => openSeal(bytes, passphrase)),
        `byte ${at}, bit ${bit}`,
      ).toBeDefined()
    }
  }
})

test('a cut or longer file is refused, also where it was cut to the length of a plain seal', () => {
  for (let length = 0; length < envelope.length; length++) {
    expect(codeOf(() => readSealFile(envelope.subarray(0, length)))).toBe('FORMAT')
    expect(codeOf(() => openSeal(envelope.subarray(0, length), passphrase))).toBe('FORMAT')
  }
  expect(codeOf(() => openSeal(Buffer.concat([envelope, Buffer.alloc(1)]), passphrase))).toBe('FORMAT')
})

test.each<[string, Uint8Array, SealEnvelopeErrorCode]>([
  ['another version', changed(8, 2), 'VERSION'],
  ['no version', changed(8, 0), 'VERSION'],
  ['another function', changed(9, 2), 'PARAMETERS'],
  ['no memory', withNumber(10, 0), 'PARAMETERS'],
  ['too little memory', withNumber(10, 19 * 1024 - 1), 'PARAMETERS'],
  ['too much memory', withNumber(10, 512 * 1024 + 1), 'PARAMETERS'],
  ['all memory', withNumber(10, 0xffff_ffff), 'PARAMETERS'],
  ['one pass', withNumber(14, 1), 'PARAMETERS'],
  ['passes without end', withNumber(14, 0xffff_ffff), 'PARAMETERS'],
  ['no lane', withNumber(18, 0), 'PARAMETERS'],
  ['lanes without end', withNumber(18, 5), 'PARAMETERS'],
])('%s is refused before anything is computed', (_what, bytes, code) => {
  expect(codeOf(() => readSealFile(bytes))).toBe(code)
  expect(codeOf(() => openSeal(bytes, passphrase))).toBe(code)
})

test('the bounds hold for what is made, too', () => {
  expect(codeOf(() => protectSeal(seal, passphrase, { ...cheap, passes: 1 }))).toBe('PARAMETERS')
  expect(codeOf(() => protectSeal(seal.subarray(1), passphrase, cheap))).toBe('FORMAT')
  expect(codeOf(() => protectSeal(seal, 'short', cheap))).toBe('PASSPHRASE')
})

test('32 bytes are a plain seal, which no passphrase opens', () => {
  expect(readSealFile(seal)).toEqual({ kind: 'plain', seal })
  expect(codeOf(() => openSeal(seal, passphrase))).toBe('FORMAT')
})

test.each([
  ['elevenchars', /11 characters and must have 12/],
  // Twelve UTF-16 units, six characters.
  ['🔑🔑🔑🔑🔑🔑', /6 characters/],
  ['x'.repeat(1_025), /over 1024/],
  ['arrow key \u001b[A pressed', /control character/],
  ['half a pair \ud800 of it', /control character/],
  [' with a space before', /begins or ends/],
  ['with a space after ', /begins or ends/],
])('the passphrase %j is not accepted', (bad, why) => expect(passphraseFault(bad)).toMatch(why))

test('a passphrase of twelve characters in any script is accepted', () => {
  for (const good of ['twelve chars', 'пароль печать', '🔑'.repeat(12), 'x'.repeat(1_024)]) {
    expect(passphraseFault(good)).toBeUndefined()
  }
})

test('whatever the bytes, they are a seal, an envelope, or the typed error', () => {
  const headed = fc
    .tuple(fc.uint8Array({ maxLength: SEAL_FILE_BYTES_MAX + 2 }), fc.nat(9))
    .map(([rest, kept]) => Buffer.concat([envelope.subarray(0, kept), rest]))
  const patched = fc.array(fc.tuple(fc.nat(SEAL_FILE_BYTES_MAX - 1), fc.nat(255)), { maxLength: 6 }).map((places) => {
    const bytes = new Uint8Array(envelope)
    for (const [at, value] of places) bytes[at] = value
    return bytes
  })
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), headed, patched)
  fc.assert(
    fc.property(bytes, (one) => {
      let kind: string | undefined
      const code = codeOf(() => (kind = readSealFile(one).kind))
      // What is an envelope after all costs a derivation: it is opened in the tests of flipped bits.
      const opens = kind !== 'protected' && codeOf(() => openSeal(one, passphrase)) === undefined
      expect({ isRead: kind !== undefined, opens }).toEqual({ isRead: code === undefined, opens: false })
      expect(kind !== 'plain' || one.length === 32).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})
