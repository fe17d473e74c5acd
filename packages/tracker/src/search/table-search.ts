/** Finds candidates in the search tables of one stretch of the log. */
import type { SQLInputValue } from 'node:sqlite'
import type { MinuteCount } from '../api.ts'
import type { Database, Statement } from '../store/disk.ts'
import { columnCode } from './column-code.ts'
import type { Plan } from './plan.ts'
import type { SearchColumn, SearchTables } from './schema.ts'
import { minuteMs } from './table-writer.ts'

/** Indexes `from` to below `to`. */
export interface Bounds {
  readonly from: number
  readonly to: number
}

/** Columns by how much they tell; the first that a plan restricts leads its search. */
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

/** A piece of SQL with its parameters. */
interface Clause {
  readonly sql: string
  readonly params: readonly SQLInputValue[]
}

export class TableSearch {
  readonly #db: Database
  readonly #tables: SearchTables
  readonly #statements = new Map<string, Statement<{ entry: number }>>()
  readonly #bounds: Statement<{ first: number | null; last: number | null }>
  readonly #minutes: Statement<MinuteCount>

  constructor(db: Database, tables: SearchTables) {
    this.#db = db
    this.#tables = tables
    this.#bounds = db.prepare(
      `SELECT min(first) AS first, max(last) AS last FROM ${tables.minute} WHERE minute >= ? AND minute < ?`,
    )
    this.#minutes = db.prepare(
      `SELECT minute, severity, outcome, count FROM ${tables.minute} WHERE minute >= ? AND minute < ?`,
    )
  }

  /** The part of `bounds` that events of the plan's time window can be in. */
  narrow({ from, to }: Plan, bounds: Bounds): Bounds {
    if (from === undefined && to === undefined) return bounds
    const since = from === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(from / minuteMs) * minuteMs
    const row = this.#bounds.get(since, Math.ceil(to ?? Number.MAX_SAFE_INTEGER))
    if (row === undefined || row.first === null || row.last === null) return { from: bounds.from, to: bounds.from }
    return { from: Math.max(bounds.from, row.first), to: Math.min(bounds.to, row.last + 1) }
  }

  /** Indexes of candidates within bounds, in the plan's order, at most `limit`. */
  find(plan: Plan, bounds: Bounds, limit: number): number[] {
    const { sql, params } = this.#select(plan, bounds)
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare<{ entry: number }>(sql)
      this.#statements.set(sql, statement)
    }
    return statement.all(...params, limit).map(({ entry }) => entry)
  }

  /** The roll-up of whole minutes. */
  minutes(from: number, to: number): MinuteCount[] {
    return this.#minutes.all(from, to)
  }

  #select(plan: Plan, bounds: Bounds): Clause {
    const { event, words } = this.#tables
    const ids = plan.words.filter(isIdWord)
    const others = plan.words.filter((word) => !isIdWord(word))
    const conditions: Clause[] = [...columnClauses(plan), ...timeClauses(plan), ...ids.map((id) => this.#idClause(id))]
    const order = plan.order === 'desc' ? 'DESC' : 'ASC'
    // An id that is searched as a word leads: it finds few. Else full text does, else the column that tells most.
    if (others.length > 0 && ids.length === 0) {
      const match = others.map((word) => `"${word}"`).join(' AND ')
      const join = conditions.length === 0 ? '' : `CROSS JOIN ${event} e ON e.entry = w.rowid`
      const where = [`${words} MATCH ?`, 'w.rowid >= ?', 'w.rowid < ?', ...conditions.map(({ sql }) => sql)]
      return {
        sql: `SELECT w.rowid AS entry FROM ${words} w ${join} WHERE ${where.join(' AND ')} ORDER BY w.rowid ${order} LIMIT ?`,
        params: [match, bounds.from, bounds.to, ...conditions.flatMap(({ params }) => params)],
      }
    }
    for (const word of others) {
      conditions.push({ sql: `e.entry IN (SELECT rowid FROM ${words} WHERE ${words} MATCH ?)`, params: [`"${word}"`] })
    }
    const where = ['e.entry >= ?', 'e.entry < ?', ...conditions.map(({ sql }) => sql)]
    return {
      sql: `SELECT e.entry AS entry FROM ${event} e ${this.#lead(plan, ids)} WHERE ${where.join(' AND ')} ORDER BY e.entry ${order} LIMIT ?`,
      params: [bounds.from, bounds.to, ...conditions.flatMap(({ params }) => params)],
    }
  }

  #lead({ columns }: Plan, ids: readonly string[]): string {
    if (ids.length > 0) return ''
    const isTroubleOnly = columns.has('outcome') && columns.get('outcome')?.includes('success') !== true
    const told = leads.find((column) => columns.has(column))
    // Failures are fewer than the calls of a usual action.
    const lead = told === 'action' && isTroubleOnly ? 'outcome' : told
    return lead === undefined ? 'NOT INDEXED' : `INDEXED BY ${this.#tables.by[lead]}`
  }

  /** A UUID as a word: anywhere in the values, or the event's id or correlation id. */
  #idClause(word: string): Clause {
    const { event, words } = this.#tables
    const code = columnCode(
      [word.slice(0, 8), word.slice(8, 12), word.slice(12, 16), word.slice(16, 20), word.slice(20)].join('-'),
    )
    const anywhere = `SELECT rowid FROM ${words} WHERE ${words} MATCH ?`
    const inColumns = `SELECT entry FROM ${event} WHERE id = ? UNION ALL SELECT entry FROM ${event} WHERE correlationId = ?`
    return { sql: `e.entry IN (${anywhere} UNION ALL ${inColumns})`, params: [`"${word}"`, code, code] }
  }
}

function columnClauses({ columns }: Plan): Clause[] {
  return [...columns].map(([column, values]) => {
    const params = values.map((value) => (typeof value === 'number' ? value : columnCode(value)))
    const sql = params.length === 1 ? `e.${column} = ?` : `e.${column} IN (${params.map(() => '?').join(',')})`
    return { sql, params }
  })
}

function timeClauses({ from, to }: Plan): Clause[] {
  return [
    ...(from === undefined ? [] : [{ sql: 'e.time >= ?', params: [from] }]),
    ...(to === undefined ? [] : [{ sql: 'e.time < ?', params: [to] }]),
  ]
}

function isIdWord(word: string): boolean {
  return /^[0-9a-f]{32}$/.test(word)
}
