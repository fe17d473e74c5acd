/** Fills the dictionary of one stretch, and notices where one code would have to stand for two texts. */
import type { Database, Statement } from '../store/disk.ts'
import { columnCode } from './column-code.ts'
import { incompleteCode, type SearchTables, type ValueColumn, valueColumns } from './schema.ts'
import { fold } from './text-tests.ts'

interface Value {
  readonly text: string
  columns: number
  isWritten: boolean
}

/** Values remembered between two flushes: the same few come again and again. */
const rememberedMax = 20_000

/** `flush` belongs in the transaction of the rows that bear the codes. */
export class ValueWriter {
  readonly #values = new Map<number, Value>()
  readonly #unwritten: number[] = []
  readonly #textOf: Statement<{ text: string }>
  readonly #put: Statement<never>

  constructor(db: Database, { value }: SearchTables) {
    this.#textOf = db.prepare(`SELECT text FROM ${value} WHERE code = ?`)
    this.#put = db.prepare(
      `INSERT INTO ${value} (code, columns, text, folded) VALUES (?, ?, ?, ?)
       ON CONFLICT (code) DO UPDATE SET columns = columns | excluded.columns`,
    )
  }

  /** The code of a value, which will be in the dictionary. */
  codeOf(column: ValueColumn, text: string | undefined): number | null {
    if (text === undefined) return null
    const code = columnCode(text)
    const bit = valueColumns[column]
    const known = this.#values.get(code)
    if (known === undefined) {
      this.#values.set(code, { text, columns: bit, isWritten: false })
      this.#unwritten.push(code)
    } else if (known.text !== text) {
      this.#markIncomplete()
    } else if ((known.columns & bit) === 0) {
      known.columns |= bit
      if (known.isWritten) this.#unwritten.push(code)
      known.isWritten = false
    }
    return code
  }

  flush(): void {
    for (const code of this.#unwritten.splice(0)) {
      const value = this.#values.get(code)
      if (value === undefined) continue
      const stored = this.#textOf.get(code)?.text
      if (stored !== undefined && stored !== value.text) this.#markIncomplete()
      else this.#put.run(code, value.columns, value.text, fold(value.text))
      value.isWritten = true
    }
    if (this.#values.size > rememberedMax) this.#values.clear()
  }

  #markIncomplete(): void {
    this.#put.run(incompleteCode, 0, '', '')
  }
}
