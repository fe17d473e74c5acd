/** Which case of an action an event is, told by a field of its request data. */
import type { CatalogueEntry } from './catalogue/entry.ts'
import type { EventData, EventValue } from './event.ts'

/**
 * Name of the first variant whose field has one of its values.
 *
 * @param request fields of the request, by dotted name
 */
export function variantOf(entry: CatalogueEntry, request: { readonly [name: string]: unknown }): string | undefined {
  if (entry.variants === undefined) return undefined
  return entry.variants.find(({ when }) => {
    const value = request[when.request]
    return (typeof value === 'string' || typeof value === 'number') && when.values.includes(value)
  })?.name
}

/** A member by its dotted name; undefined when it, or an object on the way, is missing. */
export function memberOf(data: EventData, name: string): EventValue | undefined {
  let value: EventValue | undefined = data
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, part)) return undefined
    value = (value as EventData)[part]
  }
  return value
}
