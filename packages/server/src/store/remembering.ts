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

/** Answers by the parameters of their statement, one after the other. */
type Answers = Map<string | number, Answers | Known>

interface Asked {
  readonly tables: readonly string[]
  readonly answers: Answers
  count: number
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

  /** What a statement last answered to these parameters, a row or all of them; undefined when it must be read (again). */
  known(sql: string, params: readonly SQLInputValue[]): { readonly answer: Answer } | undefined {
    const asked = this.#askedOf(sql)
    let found: Answers | Known | undefined = asked.answers
    for (const param of params.length === 0 ? none : params) {
      if (!isName(param) || !(found instanceof Map)) return undefined
      found = found.get(param)
    }
    if (found === undefined || found instanceof Map || found.written !== this.#writtenTo(asked.tables)) return undefined
    return found
  }

  /** A statement was read: it is asked for a row or for all of them, never for either. */
  learn(sql: string, params: readonly SQLInputValue[], answer: Answer): void {
    const asked = this.#askedOf(sql)
    const names = params.length === 0 ? none : params.filter(isName)
    if (names.length < params.length || asked.tables.length === 0) return
    const bytes = Array.isArray(answer) ? answer.reduce((sum: number, row) => sum + bytesOf(row), 0) : bytesOf(answer)
    if (bytes > answerBytesMax) return
    if (asked.count >= answersMax) {
      asked.answers.clear()
      asked.count = 0
    }
    let level = asked.answers
    for (const name of names.slice(0, -1)) {
      const next = level.get(name)
      const inner: Answers = next instanceof Map ? next : new Map<string | number, Answers | Known>()
      level.set(name, inner)
      level = inner
    }
    const last = names[names.length - 1] ?? ''
    if (!level.has(last)) asked.count += 1
    level.set(last, { answer, written: this.#writtenTo(asked.tables) })
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
      asked = { tables, answers: new Map(), count: 0 }
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

/** Of a statement without parameters. */
const none = ['']

/** Only texts and numbers: what is asked for by bytes is not asked for twice. */
function isName(param: SQLInputValue): param is string | number {
  return typeof param === 'string' || typeof param === 'number'
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
