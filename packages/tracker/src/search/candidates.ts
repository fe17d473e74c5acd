/** What a query's conditions are in the search tables of one stretch: SQL that every answer fulfils. */
import type { SQLInputValue } from 'node:sqlite'
import { changeActions, type FieldSource, type FieldTest, type Query, type QueryField } from '@keywitness/cadf'
import { dictionaryScanMs } from '../limits.ts'
import { columnCode, idCode } from './column-code.ts'
import { actionTest } from './matcher.ts'
import { searchColumnOf } from './fields.ts'
import type { SearchColumn, SearchTables, ValueColumn } from './schema.ts'
import { fold, textTest } from './text-tests.ts'
import type { ValueDictionary } from './value-dictionary.ts'
import { cutMark, isSilent, isUuid, uuidWord, wordsOf } from './words.ts'

/** Stands for a bound of the slice that is looked at: full text is asked for that part only. */
export const sliceFrom = Symbol('from')
export const sliceTo = Symbol('to')
export type CandidateParam = SQLInputValue | typeof sliceFrom | typeof sliceTo

/**
 * A condition on a row `e` of the event table. Where it is exact, the rows it takes are those of the answers and no
 * others, so that it can be counted and negated; else every answer is among them.
 */
export interface Candidate {
  readonly sql: string
  readonly params: readonly CandidateParam[]
  readonly isExact: boolean
  /** The column with the codes it may have, where the condition is just that. */
  readonly column?: { readonly name: SearchColumn; readonly codes: readonly number[] }
  /** The full-text expression, where the condition is just that. */
  readonly match?: string
}

/** Where conditions are to be found in one stretch. */
export interface CandidateSource {
  readonly tables: SearchTables
  readonly dictionary: ValueDictionary | undefined
  /** Whether some event of the stretch has more words than full text took; undefined where nobody knows. */
  readonly hasCutWords: boolean | undefined
  /** Asked now and then by what takes long; throws when the question was withdrawn. */
  readonly poll: () => void
}

/** The condition of a query in a stretch; undefined when its tables cannot tell, and every entry is a candidate. */
export function candidateOf(query: Query, source: CandidateSource): Candidate | undefined {
  switch (query.kind) {
    case 'every':
      return { sql: 'TRUE', params: [], isExact: true }
    case 'and':
      return allOf(query.parts.map((part) => candidateOf(part, source)))
    case 'or':
      return anyOf(
        query.parts.map((part) => candidateOf(part, source)),
        source,
      )
    case 'not': {
      const part = candidateOf(query.part, source)
      // What may hold too many rows would take answers away.
      if (part?.isExact !== true) return undefined
      return { sql: `(${part.sql}) IS NOT TRUE`, params: part.params, isExact: true }
    }
    case 'words':
      return wordsCandidate(query.text, query.isPrefix, source)
    case 'anywhere':
      return undefined
    case 'field':
      return fieldCandidate(query.field, query.test, source)
  }
}

/** Of several conditions those that can be told; what cannot is left to the entries. */
function allOf(parts: readonly (Candidate | undefined)[]): Candidate | undefined {
  const told = parts.filter((part) => part !== undefined)
  const [first, another] = told
  if (first === undefined) return undefined
  const isExact = told.length === parts.length && told.every((part) => part.isExact)
  if (another === undefined) return { ...first, isExact }
  return { sql: told.map(({ sql }) => `(${sql})`).join(' AND '), params: told.flatMap(({ params }) => params), isExact }
}

function anyOf(parts: readonly (Candidate | undefined)[], source: CandidateSource): Candidate | undefined {
  const told = parts.filter((part) => part !== undefined)
  if (told.length < parts.length || told.length === 0) return undefined
  const isExact = told.every((part) => part.isExact)
  const columns = new Set(told.map(({ column }) => column?.name))
  const [name] = columns
  if (told.every(({ match }) => match !== undefined)) {
    return matchCandidate(told.map(({ match }) => `(${match})`).join(' OR '), isExact, source)
  }
  if (columns.size === 1 && name !== undefined) {
    const codes = [...new Set(told.flatMap(({ column }) => column?.codes ?? []))]
    return codesCandidate(name, codes, isExact)
  }
  return { sql: told.map(({ sql }) => `(${sql})`).join(' OR '), params: told.flatMap(({ params }) => params), isExact }
}

