/** ANSI X9.31 signatures: vector V6, and OpenSSL as the second implementation. */
import { execFileSync } from 'node:child_process'
import { constants, createHash, createPublicKey, generateKeyPairSync, privateEncrypt, publicDecrypt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { x931Block, x931Sign, x931Verify } from './x931.ts'
import { v6 } from '../testing/tke-vectors.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const message = Buffer.from(v6.text)

test('vector V6: the block is the one of the reference', () => {
  const block = x931Block(message)
  expect(block.toString('hex')).toBe(`6b${'bb'.repeat(220)}ba${v6.hash}34cc`)
  expect(createHash('sha256').update(block).digest('hex')).toBe(v6.blockSha256)
})

test('a signature is the block raised to the private exponent, 256 bytes whatever it begins with', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const signature = x931Sign(bytes, privateKey)
      expect(signature.length).toBe(256)
      const block = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature)
      expect(block).toEqual(x931Block(bytes))
      expect(x931Verify(bytes, publicKey, signature)).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('what OpenSSL signs in X9.31 verifies here, unless it took the smaller of the two roots', () => {
  const directory = mkdtempSync(join(tmpdir(), 'x931-'))
  const keyFile = join(directory, 'key.pem')
  const hashFile = join(directory, 'hash')
  writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const n = BigInt(`0x${modulus().toString('hex')}`)
  try {
    for (let count = 0; count < 4; count++) {
      const text = Buffer.from(`text ${count}`)
      writeFileSync(hashFile, createHash('sha256').update(text).digest())
      const options = ['-pkeyopt', 'digest:sha256', '-pkeyopt', 'rsa_padding_mode:x931']
      const theirs = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', keyFile, '-in', hashFile, ...options])
      const other = n - BigInt(`0x${theirs.toString('hex')}`)
      const roots = [theirs.toString('hex'), other.toString(16).padStart(512, '0')]
      expect(roots).toContain(x931Sign(text, privateKey).toString('hex'))
      // The client signs without the step to the smaller root; only that one is taken.
      expect(roots.filter((root) => x931Verify(text, publicKey, Buffer.from(root, 'hex'))).length).toBe(1)
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
})

function modulus(): Buffer {
  return Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).n ?? '', 'base64url')
}

test('a signature over other bytes, by another key, flipped or of another size does not verify', () => {
  const signature = x931Sign(message, privateKey)
  expect(x931Verify(Buffer.from('tke-x932'), publicKey, signature)).toBe(false)
  expect(x931Verify(message, generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey, signature)).toBe(false)
  for (let bit = 0; bit < 2048; bit += 31) {
    const altered = Buffer.from(signature)
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    expect(x931Verify(message, publicKey, altered)).toBe(false)
  }
  for (const other of [signature.subarray(1), Buffer.concat([Buffer.alloc(1), signature]), Buffer.alloc(0)]) {
    expect(x931Verify(message, publicKey, other)).toBe(false)
  }
})

test('a number not below the modulus is no signature, though it may be one modulo it', () => {
  expect(x931Verify(message, publicKey, modulus())).toBe(false)
  expect(x931Verify(message, publicKey, Buffer.alloc(256, 0xff))).toBe(false)
  expect(x931Verify(message, publicKey, Buffer.alloc(256))).toBe(false)
})

test('a block that differs from the expected one in any byte does not verify', () => {
  const good = x931Block(message)
  for (const at of [0, 1, 100, 220, 221, 222, 253, 254, 255]) {
    const block = Buffer.from(good)
    block[at] = (block[at] ?? 0) ^ 1
    const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block)
    expect(x931Verify(message, publicKey, signature)).toBe(false)
  }
})
