/** What every exported row carries beside its event: where the log has it, so that the row can be checked against it. */

export interface LogPlace {
  /** Zero-based index of the entry in the log. */
  readonly index: number
  /** RFC 6962 leaf hash of the entry's bytes, base64. */
  readonly leafHash: string
  /** The log's origin, the first line of its checkpoints. */
  readonly origin: string
}

/** An event as it may come from a log: ours, or an older or foreign one of which anything may be missing. */
export type LooseEvent = { readonly [member: string]: unknown }

/** A member by its dotted name; undefined where there is none. */
export function looseMember(value: unknown, name: string): unknown {
  let at: unknown = value
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as LooseEvent)[part]
  }
  return at
}

/** A member that is text or prints as such; undefined otherwise. */
export function looseText(value: unknown, name: string): string | undefined {
  const member = looseMember(value, name)
  if (typeof member === 'string') return member
  return typeof member === 'number' || typeof member === 'boolean' ? String(member) : undefined
}

/** An entry's bytes as what they say; nothing when they are no JSON object. */
export function looseEntry(bytes: Uint8Array): LooseEvent {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? (value as LooseEvent) : {}
  } catch {
    return {}
  }
}
