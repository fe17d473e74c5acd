/** The one door: nothing is answered before its event is durable. */
import { hash } from 'node:crypto'
import {
  type ActionName,
  catalogue,
  reasonForRefusal,
  type RequestFields,
  type ResponseFields,
  writeEvent,
  type WrittenEvent,
} from '@keywitness/cadf'
import type { Logger } from 'pino'
import type { Caller } from './caller.ts'
import type { Clock } from './clock.ts'
import { Refusal } from './errors.ts'
import type { EventStamp } from './event-stamp.ts'
import { initiatorOf } from './initiator.ts'
import { limits } from './limits.ts'
import type { Committer } from './record/committer.ts'
import { ConditionFailed, NotRecorded } from './record/group-writer.ts'
import type { Attachment } from './record/outbox.ts'
import type { Change, Condition } from './store/store.ts'

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
  /** Under which a malformed request is recorded, instead of the action it was taken for. */
  readonly invalidAction?: ActionName
}

/** What an operation learns on its way. Success and failure events are both made from it. */
export interface Seen<A extends ActionName> {
  target: { id: string; name: string }
  variant?: string
  request: Partial<RequestFields<A>>
  response: Partial<ResponseFields<A>>
}

/** A further event of a call: what it did to something else than its own target. */
export interface Alongside {
  readonly action: ActionName
  readonly seen: Seen<ActionName>
  /** Where the call's own do not hold: what the service itself did on the way. */
  readonly circumstances?: Circumstances
  /** Where the call's own does not. */
  readonly code?: number
}

/** Forgets which action a further event has: its facts were typed where it was made. */
export function alongside<A extends ActionName>(action: A, seen: Seen<A>): Alongside {
  return { action, seen }
}

/** What an operation returns after *decide* and *make*: the door records it, then it may be answered. */
export interface Done<R> {
  readonly result: R
  /** HTTP status of the answer; becomes `reason.reasonCode`. */
  readonly code: number
  /** HTTP status of the answer where the protocol tells of a failure inside it. */
  readonly status?: number
  readonly changes?: readonly Change[]
  /**
   * Why, in words, what was done is recorded as a failure: with its changes and with all that was seen, which a thrown
   * `Refusal` leaves out.
   */
  readonly failure?: string
  /** The answer only begins now: a later event of the same request says how it ended. Recorded as `pending`. */
  readonly isPending?: true
  /** What must still hold at commit, for a call that changes nothing. */
  readonly conditions?: readonly Condition[]
  /** Events that are recorded just before the call's own, with it or not at all. */
  readonly alongside?: readonly Alongside[]
  /** The place whose producer numbers nothing after this call: its tracker goes. */
  readonly ends?: Destination
  /** Runs once the event and the changes are durable (adopt a unit's state, open a tracker); awaited, must not throw. */
  readonly settled?: () => void | Promise<void>
}

/** One of several calls that came in one message, as it ended. */
export interface Part {
  readonly action: ActionName
  /** Where the message's own do not hold: what the service itself did on the way, at the time it fell due. */
  readonly circumstances?: Circumstances
  readonly seen: Seen<ActionName>
  /** What becomes `reason.reasonCode`. */
  readonly code: number
  /** Why it failed; undefined for what succeeded. */
  readonly failure?: string
}

/** What a message of several calls came to: all of it is recorded in one transaction, or none. */
export interface Together<R> {
  readonly result: R
  /** In the order of the calls. Without any there is nothing to record, and nothing may change. */
  readonly parts: readonly Part[]
  readonly changes: readonly Change[]
  readonly conditions: readonly Condition[]
  /** As in `Done`. */
  readonly settled?: () => void | Promise<void>
  /** Nothing of it was recorded, and nobody gets the result: overwrites what it holds. */
  readonly discard?: () => void
}

/** Called again from the start when a change's condition no longer held at commit. */
export type Operation<A extends ActionName, R> = (seen: Seen<A>) => Promise<Done<R>> | Done<R>

export interface Receipt {
  readonly eventId: string
  readonly eventTime: string
}

export interface Witnessed<R> {
  readonly result: R
  /** HTTP status of the answer. */
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

