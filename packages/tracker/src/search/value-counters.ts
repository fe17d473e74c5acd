/** Counts events by the values of one field, or by those of several together. */
import { countedValueMax, groupsOfEventMax } from '../limits.ts'
import type { EntrySubject } from './entry-subject.ts'
import { type Counted, KeyCounts, onceAt } from './key-counts.ts'
import type { SearchColumn } from './schema.ts'
import type { GroupRow } from './table-search.ts'
import type { Counter } from './tally.ts'
import type { ValueDictionary } from './value-dictionary.ts'

/** A field that is counted by. */
export interface CountedField {
  /** The search column with its values, which is one with a dictionary or a number's own; absent where there is none. */
  readonly column?: SearchColumn
  readonly valuesOf: (subject: EntrySubject) => readonly unknown[]
}

interface CountedValue extends Counted {
  readonly value: string
}

interface CountedGroup extends Counted {
  readonly values: readonly string[]
}

/** Counts by the values of one field: at most 10,000 of them. */
export class ValueCounter implements Counter {
  readonly by: readonly string[] | undefined
  readonly #field: CountedField
  readonly #counts = new KeyCounts()
  /** Events without a value. */
  missing = 0

  constructor(field: CountedField) {
    this.by = columnsOf([field])
    this.#field = field
  }

  rows(rows: readonly GroupRow[], dictionary: ValueDictionary | undefined): void {
    for (const { values, ...found } of rows) {
      const value = textOf(this.#field, values[0], dictionary)
      if (value === undefined) this.missing += found.count
      else this.#counts.add(value, found)
    }
  }

  entry(subject: EntrySubject): void {
    const values = textsOf(this.#field, subject)
    if (values.length === 0) this.missing += 1
    for (const value of values) this.#counts.add(value, onceAt(subject))
  }

  /** The most frequent values, and how many events have others. */
  top(limit: number): { readonly values: readonly CountedValue[]; readonly others: number } {
    const { found, others } = this.#counts.top(limit)
    return { values: found.map(([value, counted]) => ({ value, ...counted })), others }
  }
}

/** Counts by the values of several fields together: at most 10,000 combinations. */
export class GroupCounter implements Counter {
  readonly by: readonly string[] | undefined
  readonly #fields: readonly CountedField[]
  readonly #counts = new KeyCounts()
  /** Events that lack one of the fields. */
  missing = 0

  constructor(fields: readonly CountedField[]) {
    this.by = columnsOf(fields)
    this.#fields = fields
  }

  rows(rows: readonly GroupRow[], dictionary: ValueDictionary | undefined): void {
    for (const { values: codes, ...found } of rows) {
      const values = this.#fields.map((field, place) => textOf(field, codes[place], dictionary))
      if (values.includes(undefined)) this.missing += found.count
      else this.#counts.add(JSON.stringify(values), found)
    }
  }

  entry(subject: EntrySubject): void {
    const lists = this.#fields.map((field) => textsOf(field, subject))
    if (lists.some((list) => list.length === 0)) this.missing += 1
    else for (const values of combined(lists)) this.#counts.add(JSON.stringify(values), onceAt(subject))
  }

  /** The most frequent combinations, and how often there are others. */
  top(limit: number): { readonly groups: readonly CountedGroup[]; readonly others: number } {
    const { found, others } = this.#counts.top(limit)
    return { groups: found.map(([key, counted]) => ({ values: JSON.parse(key) as string[], ...counted })), others }
  }
}

/** SQL over a row `e` for each field; undefined when only the entry can tell one of them. */
function columnsOf(fields: readonly CountedField[]): readonly string[] | undefined {
  const columns = fields.flatMap(({ column }) => (column === undefined ? [] : [`e.${column}`]))
  return columns.length === fields.length ? columns : undefined
}

/** The value that a column's code stands for; undefined when the event has none. */
function textOf(
  { column }: CountedField,
  code: number | null | undefined,
  dictionary: ValueDictionary | undefined,
): string | undefined {
  if (code === null || code === undefined) return undefined
  return column === 'reasonCode' ? String(code) : (dictionary?.textOf(code) ?? '')
}

/** The different values that an event has. */
function textsOf({ valuesOf }: CountedField, subject: EntrySubject): readonly string[] {
  const values = valuesOf(subject).filter((value) => typeof value !== 'object')
  return [...new Set(values.map((value) => String(value).slice(0, countedValueMax)))]
}

/** One of each list, in every way there is; of an event with long lists only so many. */
function combined(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.reduce<readonly (readonly string[])[]>(
    (found, list) => found.flatMap((values) => list.map((value) => [...values, value])).slice(0, groupsOfEventMax),
    [[]],
  )
}
