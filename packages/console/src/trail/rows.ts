/** The list's order: newest first by index in the log, each event once. */
import type { TrailItem } from '../api/types.ts'

/** Joins two lists that are both newest first. An event in both comes once. */
export function joinRows(a: readonly TrailItem[], b: readonly TrailItem[]): readonly TrailItem[] {
  if (a.length === 0) return b
  if (b.length === 0) return a
  if (lastIndex(a) > firstIndex(b)) return [...a, ...b]
  if (lastIndex(b) > firstIndex(a)) return [...b, ...a]
  const joined: TrailItem[] = []
  let i = 0
  let j = 0
  for (;;) {
    const left = a[i]
    const right = b[j]
    if (left === undefined) {
      return right === undefined ? joined : [...joined, ...b.slice(j)]
    }
    if (right === undefined) return [...joined, ...a.slice(i)]
    if (left.index >= right.index) {
      joined.push(left)
      i += 1
      if (left.index === right.index) j += 1
    } else {
      joined.push(right)
      j += 1
    }
  }
}

/** A batch in any order as a list: newest first, each once. */
export function asRows(batch: readonly TrailItem[]): readonly TrailItem[] {
  const sorted = [...batch].sort((a, b) => b.index - a.index)
  return sorted.filter((item, i) => item.index !== sorted[i - 1]?.index)
}

/** Position of an event in a list that is newest first; -1 when it is not there. */
export function findRow(rows: readonly TrailItem[], index: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = rows[middle]?.index ?? -1
    if (at === index) return middle
    if (at > index) low = middle + 1
    else high = middle
  }
  return -1
}

function firstIndex(rows: readonly TrailItem[]): number {
  return rows[0]?.index ?? -1
}

function lastIndex(rows: readonly TrailItem[]): number {
  return rows.at(-1)?.index ?? -1
}
