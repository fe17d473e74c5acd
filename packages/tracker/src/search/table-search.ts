/** Finds and counts candidates in the search tables of one stretch of the log. */
import type { SQLInputValue } from 'node:sqlite'
import type { Query } from '@keywitness/cadf'
import type { MinuteCount } from '../api.ts'
import { statementsMax } from '../limits.ts'
import type { Database, Statement } from '../store/disk.ts'
import { type Candidate, candidateOf, type CandidateParam, sliceFrom, sliceTo } from './candidates.ts'
import { columnCode, idCode } from './column-code.ts'
import type { TimeWindow } from './plan.ts'
import type { SearchColumn, SearchTables } from './schema.ts'
import { minuteMs } from './table-writer.ts'
import { ValueDictionary } from './value-dictionary.ts'
import { cutMark } from './words.ts'

/** Indexes `from` to below `to`. */
export interface Bounds {
  readonly from: number
  readonly to: number
}

/** A query's conditions in one stretch, all of which must hold. */
export interface TableCondition {
  readonly all: readonly Candidate[]
  /** Whether the rows it takes are the answers; else each entry decides. */
  readonly isExact: boolean
}

/** A group of rows that have the same values. */
export interface GroupRow {
  readonly values: readonly (number | null)[]
  readonly count: number
  readonly first: number
  readonly newest: number
}

/** Columns by how much they tell; the first that a query restricts leads its search. */
const leads: readonly SearchColumn[] = [
  'id',
  'correlationId',
  'keyId',
  'target',
  'initiator',
  'action',
  'instance',
  'severity',
  'outcome',
]
/** Before these full text has nothing to say. */
const strongLeads = new Set<SearchColumn | undefined>(['id', 'correlationId', 'keyId'])
/** A column leads with this many of its values at most: each is a search of its own. */
const leadCodesMax = 50
const success = columnCode('success')

export class TableSearch {
  readonly #db: Database
  readonly #tables: SearchTables
  readonly #statements = new Map<string, Statement<Record<string, SQLInputValue>>>()
  readonly #bounds: Statement<{ first: number | null; last: number | null }>
  readonly #minutes: Statement<MinuteCount>
  readonly #cutWords: Statement<{ rowid: number }>
  readonly #byId: Statement<{ entry: number }>
  readonly dictionary: ValueDictionary | undefined

