/** What the log says of entries that left it by its retention, verified with the key that this browser trusts. */
import { type MinimumIndex, openMinimumIndex, parseVerifierKey } from '@keywitness/tlog'

export type Pruned =
  | { readonly kind: 'none' }
  | { readonly kind: 'pruned'; readonly minimum: MinimumIndex }
  /** The server says something that the log has not signed. */
  | { readonly kind: 'unsigned'; readonly why: string }

/** @param note as the server gave it; undefined when it gave none */
export async function checkPruned(note: string | undefined, key: string, origin: string): Promise<Pruned> {
  if (note === undefined) return { kind: 'none' }
  try {
    const minimum = await openMinimumIndex(note, [parseVerifierKey(key)])
    if (minimum.origin === origin) return { kind: 'pruned', minimum }
    return { kind: 'unsigned', why: `it is of ${minimum.origin}` }
  } catch (error) {
    return { kind: 'unsigned', why: (error as Error).message }
  }
}
