/** A rule's query made ready to be asked of every event: long lists are looked up, and its actions are known beforehand. */
import { type FieldTest, namesFor, type Query, QueryError, type QueryField } from '@keywitness/cadf'
import { EntrySubject } from '../search/entry-subject.ts'
import { type Matcher, matcherOf } from '../search/matcher.ts'
import { fold, writtenOut } from '../search/text-tests.ts'
import { parseListedQuery } from './listed-query.ts'
import type { Rule } from './rule.ts'
import { RuleError } from './rule-error.ts'

export interface CompiledQuery {
  readonly matches: Matcher
  /** Whether the query can find an event of this action; undefined is an event without one. */
  readonly mayMatch: (action: string | undefined) => boolean
  /** Lists that the query names and that have no value: it may find nothing for that reason alone. */
  readonly emptyLists: readonly string[]
  /** What its patterns come to, in characters with repetitions written out. */
  readonly patternCost: number
}

/** @throws RuleError with the place in the query */
export function compileQuery(text: string, lists: Rule['lists'], path: string): CompiledQuery {
  try {
    const { query, emptyLists } = parseListedQuery(text, lists)
    const ofAction = actionPart(query)
    const matchesAction = compiled(ofAction)
    const mayMatch = (action: string | undefined): boolean => ofAction.kind === 'every' || matchesAction(only(action))
    return { matches: compiled(query), mayMatch, emptyLists, patternCost: patternCostOf(query, path) }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new RuleError(path, error.message, error)
  }
}

/**
 * A pattern that is looked for in every value of every event would hold up all other rules.
 *
 * @throws RuleError when one names no field
 */
function patternCostOf(query: Query, path: string): number {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.parts.reduce((sum, part) => sum + patternCostOf(part, path), 0)
    case 'not':
      return patternCostOf(query.part, path)
    case 'anywhere':
      throw new RuleError(path, 'A pattern must say in which field it is looked for: field:*x* or field:/x/.')
    case 'field':
      if (query.test.op === 'regex') return writtenOut(query.test.source)
      return query.test.op === 'wildcard' ? query.test.text.length : 0
    default:
      return 0
  }
}

/** What of a query every event that it finds has in its action: other conditions are taken for true. */
function actionPart(query: Query): Query {
  switch (query.kind) {
    case 'and':
      return { kind: 'and', parts: query.parts.map(actionPart) }
    case 'or': {
      const parts = query.parts.map(actionPart)
      return parts.some(({ kind }) => kind === 'every') ? { kind: 'every' } : { kind: 'or', parts }
    }
    case 'field':
      return query.field.kind === 'action' ? query : { kind: 'every' }
    // What a condition is not true of may have any action, unless it is about the action alone.
    case 'not':
      return isOfActionOnly(query.part) ? query : { kind: 'every' }
    default:
      return { kind: 'every' }
  }
}

function isOfActionOnly(query: Query): boolean {
  if (query.kind === 'and' || query.kind === 'or') return query.parts.every(isOfActionOnly)
  if (query.kind === 'not') return isOfActionOnly(query.part)
  return query.kind === 'field' && query.field.kind === 'action'
}

/** An event that has an action and nothing else. */
function only(action: string | undefined): EntrySubject {
  return new EntrySubject(0, Buffer.from(JSON.stringify({ event: { action } })))
}

type Alternative = { readonly op: 'exact' | 'prefix'; readonly text: string; readonly isCaseSensitive: boolean }

/** From so many values of one field on they are looked up instead of tried one by one. */
const lookedUpFrom = 4

function compiled(query: Query): Matcher {
  switch (query.kind) {
    case 'and': {
      const parts = query.parts.map(compiled)
      return (subject) => parts.every((part) => part(subject))
    }
    case 'or': {
      const parts = alternatives(flattened(query.parts))
      return (subject) => parts.some((part) => part(subject))
    }
    case 'not': {
      const part = compiled(query.part)
      return (subject) => !part(subject)
    }
    default:
      return matcherOf(query)
  }
}

function flattened(parts: readonly Query[]): Query[] {
  return parts.flatMap((part) => (part.kind === 'or' ? flattened(part.parts) : [part]))
}

function alternatives(parts: readonly Query[]): Matcher[] {
  const byField = new Map<string, { field: QueryField; tests: Alternative[] }>()
  const others: Query[] = []
  for (const part of parts) {
    if (part.kind === 'field' && isAlternative(part.test)) {
      const known = byField.get(part.field.name) ?? { field: part.field, tests: [] }
      known.tests.push(part.test)
      byField.set(part.field.name, known)
    } else others.push(part)
  }
  const matchers = others.map(compiled)
  for (const { field, tests } of byField.values()) {
    if (tests.length >= lookedUpFrom) matchers.push(lookUp(field, tests))
    else for (const test of tests) matchers.push(matcherOf({ kind: 'field', field, test }))
  }
  return matchers
}

function isAlternative(test: FieldTest): test is Alternative {
  return test.op === 'exact' || test.op === 'prefix'
}

/** Finds what one of many tests of a field would find; the number of tests hardly matters. */
function lookUp({ kind, sources }: QueryField, tests: readonly Alternative[]): Matcher {
  const textsOf = (op: string, isSensitive: boolean): string[] =>
    tests
      .filter((test) => test.op === op && test.isCaseSensitive === isSensitive)
      .map(({ text }) => (isSensitive ? text : fold(text)))
  const exact = new Set(textsOf('exact', true))
  const folded = new Set(textsOf('exact', false))
  const beginnings = prefixFree(textsOf('prefix', true))
  const foldedBeginnings = prefixFree(textsOf('prefix', false))
  const isIt = (text: string): boolean => {
    if (exact.has(text) || beginsWithOne(text, beginnings)) return true
    const small = fold(text)
    return folded.has(small) || beginsWithOne(small, foldedBeginnings)
  }
  return (subject) =>
    subject.values(sources).some((value) => {
      if (typeof value === 'number' || typeof value === 'boolean') return isIt(String(value))
      if (typeof value !== 'string') return false
      return kind === 'action' ? namesFor(value).some(isIt) : isIt(value)
    })
}

/** In order, without those that begin with another: the only one that a text can begin with is the last not after it. */
function prefixFree(texts: readonly string[]): string[] {
  const kept: string[] = []
  for (const text of texts.toSorted()) {
    const last = kept.at(-1)
    if (last === undefined || !text.startsWith(last)) kept.push(text)
  }
  return kept
}

function beginsWithOne(text: string, beginnings: readonly string[]): boolean {
  let low = 0
  let high = beginnings.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (beginnings[middle]! <= text) low = middle + 1
    else high = middle
  }
  return low > 0 && text.startsWith(beginnings[low - 1]!)
}
