/** Finds in an event what stands for a list that is kept beside it as an attachment. */
import type { ListDigest } from './catalogue/entry.ts'

/** A list of an event whose whole is attached. */
export interface AttachedList extends ListDigest {
  /** Dotted name of the field: `requestData.newValue.policyAllowedIPAttribute`. */
  readonly at: string
}

/** Levels below the event at which fields stand: data, a group of fields, the field. */
const depthMax = 4
const members = 'bytes,count,first,sha256'

/** Whether a value of an event is a digest that stands for a whole list. */
export function isListDigest(value: unknown): value is ListDigest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (Object.keys(value).toSorted().join() !== members) return false
  const { sha256, bytes, count, first } = value as Record<string, unknown>
  return (
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    Number.isSafeInteger(bytes) &&
    Number.isSafeInteger(count) &&
    Array.isArray(first)
  )
}

/** The attached lists of an event, in the order of its members. Takes any value: an event may come from a log. */
export function attachedLists(event: unknown): AttachedList[] {
  const found: AttachedList[] = []
  const walk = (value: unknown, at: string, depth: number): void => {
    if (isListDigest(value)) found.push({ ...value, at })
    else if (depth < depthMax && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) walk(inner, at === '' ? name : `${at}.${name}`, depth + 1)
    }
  }
  walk(event, '', 0)
  return found
}
