/** The dictionary of one stretch: which texts its search columns hold, and by which codes. */
import type { Database, Statement } from '../store/disk.ts'
import { foldedText, incompleteCode, type SearchTables, type ValueColumn, valueColumns } from './schema.ts'

export interface DictionaryValue {
  readonly code: number
  readonly text: string
}

export class ValueDictionary {
  readonly #text: Statement<{ text: string }>
  readonly #values: Statement<DictionaryValue>
  readonly #beginning: Statement<DictionaryValue>

  private constructor(db: Database, tables: SearchTables) {
    const { value } = tables
    const folded = foldedText(tables)
    this.#text = db.prepare(`SELECT text FROM ${value} WHERE code = ?`)
    this.#values = db.prepare(`SELECT code, text FROM ${value} WHERE columns & ?`)
    this.#beginning = db.prepare(
      `SELECT code, text FROM ${value} WHERE ${folded} >= ? AND ${folded} < ? AND columns & ?`,
    )
  }

  /** Undefined in a stretch of a format that had none. */
  static open(db: Database, tables: SearchTables): ValueDictionary | undefined {
    const exists = db.prepare(`SELECT 1 AS found FROM sqlite_schema WHERE type='table' AND name=?`).get(tables.value)
    return exists === undefined ? undefined : new ValueDictionary(db, tables)
  }

  /** Whether each code means one text, and every text is here. The one that grows may cease to be. */
  get isWhole(): boolean {
    return this.textOf(incompleteCode) === undefined
  }

  textOf(code: number): string | undefined {
    return this.#text.get(code)?.text
  }

  values(column: ValueColumn): Iterable<DictionaryValue> {
    return this.#values.iterate(valueColumns[column])
  }

  /** Texts that begin with this one, whatever their case; `folded` is in lower case. */
  beginning(column: ValueColumn, folded: string): Iterable<DictionaryValue> {
    return this.#beginning.iterate(folded, `${folded}\u{10ffff}`, valueColumns[column])
  }
}
