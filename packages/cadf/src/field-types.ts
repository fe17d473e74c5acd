/** Redaction by type: what each field may hold. A value outside its field's type throws and so never becomes an event. */
import type { FieldSpec, ListDigest } from './catalogue/entry.ts'
import { canonicalJson } from './canonical.ts'
import { EventError } from './error.ts'

/** Items of a list field. */
export const listItemsMax = 1000

/** Bytes of a list field; a longer list goes in as its {@link ListDigest}. */
export const listBytesMax = 48 * 1024

const patterns = {
  uuid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  // RFC 3339, section 5.6.
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
  // crn:v1:<cname>:<ctype>:<service>:<location>:<scope>:<instance>:<resource type>:<resource>; its length is bounded
  // apart, because counting in the expression makes it three times as slow, and it runs thrice for each event.
  crn: /^crn:v1:[a-z0-9-]*:[a-z]*:[a-z0-9.-]*:[a-z0-9-]*:(?:[aosp]\/[A-Za-z0-9-]+)?:[A-Za-z0-9._-]*:[A-Za-z0-9._-]*:[A-Za-z0-9._~%/@+=-]*$/,
  sha256: /^[0-9a-f]{64}$/,
  identifier: /^[A-Za-z0-9._:@/+-]{1,128}$/,
} as const

type PatternType = keyof typeof patterns

/** Characters of a Cloud Resource Name; all other texts with a pattern are bounded by it. */
const crnMax = 512

/** Control characters and those that turn the direction of text around: they could make a line say something else. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** Whether a text is of the type. The types with a pattern only; `integer` and the others are checked as values. */
export function isOfType(type: PatternType, text: string): boolean {
  return text.length <= crnMax && patterns[type].test(text)
}

/**
 * A value as its field's type allows it; returned so that callers store what was checked.
 *
 * @throws EventError `BAD_VALUE`, `TOO_LONG` or `ILL_FORMED_TEXT`, naming the field, never the value
 */
export function checkField(
  field: FieldSpec,
  value: unknown,
  at: string,
): string | number | boolean | readonly string[] | ListDigestData {
  switch (field.type) {
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'enum':
      if (typeof value === 'string' && field.values.includes(value)) return value
      break
    case 'name':
      return checkName(value, field.max, at)
    case 'identifier[]':
      return checkList(value, 'identifier', at)
    case 'sha256[]':
      return checkList(value, 'sha256', at)
    default:
      if (typeof value === 'string' && isOfType(field.type, value)) return value
  }
  throw new EventError('BAD_VALUE', at, `not of type ${field.type}`)
}

/** A {@link ListDigest} as it stands in an event: members in canonical order. */
export type ListDigestData = { readonly [member: string]: string | number | readonly string[] }

/** What goes into an event instead of a list too long for it. The caller keeps the whole list as an attachment. */
export function listDigest(list: readonly string[], sha256: (data: Uint8Array) => Uint8Array): ListDigest {
  const whole = new TextEncoder().encode(canonicalJson(list))
  let hash = ''
  for (const byte of sha256(whole)) hash += byte.toString(16).padStart(2, '0')
  return { sha256: hash, bytes: whole.length, count: list.length, first: list.slice(0, 10) }
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
  if (value.length > listItemsMax) throw new EventError('TOO_LONG', at, `more than ${listItemsMax} items`)
  let bytes = 0
  const items: string[] = []
  for (const item of value as readonly unknown[]) {
    if (typeof item !== 'string') throw new EventError('BAD_VALUE', at, `an item is not of type ${type}`)
    items.push(checkText(type, item, at))
    bytes += item.length + 3
  }
  if (bytes > listBytesMax) throw new EventError('TOO_LONG', at, `more than ${listBytesMax} bytes`)
  return items
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
