/** What the query line offers for a text: the first is what Enter does, unless the text cannot be read as a query. */
import { type QueryError, actionWords, queryField } from '@keywitness/cadf'
import { type SeenInitiator, type Suggestion, splitPrefix, suggest } from './completion.ts'
import { type Completion, type QueryKnowledge, completeQuery } from './query-completion.ts'
import { isQuery } from './query-parts.ts'
import { faultOf } from './query-text.ts'
import { outcomes, severities } from './search.ts'

export type QueryOption =
  /** A filter that is put beside the others. */
  | { readonly kind: 'token'; readonly suggestion: Suggestion }
  /** The text becomes the search's query. */
  | { readonly kind: 'run'; readonly query: string }
  /** A piece of the text is replaced, and one goes on typing. */
  | { readonly kind: 'insert'; readonly completion: Completion }

export interface QueryReading {
  /** Whether the text is a query, and not words to make a filter of. */
  readonly isQuery: boolean
  readonly fault: QueryError | undefined
  readonly options: readonly QueryOption[]
}

interface Typed {
  readonly text: string
  readonly caret: number
  /** The query that the search has. */
  readonly current: string | undefined
}

const fieldsBesideWords = 3

export function readQuery(
  { text, caret, current }: Typed,
  initiators: readonly SeenInitiator[],
  known: QueryKnowledge,
): QueryReading {
  const query = text.trim()
  if (query === '') return { isQuery: false, fault: undefined, options: [] }
  const inserts = completeQuery(text, caret, known).map((completion) => ({ kind: 'insert' as const, completion }))
  // Beside a query that is there, words are a part of it.
  if (current !== undefined || (!isFilter(query) && isQuery(query))) {
    const fault = faultOf(text)
    const runs = fault === undefined && query !== current ? [{ kind: 'run' as const, query }] : []
    return { isQuery: true, fault, options: [...runs, ...inserts] }
  }
  const tokens = suggest(text, { actions: actionWords, initiators })
  const [first, ...others] = tokens.map((suggestion) => ({ kind: 'token' as const, suggestion }))
  const options = [...(first === undefined ? [] : [first]), ...inserts.slice(0, fieldsBesideWords), ...others]
  return { isQuery: false, fault: undefined, options }
}

/** Whether Enter takes the first option without its being chosen. */
export function isForEnter(option: QueryOption | undefined): boolean {
  return option !== undefined && option.kind !== 'insert'
}

/**
 * Whether a text is one filter that has a place of its own beside the query: a whole severity or outcome, or a filter by a
 * name that the language does not have, such as `by:ana`.
 */
function isFilter(query: string): boolean {
  const typed = splitPrefix(query)
  if (typed === undefined) return false
  const { name, rest } = typed
  if (name === 'severity' || name === 'outcome') return [...severities, ...outcomes].some((each) => each === rest)
  return queryField(query.slice(0, query.indexOf(':'))) === undefined
}
