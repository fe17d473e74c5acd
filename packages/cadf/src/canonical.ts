/** Canonical JSON (RFC 8785): exactly one string for a value. */
import { EventError } from './error.ts'

/** Objects and arrays inside each other. */
export const depthMax = 32

/** Values in one document, members and items counted. */
export const valuesMax = 100_000

interface Budget {
  values: number
}

/**
 * The canonical form of a JSON value. Only plain objects, arrays, strings, finite numbers, booleans and null have one.
 *
 * @throws EventError `ILL_FORMED_TEXT`, `NOT_FINITE`, `NOT_JSON`, `TOO_DEEP` or `TOO_LONG`
 * @example canonicalJson({ b: 1.0, a: 'é' }) // '{"a":"é","b":1}'
 */
export function canonicalJson(value: unknown): string {
  // Section 3.2.2 takes the serialisation of scalars from ECMAScript, so a value whose members already stand in order
  // is printed by the engine in one go; events are built in order.
  return inspect(value, 0, { values: valuesMax }) ? JSON.stringify(value) : print(value)
}

/** Characters that stand for themselves in JSON. Halves of surrogate pairs are looked at further. */
const plain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/**
 * The canonical form of a string. Most hold nothing to escape, and looking is quicker than the engine's own way.
 *
 * @throws EventError `ILL_FORMED_TEXT`
 */
export function quoted(text: string): string {
  if (plain.test(text)) return `"${text}"`
  inspectText(text)
  return JSON.stringify(text)
}

/** Refuses what has no canonical form; tells whether all members stand in canonical order (UTF-16 code units). */
function inspect(value: unknown, depth: number, budget: Budget): boolean {
  if (--budget.values < 0) throw new EventError('TOO_LONG', 'value', `more than ${valuesMax} values`)
  if (typeof value === 'string') return inspectText(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new EventError('NOT_FINITE', 'value', 'a number is not finite')
    return true
  }
  if (typeof value === 'boolean' || value === null) return true
  if (typeof value !== 'object') throw new EventError('NOT_JSON', 'value', `JSON has no ${typeof value}`)
  if (depth === depthMax) throw new EventError('TOO_DEEP', 'value', `more than ${depthMax} levels`)
  return Array.isArray(value) ? inspectItems(value, depth, budget) : inspectMembers(value, depth, budget)
}

function inspectText(text: string): true {
  if (!text.isWellFormed()) throw new EventError('ILL_FORMED_TEXT', 'value', 'a string is not well-formed Unicode')
  return true
}

function inspectItems(items: readonly unknown[], depth: number, budget: Budget): boolean {
  let ordered = true
  for (const item of items) ordered = inspect(item, depth + 1, budget) && ordered
  return ordered
}

function inspectMembers(object: object, depth: number, budget: Budget): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new EventError('NOT_JSON', 'value', 'an object is not a plain one')
  }
  let ordered = true
  let previous: string | undefined
  for (const name of Object.keys(object)) {
    inspectText(name)
    if (previous !== undefined && previous > name) ordered = false
    previous = name
    ordered = inspect((object as { [name: string]: unknown })[name], depth + 1, budget) && ordered
  }
  return ordered
}

/** Prints an inspected value member by member, in canonical order. */
function print(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`
  const object = value as { [name: string]: unknown }
  const names = Object.keys(object).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${print(object[name])}`).join(',')}}`
}