  /**
   * Decides a message of several calls and records an event for each of them with all their changes in one transaction.
   * What a call is refused for is a part that failed; an error that `decide` throws is passed on, with nothing recorded.
   * @param decisions how often it decides before others were quicker each time
   * @throws Refusal `CONFLICT` when they were, `AUDIT_UNAVAILABLE`, `STORAGE_FULL`, `INTERNAL`: nothing was changed and
   *   nothing recorded
   */
  witnessAll<R>(circumstances: Circumstances, decide: () => Promise<Together<R>>, decisions?: number): Promise<R>
}

export interface AuditParts {
  readonly committer: Pick<Committer, 'submit'>
  readonly clock: Clock
  readonly stamp: EventStamp
  readonly log: Logger
  /** Events of successes say 200 whatever status was sent, as published samples do (reference: appendix B, 43). */
  readonly succeedsWith200?: boolean
}

/** The door on top of the group committer. */
export function createAudit(parts: AuditParts): Audit {
  return {
    async witness(action, circumstances, target, operation) {
      for (let decision = 1; ; decision++) {
        const seen = { target: { ...target }, request: {}, response: {} } as Seen<typeof action>
        let done
        try {
          done = await operation(seen)
        } catch (error) {
          let refused
          try {
            refused = await recordRefusal(parts, action, circumstances, seen, error)
          } catch (spent) {
            if (decision < limits.decisions) continue
            refused = await recordRefusal(parts, action, circumstances, seen, spent)
          }
          throw refused
        }
        let event
        try {
          const attachments: Attachment[] = []
          event = eventOf(parts, action, circumstances, seen, reasonOf(done), attachments)
          const further = (done.alongside ?? []).map((one) => {
            const reason = { outcome: 'success', code: one.code ?? done.code } as const
            return eventOf(parts, one.action, one.circumstances ?? circumstances, one.seen, reason, attachments)
          })
          await parts.committer.submit(circumstances.destination, event, { ...done, further, attachments })
        } catch (error) {
          if (error instanceof ConditionFailed && decision < limits.decisions) continue
          throw await recordRefusal(parts, action, circumstances, seen, error)
        }
        await done.settled?.()
        const { result, code, status = code } = done
        return { result, code: status, receipt: { eventId: event.id, eventTime: event.eventTime } }
      }
    },
    async witnessAll(circumstances, decide, decisions = limits.decisions) {
      for (let decision = 1; ; decision++) {
        const { result, parts: calls, changes, conditions, settled, discard } = await decide()
        try {
          const attachments: Attachment[] = []
          const events = calls.map((call) => partEvent(parts, circumstances, call, attachments))
          const event = events.pop()
          if (event === undefined && changes.length > 0) throw new Error('audit: a change without an event')
          if (event === undefined) return result
          const effects = { changes, conditions, further: events, attachments }
          await parts.committer.submit(circumstances.destination, event, effects)
        } catch (error) {
          discard?.()
          if (error instanceof ConditionFailed && decision < decisions) continue
          if (error instanceof NotRecorded && error.code !== 'FAILED') throw notRecorded(error)
          throw asRefusal(parts, circumstances, error)
        }
        await settled?.()
        return result
      }
    },
  }
}

/** A request of which a field does not fit its type is recorded without what it said: it must not be unrecordable. */
function partEvent(
  parts: AuditParts,
  circumstances: Circumstances,
  { action, seen, code, failure, circumstances: own = circumstances }: Part,
  attachments: Attachment[],
): WrittenEvent {
  if (failure === undefined) return eventOf(parts, action, own, seen, { outcome: 'success', code }, attachments)
  const reason = { outcome: 'failure', code, forFailure: failure } as const
  try {
    return eventOf(parts, action, own, seen, reason, attachments)
  } catch {
    return eventOf(parts, action, own, { ...seen, request: {}, response: {} }, reason, attachments)
  }
}

function reasonOf({ code, failure, isPending }: Done<unknown>): Reason {
  if (failure !== undefined) return { outcome: 'failure', code, forFailure: failure }
  return { outcome: isPending === true ? 'pending' : 'success', code }
}

/**
 * Records why a call was refused or failed. The answer is a `Refusal` that carries its receipt, if there is one.
 * @throws ConditionFailed when what the refusal uses up was used up meanwhile: nothing was recorded
 */
