/** From a request to the audit door and back: authenticate, witness, answer. Every recorded route passes here. */
import { Readable } from 'node:stream'
import type { ActionName } from '@keywitness/cadf'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit, Circumstances, Done, Operation, Seen } from '../audit.ts'
import type { Instance } from '../instances/instance.ts'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import { type Accounts } from '../iam/accounts.ts'
import { accountCrn, serviceCrn } from '../iam/names.ts'
import { type Answer, answer } from './answer.ts'
import { type Authenticator, Denied } from './authenticate.ts'
import { headerOf, isMalformed, pathSegments, requestUriOf } from './request-facts.ts'
import type { ReadStanding, Standing } from './standing.ts'

/** What every recorded route needs. */
export interface Door {
  readonly audit: Audit
  readonly authenticator: Authenticator
  readonly accounts: Accounts
  readonly standing: ReadStanding
  /** Name of this service in cloud resource names, fixed at first start. */
  readonly cname: string
}

/** A recognised call of a known caller: where it is recorded, what it is about, what it does. */
export interface Passage<A extends ActionName> {
  readonly action: A
  readonly circumstances: Circumstances
  readonly target: { readonly id: string; readonly name: string }
  /** GUID of the instance whose network policies the call is held to. */
  readonly instance?: string
  /** An `Operation` that is told what its caller's call stands on. */
  readonly operation: (seen: Seen<A>, standing: Standing) => Promise<Done<Answer>> | Done<Answer>
}

/**
 * Authenticates, then records and answers the passage made for the caller. A failed authentication is recorded under
 * the action the request aimed at.
 * @throws Refusal for the listener to answer
 */
export async function passDoor<A extends ActionName>(
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  aimedAt: ActionName,
  passageFor: (caller: Caller) => Passage<A>,
): Promise<FastifyReply> {
  request.action = aimedAt
  let caller: Caller
  try {
    caller = await door.authenticator.authenticate(request)
  } catch (error) {
    throw error instanceof Denied ? await recordDenied(door, request, aimedAt, error) : error
  }
  request.holder = caller.id
  const passage = passageFor(caller)
  request.action = passage.action
  const { action, circumstances, target } = passage
  const operation = isMalformed(request) ? refuseMalformed : standing(door, request, caller, passage)
  return answer(reply, await door.audit.witness(action, circumstances, { ...target }, operation))
}

/**
 * The operation, recorded only while its caller's rights and its instance's network policies are those it was decided on.
 * When they are not it is decided again, if the credentials are still good. An answer that goes on asks for itself, as
 * long as it goes on.
 */
function standing<A extends ActionName>(
  door: Door,
  request: FastifyRequest,
  caller: Caller,
  { instance, operation }: Passage<A>,
): Operation<A, Answer> {
  let isFirst = true
  return async (seen) => {
    if (!isFirst && !door.authenticator.isStillGood(request)) throw new Refusal('UNAUTHENTICATED')
    isFirst = false
    const ground = door.standing(caller.id, instance)
    const done = await operation(seen, ground)
    if (done.result.body instanceof Readable) return done
    return { ...done, conditions: [...(done.conditions ?? []), ground.condition] }
  }
}

function refuseMalformed(): never {
  throw new Refusal('MALFORMED_REQUEST')
}

/** Records a failed authentication, unless flood control only counts it. Returns what to answer. */
export async function recordDenied(
  door: Door,
  request: FastifyRequest,
  aimedAt: ActionName,
  denied: Denied,
  target?: { readonly id: string; readonly name: string },
): Promise<unknown> {
  if (!denied.isRecorded) return denied.refusal
  const circumstances = accountCircumstances(door, request, denied.caller)
  const about = target ?? { id: circumstances.logSourceCRN, name: '' }
  return await refusalRecorded(door, aimedAt, circumstances, { ...about }, denied.refusal)
}

/** Records that a call was refused before there was an operation to run. Returns what to answer. */
export async function refusalRecorded(
  door: Door,
  action: ActionName,
  circumstances: Circumstances,
  target: { id: string; name: string },
  refusal: Refusal,
): Promise<unknown> {
  try {
    await door.audit.witness(action, circumstances, target, () => {
      throw refusal
    })
    return refusal
  } catch (recorded) {
    return recorded
  }
}

/** Where calls are recorded that concern the caller's account as a whole, or no instance of it: its home location. */
export function accountCircumstances(door: Door, request: FastifyRequest, caller: Caller): Circumstances {
  const account = door.accounts.find(caller.account)
  if (account === undefined) throw new Error('a caller without an account')
  const isKeyService = pathSegments(request)[0] === 'api'
  const instanceID = headerOf(request.headers, 'bluemix-instance')
  return {
    caller,
    destination: { account: account.id, location: account.home },
    logSourceCRN: isKeyService ? serviceCrn(door.cname, account.home, account.id) : accountCrn(door.cname, account.id),
    correlationId: request.id,
    requestURI: requestUriOf(request),
    ...(isKeyService && instanceID !== undefined && guidPattern.test(instanceID) ? { instanceID } : {}),
  }
}

/** Where calls about an instance of the caller's account are recorded: with the instance. */
export function instanceCircumstances(request: FastifyRequest, caller: Caller, instance: Instance): Circumstances {
  return {
    caller,
    destination: { account: instance.account, location: instance.location },
    logSourceCRN: instance.crn,
    correlationId: request.id,
    requestURI: requestUriOf(request),
    instanceID: instance.guid,
  }
}

export const guidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
