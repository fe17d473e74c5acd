/** A rule's query, read: its `$name` stand for the values of the rule's lists. */
import { parseQuery, type Query, queryBounds, QueryError, queryField, type Token, tokensOf } from '@keywitness/cadf'
import { isEventTime } from '../search/matcher.ts'
import { listMentionsMax } from './limits.ts'

type Lists = { readonly [name: string]: readonly string[] }

export interface ListedQuery {
  readonly query: Query
  /** Lists that the query names and that have no value. */
  readonly emptyLists: readonly string[]
}

/** A condition of the query by what it was written as. */
interface Leaf {
  readonly token: Token
  /** The field that it is a value of. */
  readonly field: Extract<Token, { kind: 'field' }> | undefined
  readonly sign: string
  /** Set when it stands for a list. */
  readonly list: string | undefined
}

/** No query of a rule may ask for times, so that none is relative to a clock. */
const noClock = { now: 0 }

/**
 * Reads a query. Lists are put in after it was read: nothing in a value can be syntax, and long lists do not make the
 * query too long.
 *
 * @throws QueryError
 */
export function parseListedQuery(text: string, lists: Lists = {}): ListedQuery {
  if (text.length > queryBounds.characters) parseQuery(text, noClock)
  const leaves = leavesOf(text)
  const named = leaves.filter(({ list }) => list !== undefined)
  if (named.length > listMentionsMax) {
    throw new QueryError(
      'TOO_LONG',
      named[listMentionsMax]!.token,
      `A query names lists ${listMentionsMax} times at most.`,
    )
  }
  let plain = text
  for (const { token, field } of named) {
    // As long as what it stands for: places in errors stay right.
    const value = (field !== undefined && queryField(field.name)?.kind === 'number' ? '0' : 'x').padEnd(token.length)
    plain = plain.slice(0, token.at) + value + plain.slice(token.at + token.length)
  }
  let next = 0
  const query = withLeaves(parseQuery(plain, noClock), (leaf) => {
    if (leaf.kind === 'every' && leaves.length === 0) return leaf
    const written = leaves[next++]!
    refuseTime(leaf, written)
    return written.list === undefined ? leaf : listOf(written, written.list, lists)
  })
  const emptyLists = [...new Set(named.map(({ list }) => list!))].filter((name) => lists[name]?.length === 0)
  return { query, emptyLists }
}

/** Names of the lists that a query stands on, without their values. */
export function listsIn(text: string): readonly string[] {
  return [...new Set(leavesOf(text).flatMap(({ list }) => (list === undefined ? [] : [list])))]
}

/** Every value token of a query is one condition, in the order in which they are read. */
function leavesOf(text: string): Leaf[] {
  const leaves: Leaf[] = []
  let field: Leaf['field']
  let sign = ''
  let before: Token['kind'] | undefined
  for (const token of tokensOf(text)) {
    if (token.kind === 'field') [field, sign] = [token, '']
    else if (token.kind === 'operator') sign = token.sign
    else if (token.kind === 'text' || token.kind === 'quoted' || token.kind === 'regex') {
      const isValue = before === 'field' || before === 'operator' || before === '[' || before === ','
      leaves.push({ token, field: isValue ? field : undefined, sign, list: listNameOf(token, isValue, field) })
    }
    before = token.kind
  }
  return leaves
}

function listNameOf(token: Token, isValue: boolean, field: Leaf['field']): string | undefined {
  if (token.kind !== 'text' || !token.text.startsWith('$')) return undefined
  const name = listName.exec(token.text.slice(1))?.[0]
  if (name === undefined || !isValue || field === undefined) {
    const what = 'A list stands as a value of a field, such as key:$canaries. The character $ itself goes in quotes.'
    throw new QueryError('SYNTAX', token, what)
  }
  const known = queryField(field.name)
  if (known !== undefined && !['text', 'action', 'number'].includes(known.kind)) {
    throw new QueryError('BAD_VALUE', token, `${known.name} takes no list.`)
  }
  return name
}

/** What a list may be called. */
export const listName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

function listOf({ token, field, sign }: Leaf, name: string, lists: Lists): Query {
  const values = Object.hasOwn(lists, name) ? lists[name] : undefined
  if (values === undefined) throw new QueryError('BAD_VALUE', token, `The rule has no list ${name}.`)
  const parts = values.map((value, place) => {
    try {
      return parseQuery(`${field!.name}:${sign}"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`, noClock)
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      throw new QueryError('BAD_VALUE', token, `Value ${place + 1} of the list ${name}: ${error.message}`)
    }
  })
  return { kind: 'or', parts }
}

function refuseTime(leaf: Query, { token, field }: Leaf): void {
  if (leaf.kind !== 'field' || leaf.field.kind !== 'time') return
  if (leaf.test.op === 'exists' && !isEventTime(leaf.field)) return
  const what = `A rule asks for no times in its queries: how long it looks back is a setting of its own.`
  throw new QueryError('BAD_VALUE', field ?? token, what)
}

function withLeaves(query: Query, replace: (leaf: Query) => Query): Query {
  switch (query.kind) {
    case 'and':
    case 'or':
      return { kind: query.kind, parts: query.parts.map((part) => withLeaves(part, replace)) }
    case 'not':
      return { kind: 'not', part: withLeaves(query.part, replace) }
    default:
      return replace(query)
  }
}
