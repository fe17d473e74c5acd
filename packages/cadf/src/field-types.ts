/** Redaction by type: what each field may hold. A value outside its field's type throws and so never becomes an event. */
import type { FieldSpec, ListDigest } from './catalogue/entry.ts'
import { canonicalJson, quoted } from './canonical.ts'
import { EventError } from './error.ts'

/** Items of a list field. */
export const listItemsMax = 1000

/** Bytes of all lists of an event together; those that do not fit go in as their {@link ListDigest}. */
export const listBytesMax = 48 * 1024

/** Items and bytes of a list that goes in as its digest: what an attachment may hold. */
const attachedItemsMax = 100_000
export const attachedBytesMax = 4 * 1024 * 1024

/**
 * Keeps the whole of a list beside its event, under its hash, and returns that: SHA-256, lower-case hexadecimal. The
 * content is the list's canonical JSON.
 */
export type Attach = (content: Uint8Array) => string

const patterns = {
  uuid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  // RFC 3339, section 5.6.
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
  // crn:v1:<cname>:<ctype>:<service>:<location>:<scope>:<instance>:<resource type>:<resource>. Its length, and that of an
  // identifier, is bounded apart: counting in the expression makes it up to three times as slow, for each event.
  crn: /^crn:v1:[a-z0-9-]*:[a-z]*:[a-z0-9.-]*:[a-z0-9-]*:(?:[aosp]\/[A-Za-z0-9-]+)?:[A-Za-z0-9._-]*:[A-Za-z0-9._-]*:[A-Za-z0-9._~%/@+=-]*$/,
  sha256: /^[0-9a-f]{64}$/,
  identifier: /^[A-Za-z0-9._:@/+-]+$/,
  // Base64 of SubjectPublicKeyInfo (RFC 5480) with an uncompressed point: the first 26 of its 158 bytes are always the same.
  'p521-public-key': /^MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQ[AB][A-Za-z0-9+/]{175}=$/,
  // Base64 of ECDSA-Sig-Value (RFC 3279, section 2.2.3): a sequence, its length in two bytes or in one, that begins with an
  // integer; 139 bytes at most.
  'p521-signature': /^(?:MIG[A-I]A[g-v]|M[A-H][AEIMQUYcgkosw048]C[A-Za-z0-9+/]{2})[A-Za-z0-9+/]{4,182}={0,2}$/,
} as const

type PatternType = keyof typeof patterns

/** Characters of a Cloud Resource Name; all other texts with a pattern are bounded by it. */
const crnMax = 512
const identifierMax = 128

/** Control characters and those that turn the direction of text around: they could make a line say something else. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** Whether a text is of the type. The types with a pattern only; `integer` and the others are checked as values. */
export function isOfType(type: PatternType, text: string): boolean {
  return text.length <= (type === 'identifier' ? identifierMax : crnMax) && patterns[type].test(text)
}

/**
 * A value as its field's type allows it, in canonical JSON. No type with a pattern lets anything through that JSON escapes.
 *
 * @throws EventError `BAD_VALUE`, `TOO_LONG` or `ILL_FORMED_TEXT`, naming the field, never the value
 */
export function fieldText(field: FieldSpec, value: unknown, at: string): string {
  switch (field.type) {
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
      break
    case 'boolean':
      if (typeof value === 'boolean') return String(value)
      break
    case 'enum':
      if (typeof value === 'string' && field.values.includes(value)) return quoted(value)
      break
    case 'name':
      return quoted(checkName(value, field.max, at))
    case 'identifier[]':
      return canonicalJson(checkList(value, 'identifier', at))
    case 'sha256[]':
      return canonicalJson(checkList(value, 'sha256', at))
    default:
      if (typeof value === 'string' && isOfType(field.type, value)) return `"${value}"`
  }
  throw new EventError('BAD_VALUE', at, `not of type ${field.type}`)
}

/** A {@link ListDigest} as it stands in an event: members in canonical order. */
type ListDigestData = { readonly [member: string]: string | number | readonly string[] }

/**
 * Which of an event's lists are too long to stand in it: of those that do not fit together the longest go first, of two
 * as long the one given first.
 */
