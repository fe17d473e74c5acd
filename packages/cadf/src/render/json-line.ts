/** An entry as one line of JSON: its own members as they stand, beside its index and leaf hash. */
import type { LogPlace } from './place.ts'

const encoder = new TextEncoder()

/**
 * `{"index":…,` the members of the entry `,"leafHash":"…"}`, without a newline. Who takes index and leaf hash away has
 * the entry's exact bytes again.
 *
 * @param entry the entry's bytes: a JSON object
 */
export function jsonLine(entry: Uint8Array, place: Pick<LogPlace, 'index' | 'leafHash'>): Uint8Array {
  const before = encoder.encode(`{"index":${place.index},`)
  const after = encoder.encode(`,"leafHash":"${place.leafHash}"}`)
  const line = new Uint8Array(before.length + entry.length - 2 + after.length)
  line.set(before)
  line.set(entry.subarray(1, entry.length - 1), before.length)
  line.set(after, before.length + entry.length - 2)
  return line
}

/** The entry's bytes of a line that {@link jsonLine} made; undefined when it is none. */
export function entryOfJsonLine(line: string): { index: number; leafHash: string; entry: Uint8Array } | undefined {
  const [, index, members, leafHash] =
    /^\{"index":(0|[1-9]\d{0,15}),(.*),"leafHash":"([A-Za-z0-9+/]{43}=)"\}$/.exec(line) ?? []
  if (index === undefined || members === undefined || leafHash === undefined) return undefined
  return { index: Number(index), leafHash, entry: encoder.encode(`{${members}}`) }
}
