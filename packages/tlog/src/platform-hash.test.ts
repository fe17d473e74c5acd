/** The fast way to call a platform's hash gives the same bytes. */
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { platformHash, sha256 } from './index.ts'

test('Node’s one-shot hash answers what the portable one does', () => {
  const fast = platformHash(hash)
  for (const length of [0, 1, 64, 65, 1300]) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 7) & 255)
    expect(fast(data)).toEqual(sha256(data))
    const target = new Uint8Array(40)
    fast.into?.(data, target, 5)
    expect(target.subarray(5, 37)).toEqual(sha256(data))
    expect([...target.subarray(0, 5), ...target.subarray(37)]).toEqual(Array.from({ length: 8 }, () => 0))
  }
})
