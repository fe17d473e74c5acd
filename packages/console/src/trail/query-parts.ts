/** A typed query cut into pieces to be coloured, with the piece at fault; and whether a text is a query at all. */
import { QueryError, queryField, tokensOf } from '@keywitness/cadf'

type PartKind = 'space' | 'field' | 'operator' | 'keyword' | 'value' | 'word'

export interface QueryPart {
  readonly text: string
  readonly kind: PartKind
  /** Where the query cannot be read. */
  readonly isFault: boolean
}

interface Piece {
  readonly at: number
  readonly length: number
  readonly kind: PartKind
}

/** All of the text in order, nothing left out. */
export function partsOfQuery(text: string, fault: Pick<QueryError, 'at' | 'length'> | undefined): readonly QueryPart[] {
  const pieces = piecesOf(text)
  const parts: QueryPart[] = []
  const put = (from: number, to: number, kind: PartKind): void => {
    if (from >= to) return
    const start = fault?.at ?? text.length
    const end = start + (fault?.length ?? 0)
    for (const [a, b, isFault] of [
      [from, Math.min(to, start), false],
      [Math.max(from, start), Math.min(to, end), true],
      [Math.max(from, end), to, false],
    ] as const) {
      if (a < b) parts.push({ text: text.slice(a, b), kind, isFault })
    }
  }
  let at = 0
  for (const piece of pieces) {
    put(at, piece.at, 'space')
    put(piece.at, piece.at + piece.length, piece.kind)
    at = piece.at + piece.length
  }
  put(at, text.length, 'space')
  return parts
}

function piecesOf(text: string): readonly Piece[] {
  let isValue = false
  return readTokens(text).map(({ kind, at, length }) => {
    const piece = (of: PartKind): Piece => ({ at, length, kind: of })
    if (kind === 'field' || kind === 'operator' || kind === '[' || kind === ',') {
      isValue = true
      return piece(kind === 'field' ? 'field' : 'operator')
    }
    const was = isValue
    isValue = false
    if (kind === 'text' || kind === 'quoted' || kind === 'regex')
      return piece(was || kind !== 'text' ? 'value' : 'word')
    return piece('keyword')
  })
}

/** The tokens of a text; of one with a quote that is not closed those before it. */
function readTokens(text: string): ReturnType<typeof tokensOf> {
  try {
    return tokensOf(text)
  } catch (error) {
    return error instanceof QueryError ? tokensOf(text.slice(0, error.at)) : []
  }
}

const fieldStart = /(?:^|[\s(-])([A-Za-z][\w.-]*):/g

/**
 * Whether somebody writes in the query language, and not just words to search for. An address of the web, a time and
 * pasted markup are words.
 */
export function isQuery(text: string): boolean {
  const hasField = [...text.matchAll(fieldStart)].some(([, name = '']) => queryField(name) !== undefined)
  if (hasField) return true
  let tokens
  try {
    tokens = tokensOf(text)
  } catch {
    return false
  }
  return tokens.some(({ kind, at, length }, i) => {
    if (kind === 'text') return tokens[i]?.kind === 'text' && /^[^*?]+\*$/.test(text.slice(at, at + length))
    // A name that events do not have is one mistyped, but for `https://`.
    if (kind === 'field') return text.slice(at + length, at + length + 2) !== '//'
    return kind === 'NOT' ? text.startsWith('NOT', at) || i > 0 : true
  })
}
