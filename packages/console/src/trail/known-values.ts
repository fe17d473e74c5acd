/** Values of fields that are known without asking: those of the rows that are loaded, and of the column of values. */
import type { QueryField } from '@keywitness/cadf'
import type { Facets } from '../api/summaries-api.ts'
import type { TrailItem } from '../api/types.ts'
import type { KnownValue } from './query-completion.ts'

/** Rows looked through, so that a long list costs no more than a short one. */
const rowsMax = 1_000
const valuesMax = 200

/** @param counted answers of the column of values */
export function knownValues(
  field: QueryField,
  rows: readonly TrailItem[],
  counted: readonly (Facets | undefined)[],
): readonly KnownValue[] {
  const found = new Map<string, KnownValue>()
  const put = (value: string, name?: string): void => {
    const known = found.get(value)
    if (value !== '' && (known?.name === undefined || known.name === '')) found.set(value, { value, name })
  }
  for (const facets of counted) {
    for (const facet of facets?.facets ?? []) {
      if (facet.field === field.name) for (const { value, name } of facet.values) put(value, name)
    }
  }
  const [first, second] = field.sources.flatMap((source) => ('path' in source ? [source.path] : []))
  for (const { event } of first === undefined ? [] : rows.slice(0, rowsMax)) {
    const value = textAt(event, first ?? '')
    // An id comes with its name, where the field is both.
    const isPair = second !== undefined && first?.endsWith('.id') === true
    if (value !== undefined) put(value, isPair ? textAt(event, second) : undefined)
    if (found.size >= valuesMax) break
  }
  return [...found.values()]
}

function textAt(event: object, path: string): string | undefined {
  let value: unknown = event
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