function wordsCandidate(text: string, isPrefix: boolean, source: CandidateSource): Candidate | undefined {
  const words = wordsOf(text)
  const [first] = words
  if (first === undefined) return { sql: 'FALSE', params: [], isExact: true }
  // Old segments do not say which events had more words than they took.
  if (source.hasCutWords === undefined) return undefined
  const isId = !isPrefix && words.length === 1 && uuidWord(text.trim()) === first
  const match = matchOf(words, isPrefix, source)
  const isExact = words.length === 1 && !source.hasCutWords && !isId
  const anywhere = matchCandidate(match, isExact, source)
  if (!isId) return anywhere
  // A UUID is also looked up as the event's own id and its request's.
  const code = idCode(text.trim())
  const { event } = source.tables
  const inColumns = `SELECT entry FROM ${event} WHERE id = ? UNION ALL SELECT entry FROM ${event} WHERE correlationId = ?`
  const { words: fullText } = source.tables
  return {
    sql: `e.entry IN (SELECT rowid FROM ${fullText} WHERE ${fullText} MATCH ? UNION ALL ${inColumns})`,
    params: [match, code, code],
    isExact: false,
  }
}

function matchCandidate(match: string, isExact: boolean, { tables: { words } }: CandidateSource): Candidate {
  return {
    sql: `e.entry IN (SELECT rowid FROM ${words} WHERE ${words} MATCH ? AND rowid >= ? AND rowid < ?)`,
    params: [match, sliceFrom, sliceTo],
    isExact,
    match,
  }
}

/** The full-text expression for all of the words; the last one may be a beginning. */
function matchOf(words: readonly string[], isLastPrefix: boolean, { hasCutWords }: CandidateSource): string {
  const terms = words.map((word, place) => `"${word}"${isLastPrefix && place === words.length - 1 ? '*' : ''}`)
  const all = terms.join(' AND ')
  return hasCutWords === true ? `(${all}) OR "${cutMark}"` : all
}

function fieldCandidate(field: QueryField, test: FieldTest, source: CandidateSource): Candidate | undefined {
  if (test.op === 'range') return rangeCandidate(field, test)
  return anyOf(
    field.sources.map((from) => {
      if ('derived' in from && from.derived === 'change') return changeCandidate
      const column = searchColumnOf(from)
      return column === undefined ? textCandidate(from, test, source) : columnCandidate(column, field, test, source)
    }),
    source,
  )
}

/** Only these actions have a direction; the entry says which. */
const changeCandidate: Candidate = codesCandidate('action', changeActions.map(columnCode), false)

function rangeCandidate(
  { kind, sources }: QueryField,
  { min, max }: Extract<FieldTest, { op: 'range' }>,
): Candidate | undefined {
  const [only] = sources
  if (only === undefined || sources.length > 1) return undefined
  if (kind === 'severity') {
    const ranks = [0, 1, 2].filter((rank) => rank >= (min ?? 0) && rank < (max ?? 3))
    return codesCandidate(
      'severity',
      ranks.map((rank) => columnCode(['normal', 'warning', 'critical'][rank]!)),
      true,
    )
  }
  const name = 'derived' in only ? (only.derived === 'index' ? 'entry' : undefined) : rangeColumns.get(only.path)
  if (name === undefined) return undefined
  const clauses = [
    ...(min === undefined ? [] : [{ sql: `e.${name} >= ?`, value: min }]),
    ...(max === undefined ? [] : [{ sql: `e.${name} < ?`, value: max }]),
  ]
  if (clauses.length === 0) return { sql: `e.${name} IS NOT NULL`, params: [], isExact: true }
  const sql = clauses.map((clause) => clause.sql).join(' AND ')
  return { sql, params: clauses.map(({ value }) => value), isExact: true }
}

