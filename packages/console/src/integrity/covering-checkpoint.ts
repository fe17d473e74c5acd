/** Which kept checkpoint is the first to cover an entry. */
import type { Part } from '../api/types.ts'

interface Sized {
  readonly size: number
}

/** A log of a year keeps fewer than ten pages of checkpoints. */
const pagesMax = 100

/**
 * Size of the smallest kept checkpoint above `index`; undefined when none covers it.
 *
 * @param read gives checkpoints below a size, largest first
 */
export async function coveringSize(
  read: (before: string | null) => Promise<Part<Sized>>,
  index: number,
): Promise<number | undefined> {
  let found: number | undefined
  let before: string | null = null
  for (let page = 0; page < pagesMax; page++) {
    const { items, next }: Part<Sized> = await read(before)
    for (const { size } of items) {
      if (size <= index) return found
      found = size
    }
    if (next === null) return found
    before = next
  }
  return found
}
