/** Reads parts of a saved state: what is not as it was written is refused, never guessed. */
import { StateError } from './rule-error.ts'

export function savedNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new StateError('a number is missing')
}

export function savedText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new StateError('a text is missing')
}

export function savedFlag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new StateError('a flag is missing')
}

export function savedList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[]
  throw new StateError('a list is missing')
}

export function savedNumbers(value: unknown): number[] {
  return savedList(value).map(savedNumber)
}

export function savedTexts(value: unknown): string[] {
  return savedList(value).map(savedText)
}

export function savedObject(value: unknown): { readonly [name: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as { [name: string]: unknown }
  throw new StateError('an object is missing')
}
