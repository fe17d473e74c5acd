/** Cuts a query into tokens, each with its place. */
import { QueryError } from './query.ts'

interface Place {
  readonly at: number
  readonly length: number
}

export type Token = Place &
  (
    | { readonly kind: 'AND' | 'OR' | 'NOT' | '(' | ')' | '[' | ']' | ',' }
    /** A name with its colon. */
    | { readonly kind: 'field'; readonly name: string }
    | { readonly kind: 'operator'; readonly sign: '=' | '==' | '===' | '>' | '>=' | '<' | '<=' }
    /** As written, with its backslashes. */
    | { readonly kind: 'text'; readonly text: string; readonly hasWildcard: boolean }
    | { readonly kind: 'quoted'; readonly text: string }
    | { readonly kind: 'regex'; readonly source: string; readonly text: string; readonly isCaseless: boolean }
  )

const space = /\s+/y
const fieldName = /[A-Za-z][\w.-]*:/y
const operator = /===|==|=|>=|<=|>|</y
const keyword = /(?:AND|OR|NOT)(?=[\s()]|$)/y
/** What needs no quotes; a backslash takes the next character as it is. */
const plain = /(?:\\[^]|[^\s()"\\])+/y
const plainInList = /(?:\\[^]|[^\s()"\\,\]])+/y
const regex = /\/((?:\\[^\n]|[^/\\\n])+)\/(i?)(?=[\s(),\]]|$)/y
/** The first part of a Cloud Resource Name, which nobody means as a field. */
const crn = /crn:v1:/y

/**
 * The tokens of a query.
 *
 * @throws QueryError SYNTAX when a quote is not closed
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let isInList = false
  /** After `field:` or an operator comes a value, in which AND, -, and colons are ordinary. */
  let isValue = false
  const match = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at
    return expression.exec(text)
  }
  const put = (token: Token): void => {
    tokens.push(token)
    at = token.at + token.length
  }
  for (;;) {
    at += match(space)?.[0].length ?? 0
    if (at >= text.length) return tokens
    const char = text[at]!
    const single = { at, length: 1 }
    if (char === '"') {
      put(quotedAt(text, at))
      isValue = isInList
    } else if (isValue && !isInList && char === '[') {
      put({ ...single, kind: '[' })
      isInList = true
    } else if (isInList && (char === ']' || char === ',')) {
      put({ ...single, kind: char })
      if (char === ']') isInList = false
      isValue = isInList
    } else if (char === '(' || char === ')') {
      put({ ...single, kind: char })
      isValue = false
    } else if (!isValue && char === '-' && /\S/.test(text[at + 1] ?? ' ')) {
      put({ ...single, kind: 'NOT' })
    } else {
      const found: Token = isValue ? valueAt(text, at, isInList, tokens.at(-1)?.kind === 'field') : wordAt(text, at)
      put(found)
      isValue = found.kind === 'field' || found.kind === 'operator' || isInList
    }
  }

  function wordAt(from: string, place: number): Token {
    const word = match(keyword)?.[0]
    if (word !== undefined) return { at: place, length: word.length, kind: word as 'AND' | 'OR' | 'NOT' }
    const name = match(crn) === null ? match(fieldName)?.[0] : undefined
    if (name !== undefined) return { at: place, length: name.length, kind: 'field', name: name.slice(0, -1) }
    return regexAt(place) ?? textAt(from, place, plain)
  }

  function valueAt(from: string, place: number, inList: boolean, mayHaveOperator: boolean): Token {
    const sign = mayHaveOperator ? match(operator)?.[0] : undefined
    if (sign !== undefined) {
      return { at: place, length: sign.length, kind: 'operator', sign: sign as '=' | '>' }
    }
    return regexAt(place) ?? textAt(from, place, inList ? plainInList : plain)
  }

  function regexAt(place: number): Token | undefined {
    const found = match(regex)
    if (found === null) return undefined
    const [whole, source = '', flags] = found
    return { at: place, length: whole.length, kind: 'regex', source, text: whole, isCaseless: flags === 'i' }
  }

  function textAt(from: string, place: number, expression: RegExp): Token {
    const found = match(expression)?.[0]
    // Only a backslash at the very end matches nothing.
    const word = found ?? from.slice(place, place + 1)
    return { at: place, length: word.length, kind: 'text', text: word, hasWildcard: /(?<!\\)(?:\\\\)*[*?]/.test(word) }
  }
}

function quotedAt(text: string, at: number): Token {
  let value = ''
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i]!
    if (char === '"') return { at, length: i + 1 - at, kind: 'quoted', text: value }
    if (char === '\\' && i + 1 < text.length) i += 1
    value += text[i]!
  }
  throw new QueryError('SYNTAX', { at, length: text.length - at }, 'This quote is not closed.')
}
