/** A rule's query made ready to be asked of every event: long lists are looked up, and much is known from the event's kind. */
import { type FieldTest, namesFor, type Query, QueryError, type QueryField } from '@keywitness/cadf'
import type { EntrySubject } from '../search/entry-subject.ts'
import { type Matcher, matcherOf } from '../search/matcher.ts'
import { fold, writtenOut } from '../search/text-tests.ts'
import { type EventKind, isSameInKind } from './event-kind.ts'
import { parseListedQuery } from './listed-query.ts'
import type { Rule } from './rule.ts'
import { RuleError } from './rule-error.ts'

export interface CompiledQuery {
  readonly matches: Matcher
  /** What is left to ask of events of a kind: true or false where their kind decides. */
  readonly ofKind: (kind: EventKind) => Matcher | boolean
  /** Lists that the query names and that have no value: it may find nothing for that reason alone. */
  readonly emptyLists: readonly string[]
  /** What its patterns come to, in characters with repetitions written out. */
  readonly patternCost: number
}

/** @throws RuleError with the place in the query */
export function compileQuery(text: string, lists: Rule['lists'], path: string): CompiledQuery {
  try {
    const { query, emptyLists } = parseListedQuery(text, lists)
    const made: Made = new Map()
    const matches = compiled(query, made)
    const ofKind = ({ example }: EventKind): Matcher | boolean => {
      const rest = decided(query, example, made)
      return isEvery(rest) || (!isNever(rest) && matcherFor(rest, made))
    }
    return { matches, ofKind, emptyLists, patternCost: patternCostOf(query, path) }
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

const every: Query = { kind: 'every' }
const never: Query = { kind: 'not', part: every }

function isNever(query: Query): boolean {
  return query.kind === 'not' && query.part.kind === 'every'
}

/** What is left of a query when the event's kind is known. Parts that the kind says nothing of stay the same objects. */
function decided(query: Query, example: EntrySubject, made: Made): Query {
  switch (query.kind) {
    case 'and': {
      const parts = query.parts.map((part) => decided(part, example, made))
      if (parts.some(isNever)) return never
      return joined(query, parts, (part) => !isEvery(part), every)
    }
    case 'or': {
      const parts = query.parts.map((part) => decided(part, example, made))
      if (parts.some(isEvery)) return every
      return joined(query, parts, (part) => !isNever(part), never)
    }
    case 'not': {
      const part = decided(query.part, example, made)
      if (isNever(part)) return every
      return part === query.part ? query : { kind: 'not', part }
    }
    case 'field':
      if (!isSameInKind(query.field)) return query
      return matcherFor(query, made)(example) ? every : never
    default:
      return query
  }
}

/** A query of those parts that still matter. */
function joined(
  query: Extract<Query, { parts: unknown }>,
  parts: readonly Query[],
  matters: (part: Query) => boolean,
  ofNone: Query,
): Query {
  if (parts.every((part, place) => part === query.parts[place])) return query
  const left = parts.filter(matters)
  const [first = ofNone, ...others] = left
  return others.length === 0 ? first : { kind: query.kind, parts: left }
}

function isEvery(query: Query): boolean {
  return query.kind === 'every'
}

type Alternative = { readonly op: 'exact' | 'prefix'; readonly text: string; readonly isCaseSensitive: boolean }

/** From so many values of one field on they are looked up instead of tried one by one. */
const lookedUpFrom = 4

/** Matchers of a query's parts: a pattern is made ready once, whatever kinds come. */
type Made = Map<Query, Matcher>

/** Makes a query and all its parts ready. */
function compiled(query: Query, made: Made): Matcher {
  if (query.kind === 'and' || query.kind === 'or') for (const part of query.parts) compiled(part, made)
  else if (query.kind === 'not') compiled(query.part, made)
  const matcher = matcherFor(query, made)
  made.set(query, matcher)
  return matcher
}

function matcherFor(query: Query, made: Made): Matcher {
  const known = made.get(query)
  if (known !== undefined) return known
  switch (query.kind) {
    case 'and': {
      const parts = query.parts.map((part) => matcherFor(part, made))
      return (subject) => parts.every((part) => part(subject))
    }
    case 'or': {
      const parts = alternatives(flattened(query.parts), made)
      return (subject) => parts.some((part) => part(subject))
    }
    case 'not': {
      const part = matcherFor(query.part, made)
      return (subject) => !part(subject)
    }
    default:
      return matcherOf(query)
  }
}

function flattened(parts: readonly Query[]): Query[] {
  return parts.flatMap((part) => (part.kind === 'or' ? flattened(part.parts) : [part]))
}

function alternatives(parts: readonly Query[], made: Made): Matcher[] {
  const byField = new Map<string, { field: QueryField; tests: Alternative[] }>()
  const others: Query[] = []
  for (const part of parts) {
    if (part.kind === 'field' && isAlternative(part.test)) {
      const known = byField.get(part.field.name) ?? { field: part.field, tests: [] }
      known.tests.push(part.test)
      byField.set(part.field.name, known)
    } else others.push(part)
  }
  const matchers = others.map((part) => matcherFor(part, made))
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
