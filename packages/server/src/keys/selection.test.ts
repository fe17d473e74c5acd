/** Lists and counts against a plain filter and sort of all rows, for any question and any set of keys. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addKey as insertKey } from './changes.ts'
import type { KeyRow } from './key-row.ts'
import { type DateRange, filterDates } from './filter.ts'
import { isSelected, type KeyPage, type KeySelection, type SortProperty, sortColumns } from './selection.ts'
import { type KeyState, stateAt } from './states.ts'
import { openHouse } from './testing/house.ts'
import { plainRow } from './testing/plain-row.ts'

const now = 1_000
const times = fc.integer({ min: 990, max: 1_010 })
const states = fc.constantFrom<KeyState>(0, 1, 2, 3, 5)
const bit = fc.constantFrom<0 | 1>(0, 1)
const properties = Object.keys(sortColumns) as SortProperty[]

const keys = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    state: states,
    extractable: bit,
    imported: bit,
    ring: fc.constantFrom('default', 'one', 'two'),
    createdAt: times,
    updatedAt: fc.option(times),
    rotatedAt: fc.option(times),
    expiresAt: fc.option(times),
    instance: fc.constantFrom('here', 'here', 'here', 'there'),
  }),
  { maxLength: 25, selector: (key) => key.id },
)

type Sketch = typeof keys extends fc.Arbitrary<(infer K)[]> ? K : never

function rowOf(sketch: Sketch): KeyRow {
  return plainRow({ deletedAt: sketch.state === 5 ? sketch.createdAt + 1 : null, ...sketch })
}

const bound = fc.option(times, { nil: undefined })
const ranges = fc.record({ from: bound, to: bound, isNone: fc.boolean() }).map(({ from, to, isNone }) => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
  ...(isNone && from === undefined ? { isNone } : {}),
}))

const questions = fc.record({
  states: fc.uniqueArray(states).map((list) => new Set(list)),
  extractable: fc.option(fc.boolean(), { nil: undefined }),
  rings: fc.oneof(
    fc.constant('all' as const),
    fc.subarray(['default', 'one', 'nowhere']).map((list) => new Set(list)),
  ),
  dates: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.constantFrom(...filterDates), ranges, { maxKeys: 3, noNullPrototype: true }),
  ),
})

const pages = fc.record({
  limit: fc.integer({ min: 1, max: 30 }),
  offset: fc.integer({ min: 0, max: 10 }),
  sort: fc
    .uniqueArray(fc.constantFrom(...properties), { maxLength: properties.length })
    .chain((list) =>
      fc.tuple(...list.map((property) => fc.record({ property: fc.constant(property), descending: fc.boolean() }))),
    ),
})

function valueOf(row: KeyRow, property: SortProperty): number | string | null {
  const values: Record<SortProperty, number | string | null> = {
    id: row.id,
    state: stateAt(row, now),
    extractable: row.extractable,
    imported: row.imported,
    creationDate: row.createdAt,
    lastUpdateDate: row.updatedAt,
    lastRotateDate: row.rotatedAt,
    deletionDate: row.deletedAt,
    expirationDate: row.expiresAt,
  }
  return values[property]
}

/** Nothing sorts before everything, as in the engine. */
function compare(one: number | string | null, other: number | string | null): number {
  if (one === other) return 0
  if (one === null) return -1
  if (other === null) return 1
  return one < other ? -1 : 1
}

function expected(rows: readonly KeyRow[], selection: KeySelection): KeyRow[] {
  return rows.filter(
    (row) =>
      row.instance === selection.instance &&
      selection.states.has(stateAt(row, now)) &&
      (selection.extractable === undefined || (row.extractable === 1) === selection.extractable) &&
      (selection.rings === 'all' || selection.rings.has(row.ring)) &&
      filterDates.every((name) => isWithin(valueOf(row, name), selection.dates?.[name])),
  )
}

function isWithin(value: number | string | null, range: DateRange | undefined): boolean {
  if (range === undefined) return true
  if (range.isNone === true && value !== null) return false
  const { from = -Infinity, to = Infinity } = range
  if (range.from === undefined && range.to === undefined) return true
  return typeof value === 'number' && value >= from && value <= to
}

function sorted(rows: readonly KeyRow[], page: KeyPage): KeyRow[] {
  const lastDescending = page.sort.length === 1 && page.sort[0]?.descending === true
  return rows.toSorted((one, other) => {
    for (const { property, descending } of page.sort) {
      const order = compare(valueOf(one, property), valueOf(other, property))
      if (order !== 0) return descending ? -order : order
    }
    return lastDescending ? -compare(one.id, other.id) : compare(one.id, other.id)
  })
}

test('a list and a count are what filtering and sorting all keys would give', () => {
  fc.assert(
    fc.property(keys, questions, pages, (sketches, question, page) => {
      const { store, parts } = openHouse()
      const rows = sketches.map(rowOf)
      for (const row of rows) {
        for (const change of insertKey(row, { id: row.id, number: 1, createdAt: 1, blob: new Uint8Array(1) }, 1_000)) {
          expect(store.run(change.sql, change.params)).toBe(change.rows)
        }
      }
      const selection = { instance: 'here', now, ...question }
      const all = expected(rows, selection)
      expect(parts.keys.count(selection)).toBe(all.length)
      expect(rows.filter((row) => row.instance === 'here' && isSelected(row, selection))).toEqual(all)
      const listed = parts.keys.list(selection, page)
      expect(listed.map((row) => row.id)).toEqual(
        sorted(all, page)
          .slice(page.offset, page.offset + page.limit)
          .map((row) => row.id),
      )
      expect(parts.keys.total('here')).toBe(rows.filter((row) => row.instance === 'here').length)
    }),
    { numRuns: 150 },
  )
})
