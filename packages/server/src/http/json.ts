/** JSON as it comes from outside: parsed once, within bounds, without any way to reach a prototype. */
import { Refusal } from '../errors.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [member: string]: JsonValue
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Member of an object, whatever its letter case (published clients send `KeyRingID` and `Tags`); the exact spelling
 * wins when both stand there.
 */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name]
  const wanted = name.toLowerCase()
  for (const key of Object.keys(object)) if (key.toLowerCase() === wanted) return object[key]
  return undefined
}

/** Nesting allowed in a request body: the deepest body of the key API has 6 levels. */
export const bodyDepthMax = 16
/** Values (members, elements and leaves) allowed in a request body. */
const bodyValuesMax = 20_000

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
const refusedMembers = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Parses a request body. No bytes, only white space, and the four bytes `null` mean "no body": undefined.
 * @throws Refusal `BAD_BODY_ERR` for anything that is not well-formed JSON in well-formed UTF-8 within the bounds, and
 *   for members named like a way to a prototype.
 */
export function parseJson(bytes: Uint8Array): JsonValue | undefined {
  if (bytes.length === 0) return undefined
  let value: JsonValue
  try {
    const text = utf8.decode(bytes)
    if (text.trim() === '') return undefined
    checkNesting(text)
    value = JSON.parse(text) as JsonValue
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    throw new Refusal('BAD_BODY_ERR')
  }
  if (value === null) return undefined
  checkValues(value)
  return value
}

/** Counts brackets outside strings, so that nesting is refused before the parser recurses into it. */
function checkNesting(text: string): void {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (inString) {
      if (unit === 0x5c) at++
      else if (unit === 0x22) inString = false
    } else if (unit === 0x22) inString = true
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > bodyDepthMax) throw new Refusal('BAD_BODY_ERR', { message: 'The body is nested too deeply.' })
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
}

/** Walks everything once: bounded count, harmless member names, well-formed Unicode. */
function checkValues(root: JsonValue): void {
  const waiting: JsonValue[] = [root]
  let count = 0
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (++count > bodyValuesMax) throw new Refusal('BAD_BODY_ERR', { message: 'The body has too many values.' })
    if (typeof value === 'string') checkText(value)
    else if (Array.isArray(value)) for (const element of value as readonly JsonValue[]) waiting.push(element)
    else if (isJsonObject(value)) {
      for (const name of Object.keys(value)) {
        if (refusedMembers.has(name)) throw new Refusal('BAD_BODY_ERR', { message: 'The body has a forbidden member.' })
        checkText(name)
        waiting.push(value[name] as JsonValue)
      }
    }
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed()) throw new Refusal('BAD_BODY_ERR', { message: 'The body is not well-formed Unicode.' })
}
