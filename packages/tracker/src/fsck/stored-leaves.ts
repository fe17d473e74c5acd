/** The leaf hashes that the store holds: in full tiles, and beside the entries of the head. */
import { HASH_BYTES, sameBytes, TILE_WIDTH } from '@keywitness/tlog'
import { headFile } from '../head/schema.ts'
import type { Database, Statement } from '../store/disk.ts'
import type { Findings } from './findings.ts'

export class StoredLeaves {
  readonly #findings: Findings
  readonly #tile: Statement<{ hashes: Uint8Array }>
  readonly #rows: Statement<{ first: number; leaves: Uint8Array }>
  #n = -1
  #leaves: (Uint8Array | undefined)[] = []

  constructor(head: Database, findings: Findings) {
    this.#findings = findings
    this.#tile = head.prepare('SELECT hashes FROM tiles WHERE level=0 AND n=?')
    this.#rows = head.prepare('SELECT first, leaves FROM entries WHERE first >= ? AND first < ?')
  }

  /** The stored leaf hash of an entry; undefined when there is none. Ask in the order of indexes. */
  of(index: number): Uint8Array | undefined {
    const n = Math.floor(index / TILE_WIDTH)
    if (n !== this.#n) this.#load(n)
    return this.#leaves[index % TILE_WIDTH]
  }

  #load(n: number): void {
    this.#n = n
    const tile = this.#findings.surviving(headFile, () => this.#tile.get(n))?.hashes
    this.#leaves = Array.from({ length: TILE_WIDTH }, (_, place) => hashAt(tile, place))
    const start = n * TILE_WIDTH
    const rows = this.#findings.surviving(headFile, () => this.#rows.all(start, start + TILE_WIDTH)) ?? []
    for (const { first, leaves } of rows) {
      for (let place = 0; place * HASH_BYTES < leaves.length; place++) {
        const leaf = hashAt(leaves, place)
        const at = first - start + place
        const inTile = this.#leaves[at]
        this.#leaves[at] = inTile ?? leaf
        if (inTile !== undefined && leaf !== undefined && !sameBytes(inTile, leaf)) {
          const message = `the leaf hashes of entry ${first + place} in its tile and beside it differ`
          this.#findings.add({ kind: 'wrong-leaf', message, index: first + place, file: headFile })
        }
      }
    }
  }
}

function hashAt(hashes: Uint8Array | undefined, place: number): Uint8Array | undefined {
  const hash = hashes?.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES)
  return hash?.length === HASH_BYTES ? hash : undefined
}
