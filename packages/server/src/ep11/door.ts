/** From a call to the audit door and back: who it is, what it may, one event, and the answer once that is durable. */
import { type ActionName, reasonForRefusal } from '@keywitness/cadf'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import type { Audit, Circumstances, Done, Operation, Seen } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { ReadStanding } from '../http/standing.ts'
import type { Accounts } from '../iam/accounts.ts'
import type { Bearer, Bearers } from '../iam/bearer.ts'
import type { FloodControl } from '../iam/flood.ts'
import { serviceCrn } from '../iam/names.ts'
import type { Access } from '../iam/roles.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { Rates } from '../listening/rates.ts'
import { type CallHead, correlationIdOf, requestUriOf, tokenOf, wayOf } from './call-head.ts'
import {
  certificateRefusal,
  type ClientCertificates,
  type ClientStanding,
  isForCertificate,
} from './client-certificates.ts'
import { type Failure, failureOfError, failureOfRefusal } from './failure.ts'
import type { Ep11Method, SentMessage } from './method.ts'
import type { CallMetrics } from './metrics.ts'
import { instanceOf, type InstanceNames, tellableGuid } from './named-instance.ts'
import { statusOf } from './return-statuses.ts'

export interface DoorParts {
  readonly audit: Audit
  readonly bearers: Bearers
  readonly accounts: Pick<Accounts, 'find' | 'operator'>
  readonly instances: Pick<Instances, 'find' | 'oldest'>
  readonly access: Pick<Access, 'requireInstance'>
  readonly policies: NetworkPolicies
  readonly standing: ReadStanding
  readonly certificates: ClientCertificates
  readonly flood: Pick<FloodControl, 'failed'>
  /** Told of each failed authentication: whether it becomes an event or is only counted. */
  readonly authenticationFailed: (isRecorded: boolean) => void
  /** Of each caller. */
  readonly rates: Rates
  readonly clock: Clock
  readonly metrics: CallMetrics
  /** Name of this service in cloud resource names. */
  readonly cname: string
}

/** What leaves: a message or a failure, and what the call is known by. */
export interface Ep11Answer {
  readonly correlationId: string
  /** The event that witnesses it; undefined where nothing could be, or was to be, recorded. */
  readonly eventId: string | undefined
  /** Overwritten by whoever has sent it. */
  readonly outcome: { readonly message: Buffer } | { readonly failure: Failure }
  /** Nothing else that comes over its connection would be answered otherwise: it is to be ended. */
  readonly isLast?: true
}

/** A call whose caller is known; its message may be read now. */
interface Admitted {
  readonly head: CallHead
  readonly method: Ep11Method | undefined
  readonly bearer: Bearer
  readonly caller: Caller
  readonly correlationId: string
  /** Monotonic milliseconds. */
  readonly began: number
}

export interface Ep11Door {
  /** Never rejects for anything a client can send. */
  admit(head: CallHead): Promise<Admitted | Ep11Answer>
  /** The call of an admitted one; never rejects. */
  answer(admitted: Admitted, message: SentMessage): Promise<Ep11Answer>
}

const defaultAction = 'hs-crypto.ep11.use'
const noSession = Buffer.alloc(0)
const malformedSession = 'The metadata ep11-session-bin are not one value in Base64.'

/** @param methods of all services on the listener */
export function createEp11Door(parts: DoorParts, methods: readonly Ep11Method[]): Ep11Door {
  const byPath = new Map(methods.map((method) => [method.path, method]))
  return {
    async admit(head) {
      const method = byPath.get(head.path)
      const correlationId = correlationIdOf(head)
      const began = parts.clock.monotonic()
      const aimed = { head, method, correlationId, began }
      const token = tokenOf(head)
      const bearer = token === undefined ? undefined : await parts.bearers.of(token)
      if (bearer === undefined) return deny(aimed, undefined, parts)
      const { id, name, kind, account } = bearer
      const caller: Caller = { id, name, kind, account, credential: 'token', ...wayOf(head) }
      if (!bearer.isGood()) return deny(aimed, caller, parts)
      const admitted = { ...aimed, bearer, caller }
      const rate = parts.rates.take(id)
      if (rate === 'taken') return unwelcome(admitted, parts) ?? admitted
      const refusal = new Refusal('TOO_MANY_REQUESTS')
      // Told once in a while: whoever floods the listener does not flood the log.
      if (rate === 'again') return refused(aimed, refusal, parts)
      return witness(admitted, parts, () => Promise.reject(refusal))
    },
    answer: (admitted, message) =>
      witness(admitted, parts, (seen, instance) => run(admitted, instance, message, seen, parts)),
  }
}

