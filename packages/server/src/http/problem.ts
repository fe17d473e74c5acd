/** Errors of our own APIs: problem documents (RFC 9457) with a stable code. */
import { STATUS_CODES } from 'node:http'
import type { FaultPlace, Refusal } from '../errors.ts'

export interface Problem {
  /** URN of the code; docs/reference/errors.md describes it. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** One of docs/reference/errors.md. */
  readonly code: string
  readonly correlationId: string
  /** The event that witnesses the refusal, when there is one. */
  readonly eventId?: string
  /** The member or parameter at fault. */
  readonly at?: FaultPlace
}

export const problemType = 'application/problem+json'

export function problemOf(refusal: Refusal, correlationId: string): Problem {
  return {
    type: `urn:keywitness:error:${refusal.code}`,
    title: STATUS_CODES[refusal.status] ?? 'Error',
    status: refusal.status,
    detail: refusal.message,
    code: refusal.code,
    correlationId,
    ...(refusal.receipt === undefined ? {} : { eventId: refusal.receipt.eventId }),
    ...(refusal.at === undefined ? {} : { at: refusal.at }),
  }
}