export function listsToAttach(...sides: { readonly [name: string]: unknown }[]): ReadonlySet<unknown> {
  const lists = sides.flatMap((side) => Object.values(side)).filter((value) => Array.isArray(value)) as unknown[][]
  const sized = lists.map((list) => ({ list, bytes: bytesOf(list) })).sort((a, b) => b.bytes - a.bytes)
  let total = sized.reduce((sum, { bytes }) => sum + bytes, 0)
  const attached = new Set<unknown>()
  for (const { list, bytes } of sized) {
    if (total <= listBytesMax && list.length <= listItemsMax) continue
    attached.add(list)
    total -= bytes
  }
  return attached
}

/**
 * What goes into an event instead of a list too long for it. Its items are of the field's type, like those of any list:
 * what is attached is as free of secrets as the event.
 *
 * @throws EventError `BAD_VALUE`, `TOO_LONG`
 */
export function digestOf(field: FieldSpec, list: readonly unknown[], at: string, attach: Attach): ListDigest {
  if (field.type !== 'identifier[]' && field.type !== 'sha256[]') {
    throw new EventError('BAD_VALUE', at, `not of type ${field.type}`)
  }
  const items = checkItems(list, field.type === 'sha256[]' ? 'sha256' : 'identifier', at, attachedItemsMax)
  const content = new TextEncoder().encode(canonicalJson(items))
  if (content.length > attachedBytesMax) throw new EventError('TOO_LONG', at, `more than ${attachedBytesMax} bytes`)
  return { sha256: attach(content), bytes: content.length, count: items.length, first: items.slice(0, 10) }
}

/** As JSON: quotes and a comma around each. */
function bytesOf(list: readonly unknown[]): number {
  return list.reduce<number>((sum, item) => sum + String(item).length + 3, 0)
}

/**
 * A descriptive text made fit: cut to `max` UTF-16 units, unprintable characters replaced by U+FFFD. For what describes
 * and may come from outside (a user agent, a name), where refusing would lose the event.
 *
 * @throws EventError `ILL_FORMED_TEXT`
 */
export function fitText(text: string, max: number, at: string): string {
  if (!text.isWellFormed()) throw new EventError('ILL_FORMED_TEXT', at, 'not well-formed Unicode')
  const printable = unprintable.test(text) ? text.replace(new RegExp(unprintable, 'gu'), '\ufffd') : text
  if (printable.length <= max) return printable
  const cut = printable.slice(0, max - 1)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`
}

/** Checks a text against a pattern type. */
export function checkText(type: PatternType, text: string, at: string): string {
  if (!isOfType(type, text)) throw new EventError('BAD_VALUE', at, `not of type ${type}`)
  return text
}

function checkName(value: unknown, max: number, at: string): string {
  if (typeof value !== 'string') throw new EventError('BAD_VALUE', at, 'not of type name')
  if (value.length > max) throw new EventError('TOO_LONG', at, `more than ${max} characters`)
  if (!value.isWellFormed()) throw new EventError('ILL_FORMED_TEXT', at, 'not well-formed Unicode')
  if (unprintable.test(value)) throw new EventError('BAD_VALUE', at, 'has unprintable characters')
  return value
}

function checkList(value: unknown, type: 'identifier' | 'sha256', at: string): readonly string[] | ListDigestData {
  if (!Array.isArray(value)) return checkDigest(value, type, at)
  const items = checkItems(value as readonly unknown[], type, at, listItemsMax)
  if (bytesOf(items) > listBytesMax) throw new EventError('TOO_LONG', at, `more than ${listBytesMax} bytes`)
  return items
}

function checkItems(
  list: readonly unknown[],
  type: 'identifier' | 'sha256',
  at: string,
  max: number,
): readonly string[] {
  if (list.length > max) throw new EventError('TOO_LONG', at, `more than ${max} items`)
  return list.map((item) => {
    if (typeof item !== 'string') throw new EventError('BAD_VALUE', at, `an item is not of type ${type}`)
    return checkText(type, item, at)
  })
}

function checkDigest(value: unknown, type: 'identifier' | 'sha256', at: string): ListDigestData {
  const { sha256, bytes, count, first, ...others } = (value ?? {}) as { [member: string]: unknown }
  if (
    typeof sha256 !== 'string' ||
    !patterns.sha256.test(sha256) ||
    !Number.isSafeInteger(bytes) ||
    !Number.isSafeInteger(count) ||
    !Array.isArray(first) ||
    first.length > 10 ||
    Object.keys(others).length > 0
  ) {
    throw new EventError('BAD_VALUE', at, `not of type ${type}[]`)
  }
  return {
    bytes: bytes as number,
    count: count as number,
    first: checkList(first, type, at) as readonly string[],
    sha256,
  }
}