type Aimed = Pick<Admitted, 'head' | 'method' | 'correlationId' | 'began'>
type Told = { readonly message: Buffer } | { readonly failure: Failure }

/** A failed authentication: told to the operator when nobody knows who it is, never to whom the call aimed at. */
async function deny(aimed: Aimed, known: Caller | undefined, parts: DoorParts): Promise<Ep11Answer> {
  const { head } = aimed
  const refusal = new Refusal('UNAUTHENTICATED')
  const isRecorded = parts.flood.failed(head.connection.peer.address, head.connection.peer.isPrivate, {
    protocol: 'EP11',
  })
  parts.authenticationFailed(isRecorded)
  const operator = parts.accounts.operator()
  const caller = known ?? (operator === undefined ? undefined : stranger(operator.id, head))
  if (!isRecorded || caller === undefined) return refused(aimed, refusal, parts)
  const circumstances = accountCircumstances(aimed, caller, parts)
  return recorded(aimed, circumstances, { id: circumstances.logSourceCRN, name: '' }, parts, (seen) => {
    sayMethod(aimed, seen)
    throw refusal
  })
}

/**
 * A call about an instance that takes none from this client, for its certificate: refused before its message is read. From
 * one address only so many become events as of any other failed authentications.
 */
function unwelcome(admitted: Admitted, parts: DoorParts): Promise<Ep11Answer> | undefined {
  const { head, caller } = admitted
  const { peer } = head.connection
  let standing: ClientStanding
  try {
    standing = parts.certificates.standing(peer, instanceOf(namesOf(head), caller, parts.instances))
  } catch (error) {
    // Which instance is meant, and whether it is the caller's, is decided with the call.
    if (error instanceof Refusal) return undefined
    throw error
  }
  const refusal = certificateRefusal(standing)
  if (refusal === undefined) return undefined
  const isRecorded = parts.flood.failed(peer.address, peer.isPrivate, { protocol: 'EP11' })
  parts.authenticationFailed(isRecorded)
  if (!isRecorded) return Promise.resolve(refused(admitted, refusal, parts))
  return witness(admitted, parts, (seen) => {
    sayCertificate(admitted, standing, seen)
    return Promise.reject(refusal)
  })
}

/** One event about the instance that the call names, or about the account when it names none that is the caller's. */
async function witness(
  admitted: Admitted,
  parts: DoorParts,
  operation: (seen: Seen<ActionName>, instance: Instance) => Promise<Done<Told>>,
): Promise<Ep11Answer> {
  const { caller, head, correlationId } = admitted
  let instance: Instance
  try {
    instance = instanceOf(namesOf(head), caller, parts.instances)
  } catch (refusal) {
    const circumstances = accountCircumstances(admitted, caller, parts)
    return recorded(admitted, circumstances, { id: circumstances.logSourceCRN, name: '' }, parts, (seen) => {
      sayMethod(admitted, seen)
      throw refusal
    })
  }
  const { guid, crn, name, account, location } = instance
  const circumstances: Circumstances = {
    caller,
    destination: { account, location },
    logSourceCRN: crn,
    correlationId,
    requestURI: requestUriOf(head),
    instanceID: guid,
  }
  return recorded(admitted, circumstances, { id: crn, name }, parts, (seen) => {
    sayMethod(admitted, seen)
    return operation(seen, instance)
  })
}

async function recorded(
  aimed: Aimed,
  circumstances: Circumstances,
  target: { readonly id: string; readonly name: string },
  parts: DoorParts,
  operation: Operation<ActionName, Told>,
): Promise<Ep11Answer> {
  const { correlationId } = aimed
  const action = aimed.method?.action ?? defaultAction
  try {
    const { result, receipt } = await parts.audit.witness(action, circumstances, { ...target }, operation)
    return told(aimed, { correlationId, eventId: receipt.eventId, outcome: result }, parts)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return refused(aimed, error, parts)
  }
}

function refused(aimed: Aimed, refusal: Refusal, parts: DoorParts): Ep11Answer {
  const { correlationId } = aimed
  const outcome = { failure: failureOfRefusal(refusal) }
  const answer = { correlationId, eventId: refusal.receipt?.eventId, outcome }
  return told(aimed, isForCertificate(refusal) ? { ...answer, isLast: true } : answer, parts)
}

