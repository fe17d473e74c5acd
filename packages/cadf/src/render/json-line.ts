/** An entry as one line of JSON: its own members as they stand, beside its index and leaf hash. */
import type { LogPlace } from './place.ts'

const encoder = new TextEncoder()

/**
 * `{"index":…,` the members of the entry `,"leafHash":"…"}`, without a newline. Who takes index and leaf hash away has
 * the entry's exact bytes again. Bytes that are no JSON object on one line, as no entry of ours is, stand there whole as
 * `"entry64"`, in base64.
 */
export function jsonLine(entry: Uint8Array, place: Pick<LogPlace, 'index' | 'leafHash'>): Uint8Array {
  const members = isOneLineObject(entry)
    ? entry.subarray(1, entry.length - 1)
    : encoder.encode(`"entry64":"${base64Of(entry)}"`)
  const before = encoder.encode(`{"index":${place.index},`)
  const after = encoder.encode(`,"leafHash":"${place.leafHash}"}`)
  const line = new Uint8Array(before.length + members.length + after.length)
  line.set(before)
  line.set(members, before.length)
  line.set(after, before.length + members.length)
  return line
}

function isOneLineObject(entry: Uint8Array): boolean {
  return entry.length > 2 && entry[0] === 0x7b && entry.at(-1) === 0x7d && !entry.includes(0x0a)
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The entry's bytes of a line that {@link jsonLine} made; undefined when it is none. */
export function entryOfJsonLine(line: string): { index: number; leafHash: string; entry: Uint8Array } | undefined {
  const [, index, members, leafHash] =
    /^\{"index":(0|[1-9]\d{0,15}),(.*),"leafHash":"([A-Za-z0-9+/]{43}=)"\}$/.exec(line) ?? []
  if (index === undefined || members === undefined || leafHash === undefined) return undefined
  const base64 = /^"entry64":"([A-Za-z0-9+/]*={0,2})"$/.exec(members)?.[1]
  const entry =
    base64 === undefined
      ? encoder.encode(`{${members}}`)
      : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return { index: Number(index), leafHash, entry }
}