const rangeColumns: ReadonlyMap<string, string> = new Map([
  ['eventTime', 'time'],
  ['reason.reasonCode', 'reasonCode'],
])

function columnCandidate(
  column: SearchColumn,
  { kind }: QueryField,
  test: Exclude<FieldTest, { op: 'range' }>,
  { dictionary, poll }: CandidateSource,
): Candidate | undefined {
  if (test.op === 'exists') return { sql: `e.${column} IS NOT NULL`, params: [], isExact: true }
  const isPlain = test.op === 'exact' && test.isCaseSensitive && kind !== 'action'
  if (column === 'id' || column === 'correlationId') {
    if (test.op !== 'exact') return undefined
    // Ids have no dictionary; in old segments they have the code of what was written.
    if (dictionary === undefined) return isPlain ? codesCandidate(column, [columnCode(test.text)], false) : undefined
    return isPlain || isUuid(test.text) ? codesCandidate(column, [idCode(test.text)], false) : undefined
  }
  if (column === 'reasonCode') return undefined
  const isWhole = dictionary?.isWhole === true
  if (isPlain) {
    const code = columnCode(test.text)
    if (isWhole && dictionary.textOf(code) !== test.text) return { sql: 'FALSE', params: [], isExact: true }
    return codesCandidate(column, [code], isWhole)
  }
  if (!isWhole) return undefined
  const codes = codesOf(column, kind === 'action', test, dictionary, poll)
  return codes === undefined ? undefined : codesCandidate(column, codes, true)
}

/** Values between two looks at the time. */
const scanStep = 256

function codesOf(
  column: ValueColumn,
  isAction: boolean,
  test: Exclude<FieldTest, { op: 'range' | 'exists' }>,
  dictionary: ValueDictionary,
  poll: () => void,
): number[] | undefined {
  const isIt = isAction ? actionTest(textTest(test)) : textTest(test)
  const isFolded = !isAction && (test.op === 'exact' || test.op === 'prefix')
  const values = isFolded ? dictionary.beginning(column, fold(test.text)) : dictionary.values(column)
  const codes: number[] = []
  const until = performance.now() + dictionaryScanMs
  let looked = 0
  for (const { code, text } of values) {
    if (isIt(text)) codes.push(code)
    looked += 1
    if (looked % scanStep !== 0) continue
    poll()
    if (performance.now() > until) return undefined
  }
  return codes
}

/** Codes are given as JSON: there may be many, and the statement stays the same. */
function codesCandidate(name: SearchColumn, codes: readonly number[], isExact: boolean): Candidate {
  const column = { name, codes }
  if (codes.length === 0) return { sql: 'FALSE', params: [], isExact, column }
  if (codes.length === 1) return { sql: `e.${name} = ?`, params: [codes[0]!], isExact, column }
  const params = [JSON.stringify(codes)]
  return { sql: `e.${name} IN (SELECT value FROM json_each(?))`, params, isExact, column }
}

/** A text without a column of its own: its words stand in full text, if its member has words. */
function textCandidate(
  from: FieldSource,
  test: Exclude<FieldTest, { op: 'range' }>,
  source: CandidateSource,
): Candidate | undefined {
  if (!('path' in from) || isSilent(from.path.split('.')[0]!)) return undefined
  if (test.op !== 'exact' && test.op !== 'prefix') return undefined
  // The beginning of a UUID is cut otherwise than the whole of one; true and false are no words.
  if (test.op === 'prefix' && /[0-9a-f]{8}-[0-9a-f-]*$/i.test(test.text)) return undefined
  if (/^(?:true|false)?$/i.test(test.text)) return undefined
  const words = wordsOf(test.text)
  if (words.length === 0 || source.hasCutWords === undefined) return undefined
  const isLastPrefix = test.op === 'prefix' && /[\p{L}\p{N}\p{M}]$/u.test(test.text.normalize('NFKD'))
  return matchCandidate(matchOf([...new Set(words)], isLastPrefix, source), false, source)
}
