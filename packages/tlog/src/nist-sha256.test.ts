/** SHA-256 against NIST's examples and Node's implementation. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256, toHex } from './index.ts'

const VECTORS = new URL('../../../vectors/tlog/nist-sha256.json', import.meta.url)
const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as { hex: string; times: number; digest: string }[]

test.each(vectors)('NIST example $hex times $times', ({ hex, times, digest }) => {
  const message = new Uint8Array(Buffer.concat(Array.from({ length: times }, () => Buffer.from(hex, 'hex'))))
  expect(toHex(sha256(message))).toBe(digest)
})

test('every length around the block boundaries hashes as Node does', () => {
  for (let length = 0; length <= 260; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255)
    expect(toHex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'))
  }
})

test('any bytes hash as Node does, views into larger buffers too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(20), (bytes, skip) => {
      const view = bytes.subarray(Math.min(skip, bytes.length))
      expect(toHex(sha256(view))).toBe(createHash('sha256').update(view).digest('hex'))
    }),
  )
})
