/** Which keys a list or a count is about, and in which order: a fixed set of statements, whatever the query asks. */
import type { SQLInputValue } from 'node:sqlite'
import type { Rings } from '../iam/roles.ts'
import type { Reader } from '../store/store.ts'
import { type Filter, type FilterDate, filterDates } from './filter.ts'
import type { KeyRow } from './key-row.ts'
import { ACTIVE, DEACTIVATED, type KeyState, stateAt } from './states.ts'

/** The properties a list can be sorted by, with their columns (reference section 7.1). */
export const sortColumns = {
  id: 'id',
  state: 'state',
  extractable: 'extractable',
  imported: 'imported',
  creationDate: 'created_at',
  lastUpdateDate: 'updated_at',
  lastRotateDate: 'rotated_at',
  deletionDate: 'deleted_at',
  expirationDate: 'expires_at',
} as const

export type SortProperty = keyof typeof sortColumns

export interface SortTerm {
  readonly property: SortProperty
  readonly descending: boolean
}

export interface KeySelection {
  readonly instance: string
  readonly states: ReadonlySet<KeyState>
  /** Undefined: both kinds. */
  readonly extractable: boolean | undefined
  /** Undefined: whatever their dates. */
  readonly dates?: Filter['dates']
  readonly rings: Rings
  /** Milliseconds since the epoch: decides which active keys are deactivated by now. */
  readonly now: number
}

export interface KeyPage {
  readonly limit: number
  readonly offset: number
  /** Empty: by id. Ties are always broken by id. */
  readonly sort: readonly SortTerm[]
}

/** What is known of a key that was picked: enough to search it. */
export type PickedKey = Pick<KeyRow, 'id' | 'name'>

/** ?1 instance, ?2 now, ?3 mask of states, ?4 mask of extractable, ?5 JSON array of rings or null. */
const stateNow = 'CASE WHEN state = 1 AND expires_at <= ?2 THEN 3 ELSE state END'
const kindMatches = `(1 << extractable) & ?4 <> 0
  AND (?5 IS NULL OR ring IN (SELECT value FROM json_each(?5)))`
const matches = `instance = ?1 AND (1 << ${stateNow}) & ?3 <> 0 AND ${kindMatches}`

/** Bounds of each date, from ?8 on, three parameters each: from, to, whether there is none. */
const datesMatch = filterDates
  .map((property, at) => {
    const [column, from] = [sortColumns[property], 8 + 3 * at]
    return `(?${from} IS NULL OR ${column} >= ?${from}) AND (?${from + 1} IS NULL OR ${column} <= ?${from + 1})
  AND (?${from + 2} IS NULL OR ${column} IS NULL)`
  })
  .join('\n  AND ')

const properties = Object.keys(sortColumns) as SortProperty[]

/** The statements that list keys, one text for each order. */
interface ListTexts {
  readonly ascending: ReadonlyMap<string, string>
  readonly descending: ReadonlyMap<string, string>
  /** Several properties at once: one text for each number of them. */
  readonly byTerms: readonly string[]
}

/** Of the sort terms each is a parameter: the property's number, negative when descending. */
function listTexts(where: string, hasDates: boolean, firstTerm: number): ListTexts {
  /** In the order of an index: stops at the end of the page. */
  const byIndex = (index: string, order: string) =>
    `SELECT id, name FROM keys ${index} WHERE ${where} ORDER BY ${order} LIMIT ?6 OFFSET ?7`

  /** Picks the page's ids on the narrow rows, then looks only at the picked keys for their names. */
  const byOrder = (order: string) =>
    `SELECT id, name FROM (
    SELECT id AS picked FROM keys INDEXED BY keys_listed WHERE ${where} ORDER BY ${order} LIMIT ?6 OFFSET ?7
  ) CROSS JOIN keys ON instance = ?1 AND id = picked ORDER BY ${order}`

  const byColumn = (column: string, direction: string): string => {
    const order = column === 'id' ? `id ${direction}` : `${column} ${direction}, id ${direction}`
    if (!hasDates && column === 'id') return byIndex('', order)
    if (!hasDates && column === 'created_at') return byIndex('INDEXED BY keys_created', order)
    return byOrder(column === 'state' ? `${stateNow} ${direction}, id ${direction}` : order)
  }

  const term = (parameter: string): string[] => {
    const cases = properties.map((name, at) => [at + 1, name === 'state' ? stateNow : sortColumns[name]] as const)
    const up = cases.map(([number, column]) => `WHEN ${number} THEN ${column}`).join(' ')
    const down = cases.map(([number, column]) => `WHEN -${number} THEN ${column}`).join(' ')
    return [`CASE ${parameter} ${up} END`, `CASE ${parameter} ${down} END DESC`]
  }
  const termsTo = (last: number): string[] =>
    Array.from({ length: last + 1 }, (_, at) => term(`?${firstTerm + at}`)).flat()

  const columns = Object.entries(sortColumns)
  return {
    ascending: new Map(columns.map(([name, column]) => [name, byColumn(column, 'ASC')])),
    descending: new Map(columns.map(([name, column]) => [name, byColumn(column, 'DESC')])),
    byTerms: properties.map((_, at) => byOrder([...termsTo(at), 'id'].join(', '))),
  }
}

