/** A platform's own SHA-256 as the hash of this package, called in the way that costs least. */
import { HASH_BYTES, type Hash, type HashInto } from './hash.ts'

/** The shape of Node's `crypto.hash`, which this package must not import: it runs in browsers too. */
export type OneShotHash = (algorithm: 'sha256', data: Uint8Array, outputEncoding: 'binary') => string | Uint8Array

/**
 * Node's `crypto.hash` as a {@link Hash}. Asking it for a one-byte-per-character string and copying that costs a third
 * of asking it for a Buffer, which at the size of a tree's node is most of the work.
 *
 * @example
 * import { hash } from 'node:crypto'
 * verifyLog({ hash: platformHash(hash), … })
 */
export function platformHash(oneShot: OneShotHash): Hash {
  const into: HashInto = (data, target, offset) => {
    const digest = oneShot('sha256', data, 'binary')
    if (typeof digest !== 'string') return target.set(digest, offset)
    for (let i = 0; i < HASH_BYTES; i++) target[offset + i] = digest.charCodeAt(i)
  }
  const hash = (data: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(HASH_BYTES)
    into(data, bytes, 0)
    return bytes
  }
  return Object.assign(hash, { into })
}
