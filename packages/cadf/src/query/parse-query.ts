/** Reads the query language: words, phrases, field tests, AND, OR, NOT and parentheses. Docs: docs/reference/query.md. */
import { type FieldTest, type Query, QueryError, type QueryErrorCode } from './query.ts'
import { type QueryField, queryField, similarFields } from './query-fields.ts'
import { isRelativeTime, parsePeriod, type Period, type TimeContext, timeForms } from './query-time.ts'
import { type Token, tokensOf } from './query-tokens.ts'

/** Bounds of a query. */
export const queryBounds = { characters: 2_000, terms: 128, depth: 32, listItems: 64, patterns: 16 } as const

const severities = ['normal', 'warning', 'critical'] as const

/**
 * Reads a query. Times in it are taken relative to `context.now`, those without a zone in `context.zone`.
 *
 * @throws QueryError with the place at fault and what was expected there
 */
export function parseQuery(text: string, context: TimeContext): Query {
  if (text.length > queryBounds.characters) {
    const place = { at: queryBounds.characters, length: text.length - queryBounds.characters }
    throw new QueryError('TOO_LONG', place, `A query has at most ${queryBounds.characters} characters.`)
  }
  return new Parser(text, context).all()
}

/** A piece of a value: where it stands, its text, how it was written. */
type ValueToken = Extract<Token, { kind: 'text' | 'quoted' | 'regex' }>

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  readonly #context: TimeContext
  #next = 0
  #terms = 0
  #patterns = 0

  constructor(text: string, context: TimeContext) {
    this.#text = text
    this.#context = context
    this.#tokens = tokensOf(text)
  }

  all(): Query {
    if (this.#peek() === undefined) return { kind: 'every' }
    const query = this.#or(0)
    const left = this.#peek()
    if (left?.kind === ')') throw fail('SYNTAX', left, 'There is no parenthesis for this one to close.')
    if (left !== undefined) throw fail('SYNTAX', left, 'Expected AND, OR, or another condition here.')
    return query
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  #take(kind: Token['kind']): Token | undefined {
    const token = this.#peek()
    if (token?.kind !== kind) return undefined
    this.#next += 1
    return token
  }

  #end(): { at: number; length: number } {
    return { at: this.#text.length, length: 0 }
  }

  #or(depth: number): Query {
    const parts = [this.#and(depth)]
    while (this.#take('OR') !== undefined) parts.push(this.#and(depth))
    return joined('or', parts)
  }

  #and(depth: number): Query {
    const parts = [this.#unary(depth)]
    for (;;) {
      const and = this.#take('AND')
      const token = this.#peek()
      const isOver = token === undefined || token.kind === 'OR' || token.kind === ')'
      if (and === undefined && isOver) return joined('and', parts)
      parts.push(this.#unary(depth))
    }
  }

  #unary(depth: number): Query {
    const token = this.#peek()
    if (depth > queryBounds.depth) throw fail('TOO_DEEP', token ?? this.#end(), 'This is nested too deeply.')
    if (this.#take('NOT') !== undefined) return { kind: 'not', part: this.#unary(depth + 1) }
    const open = this.#take('(')
    if (open === undefined) return this.#term()
    const query = this.#or(depth + 1)
    if (this.#take(')') === undefined) {
      const found = this.#peek()
      if (found !== undefined) throw fail('SYNTAX', found, 'Expected AND, OR, another condition, or ) here.')
      throw fail('SYNTAX', open, 'This parenthesis is not closed.')
    }
    return query
  }

  #term(): Query {
    const token = this.#peek()
    if (token === undefined) throw fail('SYNTAX', this.#end(), 'Expected a word, "a phrase", field:value or ( here.')
    this.#count(token)
    this.#next += 1
    switch (token.kind) {
      case 'field':
        return this.#field(token)
      case 'regex':
        return this.#bounded(token, { kind: 'anywhere', test: regexTest(token) })
      case 'quoted':
        return { kind: 'words', text: token.text, isPrefix: false }
      case 'text':
        return this.#bounded(token, wordsOf(token))
      default:
        throw fail('SYNTAX', token, `Expected a word, "a phrase", field:value or ( here, not ${token.kind}.`)
    }
  }

  /** Every condition counts, each value of a list too. */
  #count(token: Token): void {
    this.#terms += 1
    if (this.#terms > queryBounds.terms) {
      throw fail('TOO_LONG', token, `A query has at most ${queryBounds.terms} conditions.`)
    }
  }

  /** Patterns cost more than other conditions: there may be fewer of them. */
  #bounded(token: Token, query: Query): Query {
    const isPattern =
      query.kind === 'anywhere' ||
      (query.kind === 'words' && query.isPrefix) ||
      (query.kind === 'field' && (query.test.op === 'regex' || query.test.op === 'wildcard'))
    if (isPattern) this.#patterns += 1
    if (this.#patterns <= queryBounds.patterns) return query
    throw fail('TOO_LONG', token, `A query has at most ${queryBounds.patterns} patterns.`)
  }

  #field(token: Extract<Token, { kind: 'field' }>): Query {
    const field = queryField(token.name)
    if (field === undefined) throw unknownField(token)
    const operator = this.#take('operator')
    const sign = operator?.kind === 'operator' ? operator.sign : ''
    const list = this.#take('[')
    if (list === undefined) return this.#test(field, sign, this.#value(field))
    const tests: Query[] = []
    for (;;) {
      const value = this.#value(field)
      this.#count(value)
      tests.push(this.#test(field, sign, value))
      if (tests.length > queryBounds.listItems) {
        throw fail('TOO_LONG', list, `A list has at most ${queryBounds.listItems} values.`)
      }
      if (this.#take(']') !== undefined) return joined('or', tests)
      if (this.#take(',') !== undefined) continue
      const found = this.#peek()
      if (found === undefined) throw fail('SYNTAX', list, 'This list is not closed.')
      throw fail('SYNTAX', found, 'Expected , or ] here.')
    }
  }

  #value(field: QueryField): ValueToken {
    const token = this.#peek()
    if (token?.kind === 'text' || token?.kind === 'quoted' || token?.kind === 'regex') {
      this.#next += 1
      return token
    }
    throw fail('SYNTAX', token ?? this.#end(), `Expected a value for ${field.name} here: ${valueForms(field)}.`)
  }

  #test(field: QueryField, sign: string, token: ValueToken): Query {
    return this.#bounded(token, { kind: 'field', field, test: testOf(field, sign, token, this.#context) })
  }
}

function testOf(field: QueryField, sign: string, token: ValueToken, context: TimeContext): FieldTest {
  if (token.kind === 'text' && token.text === '*' && sign === '') return { op: 'exists' }
  const isOrdered = ['number', 'time', 'severity'].includes(field.kind)
  const isComparison = ['>', '>=', '<', '<='].includes(sign)
  if (isComparison && !isOrdered) {
    throw fail('BAD_VALUE', token, `${field.name} has no order: ${valueForms(field)}.`)
  }
  if (token.kind === 'regex') {
    if (sign !== '' || (isOrdered && field.kind !== 'severity')) {
      throw fail('BAD_VALUE', token, `Expected ${valueForms(field)}, not a regular expression.`)
    }
    return regexTest(token)
  }
  if (isOrdered) return orderedTest(field, sign, token, context)
  if (field.kind === 'boolean') return booleanTest(field, token)
  const { text } = token
  if (sign === '' && token.kind === 'text' && token.hasWildcard) {
    // `bill*` is a prefix and found as quickly as one.
    if (/^[^*?]+\*$/.test(text)) return { op: 'prefix', text: unescaped(text.slice(0, -1)), isCaseSensitive: false }
    return { op: 'wildcard', text }
  }
  const value = token.kind === 'text' ? unescaped(text) : text
  if (sign === '===') return { op: 'exact', text: value, isCaseSensitive: true }
  if (sign === '==') return { op: 'exact', text: value, isCaseSensitive: false }
  if (sign === '=') return { op: 'prefix', text: value, isCaseSensitive: true }
  // A complete id is meant as a whole.
  if (uuid.test(value)) return { op: 'exact', text: value, isCaseSensitive: false }
  return { op: 'prefix', text: value, isCaseSensitive: false }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function orderedTest(field: QueryField, sign: string, token: ValueToken, context: TimeContext): FieldTest {
  const [low, high, more] = token.text.split('..')
  if (more !== undefined) throw fail('BAD_VALUE', token, 'A range has two ends.')
  if (high !== undefined && token.kind === 'text') {
    if (sign !== '') throw fail('BAD_VALUE', token, `Expected one value after ${sign}, not a range.`)
    const min = low === '' ? undefined : periodOf(field, low ?? '', token, context).start
    const max = high === '' ? undefined : periodOf(field, high, token, context).end
    if (min === undefined && max === undefined) throw fail('BAD_VALUE', token, 'Expected a bound beside ..')
    if (min !== undefined && max !== undefined && min >= max) throw fail('BAD_VALUE', token, 'This range is empty.')
    return rangeOf(min, max)
  }
  const { start, end } = periodOf(field, token.text, token, context)
  switch (sign) {
    case '>':
      return rangeOf(end, undefined)
    case '>=':
      return rangeOf(start, undefined)
    case '<':
      return rangeOf(undefined, start)
    case '<=':
      return rangeOf(undefined, end)
    default:
      // `time:-15m` is what happened since.
      return rangeOf(start, field.kind === 'time' && isRelativeTime(token.text) ? context.now + 1 : end)
  }
}

function rangeOf(min: number | undefined, max: number | undefined): FieldTest {
  return { op: 'range', ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
}

/** What a value of an ordered field stands for: a day for a day, `4xx` for all from 400 to 499. */
function periodOf(field: QueryField, text: string, token: ValueToken, context: TimeContext): Period {
  const wanted = text.toLowerCase()
  if (field.kind === 'time') {
    const period = parsePeriod(text, context)
    if (period !== undefined) return period
    throw fail('BAD_VALUE', token, `Expected a time: ${timeForms}.`)
  }
  if (field.kind === 'severity') {
    const rank = severities.findIndex((severity) => severity === wanted)
    if (rank !== -1) return { start: rank, end: rank + 1 }
    throw fail('BAD_VALUE', token, `Expected ${severities.join(', ')}.`)
  }
  const hundreds = /^(\d)xx$/.exec(wanted)?.[1]
  if (hundreds !== undefined) return { start: Number(hundreds) * 100, end: Number(hundreds) * 100 + 100 }
  if (/^-?\d{1,15}$/.test(wanted)) return { start: Number(wanted), end: Number(wanted) + 1 }
  throw fail('BAD_VALUE', token, `Expected a whole number, such as ${field.name}:200 or ${field.name}:400..499.`)
}

function booleanTest(field: QueryField, token: ValueToken): FieldTest {
  const text = token.text.toLowerCase()
  if (text !== 'true' && text !== 'false') throw fail('BAD_VALUE', token, `Expected true or false for ${field.name}.`)
  return { op: 'exact', text, isCaseSensitive: false }
}

function regexTest(token: Extract<Token, { kind: 'regex' }>): Extract<FieldTest, { op: 'regex' }> {
  return { op: 'regex', source: token.source, isCaseSensitive: !token.isCaseless, at: token.at + 1 }
}

function wordsOf(token: Extract<Token, { kind: 'text' }>): Query {
  const { text } = token
  if (text === '*') return { kind: 'every' }
  if (!token.hasWildcard) return { kind: 'words', text: unescaped(text), isPrefix: false }
  if (/^[\p{L}\p{N}\p{M}]+\*$/u.test(text.normalize('NFKD')))
    return { kind: 'words', text: text.slice(0, -1), isPrefix: true }
  return { kind: 'anywhere', test: { op: 'wildcard', text } }
}

/** A backslash makes the character after it an ordinary one. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gsu, '$1')
}

function joined(kind: 'and' | 'or', parts: readonly Query[]): Query {
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : { kind, parts }
}

function valueForms({ kind, name }: QueryField): string {
  if (kind === 'time') return `a time (${timeForms}) or a range, such as ${name}:-24h..now`
  if (kind === 'number') return `a number or a range, such as ${name}:>=400 or ${name}:400..499`
  if (kind === 'severity') return `${severities.join(', ')}, or ${name}:>=warning`
  if (kind === 'boolean') return 'true or false'
  return `${name}:value, ${name}:"some words", ${name}:==exactly, ${name}:[one, another], ${name}:/expression/ or ${name}:*`
}

function unknownField(token: Extract<Token, { kind: 'field' }>): QueryError {
  const similar = similarFields(token.name)
  const hint =
    similar.length > 0
      ? `Did you mean ${similar.join(', ')}?`
      : `To find the text itself, put it in quotes: "${token.name}:…".`
  return fail('UNKNOWN_FIELD', { at: token.at, length: token.name.length }, `There is no field ${token.name}. ${hint}`)
}

function fail(
  code: QueryErrorCode,
  place: { readonly at: number; readonly length: number },
  message: string,
): QueryError {
  return new QueryError(code, place, message)
}
