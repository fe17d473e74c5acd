/** Why a call failed: the return value of PKCS #11, whether the same may be tried again, and how the audit trail knows the call. */
import type { ReturnValue } from './constants/return-values.ts'

export interface Ep11ErrorFacts {
  /** Undefined for a number that this package has no name for. */
  readonly returnValue: ReturnValue | undefined
  /** The CKR_ number. */
  readonly code: number
  /** Whether the same call may succeed when it is made again. */
  readonly retry: boolean
  /** `SignSingle`, or `identity/token`. */
  readonly method: string
  readonly correlationId?: string | undefined
  readonly eventId?: string | undefined
}

/**
 * What every function of this package rejects with when the other side refused, failed, or was not reached. Its text tells
 * the method and the sentence of the service; nothing that was sent stands in it: no data, key, PIN, token or API key.
 */
export class Ep11Error extends Error implements Ep11ErrorFacts {
  readonly returnValue: ReturnValue | undefined
  readonly code: number
  readonly retry: boolean
  readonly method: string
  /** Of the events of this call; what the caller gave, or what the service made. Undefined when no answer came. */
  readonly correlationId: string | undefined
  /** The event in which the failure is recorded; undefined when none was, when no answer came, and of HPCS. */
  readonly eventId: string | undefined

  constructor(message: string, facts: Ep11ErrorFacts) {
    super(message)
    this.name = 'Ep11Error'
    this.returnValue = facts.returnValue
    this.code = facts.code
    this.retry = facts.retry
    this.method = facts.method
    this.correlationId = facts.correlationId
    this.eventId = facts.eventId
  }
}
