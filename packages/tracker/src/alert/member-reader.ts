/** Reads the members of what came as JSON: each of its kind and within its bounds, and no member that nobody knows. */
import { RuleError } from './rule-error.ts'

/** Control characters, those that turn the direction of text, and line separators: what is shown could be another thing. */
const deceiving = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/

export class MemberReader {
  readonly path: string
  readonly #members: { readonly [name: string]: unknown }

  /** @throws RuleError when the value is no object or has members besides those */
  constructor(value: unknown, path: string, names: readonly string[]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RuleError(path, 'Expected an object here.')
    }
    this.path = path
    this.#members = value as { readonly [name: string]: unknown }
    for (const name of Object.keys(this.#members)) {
      if (!names.includes(name)) throw new RuleError(this.at(shown(name)), `Expected only ${names.join(', ')} here.`)
    }
  }

  /** The path of a member. */
  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined
  }

  text(name: string, least: number, most: number): string {
    return textAt(this.raw(name), this.at(name), least, most)
  }

  id(name: string): string {
    return idAt(this.raw(name), this.at(name))
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.raw(name))
    if (found === undefined) throw new RuleError(this.at(name), `Expected ${choices.join(', ')}.`)
    return found
  }

  whole(name: string, least: number, most: number): number {
    const value = this.raw(name)
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
    throw new RuleError(this.at(name), `Expected a whole number from ${least} to ${most}.`)
  }

  /** A number that `isWithin` allows. */
  number(name: string, isWithin: (value: number) => boolean, expected: string): number {
    const value = this.raw(name)
    if (typeof value === 'number' && Number.isFinite(value) && isWithin(value)) return value
    throw new RuleError(this.at(name), `Expected ${expected}.`)
  }

  list<T>(name: string, least: number, most: number, item: (value: unknown, path: string) => T): T[] {
    return listAt(this.raw(name), this.at(name), least, most, item)
  }

  /** Own members, each by its name. */
  entries(): [name: string, value: unknown][] {
    return Object.entries(this.#members)
  }
}

export function listAt<T>(
  value: unknown,
  path: string,
  least: number,
  most: number,
  item: (value: unknown, path: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length < least || value.length > most) {
    throw new RuleError(path, `Expected a list of ${least} to ${most}.`)
  }
  return Array.from(value as unknown[], (one, place) => item(one, `${path}.${place}`))
}

/** A text that shows as what it is. */
export function textAt(value: unknown, path: string, least: number, most: number): string {
  if (typeof value !== 'string') throw new RuleError(path, 'Expected a text.')
  if (value.length < least || value.length > most) {
    throw new RuleError(path, `Expected a text of ${least} to ${most} characters.`)
  }
  if (!value.isWellFormed() || deceiving.test(value)) {
    throw new RuleError(path, 'Expected no control characters, line breaks or marks of direction.')
  }
  return value
}

export function idAt(value: unknown, path: string): string {
  if (typeof value === 'string' && idForm.test(value)) return value
  throw new RuleError(path, 'Expected an id: small letters, digits and dashes, at most 64, a dash not first.')
}

/** @throws RuleError at the first item that is there twice */
export function refuseTwice(items: readonly string[], path: string): void {
  const place = items.findIndex((item, at) => items.indexOf(item) !== at)
  if (place !== -1) throw new RuleError(`${path}.${place}`, 'This is there twice.')
}

/** A name from outside, as part of a path. */
function shown(name: string): string {
  return /^[\w$-]{1,64}$/.test(name) ? name : '?'
}
