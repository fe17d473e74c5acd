/** Which entries the log has already, by their leaf hashes: how a repeat is told from a number used twice. */
import { HASH_BYTES } from '@keywitness/tlog'
import type { Database } from '../store/disk.ts'

/**
 * Of the leaf hashes asked for (as hexadecimal), those that are in the log. Reads leaf hashes newest first and ends when
 * all are found: a repeat is nearly always recent. Only a producer whose store was set back makes it read all, 32 bytes
 * per entry of the log.
 */
export function knownLeaves(db: Database, wanted: ReadonlySet<string>): Set<string> {
  const known = new Set<string>()
  const prefixes = new Set([...wanted].map((leaf) => Number.parseInt(leaf.slice(0, 12), 16)))
  const look = (hashes: Uint8Array): void => {
    const bytes = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength)
    for (let at = 0; at + HASH_BYTES <= bytes.length; at += HASH_BYTES) {
      if (!prefixes.has(bytes.readUIntBE(at, 6))) continue
      const leaf = bytes.toString('hex', at, at + HASH_BYTES)
      if (wanted.has(leaf)) known.add(leaf)
    }
  }
  const head = db.prepare<{ first: number; leaves: Uint8Array }>(
    'SELECT first, leaves FROM entries ORDER BY first DESC',
  )
  let lowest = Number.MAX_SAFE_INTEGER
  for (const { first, leaves } of head.iterate()) {
    look(leaves)
    lowest = first
    if (known.size === wanted.size) return known
  }
  // Rows of the head begin where a tile does: every entry before them is in a full tile.
  const tiles = db.prepare<{ hashes: Uint8Array }>('SELECT hashes FROM tiles WHERE level=0 AND n<? ORDER BY n DESC')
  for (const { hashes } of tiles.iterate(Math.ceil(lowest / 256))) {
    look(hashes)
    if (known.size === wanted.size) return known
  }
  return known
}
