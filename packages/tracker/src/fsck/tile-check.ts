/** Compares the stored tiles with what the right leaves hash to. */
import { HASH_BYTES, sameBytes, TILE_WIDTH } from '@keywitness/tlog'
import { subtreeRoot } from '../hash.ts'
import { headFile } from '../head/schema.ts'
import type { Database } from '../store/disk.ts'
import type { Findings } from './findings.ts'

interface TileRow {
  readonly n: number
  readonly root: Uint8Array
  readonly hashes: Uint8Array
}

/**
 * Checks tiles of every level. `tileRoots` are the roots that the full level-0 tiles must have; their hashes were
 * compared entry by entry.
 */
export function checkTiles(head: Database, tileRoots: readonly Uint8Array[], size: number, findings: Findings): void {
  const rows = head.prepare<TileRow>('SELECT n, root, hashes FROM tiles WHERE level=? ORDER BY n')
  let roots = tileRoots
  for (let level = 0; level === 0 || roots.length > 0; level++) {
    let expected = 0
    for (const { n, root, hashes } of rows.iterate(level)) {
      if (n >= roots.length) {
        reportBeyond(findings, level, n, size)
        break
      }
      for (; expected < n; expected++) reportMissing(findings, level, expected)
      expected = n + 1
      const isRight = sameBytes(root, roots[n]!) && sameBytes(rootOf(hashes), root)
      if (!isRight) {
        const message = `tile ${level}/${n} is not what its leaves hash to`
        findings.add({ kind: 'bad-tile', message, index: n * TILE_WIDTH ** (level + 1), file: headFile })
      }
    }
    for (; expected < roots.length; expected++) reportMissing(findings, level, expected)
    roots = rootsAbove(roots)
  }
}

/** Roots of the full tiles of the next level. */
function rootsAbove(roots: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let start = 0; start + TILE_WIDTH <= roots.length; start += TILE_WIDTH) {
    above.push(subtreeRoot(Buffer.concat(roots.slice(start, start + TILE_WIDTH))))
  }
  return above
}

function rootOf(hashes: Uint8Array): Uint8Array {
  return hashes.length === TILE_WIDTH * HASH_BYTES ? subtreeRoot(hashes) : new Uint8Array()
}

function reportMissing(findings: Findings, level: number, n: number): void {
  const index = n * TILE_WIDTH ** (level + 1)
  findings.add({ kind: 'missing-tile', message: `tile ${level}/${n} is missing`, index, file: headFile })
}

/** A tile is written with the entry that fills it: one beyond the log's end shows that entries were removed. */
function reportBeyond(findings: Findings, level: number, n: number, size: number): void {
  const message = `tile ${level}/${n} is there, but the log ends at ${size}: the newest entries were removed`
  findings.add({ kind: 'missing-entry', message, index: size, file: headFile })
}
