/** Uses and their outcomes on the pipe: read back as they were put, and nothing read that is not one. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyEncodings } from './asymmetric-key.ts'
import { Fields, FrameBatch, ProtocolError } from './frames.ts'
import { macHashes, putKeyUse, putOutcome, readKeyUse, readOutcome, type KeyUse } from './key-use.ts'
import { CIPHERTEXT_BYTES_MAX, PLAINTEXT_BYTES_MAX } from './protocol.ts'

function written(put: (batch: FrameBatch) => void): Buffer {
  const batch = new FrameBatch()
  put(batch)
  return Buffer.from(batch.take())
}

/** What is read, its bytes as hex; or the code of the error. */
function read(payload: Buffer): unknown {
  try {
    const fields = new Fields(payload)
    const use = readKeyUse(fields)
    fields.end()
    return plain(use)
  } catch (error) {
    return error instanceof ProtocolError ? error.code : error
  }
}

function plain(use: object): unknown {
  if (use instanceof Uint8Array) return Buffer.from(use).toString('hex')
  const entries = Object.entries(use) as [string, unknown][]
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? plain(value) : (value ?? 'missing'),
    ]),
  )
}

const data = fc.uint8Array({ maxLength: 300 })
const short = fc.uint8Array({ minLength: 1, maxLength: 255 })
const cipher = {
  algorithm: fc.constantFrom('AES' as const, '3DES' as const, 'ChaCha20Poly1305' as const),
  mode: fc.constantFrom('ECB' as const, 'CFB' as const, 'XTS' as const, 'AESKeyWrapPadding' as const, 'AEAD' as const),
  padding: fc.constantFrom('None' as const, 'PKCS5' as const),
  data,
}
const number = fc.integer({ min: 0, max: 0xffff_ffff })
const asymmetric = {
  encoding: fc.constantFrom(...keyEncodings),
  mechanism: fc.record({
    value: number,
    parameter: fc.oneof(
      fc.constant({ kind: 'none' as const }),
      fc.record({ kind: fc.constant('pss' as const), hash: number, mgf: number, saltBytes: number }),
      fc.record({
        kind: fc.constant('oaep' as const),
        hash: number,
        mgf: number,
        label: fc.option(
          short.map((bytes) => Buffer.from(bytes)),
          { nil: undefined },
        ),
      }),
    ),
  }),
  data,
}
const cipherKeys = ['what', 'algorithm', 'mode', 'padding', 'data'] as const
const anyUse: fc.Arbitrary<KeyUse> = fc.oneof(
  fc.record(
    {
      what: fc.constant('encrypt' as const),
      ...cipher,
      iv: short,
      additional: short,
      tagBytes: fc.integer({ min: 1, max: 255 }),
    },
    { requiredKeys: [...cipherKeys] },
  ),
  fc.record(
    { what: fc.constant('decrypt' as const), ...cipher, iv: short, additional: short, tag: short },
    { requiredKeys: [...cipherKeys] },
  ),
  fc.record({ what: fc.constant('mac' as const), hash: fc.constantFrom(...macHashes), data }),
  fc.record({
    what: fc.constantFrom('sign' as const, 'public-encrypt' as const, 'private-decrypt' as const),
    ...asymmetric,
  }),
  fc.record({ what: fc.constant('signature-verify' as const), ...asymmetric, signature: data }),
  fc.record({
    what: fc.constant('mac-verify' as const),
    hash: fc.constantFrom(...macHashes),
    data,
    mac: fc.uint8Array({ maxLength: 255 }),
  }),
)

test('a use is read as it was put', () => {
  fc.assert(
    fc.property(anyUse, (use) => {
      expect(read(written((batch) => putKeyUse(batch, use)))).toEqual(plain(use))
    }),
  )
})

test('a use cut anywhere or made longer is malformed', () => {
  fc.assert(
    fc.property(anyUse, (use) => {
      const whole = written((batch) => putKeyUse(batch, use))
      for (let count = 0; count < whole.length; count += 1 + Math.floor(whole.length / 60)) {
        expect(read(whole.subarray(0, count))).toBe('MALFORMED')
      }
      expect(read(Buffer.concat([whole, Buffer.alloc(1)]))).toBe('MALFORMED')
    }),
  )
})

test('a use, algorithm, mode, padding or hash that nobody knows is malformed', () => {
  const encrypt = written((batch) =>
    putKeyUse(batch, { what: 'encrypt', algorithm: 'AES', mode: 'ECB', padding: 'None', data: new Uint8Array(16) }),
  )
  const mac = written((batch) => putKeyUse(batch, { what: 'mac', hash: 'SHA-256', data: new Uint8Array(1) }))
  for (const [whole, at, known] of [
    [encrypt, 0, 4],
    [encrypt, 1, 3],
    [encrypt, 2, 10],
    [encrypt, 3, 2],
    [mac, 1, 9],
  ] as const) {
    for (const code of [known, 0x7f, 0xff]) {
      const altered = Buffer.from(whole)
      altered[at] = code
      expect(read(altered)).toBe('MALFORMED')
    }
  }
})

test('the longest data pass, one byte more does not; what is decrypted may be 16 bytes longer', () => {
  const cipherUse = { algorithm: 'AES', mode: 'CTR', padding: 'None' } as const
  const ofLength = {
    encrypt: (count: number): KeyUse => ({ what: 'encrypt', ...cipherUse, data: new Uint8Array(count) }),
    decrypt: (count: number): KeyUse => ({ what: 'decrypt', ...cipherUse, data: new Uint8Array(count) }),
    mac: (count: number): KeyUse => ({ what: 'mac', hash: 'SHA-1', data: new Uint8Array(count) }),
    verify: (count: number): KeyUse => ({
      what: 'mac-verify',
      hash: 'SHA-1',
      data: new Uint8Array(count),
      mac: new Uint8Array(20),
    }),
  }
  for (const [what, use] of Object.entries(ofLength)) {
    const most = what === 'decrypt' ? CIPHERTEXT_BYTES_MAX : PLAINTEXT_BYTES_MAX
    expect(read(written((batch) => putKeyUse(batch, use(most))))).not.toBe('MALFORMED')
    expect(read(written((batch) => putKeyUse(batch, use(most + 1))))).toBe('MALFORMED')
  }
})

test('an outcome is read as it was put, in memory of its own', () => {
  fc.assert(
    fc.property(data, fc.option(short), fc.option(short), (text, iv, tag) => {
      const outcome = { data: text, ...(iv && { iv }), ...(tag && { tag }) }
      const payload = written((batch) => putOutcome(batch, outcome))
      const answer = readOutcome(new Fields(payload), 'encrypt')
      payload.fill(0xee)
      expect(plain(answer)).toEqual(plain(outcome))
    }),
  )
  for (const ok of [true, false]) {
    expect(readOutcome(new Fields(written((batch) => putOutcome(batch, { ok }))), 'mac-verify')).toEqual({ ok })
  }
})

test('an outcome that is cut or longer is malformed', () => {
  const payload = written((batch) => putOutcome(batch, { data: new Uint8Array(9), tag: new Uint8Array(3) }))
  for (const part of [payload.subarray(0, 8), Buffer.alloc(0), Buffer.concat([payload, Buffer.alloc(1)])]) {
    for (const what of ['encrypt', 'mac-verify'] as const) {
      expect(() => readOutcome(new Fields(part), what)).toThrow(ProtocolError)
    }
  }
})
