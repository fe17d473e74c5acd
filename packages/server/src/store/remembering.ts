/** Rows that need not be read again: each is known until a statement writes to a table that it was read from. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** Answers remembered of one statement, and bytes of one that is. */
const answersMax = 1_000
const answerBytesMax = 4_096

/** What a statement answered: a row, none, or all of them. */
type Answer = object | undefined

interface Known {
  readonly answer: Answer
  /** How much had been written to the statement's tables by then. */
  readonly written: number
}

interface Asked {
  readonly tables: readonly string[]
  readonly answers: Map<string, Known>
}

/**
 * Holds for one connection that alone writes. What a statement writes to is told by the schema: its table, what triggers on
 * that table name, and what foreign keys change along; so a row is read again too often rather than too seldom.
 */
export class Remembering {
  /** By table: the tables that change with it, itself included. */
  readonly #changedWith: ReadonlyMap<string, readonly string[]>
  readonly #written = new Map<string, number>()
  /** What is not known to be of one table: it concerns all of them. */
  #unknown = 0
  readonly #asked = new Map<string, Asked>()
  readonly #targets = new Map<string, string | undefined>()

  constructor(db: DatabaseSync) {
    this.#changedWith = changedWith(db)
  }

  /** @param read reads it from the store */
  row(sql: string, params: readonly SQLInputValue[], read: () => unknown): unknown {
    return this.#answer(sql, params, read as () => Answer)
  }

  /** The same of all rows: a statement is asked for either. */
  rows(sql: string, params: readonly SQLInputValue[], read: () => readonly unknown[]): unknown {
    return this.#answer(sql, params, read)
  }

  #answer(sql: string, params: readonly SQLInputValue[], read: () => Answer): Answer {
    const asked = this.#askedOf(sql)
    const name = nameOf(params)
    if (name === undefined || asked.tables.length === 0) return read()
    const written = this.#writtenTo(asked.tables)
    const known = asked.answers.get(name)
    if (known?.written === written) return known.answer
    const answer = read()
    const bytes = Array.isArray(answer) ? answer.reduce((sum: number, row) => sum + bytesOf(row), 0) : bytesOf(answer)
    if (bytes > answerBytesMax) return answer
    if (asked.answers.size >= answersMax) asked.answers.clear()
    asked.answers.set(name, { answer, written })
    return answer
  }

  /** A statement changed rows. */
  changed(sql: string): void {
    const target = this.#targetOf(sql)
    const tables = target === undefined ? undefined : this.#changedWith.get(target)
    if (tables === undefined) this.#unknown += 1
    else for (const table of tables) this.#written.set(table, (this.#written.get(table) ?? 0) + 1)
  }

  /** Statements ran of which it is not said what they changed, or changes were taken back. */
  changedAny(): void {
    this.#unknown += 1
  }

  #writtenTo(tables: readonly string[]): number {
    let written = this.#unknown
    for (const table of tables) written += this.#written.get(table) ?? 0
    return written
  }

  #askedOf(sql: string): Asked {
    let asked = this.#asked.get(sql)
    if (asked === undefined) {
      const tables = [...wordsOf(sql)].filter((word) => this.#changedWith.has(word))
      asked = { tables, answers: new Map() }
      this.#asked.set(sql, asked)
    }
    return asked
  }

  #targetOf(sql: string): string | undefined {
    if (this.#targets.has(sql)) return this.#targets.get(sql)
    const target = /^\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)/i.exec(sql)?.[1]?.toLowerCase()
    this.#targets.set(sql, target)
    return target
  }
}

/** Only texts and numbers: what is asked for by bytes is not asked for twice. */
function nameOf(params: readonly SQLInputValue[]): string | undefined {
  let name = ''
  for (const param of params) {
    if (typeof param !== 'string' && typeof param !== 'number') return undefined
    name += `${param}\0`
  }
  return name
}

/** About as many as it takes in memory. */
function bytesOf(row: unknown): number {
  let bytes = 0
  for (const value of Object.values(row ?? {})) {
    bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8
  }
  return bytes
}

function wordsOf(sql: string): Set<string> {
  return new Set(sql.toLowerCase().match(/\w+/g))
}

/** For each table all tables whose rows a change of its own can change. */
function changedWith(db: DatabaseSync): ReadonlyMap<string, readonly string[]> {
  const schema = db
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('table', 'trigger')")
    .all()
  const rows = schema as { type: string; name: string; tbl_name: string; sql: string | null }[]
  const names = rows.filter(({ type }) => type === 'table').map(({ name }) => name.toLowerCase())
  const next = new Map(names.map((name) => [name, new Set<string>()]))
  for (const { type, tbl_name, sql } of rows) {
    if (type !== 'trigger' || sql === null) continue
    for (const word of wordsOf(sql)) if (next.has(word)) next.get(tbl_name.toLowerCase())?.add(word)
  }
  for (const name of names) {
    const keys = db.prepare(`PRAGMA foreign_key_list("${name}")`).all() as { table: string }[]
    for (const { table } of keys) next.get(table.toLowerCase())?.add(name)
  }
  return new Map(names.map((name) => [name, [...reachable(name, next)]]))
}

function reachable(from: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set([from])
  // A set that grows while it is walked is walked to its end.
  for (const name of found) for (const table of next.get(name) ?? []) found.add(table)
  return found
}
