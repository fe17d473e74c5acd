/** Compares search tables with what their entries say, by making them once more and reading both row by row. */
import type { StoredEntry } from '../api.ts'
import { createIndexes, createTables, type SearchTables } from '../search/schema.ts'
import { TableWriter } from '../search/table-writer.ts'
import type { Database, Disk } from '../store/disk.ts'

/** Search tables that are compared, and the connection they are read through. */
export interface ComparedTables {
  readonly db: Database
  readonly tables: SearchTables
}

export interface TableCheck {
  /** What is wrong, in words; undefined when nothing is. */
  readonly fault: string | undefined
  readonly timeMin: number | undefined
  readonly timeMax: number | undefined
}

/** Entries between two pauses. */
const pauseEvery = 2_000

/** @param pause awaited every few thousand entries */
export async function checkTables(
  disk: Disk,
  { db, tables }: ComparedTables,
  entries: Iterable<StoredEntry>,
  pause: () => Promise<void>,
): Promise<TableCheck> {
  // A database without a name lies in a temporary file once it has outgrown its cache.
  const fresh = disk.database('', 'write')
  try {
    fresh.exec('PRAGMA page_size=8192; PRAGMA cache_size=-16384; PRAGMA synchronous=OFF; BEGIN')
    fresh.exec(createTables(tables))
    const writer = new TableWriter(fresh, tables)
    let count = 0
    for (const { index, bytes } of entries) {
      writer.add(index, bytes)
      count += 1
      if (count % pauseEvery === 0) await pause()
    }
    writer.flush()
    fresh.exec(createIndexes(tables))
    fresh.exec('COMMIT')
    return { fault: await firstFault(db, fresh, tables, pause), ...writer.times }
  } finally {
    fresh.close()
  }
}

async function firstFault(
  db: Database,
  fresh: Database,
  tables: SearchTables,
  pause: () => Promise<void>,
): Promise<string | undefined> {
  const definition = differentDefinition(db, fresh, tables)
  if (definition !== undefined) return definition
  const { event, words, minute, value } = tables
  const row = await firstDifference(db, fresh, `SELECT * FROM ${event} ORDER BY entry`, pause)
  if (row !== undefined) return `the row of entry ${String(row['entry'])} is not what the entry says`
  const word = await firstDifference(withVocabulary(db, words), withVocabulary(fresh, words), vocabularyRows, pause)
  if (word !== undefined) return `the words of entry ${String(word['doc'])} are not those of the entry`
  for (const [table, order, what] of [
    [minute, 'minute, severity, outcome', 'the counts by minute'],
    [value, 'code', 'the dictionary of values'],
  ] as const) {
    const other = await firstDifference(db, fresh, `SELECT * FROM ${table} ORDER BY ${order}`, pause)
    if (other !== undefined) return `${what} are not what the entries say`
  }
  return undefined
}

/** A table or index that is not defined as it is made: one that is missing, changed, or was put beside them. */
function differentDefinition(
  db: Database,
  fresh: Database,
  { event, words, minute, value }: SearchTables,
): string | undefined {
  const definitionsOf = (of: Database): Map<string, string> => {
    const rows = of
      .prepare<{ name: string; tbl: string; sql: string | null }>(
        'SELECT name, tbl_name AS tbl, sql FROM sqlite_schema',
      )
      .all()
    const isOf = (table: string): boolean => [event, minute, value].includes(table) || table.startsWith(words)
    return new Map(
      rows.filter(({ tbl }) => isOf(tbl)).map(({ name, sql }) => [name, (sql ?? '').replaceAll(/\s+/g, ' ')]),
    )
  }
  const [found, expected] = [definitionsOf(db), definitionsOf(fresh)]
  for (const name of new Set([...found.keys(), ...expected.keys()])) {
    if (found.get(name) !== expected.get(name)) return `${name} is not defined as it was made`
  }
  return undefined
}

const vocabularyRows = 'SELECT term, doc FROM temp.vocabulary'

/** The words of a full-text table as rows, in the order of words. */
function withVocabulary(db: Database, words: string): Database {
  db.exec('DROP TABLE IF EXISTS temp.vocabulary')
  db.exec(`CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', '${words}', 'instance')`)
  return db
}

type Row = Readonly<Record<string, unknown>>

/** Reads the same question's rows of both; the first that differs, as it should be, or else as it is. */
async function firstDifference(
  db: Database,
  fresh: Database,
  sql: string,
  pause: () => Promise<void>,
): Promise<Row | undefined> {
  const [found, expected] = [db.prepare<Row>(sql).iterate(), fresh.prepare<Row>(sql).iterate()]
  try {
    for (let count = 1; ; count++) {
      const [is, should] = [found.next(), expected.next()]
      if (is.done === true && should.done === true) return undefined
      if (is.done === true || should.done === true) return (should.value ?? is.value) as Row
      const names = Object.keys(should.value)
      if (names.some((name) => is.value[name] !== should.value[name])) return should.value
      if (count % (pauseEvery * 10) === 0) await pause()
    }
  } finally {
    found.return?.()
    expected.return?.()
  }
}
