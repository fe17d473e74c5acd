/** Hashes every entry's bytes and compares them with the stored leaf hashes; the signed roots say which are right. */
import { HASH_BYTES, sameBytes } from '@keywitness/tlog'
import { leafHashInto } from '../hash.ts'
import { GrowingTree } from '../tree/growing-tree.ts'
import type { Findings } from './findings.ts'
import type { FoundEntry } from './found-entries.ts'
import type { StoredLeaves } from './stored-leaves.ts'

/** A size and root that the log's key has signed. */
export interface SignedRoot {
  readonly size: number
  readonly root: Uint8Array
}

/** What one of the two trees came to. */
export interface TreeSums {
  /** Roots at the sizes that were asked for, and at the end. */
  readonly roots: Map<number, Uint8Array>
  /** Roots of the full level-0 tiles. */
  readonly tileRoots: Uint8Array[]
}

interface Mismatch {
  readonly index: number
  readonly computed: string
  readonly stored: string
}

/** Mismatches whose hashes are kept, to find pairs among them. */
const mismatchesMax = 10_000

/**
 * Builds the tree of the bytes on the disk and, from the first difference on, the tree of the stored hashes.
 */
export class LeafCheck {
  readonly #leaves: StoredLeaves
  readonly #sizes: ReadonlySet<number>
  readonly #buffer = Buffer.alloc(2 * HASH_BYTES)
  readonly computed: TreeSums = { roots: new Map(), tileRoots: [] }
  #stored: TreeSums | undefined
  #computedTree = new GrowingTree(0, [], new Uint8Array())
  #storedTree: GrowingTree | undefined
  readonly #mismatches: Mismatch[] = []
  /** Entries whose bytes could not be read. */
  unread = 0

  constructor(leaves: StoredLeaves, sizes: ReadonlySet<number>) {
    this.#leaves = leaves
    this.#sizes = sizes
  }

  /** The tree of the stored hashes. */
  get stored(): TreeSums {
    return this.#stored ?? this.computed
  }

  /** Whether every entry could be read and hashes to its stored leaf. */
  get isClean(): boolean {
    return this.unread === 0 && this.#mismatches.length === 0
  }

  /** Adds the next entry. */
  add({ index, bytes }: FoundEntry): void {
    const stored = this.#leaves.of(index)
    if (bytes !== undefined) leafHashInto(bytes, this.#buffer, 0)
    else if (stored !== undefined) this.#buffer.set(stored, 0)
    if (bytes === undefined) this.unread += 1
    this.#buffer.set(stored ?? this.#buffer.subarray(0, HASH_BYTES), HASH_BYTES)
    if (this.#buffer.compare(this.#buffer, 0, HASH_BYTES, HASH_BYTES) !== 0) this.#differ(index)
    this.#grow(this.#computedTree, this.computed, 0)
    if (this.#storedTree !== undefined) this.#grow(this.#storedTree, this.stored, HASH_BYTES)
  }

  /** Takes the stored hash of a pruned entry: the signed roots say whether it is right. */
  addPruned(index: number): void {
    const stored = this.#leaves.of(index)
    if (stored === undefined) this.unread += 1
    this.#buffer.set(stored ?? new Uint8Array(HASH_BYTES), 0)
    this.#buffer.copyWithin(HASH_BYTES, 0, HASH_BYTES)
    this.#grow(this.#computedTree, this.computed, 0)
    if (this.#storedTree !== undefined) this.#grow(this.#storedTree, this.stored, HASH_BYTES)
  }

  /** Takes the roots at the end of the log. */
  end(): void {
    this.computed.roots.set(this.#computedTree.size, this.#computedTree.root())
    if (this.#storedTree !== undefined) this.stored.roots.set(this.#storedTree.size, this.#storedTree.root())
  }

  /**
   * Which of the trees is the signed one. Without a signed root the stored hashes are believed: whoever changes bytes
   * has the more work the more he changes.
   */
  rightTree(signed: SignedRoot | undefined): 'stored' | 'computed' | 'neither' {
    if (signed === undefined) return 'stored'
    const isIt = (sums: TreeSums): boolean => sameBytes(sums.roots.get(signed.size) ?? new Uint8Array(), signed.root)
    if (isIt(this.stored)) return 'stored'
    return isIt(this.computed) ? 'computed' : 'neither'
  }

  /**
   * Reports the differences. `right` is what `rightTree` said, `covered` the size it said it for; where neither tree
   * was the signed one, only what is beyond that size is said here.
   */
  report(findings: Findings, right: 'stored' | 'computed' | 'neither', covered: number): void {
    const byStored = new Map(this.#mismatches.map((mismatch) => [mismatch.stored, mismatch]))
    for (const mismatch of this.#mismatches) {
      const { index } = mismatch
      if (right === 'neither' && index < covered) continue
      if (right === 'computed' && index < covered) {
        const message = `the stored leaf hash of entry ${index} is wrong; its bytes are those that were signed`
        findings.add({ kind: 'wrong-leaf', message, index })
        continue
      }
      const origin = byStored.get(mismatch.computed)
      if (origin !== undefined && origin.computed === mismatch.stored) {
        // Both ends of a pair come by; it is reported once.
        if (origin.index < index) continue
        const message = `entries ${index} and ${origin.index} stand in each other's place`
        findings.add({ kind: 'swapped-entries', message, index, other: origin.index })
        continue
      }
      const whose = origin === undefined ? '' : `; they are those of entry ${origin.index}`
      const doubt = index < covered ? '' : ' (no checkpoint covers it: the bytes or its stored hash were changed)'
      findings.add({
        kind: 'changed-entry',
        message: `the bytes of entry ${index} were changed${whose}${doubt}`,
        index,
      })
    }
  }

  #differ(index: number): void {
    if (this.#storedTree === undefined) {
      this.#storedTree = this.#computedTree.fork()
      this.#stored = { roots: new Map(this.computed.roots), tileRoots: [...this.computed.tileRoots] }
    }
    if (this.#mismatches.length >= mismatchesMax) return
    const [computed, stored] = [0, HASH_BYTES].map((at) => this.#buffer.toString('hex', at, at + HASH_BYTES))
    this.#mismatches.push({ index, computed: computed!, stored: stored! })
  }

  #grow(tree: GrowingTree, sums: TreeSums, offset: number): void {
    for (const { level, root } of tree.append(this.#buffer, offset)) if (level === 0) sums.tileRoots.push(root)
    if (this.#sizes.has(tree.size)) sums.roots.set(tree.size, tree.root())
  }
}
