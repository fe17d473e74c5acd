/** A query as data: what the language means, whoever wrote it and whatever answers it. */
import type { QueryField } from './query-fields.ts'

export type Query =
  /** Every event. */
  | { readonly kind: 'every' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  /** Words that stand anywhere in the event's values; several of them side by side in one value. */
  | { readonly kind: 'words'; readonly text: string; readonly isPrefix: boolean }
  /** A pattern that some value of the event has. */
  | { readonly kind: 'anywhere'; readonly test: PatternTest }
  | { readonly kind: 'field'; readonly field: QueryField; readonly test: FieldTest }

export type PatternTest =
  /** `*` any run of characters, `?` any one; the whole value, whatever its case. */
  | { readonly op: 'wildcard'; readonly text: string }
  /** RE2 syntax; anywhere in the value. `at` is where its source stands in the query. */
  | { readonly op: 'regex'; readonly source: string; readonly isCaseSensitive: boolean; readonly at: number }

export type FieldTest =
  | PatternTest
  | { readonly op: 'exists' }
  | { readonly op: 'prefix' | 'exact'; readonly text: string; readonly isCaseSensitive: boolean }
  /** Numbers; milliseconds since the epoch for times, 0 to 2 for severities. `max` is exclusive. */
  | { readonly op: 'range'; readonly min?: number; readonly max?: number }

export type QueryErrorCode =
  /** Something else was expected at this place. */
  | 'SYNTAX'
  | 'UNKNOWN_FIELD'
  /** A value that the field cannot have, or an operator that it does not know. */
  | 'BAD_VALUE'
  | 'TOO_LONG'
  | 'TOO_DEEP'

/** A query that cannot be read. Says where and what was expected there. */
export class QueryError extends Error {
  readonly code: QueryErrorCode
  /** First character concerned, from 0, in UTF-16 units; the query's length when it ends too early. */
  readonly at: number
  /** Characters concerned; 0 at the end. */
  readonly length: number

  constructor(code: QueryErrorCode, place: { readonly at: number; readonly length: number }, message: string) {
    super(message)
    this.name = 'QueryError'
    this.code = code
    this.at = place.at
    this.length = place.length
  }
}
