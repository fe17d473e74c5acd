/** Fills the dictionary of one stretch, and notices where one code would have to stand for two texts. */
import type { Database, Statement } from '../store/disk.ts'
import { columnCode, columnCodeAt, frequentLengthMax } from './column-code.ts'
import type { Place } from './entry-scan.ts'
import { incompleteCode, type SearchTables, type ValueColumn, valueColumns } from './schema.ts'
import { fold } from './text-tests.ts'

interface Value {
  readonly code: number
  readonly text: string
  columns: number
  isWritten: boolean
}

/** Values remembered between two flushes: the same few come again and again. */
const rememberedMax = 20_000

/** `flush` belongs in the transaction of the rows that bear the codes. */
export class ValueWriter {
  readonly #byText = new Map<string, Value>()
  readonly #byCode = new Map<number, Value>()
  readonly #unwritten: Value[] = []
  readonly #put: Statement<never>

  readonly #isGrowing: boolean

  constructor(db: Database, { value, isGrowing }: SearchTables) {
    this.#isGrowing = isGrowing
    this.#put = db.prepare(
      `INSERT INTO ${value} (code, columns, text, folded) VALUES (?, ?, ?, ?)
       ON CONFLICT (code) DO UPDATE SET columns = columns | excluded.columns WHERE text = excluded.text`,
    )
  }

  /** The code of a value, which will be in the dictionary. */
  codeOf(column: ValueColumn, text: string | undefined): number | null {
    if (text === undefined) return null
    const bit = valueColumns[column]
    const known = this.#byText.get(text)
    if (known === undefined) return this.#learn(text, bit)
    if ((known.columns & bit) === 0) {
      known.columns |= bit
      if (known.isWritten) this.#unwritten.push(known)
      known.isWritten = false
    }
    return known.code
  }

  /** The same of an ASCII text that stands in an entry's bytes; null when it is empty. */
  codeAt(column: ValueColumn, bytes: Uint8Array, { from, to }: Place): number | null {
    if (from === to) return null
    if (to - from > frequentLengthMax) {
      const known = this.#byCode.get(columnCodeAt(bytes, from, to))
      const bit = valueColumns[column]
      if (known !== undefined && (known.columns & bit) !== 0 && standsAt(known.text, bytes, from, to)) return known.code
    }
    return this.codeOf(column, asciiText(bytes, from, to))
  }

  flush(): void {
    for (const value of this.#unwritten.splice(0)) {
      const { code, columns, text } = value
      // Nothing changes where the code stands for another text.
      if (this.#put.run(code, columns, text, this.#folded(text)).changes === 0) this.#markIncomplete()
      value.isWritten = true
    }
    if (this.#byCode.size <= rememberedMax) return
    this.#byText.clear()
    this.#byCode.clear()
  }

  #folded(text: string): string | null {
    const folded = fold(text)
    return this.#isGrowing && folded === text ? null : folded
  }

  #learn(text: string, columns: number): number {
    const code = columnCode(text)
    if (this.#byCode.has(code)) {
      this.#markIncomplete()
      return code
    }
    const value = { code, text, columns, isWritten: false }
    this.#byText.set(text, value)
    this.#byCode.set(code, value)
    this.#unwritten.push(value)
    return code
  }

  #markIncomplete(): void {
    this.#put.run(incompleteCode, 0, '', '')
  }
}

function standsAt(text: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}

export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to)
}
