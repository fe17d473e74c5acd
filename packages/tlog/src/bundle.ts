/** Entry bundles: entries with a 16-bit length before each (c2sp.org/tlog-tiles, "Log entries"). */
import { TileError } from './errors.ts'
import { TILE_WIDTH } from './tile.ts'

/** The longest entry a bundle can hold, in bytes: its length has 16 bits. */
export const ENTRY_BYTES_MAX = 65_535

/** The largest bundle there can be, in bytes. */
export const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)

/**
 * The bundle of 1 to 256 entries.
 *
 * @throws TileError `TILE_RANGE` for another count, `ENTRY_TOO_LARGE`
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH) {
    throw new TileError('TILE_RANGE', `a bundle has 1 to ${TILE_WIDTH} entries, not ${entries.length}`)
  }
  let bytes = 0
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) {
      throw new TileError('ENTRY_TOO_LARGE', `an entry of ${entry.length} bytes is over ${ENTRY_BYTES_MAX}`)
    }
    bytes += 2 + entry.length
  }
  const bundle = new Uint8Array(bytes)
  let at = 0
  for (const entry of entries) {
    bundle[at] = entry.length >> 8
    bundle[at + 1] = entry.length
    bundle.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bundle
}

/**
 * The entries of a bundle, as views into its bytes.
 *
 * @throws TileError `BUNDLE_FORMAT` when it is empty, cut off, or holds more than 256 entries
 */
export function parseBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bundle.length) {
    const start = at + 2
    const end = start + ((bundle[at]! << 8) | (bundle[at + 1] ?? 0))
    if (start > bundle.length || end > bundle.length) {
      throw new TileError('BUNDLE_FORMAT', `the bundle is cut off in its entry ${entries.length}`)
    }
    if (entries.length === TILE_WIDTH) throw new TileError('BUNDLE_FORMAT', `the bundle has over ${TILE_WIDTH} entries`)
    entries.push(bundle.subarray(start, end))
    at = end
  }
  if (entries.length === 0) throw new TileError('BUNDLE_FORMAT', 'the bundle is empty')
  return entries
}