async function recordRefusal<A extends ActionName>(
  parts: AuditParts,
  action: A,
  circumstances: Circumstances,
  seen: Seen<A>,
  error: unknown,
): Promise<Refusal> {
  if (error instanceof NotRecorded && error.code !== 'FAILED') return notRecorded(error)
  const refusal = asRefusal(parts, circumstances, error)
  try {
    const { code, status, message } = refusal
    // INTERNAL says nothing that its status does not; the message may be a crypto unit's own.
    const forFailure = code === 'INTERNAL' ? message : reasonForRefusal(message, code)
    const reason = { outcome: 'failure', code: status, forFailure } as const
    const attachments: Attachment[] = []
    const invalid = refusal.isMalformed ? circumstances.invalidAction : undefined
    const event =
      invalid === undefined
        ? failureEvent(parts, action, circumstances, seen, reason, attachments)
        : failureEvent(parts, invalid, circumstances, seenAs(invalid, seen), reason, attachments)
    await parts.committer.submit(circumstances.destination, event, { attachments, changes: refusal.spends })
    refusal.receipt = { eventId: event.id, eventTime: event.eventTime }
    return refusal
  } catch (cause) {
    if (cause instanceof ConditionFailed) throw cause
    if (cause instanceof NotRecorded && cause.code !== 'FAILED') return notRecorded(cause)
    parts.log.error(
      { correlationId: circumstances.correlationId, action, err: cause },
      'a refusal could not be recorded',
    )
    return new Refusal('AUDIT_UNAVAILABLE', { cause })
  }
}

function notRecorded(error: NotRecorded): Refusal {
  return new Refusal(error.code === 'DISK_FULL' ? 'STORAGE_FULL' : 'AUDIT_UNAVAILABLE', { cause: error })
}

/** Whatever an operation threw, as something that may be shown: no text of an unexpected error leaves the process. */
function asRefusal(parts: AuditParts, circumstances: Circumstances, error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof ConditionFailed) return new Refusal('CONFLICT')
  parts.log.error({ correlationId: circumstances.correlationId, err: error }, 'an operation failed unexpectedly')
  return new Refusal('INTERNAL', { cause: error })
}

interface Reason {
  readonly outcome: 'success' | 'failure' | 'pending'
  readonly code: number
  readonly forFailure?: string
}

/** Fields of an answer are promised for successes only; what the request said stays. */
function failureEvent<A extends ActionName>(
  parts: AuditParts,
  action: A,
  circumstances: Circumstances,
  seen: Seen<A>,
  reason: Reason,
  attachments: Attachment[],
): WrittenEvent {
  const refused = { ...seen, response: {} }
  try {
    return eventOf(parts, action, circumstances, refused, reason, attachments)
  } catch {
    // A field that the request filled does not fit its type: the refusal is recorded without it.
    return eventOf(parts, action, circumstances, { ...refused, request: {} }, reason, attachments)
  }
}

/** What was seen of a request, as far as another action has fields for it. */
function seenAs(action: ActionName, { target, request }: Seen<ActionName>): Seen<ActionName> {
  const names = new Set(catalogue.entry(action)?.request.map(({ name }) => name))
  return {
    target,
    request: Object.fromEntries(Object.entries(request).filter(([name]) => names.has(name))),
    response: {},
  }
}

/** Makes an event; what is too long for it goes to `attachments`. */
function eventOf<A extends ActionName>(
  parts: AuditParts,
  action: A,
  circumstances: Circumstances,
  seen: Seen<A>,
  reason: Reason,
  attachments: Attachment[],
): WrittenEvent {
  const stamp = parts.stamp(parts.clock.now())
  const attach = (content: Uint8Array): string => {
    const sha256 = hash('sha256', content)
    attachments.push({ eventId: stamp.id, sha256, content })
    return sha256
  }
  const code = parts.succeedsWith200 === true && reason.outcome === 'success' ? 200 : reason.code
  const { resourceGroupId, correlationId, requestURI, instanceID } = circumstances
  return writeEvent<A>(
    {
      action,
      variant: seen.variant,
      outcome: reason.outcome,
      reason: { code, forFailure: reason.forFailure },
      initiator: initiatorOf(circumstances.caller),
      target: { id: seen.target.id, name: seen.target.name, resourceGroupId },
      correlationId,
      logSourceCRN: circumstances.logSourceCRN,
      requestURI,
      instanceID,
      request: seen.request,
      response: seen.response,
    },
    { id: stamp.id, time: stamp.time, serviceName: stamp.serviceName, attach },
  )
}
