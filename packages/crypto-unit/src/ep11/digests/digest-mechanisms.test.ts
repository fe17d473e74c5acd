/** Digests in parts against published vectors and OpenSSL, however the data are cut and wherever the state is saved. */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mechanismFlags, mechanismName, mechanisms, type Mechanism } from '../mechanisms.ts'
import type { DigestMechanism } from '../mechanism-parts.ts'
import { SAVED_BYTES_MAX } from '../saved-state.ts'
import { cutData } from '../testing/in-parts.ts'
import { digestMechanisms } from './digest-mechanisms.ts'
import { hashOf } from './hash-names.ts'
import { refusal } from '../../testing/refusals.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)

const all = [...digestMechanisms].map(([value, mechanism]) => ({
  value,
  mechanism,
  name: mechanismName(value) ?? '',
  hash: hashOf(value) ?? { name: '', bytes: 0, blockBytes: 0 },
}))
const parts = (mechanism: DigestMechanism, pieces: readonly Uint8Array[]): Buffer => {
  let running = mechanism.start()
  for (const piece of pieces) {
    running = mechanism.restore(running.save())
    running.update(piece)
  }
  return mechanism.restore(running.save()).finish()
}

test('every mechanism that digests is there, and no other', () => {
  const digesting = Object.values<Mechanism>(mechanisms).filter(({ flags }) => flags === mechanismFlags.DIGEST)
  expect(new Set(digestMechanisms.keys())).toEqual(new Set(digesting.map(({ value }) => value)))
})