function told({ method, began }: Aimed, answer: Ep11Answer, { clock, metrics }: DoorParts): Ep11Answer {
  const code = 'failure' in answer.outcome ? answer.outcome.failure.code : 0
  metrics.answered(method?.name, code, clock.monotonic() - began)
  return answer
}

/** Recorded only while rights, network policies and accepted certificates are those it was decided on. */
async function run(
  admitted: Admitted,
  instance: Instance,
  message: SentMessage,
  seen: Seen<ActionName>,
  parts: DoorParts,
): Promise<Done<Told>> {
  const { method, caller, bearer, head, correlationId } = admitted
  // Asked each time it is decided: others may have been quicker to take a right away.
  if (!bearer.isGood()) throw new Refusal('UNAUTHENTICATED')
  const client = parts.certificates.standing(head.connection.peer, instance)
  sayCertificate(admitted, client, seen)
  const refusal = certificateRefusal(client)
  if (refusal !== undefined) throw refusal
  const ground = parts.standing(caller.id, instance.guid)
  const standing = [ground.condition, client.accepted.condition]
  try {
    const rules = parts.policies.rulesOf(instance.guid, ground.network)
    rules.requireNetwork(head.connection.peer)
    rules.requireAddress(head.connection.peer)
    for (const permission of method?.permissions ?? (['ep11.use'] as const)) {
      parts.access.requireInstance(caller, instance, permission)
    }
    if (method === undefined) throw new Refusal('EP11_METHOD_UNKNOWN')
    const session = head.binary('ep11-session-bin')
    // A call does not lose its session on the way.
    const sent = session === 'malformed' ? new Refusal('INVALID_FIELD_ERR', { message: malformedSession }) : message
    const call = { caller, instance, correlationId, session: typeof session === 'object' ? session : noSession }
    const { answer, conditions = [], ...done } = await method.run(call, sent, seen)
    return {
      ...done,
      result: { message: answer },
      code: 200,
      conditions: [...conditions, ...standing],
    }
  } catch (error) {
    if (error instanceof Ep11Error) return { ...failed(error, seen), conditions: standing }
    if (error instanceof Refusal && error.code === 'UNAUTHORIZED_ERR') throw unauthorised(error)
    throw error
  }
}

/** With what was seen of the request; fields of an answer are promised for successes only. */
function failed(error: Ep11Error, seen: Seen<ActionName>): Done<Told> {
  seen.response = {}
  const { status } = statusOf(error.returnValue)
  const failure = reasonForRefusal(error.message, error.returnValue)
  return { result: { failure: failureOfError(error) }, code: status, failure }
}

/** The same decision as everywhere, with the status that it has here (reference grep11, section 13.3). */
function unauthorised({ message }: Refusal): Refusal {
  return new Refusal('EP11_UNAUTHORIZED', { message })
}

/** Which method it was: other actions are each one method's. */
function sayMethod({ method }: Aimed, seen: Seen<ActionName>): void {
  if (method?.action === defaultAction) seen.request = { method: method.name }
}

/** Which certificate the client showed, whether it was checked, and what was wrong with it: every action of the listener has fields for that. */
function sayCertificate({ head }: Aimed, { accepted, failure }: ClientStanding, seen: Seen<ActionName>): void {
  const fingerprint = head.connection.peer.certificates?.fingerprint
  if (fingerprint !== undefined) {
    Object.assign(seen.request, { certFingerprint: fingerprint, certChecked: accepted.anchors.length > 0 })
  }
  if (failure !== undefined) Object.assign(seen.request, { tlsFailure: failure })
}

function namesOf(head: CallHead): InstanceNames {
  const { authority, connection } = head
  return { metadata: head.text('bluemix-instance'), authority, servername: connection.peer.servername }
}

function accountCircumstances({ head, correlationId }: Aimed, caller: Caller, parts: DoorParts): Circumstances {
  const account = parts.accounts.find(caller.account)
  if (account === undefined) throw new Error('a caller without an account')
  const instanceID = tellableGuid(namesOf(head))
  return {
    caller,
    destination: { account: account.id, location: account.home },
    logSourceCRN: serviceCrn(parts.cname, account.home, account.id),
    correlationId,
    requestURI: requestUriOf(head),
    ...(instanceID === undefined ? {} : { instanceID }),
  }
}

function stranger(account: string, head: CallHead): Caller {
  return { id: 'unknown', name: 'unknown', kind: 'unknown', account, credential: 'none', ...wayOf(head) }
}
