/** What the page and its proof worker say to each other. */
import { ApiError } from '../api/problem.ts'
import type { HeadAnswer, HeadQuestion } from './check-head.ts'
import type { TreeHead } from './is-continued.ts'
import type { PairQuestion, PairTrace } from './prove-pair.ts'
import type { RowsAnswer, ShownRow } from './prove-rows.ts'

export type ProverRequest =
  | { readonly id: number; readonly kind: 'head'; readonly location: string; readonly question: HeadQuestion }
  | {
      readonly id: number
      readonly kind: 'rows'
      readonly location: string
      readonly head: TreeHead
      readonly rows: readonly ShownRow[]
    }
  | { readonly id: number; readonly kind: 'pair'; readonly location: string; readonly question: PairQuestion }

export type ProverReply =
  | { readonly id: number; readonly kind: 'head'; readonly answer: HeadAnswer }
  | { readonly id: number; readonly kind: 'rows'; readonly answer: RowsAnswer }
  | { readonly id: number; readonly kind: 'pair'; readonly answer: PairTrace }
  | {
      readonly id: number
      readonly kind: 'error'
      readonly status: number
      readonly code: string
      readonly message: string
    }

/** An error as it can cross to another thread. */
export function errorReply(id: number, error: unknown): ProverReply {
  const message = error instanceof Error ? error.message : 'unknown'
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
  const status = error instanceof ApiError ? error.status : 0
  return { id, kind: 'error', status, code: hasCode ? String(error.code) : 'UNREADABLE', message }
}