const unfiltered = listTexts(matches, false, 8)
const filtered = listTexts(`${matches}\n  AND ${datesMatch}`, true, 8 + 3 * filterDates.length)

const countFiltered = `SELECT count(*) AS total FROM keys INDEXED BY keys_listed
  WHERE ${matches} AND ${datesMatch} AND ?6 IS NULL AND ?7 IS NULL`

const counted = `SELECT coalesce(sum(total), 0) AS total FROM key_totals
  WHERE instance = ?1 AND (1 << state) & ?3 <> 0 AND ?2 IS NOT NULL AND ${kindMatches}`

const expiredOf = `SELECT count(*) AS total FROM keys INDEXED BY keys_expiring
  WHERE instance = ?1 AND state = 1 AND expires_at IS NOT NULL AND expires_at <= ?2 AND ?3 IS NOT NULL AND ${kindMatches}`

export function pickKeys(reader: Reader, selection: KeySelection, page: KeyPage): PickedKey[] {
  const texts = isFiltered(selection) ? filtered : unfiltered
  const params = [...selectionParams(selection), page.limit, page.offset, ...dateParams(selection)]
  const [first, second] = page.sort
  if (second === undefined) {
    const statements = first?.descending === true ? texts.descending : texts.ascending
    return reader.all<PickedKey>(statements.get(first?.property ?? 'id') as string, ...params)
  }
  const numbers = page.sort.map((wanted) => (properties.indexOf(wanted.property) + 1) * (wanted.descending ? -1 : 1))
  return reader.all<PickedKey>(texts.byTerms[numbers.length - 1] as string, ...params, ...numbers)
}

/** Whether a key is among those selected. */
export function isSelected(key: KeyRow, selection: KeySelection): boolean {
  const { states, extractable, rings, dates = {}, now } = selection
  if (!states.has(stateAt(key, now)) || (extractable ?? key.extractable === 1) !== (key.extractable === 1)) return false
  if (rings !== 'all' && !rings.has(key.ring)) return false
  const values: Readonly<Record<FilterDate, number | null>> = {
    creationDate: key.createdAt,
    lastUpdateDate: key.updatedAt,
    lastRotateDate: key.rotatedAt,
    deletionDate: key.deletedAt,
    expirationDate: key.expiresAt,
  }
  return filterDates.every((name) => {
    const { from, to, isNone } = dates[name] ?? {}
    const value = values[name]
    if (isNone === true && value !== null) return false
    if (from === undefined && to === undefined) return true
    return value !== null && value >= (from ?? value) && value <= (to ?? value)
  })
}

function isFiltered({ dates = {} }: KeySelection): boolean {
  return filterDates.some((name) => dates[name] !== undefined)
}

/** Counts from the kept totals; only keys that expired without it being written down yet are looked at one by one. */
export function countSelected(reader: Reader, selection: KeySelection): number {
  const params = selectionParams(selection)
  if (isFiltered(selection)) {
    return reader.get<{ total: number }>(countFiltered, ...params, null, null, ...dateParams(selection))?.total ?? 0
  }
  const written = reader.get<{ total: number }>(counted, ...params)?.total ?? 0
  const [withActive, withDeactivated] = [selection.states.has(ACTIVE), selection.states.has(DEACTIVATED)]
  if (withActive === withDeactivated) return written
  const expired = reader.get<{ total: number }>(expiredOf, ...params)?.total ?? 0
  return withActive ? written - expired : written + expired
}

function selectionParams(selection: KeySelection): SQLInputValue[] {
  let states = 0
  for (const state of selection.states) states |= 1 << state
  return [
    selection.instance,
    selection.now,
    states,
    selection.extractable === undefined ? 3 : 1 << Number(selection.extractable),
    selection.rings === 'all' ? null : JSON.stringify([...selection.rings]),
  ]
}

/** None when nothing is filtered by dates: then the statements have no such parameters. */
function dateParams(selection: KeySelection): SQLInputValue[] {
  if (!isFiltered(selection)) return []
  return filterDates.flatMap((name) => {
    const { from = null, to = null, isNone = false } = selection.dates?.[name] ?? {}
    return [from, to, isNone ? 1 : null]
  })
}
