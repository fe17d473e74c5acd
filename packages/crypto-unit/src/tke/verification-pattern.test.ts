/** Verification patterns: vector V1 of the TKE reference, whole keys and parts alike. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { verificationPattern } from './verification-pattern.ts'
import { v1 } from '../testing/tke-vectors.ts'

const key = Buffer.from(v1.key, 'hex')
const part1 = Buffer.from(v1.part1, 'hex')
const part2 = Buffer.from(key.map((byte, at) => byte ^ (part1[at] ?? 0)))

test('vector V1: a key and the two parts it is made of have the patterns of the reference', () => {
  expect([key, part1, part2].map(verificationPattern)).toEqual([v1.keyPattern, v1.part1Pattern, v1.part2Pattern])
})

test('the last four bytes of the hash are cut to zero and the others kept', () => {
  const hash = createHash('sha256').update(Uint8Array.of(1)).update(key).digest('hex')
  expect(hash.slice(56)).toBe(v1.hashEnd)
  expect(verificationPattern(key)).toBe(`${hash.slice(0, 56)}00000000`)
})

test('the key itself is left as it was', () => {
  const before = key.toString('hex')
  verificationPattern(key)
  expect(key.toString('hex')).toBe(before)
})
