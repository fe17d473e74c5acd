/** SHA-256 by the platform, and a tree's leaf and tile hashes made with few allocations. */
import { hash } from 'node:crypto'
import { type Hash, HASH_BYTES, platformHash, TILE_WIDTH } from '@keywitness/tlog'
import { entryBytesMax } from './limits.ts'

/** SHA-256 (FIPS 180-4), 32 bytes: what the tree's functions are given on Node. */
export const sha256Of: Hash = platformHash(hash)

const leaf = new Uint8Array(1 + entryBytesMax)
const pair = new Uint8Array(1 + 2 * HASH_BYTES)
pair[0] = 1

/** Writes an entry's leaf hash, SHA-256(0x00 ‖ entry), into `target` (RFC 6962 section 2.1). */
export function leafHashInto(entry: Uint8Array, target: Uint8Array, offset: number): void {
  leaf.set(entry, 1)
  hashInto(leaf.subarray(0, 1 + entry.length), target, offset)
}

/** Root of a complete subtree from its leaves' hashes, of which there are a power of two up to 256. */
export function subtreeRoot(hashes: Uint8Array): Uint8Array {
  const level = new Uint8Array(TILE_WIDTH * HASH_BYTES)
  level.set(hashes)
  for (let count = hashes.length / HASH_BYTES; count > 1; count /= 2) {
    for (let i = 0; i < count; i += 2) {
      pair.set(level.subarray(i * HASH_BYTES, (i + 2) * HASH_BYTES), 1)
      hashInto(pair, level, (i / 2) * HASH_BYTES)
    }
  }
  return level.slice(0, HASH_BYTES)
}

/** Asking for text and copying it costs a third of asking for a Buffer. */
function hashInto(data: Uint8Array, target: Uint8Array, offset: number): void {
  const digest = hash('sha256', data, 'binary')
  for (let i = 0; i < HASH_BYTES; i++) target[offset + i] = digest.charCodeAt(i)
}
