/** A list that ends before all is told: how many are left out, and how they are seen. */
import type { Listed } from '../kms-api.ts'
import { formatCount } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

function countAfter({ total, next }: Listed): number {
  return Math.max(0, total - next)
}

/** Beside the list, on the error output: in a pipe it is no row. */
export function tellMore(io: Surroundings, listed: Listed, limit: number): void {
  const after = countAfter(listed)
  if (after === 0) return
  io.err.write(
    `… and ${formatCount(after)} more: --offset ${listed.next} goes on, --limit (now ${limit}) shows more.\n`,
  )
}

/** The same for `--json`. */
export function aboutList(listed: Listed): { readonly total: number; readonly more: boolean } {
  return { total: listed.total, more: countAfter(listed) > 0 }
}
