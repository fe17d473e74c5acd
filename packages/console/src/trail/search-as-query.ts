/** A search as one query: for what keeps a query and knows no filters, such as a saved view or a rule. */
import { tokensOf } from '@keywitness/cadf'
import { conditionOf, faultOf, writtenValue } from './query-text.ts'
import { type TrailSearch, filterTokens } from './search.ts'

/** Longest query that is taken. */
const charactersMax = 2_000

/** Words that the language would take for its own. */
const keywords: readonly string[] = ['AND', 'OR', 'NOT']

/** The search without its time range; empty for every event, undefined where the language cannot say it. */
export function asQuery(search: TrailSearch): string | undefined {
  const { severity = [], outcome = [], query = '' } = search
  const conditions: (string | undefined)[] = [
    query === '' ? '' : joined(query),
    oneOf('severity', severity),
    oneOf('outcome', outcome),
    oneOf('action', search.action ?? []),
  ]
  for (const { name, value } of filterTokens(search)) {
    if (name === 'action') continue
    conditions.push(name === 'words' ? wordsOf(value) : oneOf(name, value.split(',')))
  }
  if (conditions.some((condition) => condition === undefined)) return undefined
  const text = conditions.filter((condition) => condition !== '').join(' ')
  return text.length <= charactersMax && faultOf(text) === undefined ? text : undefined
}

/** A query beside which others hold, too. */
function joined(query: string): string | undefined {
  if (faultOf(query) !== undefined) return undefined
  return tokensOf(query).some(({ kind }) => kind === 'OR') ? `(${query})` : query
}

function oneOf(field: string, values: readonly string[]): string | undefined {
  const conditions = values.filter((value) => value !== '').map((value) => conditionOf(field, value))
  if (conditions.length === 0) return ''
  if (conditions.some((condition) => condition === undefined)) return undefined
  return conditions.length === 1 ? conditions[0] : `(${conditions.join(' OR ')})`
}

/** Words stand for themselves; what is more than letters and digits is quoted. */
function wordsOf(text: string): string {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (/^[\p{L}\p{N}]+$/u.test(word) && !keywords.includes(word) ? word : writtenWord(word)))
    .join(' ')
}

function writtenWord(word: string): string {
  const written = writtenValue(word)
  return written.startsWith('"') ? written : `"${written}"`
}