  constructor(db: Database, tables: SearchTables) {
    this.#db = db
    this.#tables = tables
    this.#bounds = db.prepare(
      `SELECT min(first) AS first, max(last) AS last FROM ${tables.minute} WHERE minute >= ? AND minute < ?`,
    )
    this.#minutes = db.prepare(
      `SELECT minute, severity, outcome, count FROM ${tables.minute} WHERE minute >= ? AND minute < ?`,
    )
    this.#cutWords = db.prepare(`SELECT rowid FROM ${tables.words} WHERE ${tables.words} MATCH ? LIMIT 1`)
    this.#byId = db.prepare(`SELECT entry FROM ${tables.event} WHERE id = ?`)
    this.dictionary = ValueDictionary.open(db, tables)
  }

  /** The part of `bounds` that events of a time window can be in. */
  narrow({ from, to }: TimeWindow, bounds: Bounds): Bounds {
    if (from === undefined && to === undefined) return bounds
    const since = from === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(from / minuteMs) * minuteMs
    const row = this.#bounds.get(since, Math.ceil(to ?? Number.MAX_SAFE_INTEGER))
    if (row === undefined || row.first === null || row.last === null) return { from: bounds.from, to: bounds.from }
    return { from: Math.max(bounds.from, row.first), to: Math.min(bounds.to, row.last + 1) }
  }

  /** What a query asks of this stretch's tables. Good for one view of them. */
  condition(query: Query, poll: () => void = () => undefined): TableCondition {
    const { dictionary } = this
    const hasCutWords = dictionary === undefined ? undefined : this.#cutWords.get(`"${cutMark}"`) !== undefined
    const source = { tables: this.#tables, dictionary, hasCutWords, poll }
    const parts = joinedNots(conjuncts(query)).map((part) => candidateOf(part, source))
    const all = parts.filter((part) => part !== undefined)
    return { all, isExact: all.length === parts.length && all.every(({ isExact }) => isExact) }
  }

  /** Indexes of the entries whose event may have this id. */
  withId(id: string): number[] {
    return this.#byId.all(idCode(id)).map(({ entry }) => entry)
  }

  /** Indexes of candidates within bounds, in order, at most `limit`. */
  find({ all }: TableCondition, bounds: Bounds, order: 'asc' | 'desc', limit: number): number[] {
    const { from, where, params, entry } = this.#rows(all, bounds)
    const sql = `SELECT ${entry} AS entry FROM ${from} WHERE ${where} ORDER BY ${entry} ${order} LIMIT ?`
    return this.#all(sql, [...params, limit]).map((row) => row['entry'] as number)
  }

  /** Counts the rows of a condition, by the values of SQL expressions over `e`. */
  group({ all }: TableCondition, bounds: Bounds, by: readonly string[]): GroupRow[] {
    return this.#groups({ ...this.#rows(all, bounds, by.length > 0), by })
  }

  #groups({ from, where, params, entry, by }: RowSource & { readonly by: readonly string[] }): GroupRow[] {
    const values = by.map((expression, place) => `${expression} AS v${place}, `).join('')
    const groups = by.length === 0 ? '' : `GROUP BY ${by.map((_, place) => place + 1).join(', ')}`
    const columns = `${values}count(*) AS count, min(${entry}) AS first, max(${entry}) AS newest`
    const sql = `SELECT ${columns} FROM ${from} WHERE ${where} ${groups}`
    return this.#all(sql, params).flatMap((row) => {
      if (row['count'] === 0) return []
      const found = by.map((_, place) => row[`v${place}`] as number | null)
      const [count, first, newest] = [row['count'], row['first'], row['newest']] as [number, number, number]
      return [{ values: found, count, first, newest }]
    })
  }

  /** Counts all rows by the values of SQL expressions over `e`: along the index of a column where that is all. */
  groupAll(by: readonly string[]): GroupRow[] {
    const { event } = this.#tables
    const [only] = by
    const column = by.length === 1 ? only?.replace(/^e\./, '') : undefined
    const index = column === undefined ? undefined : this.#tables.by[column as SearchColumn]
    return this.#groups({
      from: `${event} e ${index === undefined ? 'NOT INDEXED' : `INDEXED BY ${index}`}`,
      where: 'TRUE',
      params: [],
      entry: 'e.entry',
      by,
    })
  }

  /** The first and the last minute that has events. */
  span(): { first: number; last: number } | undefined {
    const { minute } = this.#tables
    const row = this.#all(`SELECT min(minute) AS first, max(minute) AS last FROM ${minute}`, [])[0]
    const { first = null, last = null } = row ?? {}
    return typeof first === 'number' && typeof last === 'number' ? { first, last } : undefined
  }

  /** The roll-up of whole minutes. */
  minutes(from: number, to: number): MinuteCount[] {
    return this.#minutes.all(from, to)
  }

  #all(sql: string, params: readonly SQLInputValue[]): Record<string, SQLInputValue>[] {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      if (this.#statements.size >= statementsMax) this.#statements.clear()
      this.#statements.set(sql, statement)
    }
    return statement.all(...params)
  }

  /** The rows that fulfil all conditions: what to read first, and what else must hold. */
  #rows(all: readonly Candidate[], bounds: Bounds, needsEvent = false): RowSource {
    const { event, words } = this.#tables
    const lead = leadOf(all)
    const matches = all.filter(({ match }) => match !== undefined)
    const plain = (conditions: readonly Candidate[]): Condition => ({
      sql: conditions.map(({ sql }) => `AND (${sql})`).join(' '),
      params: conditions.flatMap(({ params }) => bound(params, bounds)),
    })
    if (matches.length > 0 && !strongLeads.has(lead)) {
      const others = all.filter(({ match }) => match === undefined)
      const rest = plain(others)
      const join = others.length === 0 && !needsEvent ? '' : ` CROSS JOIN ${event} e ON e.entry = w.rowid`
      return {
        from: `${words} w${join}`,
        where: `${words} MATCH ? AND w.rowid >= ? AND w.rowid < ? ${rest.sql}`,
        params: [matches.map(({ match }) => `(${match})`).join(' AND '), bounds.from, bounds.to, ...rest.params],
        entry: 'w.rowid',
      }
    }
    const rest = plain(all)
    // A growing stretch has no index: its rows are few and narrow.
    const index = lead === undefined ? undefined : this.#tables.by[lead]
    const by = index === undefined ? 'NOT INDEXED' : `INDEXED BY ${index}`
    return {
      from: `${event} e ${by}`,
      where: `e.entry >= ? AND e.entry < ? ${rest.sql}`,
      params: [bounds.from, bounds.to, ...rest.params],
      entry: 'e.entry',
    }
  }
}

interface Condition {
  readonly sql: string
  readonly params: readonly SQLInputValue[]
}

interface RowSource {
  readonly from: string
  readonly where: string
  readonly params: readonly SQLInputValue[]
  /** The expression of the entry's index. */
  readonly entry: string
}

/** Conditions that must all hold, whatever their nesting. */
function conjuncts(query: Query): readonly Query[] {
  return query.kind === 'and' ? query.parts.flatMap(conjuncts) : [query]
}

/** Words that must not occur are looked for in one go. */
function joinedNots(parts: readonly Query[]): readonly Query[] {
  const isNotWord = (part: Query): part is Extract<Query, { kind: 'not' }> =>
    part.kind === 'not' && part.part.kind === 'words'
  const nots = parts.filter(isNotWord)
  if (nots.length < 2) return parts
  const joined: Query = { kind: 'not', part: { kind: 'or', parts: nots.map(({ part }) => part) } }
  return [...parts.filter((part) => !isNotWord(part)), joined]
}

/** An id that is searched as a word finds few by itself: then no column leads, SQLite goes by the ids. */
function leadOf(all: readonly Candidate[]): SearchColumn | undefined {
  const codes = new Map<SearchColumn, readonly number[]>()
  for (const { column } of all) if (column !== undefined) codes.set(column.name, column.codes)
  const outcomes = codes.get('outcome')
  const isTroubleOnly = outcomes !== undefined && !outcomes.includes(success)
  const told = leads.find((name) => (codes.get(name)?.length ?? Number.POSITIVE_INFINITY) <= leadCodesMax)
  // Failures are fewer than the calls of a usual action.
  return told === 'action' && isTroubleOnly ? 'outcome' : told
}

function bound(params: readonly CandidateParam[], { from, to }: Bounds): SQLInputValue[] {
  return params.map((param) => (param === sliceFrom ? from : param === sliceTo ? to : param))
}
