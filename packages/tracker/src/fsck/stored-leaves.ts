/** The leaf hashes that the store holds: in full tiles, and beside the entries of the head. */
import { HASH_BYTES, sameBytes, TILE_WIDTH } from '@keywitness/tlog'
import { headFile } from '../head/schema.ts'
import type { Database, Statement } from '../store/disk.ts'
import type { Findings } from './findings.ts'

interface LeavesRow {
  readonly first: number
  readonly leaves: Uint8Array
}

export class StoredLeaves {
  readonly #findings: Findings
  readonly #head: Database
  readonly #tile: Statement<{ hashes: Uint8Array }>
  readonly #rows: Statement<LeavesRow>
  #n = -1
  #leaves: (Uint8Array | undefined)[] = []

  constructor(head: Database, findings: Findings) {
    this.#findings = findings
    this.#head = head
    this.#tile = head.prepare('SELECT hashes FROM tiles WHERE level=0 AND n=?')
    this.#rows = head.prepare('SELECT first, leaves FROM entries WHERE first >= ? AND first < ?')
  }

  /** The stored leaf hash of an entry; undefined when there is none. Ask in the order of indexes. */
  of(index: number): Uint8Array | undefined {
    const n = Math.floor(index / TILE_WIDTH)
    if (n !== this.#n) this.#load(n)
    return this.#leaves[index % TILE_WIDTH]
  }

  #read(n: number): { readonly tile: Uint8Array | undefined; readonly rows: readonly LeavesRow[] } {
    const start = n * TILE_WIDTH
    // Both of one moment: a tile that fills takes the place of the hashes beside its entries.
    const both = this.#findings.quietly(() =>
      this.#head.snapshot(() => ({ tile: this.#tile.get(n)?.hashes, rows: this.#rows.all(start, start + TILE_WIDTH) })),
    )
    if (both !== undefined) return both
    // One of them is on a damaged page; the other may say what it can.
    return {
      tile: this.#findings.surviving(headFile, () => this.#tile.get(n))?.hashes,
      rows: this.#findings.surviving(headFile, () => this.#rows.all(start, start + TILE_WIDTH)) ?? [],
    }
  }

  #load(n: number): void {
    this.#n = n
    const start = n * TILE_WIDTH
    const { tile, rows } = this.#read(n)
    this.#leaves = Array.from({ length: TILE_WIDTH }, (_, place) => hashAt(tile, place))
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
