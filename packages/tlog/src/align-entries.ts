/** Names what happened to a stretch of entries, from the hashes that were found and those that should have been. */
import { toHex } from './bytes.ts'

/** Entries looked ahead for the continuation after missing or extra ones. */
const SHIFT_MAX = 16

/** One difference: positions count from the stretch's first entry. */
export interface Difference {
  readonly kind: 'CHANGED' | 'SWAPPED' | 'MISSING' | 'EXTRA'
  readonly at: number
  readonly count: number
  /** The other of a swapped pair. */
  readonly other?: number
  /** Where a changed one is in what was found. */
  readonly foundAt?: number
}

/**
 * Walks both lists together. `wanted` is what the log committed to; `found`, hashes of the entries that are there, may
 * be shorter or shifted against it.
 */
export function alignEntries(found: readonly Uint8Array[], wanted: readonly Uint8Array[]): Difference[] {
  const has = found.map(toHex)
  const want = wanted.map(toHex)
  const placeOf = new Map(want.map((hash, place) => [hash, place]))
  const swapped = new Set<number>()
  const differences: Difference[] = []
  let i = 0
  let j = 0
  /** Whether the two lists run on together from these places, for two entries or to the end of either. */
  const continues = (w: number, f: number): boolean =>
    want[w] !== undefined &&
    want[w] === has[f] &&
    (want[w + 1] === has[f + 1] || w + 1 === want.length || f + 1 === has.length)

  while (i < want.length && j < has.length) {
    if (has[j] === want[i] || swapped.has(i)) {
      i += 1
      j += 1
      continue
    }
    const other = placeOf.get(has[j]!)
    if (other !== undefined && other > i && has[other + j - i] === want[i]) {
      differences.push({ kind: 'SWAPPED', at: i, count: 1, other })
      swapped.add(other)
      i += 1
      j += 1
      continue
    }
    let shift = 1
    while (shift <= SHIFT_MAX && !continues(i + shift, j) && !continues(i, j + shift)) shift += 1
    if (shift > SHIFT_MAX) {
      differences.push({ kind: 'CHANGED', at: i, count: 1, foundAt: j })
      i += 1
      j += 1
    } else if (continues(i + shift, j)) {
      differences.push({ kind: 'MISSING', at: i, count: shift })
      i += shift
    } else {
      differences.push({ kind: 'EXTRA', at: i, count: shift })
      j += shift
    }
  }
  // What was put in earlier pushes as many entries out at the end: those are not missing.
  const missing = want.length - i - Math.max(0, j - i)
  if (missing > 0) differences.push({ kind: 'MISSING', at: i, count: missing })
  return differences
}
