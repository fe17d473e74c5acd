/** A kept cipher object beside one that is made for each message. */
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BlockCipher } from './block-cipher.ts'
import { type BlockMode, runBlocks } from './chained-cipher.ts'

const raw = { aes: randomBytes(32), des: randomBytes(24) }
const aes: BlockCipher = { key: createSecretKey(raw.aes), ecb: 'aes-256-ecb', cbc: 'aes-256-cbc', blockBytes: 16 }
const des: BlockCipher = { key: createSecretKey(raw.des), ecb: 'des-ede3-ecb', cbc: 'des-ede3-cbc', blockBytes: 8 }

/** By an object that is made for this message alone. */
function alone(cipher: BlockCipher, mode: BlockMode, vector: Buffer, data: Buffer): Buffer {
  const once = createCipheriv(cipher[mode], cipher.key, mode === 'ecb' ? null : vector).setAutoPadding(false)
  return Buffer.concat([once.update(data), once.final()])
}

describe.each([
  ['AES', aes],
  ['triple DES', des],
] as const)('%s', (_, cipher) => {
  const vectorOf = (mode: BlockMode): Buffer => (mode === 'ecb' ? Buffer.alloc(0) : randomBytes(cipher.blockBytes))

  test.each(['cbc', 'ecb'] as const)('in %s nothing of the messages before shows in the next one', (mode) => {
    for (const blocks of [1, 2, 1, 64, 3, 1, 1000, 1]) {
      const vector = vectorOf(mode)
      const data = randomBytes(blocks * cipher.blockBytes)
      const kept = { vector: Buffer.from(vector), data: Buffer.from(data) }
      const ciphertext = runBlocks(cipher, mode, 'encrypt', vector, data)
      expect(ciphertext).toEqual(alone(cipher, mode, vector, data))
      expect(runBlocks(cipher, mode, 'decrypt', vector, ciphertext)).toEqual(data)
      expect({ vector, data }).toEqual(kept)
    }
  })

  test('the same message twice, and of no block nothing', () => {
    const vector = randomBytes(cipher.blockBytes)
    const data = randomBytes(5 * cipher.blockBytes)
    const first = runBlocks(cipher, 'cbc', 'encrypt', vector, data)
    expect(runBlocks(cipher, 'cbc', 'encrypt', vector, Buffer.alloc(0))).toEqual(Buffer.alloc(0))
    expect(runBlocks(cipher, 'cbc', 'encrypt', vector, data)).toEqual(first)
  })
})

test('each key has an object of its own', () => {
  const other = { ...aes, key: createSecretKey(randomBytes(32)) }
  const vector = randomBytes(16)
  const data = randomBytes(64)
  for (const cipher of [aes, other, aes, other]) {
    expect(runBlocks(cipher, 'cbc', 'encrypt', vector, data)).toEqual(alone(cipher, 'cbc', vector, data))
  }
})
