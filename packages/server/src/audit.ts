/** The one door: nothing is answered before its event is durable. */
import type { ActionName, RequestFields, ResponseFields } from '@keywitness/cadf'
import type { Caller } from './caller.ts'
import type { Change } from './store/store.ts'

/** The tracker an event belongs to. */
export interface Destination {
  readonly account: string
  readonly location: string
}

/** Where and about what a call is made: the same for its success and its failure. */
export interface Circumstances {
  readonly caller: Caller
  readonly destination: Destination
  /** CRN of the service instance (or account resource) that logs. */
  readonly logSourceCRN: string
  readonly correlationId?: string
  /** Path and harmless query of the request, already stripped. */
  readonly requestURI?: string
  readonly instanceID?: string
  /** Resource group CRN of the target, if known. */
  readonly resourceGroupId?: string
}

/** What an operation learns on its way. Success and failure events are both made from it. */
export interface Seen<A extends ActionName> {
  target: { id: string; name: string }
  variant?: string
  request: Partial<RequestFields<A>>
  response: Partial<ResponseFields<A>>
}

/** What an operation returns after *decide* and *make*: the door records it, then it may be answered. */
export interface Done<R> {
  readonly result: R
  /** HTTP status of the answer; becomes `reason.reasonCode`. */
  readonly code: number
  readonly changes?: readonly Change[]
  /** Runs once the event and the changes are durable (adopt a unit's state, drop a cache). Must not throw. */
  readonly settled?: () => void
}

/** Called again from the start when a change's condition no longer held at commit. */
export type Operation<A extends ActionName, R> = (seen: Seen<A>) => Promise<Done<R>> | Done<R>

export interface Receipt {
  readonly eventId: string
  readonly eventTime: string
}

export interface Witnessed<R> {
  readonly result: R
  readonly code: number
  readonly receipt: Receipt
}

export interface Audit {
  /**
   * Runs the operation and records its event with its changes in one transaction. A `Refusal` thrown by the
   * operation is recorded as a failure and thrown again with its `receipt` set; any other error is recorded as a 500.
   * @throws Refusal with its `receipt`; Refusal `AUDIT_UNAVAILABLE` (503, no receipt) when nothing could be recorded
   *   within 2 s: then nothing was changed.
   */
  witness<A extends ActionName, R>(
    action: A,
    circumstances: Circumstances,
    target: { id: string; name: string },
    operation: Operation<A, R>,
  ): Promise<Witnessed<R>>
}