/** FIPS 180-4's examples ("Secure Hashing" of NIST's Example Values), FIPS 202's of the empty message. */
const twoBlocks = {
  32: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
  64: 'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
}
const published: readonly (readonly [keyof typeof mechanisms, string, string])[] = [
  ['CKM_SHA_1', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['CKM_SHA_1', twoBlocks[32], '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ['CKM_SHA224', 'abc', '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7'],
  ['CKM_SHA224', twoBlocks[32], '75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525'],
  ['CKM_SHA256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['CKM_SHA256', twoBlocks[32], '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  [
    'CKM_SHA384',
    'abc',
    'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  ],
  [
    'CKM_SHA384',
    twoBlocks[64],
    '09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039',
  ],
  [
    'CKM_SHA512',
    'abc',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
  [
    'CKM_SHA512',
    twoBlocks[64],
    '8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909',
  ],
  ['CKM_SHA512_224', 'abc', '4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa'],
  ['CKM_IBM_SHA512_224', twoBlocks[64], '23fec5bb94d60b23308192640b0c453335d664734fe40e7268674af9'],
  ['CKM_SHA512_256', 'abc', '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23'],
  ['CKM_IBM_SHA512_256', twoBlocks[64], '3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a'],
  ['CKM_IBM_SHA3_224', '', '6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7'],
  ['CKM_IBM_SHA3_256', '', 'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a'],
  [
    'CKM_IBM_SHA3_384',
    '',
    '0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004',
  ],
  [
    'CKM_IBM_SHA3_512',
    '',
    'a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26',
  ],
]

test.each(published)(
  '%s of NIST\'s "%s" is the published digest, in one shot and byte by byte',
  (name, text, digest) => {
    const mechanism = digestMechanisms.get(mechanisms[name].value)
    expect(mechanism?.digest(Buffer.from(text)).toString('hex')).toBe(digest)
    expect(
      mechanism &&
        parts(
          mechanism,
          Array.from(Buffer.from(text), (byte) => Buffer.of(byte)),
        ).toString('hex'),
    ).toBe(digest)
  },
)

describe.each(all)('$name', ({ value, mechanism, hash }) => {
  const whole = (data: Uint8Array): Buffer => createHash(hash.name).update(data).digest()

  test('has the sizes that OpenSSL gives it', () => {
    expect(mechanism.digest(Buffer.alloc(0))).toEqual(whole(Buffer.alloc(0)))
    expect(whole(Buffer.alloc(0)).length).toBe(hash.bytes)
  })

  test('gives what OpenSSL gives, for any data cut anywhere with a save and restore at every cut', () => {
    const property = fc.property(cutData(3 * hash.blockBytes), (pieces) => {
      const data = Buffer.concat(pieces)
      expect(parts(mechanism, pieces)).toEqual(whole(data))
      expect(mechanism.digest(data)).toEqual(whole(data))
    })
    fc.assert(property, { seed, numRuns: 60 })
  })

  test('pads right at every length around the ends of two blocks', () => {
    for (let length = 0; length <= 2 * hash.blockBytes + 1; length++) {
      const data = Buffer.alloc(length, length)
      const running = mechanism.start()
      running.update(data)
      expect(running.finish(), `${length} bytes`).toEqual(whole(data))
    }
  })

  test('a state that is saved goes on as often as it is restored, and stays what it was', () => {
    const running = mechanism.start()
    running.update(Buffer.alloc(hash.blockBytes + 5, 1))
    const saved = running.save()
    const copy = Buffer.from(saved)
    running.update(Buffer.alloc(3 * hash.blockBytes, 2))
    const finals = [0, 1].map(() => {
      const again = mechanism.restore(saved)
      again.update(Buffer.from('more'))
      return again.finish()
    })
    expect(saved).toEqual(copy)
    const expected = whole(Buffer.concat([Buffer.alloc(hash.blockBytes + 5, 1), Buffer.from('more')]))
    expect(finals).toEqual([expected, expected])
  })

  test('takes data that lie anywhere in memory, and leaves them as they are', () => {
    const data = Buffer.from('x'.repeat(5 * hash.blockBytes)).subarray(1)
    const running = mechanism.start()
    running.update(data)
    expect(running.finish()).toEqual(whole(data))
    expect(data.every((byte) => byte === 0x78)).toBe(true)
  })

  test('the saved form is version, mechanism, count, chaining value and held back bytes', () => {
    const running = mechanism.start()
    running.update(Buffer.alloc(hash.blockBytes + 7, 0xab))
    const saved = running.save()
    expect(saved.readUInt8()).toBe(1)
    expect(saved.readUInt32BE(1)).toBe(value)
    expect(saved.readBigUInt64BE(5)).toBe(BigInt(hash.blockBytes + 7))
    expect(saved.subarray(-7)).toEqual(Buffer.alloc(7, 0xab))
    expect(saved.length).toBeLessThanOrEqual(SAVED_BYTES_MAX)
  })

  test('goes on behind as many bytes as can be counted, and no further', () => {
    const running = mechanism.start()
    running.update(Buffer.alloc(hash.blockBytes))
    const saved = running.save()
    const most = Number.MAX_SAFE_INTEGER
    const held = Buffer.alloc((most - 1) % hash.blockBytes)
    saved.writeBigUInt64BE(BigInt(most - 1), 5)
    const near = mechanism.restore(Buffer.concat([saved, held]))
    expect(refusal(() => near.update(Buffer.alloc(2)))).toBe('CKR_DATA_LEN_RANGE')
    near.update(Buffer.alloc(1))
    expect(refusal(() => near.update(Buffer.alloc(1)))).toBe('CKR_DATA_LEN_RANGE')
    expect(near.save().readBigUInt64BE(5)).toBe(BigInt(most))
  })
})

/** Hashing that much takes hours: the block that padding makes is compared with the same block given as data. */
test('the length in bits fills the last eight bytes of the last block', () => {
  const mechanism = digestMechanisms.get(mechanisms.CKM_SHA256.value) as DigestMechanism
  const start = mechanism.start()
  start.update(Buffer.alloc(64))
  const saved = start.save()
  saved.writeBigUInt64BE(2n ** 40n, 5)
  const long = mechanism.restore(saved)
  const last = Buffer.alloc(64)
  last[0] = 0x80
  last.writeBigUInt64BE(2n ** 43n, 56)
  const other = mechanism.restore(saved)
  other.update(last)
  expect(long.finish()).toEqual(other.save().subarray(13, 45))
})

describe('a saved state that is none of the mechanism', () => {
  const sha256 = digestMechanisms.get(mechanisms.CKM_SHA256.value) as DigestMechanism
  const saved = (bytes: number): Buffer => {
    const running = sha256.start()
    running.update(Buffer.alloc(bytes, 9))
    return running.save()
  }
  const changed = (bytes: number, change: (state: Buffer) => void): Buffer => {
    const state = saved(bytes)
    change(state)
    return state
  }

  test.each([
    ['of nothing', Buffer.alloc(0)],
    ['of another version', changed(5, (state) => state.writeUInt8(2))],
    ['of another mechanism', changed(5, (state) => state.writeUInt32BE(mechanisms.CKM_SHA224.value, 1))],
    ['that ends early', saved(5).subarray(0, -1)],
    ['that goes on', Buffer.concat([saved(5), Buffer.alloc(1)])],
    ['whose count and held back bytes do not agree', changed(5, (state) => state.writeBigUInt64BE(6n, 5))],
    ['whose count is no number', changed(64, (state) => state.writeBigUInt64BE(2n ** 53n, 5))],
    ['that took no block and has another chaining value', changed(5, (state) => state.writeUInt8(1, 20))],
    ['that is longer than any', Buffer.concat([saved(5), Buffer.alloc(2_000)])],
  ])('is refused: one %s', (_, state) => {
    expect(refusal(() => sha256.restore(state))).toBe('CKR_SAVED_STATE_INVALID')
  })

  test("an alias does not take its twin's states", () => {
    const [twin, alias] = ['CKM_SHA512_256', 'CKM_IBM_SHA512_256'] as const
    const state = digestMechanisms.get(mechanisms[twin].value)?.start().save() ?? Buffer.alloc(0)
    expect(refusal(() => digestMechanisms.get(mechanisms[alias].value)?.restore(state))).toBe('CKR_SAVED_STATE_INVALID')
  })
})

test('hashOf knows digests alone', () => {
  expect(hashOf(mechanisms.CKM_SHA256_HMAC.value)).toBeUndefined()
  expect(hashOf(mechanisms.CKM_SHA_1.value)).toEqual({ name: 'sha1', bytes: 20, blockBytes: 64 })
})
