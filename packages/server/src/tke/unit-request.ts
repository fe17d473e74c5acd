/** A request about the crypto units of an instance: whose it is, where it is recorded, whether its caller may. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Circumstances } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import { Denied } from '../http/authenticate.ts'
import {
  accountCircumstances,
  type Door,
  guidPattern,
  instanceCircumstances,
  recordDenied,
  refusalRecorded,
} from '../http/door.ts'
import type { NetworkPolicies } from '../http/network.ts'
import type { Access } from '../iam/roles.ts'
import { type Instance, resourceCrn } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { Reader } from '../store/store.ts'
import type { Units } from '../units/units.ts'
import { findUnit, type CommittedUnit } from '../units/unit-states.ts'

export interface TkeParts {
  readonly door: Door
  readonly access: Access
  readonly instances: Pick<Instances, 'find'>
  readonly store: Reader
  readonly units: Units
  readonly policies: NetworkPolicies
}

/** What a path names, whoever asks. */
export interface Named {
  readonly instance: Instance | undefined
  /** Undefined when the path names none, or none of this instance. */
  readonly unit: CommittedUnit | undefined
}

export function namedBy({ instances, store }: TkeParts, request: FastifyRequest): Named {
  const { instance: guid = '', unit: id = '' } = request.params as {
    readonly instance?: string
    readonly unit?: string
  }
  const instance = guidPattern.test(guid) ? instances.find(guid.toLowerCase()) : undefined
  return { instance, unit: instance && findUnit(store, instance.guid, id) }
}

/**
 * Where a call is recorded and what it is about. An instance of another account is none: the event stays with the
 * caller. No event of Trusted Key Entry has a correlation id (seed).
 */
export function placeOf(
  { door }: TkeParts,
  request: FastifyRequest,
  caller: Caller,
  { instance, unit }: Named,
): { readonly circumstances: Circumstances; readonly target: { readonly id: string; readonly name: string } } {
  const isTheirs = instance !== undefined && instance.account === caller.account
  const { correlationId: _, ...circumstances } = isTheirs
    ? instanceCircumstances(request, caller, instance)
    : accountCircumstances(door, request, caller)
  if (!isTheirs) return { circumstances, target: { id: circumstances.logSourceCRN, name: '' } }
  const target =
    unit === undefined
      ? { id: instance.crn, name: instance.name }
      : { id: resourceCrn(instance, 'tke-cryptounit', unit.unit), name: unit.location }
  return { circumstances, target }
}

/**
 * @param network revision of the instance's network policies, when it was just read
 * @throws Refusal `UNAUTHORIZED_ERR` for a caller without the role, from a place that may not, or for an instance of
 *   another account
 */
export function permit(
  { access, policies }: TkeParts,
  request: FastifyRequest,
  caller: Caller,
  { instance }: Named,
  network?: number,
): Instance {
  if (instance === undefined) throw new Refusal('UNAUTHORIZED_ERR')
  const rules = policies.rulesOf(instance.guid, network)
  const peer = { isPrivate: caller.isPrivate, address: request.ip }
  access.requireInstance(caller, instance, 'units.administer')
  rules.requireNetwork(peer)
  rules.requireAddress(peer)
  return instance
}

/** What a path names, to this caller: an instance of another account is none. */
export function namedFor(caller: Caller, named: Named): Named {
  return named.instance?.account === caller.account ? named : { instance: undefined, unit: undefined }
}

/** Whether `permit` lets a caller pass, as things stand. */
export function mayPass(parts: TkeParts, request: FastifyRequest, caller: Caller, named: Named): boolean {
  try {
    permit(parts, request, caller, named)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** Who calls. @throws what to answer when nobody is known to, recorded under the action the request aimed at */
export async function known(parts: TkeParts, request: FastifyRequest, action: ActionName): Promise<Caller> {
  request.action = action
  try {
    return await parts.door.authenticator.authenticate(request)
  } catch (error) {
    throw error instanceof Denied ? await recordDenied(parts.door, request, action, error) : error
  }
}

/** Answers, to whoever may, what shows a state and changes nothing. */
export function answerQuery(
  parts: TkeParts,
  request: FastifyRequest,
  reply: FastifyReply,
  content: (instance: Instance, named: Named) => Promise<object>,
): Promise<FastifyReply> {
  return answerKnown(parts, request, reply, (caller, named) => content(permit(parts, request, caller, named), named))
}

/** The same, to everybody who is known: no event of its own (not-recorded.md), but its refusals are. */
export async function answerKnown(
  parts: TkeParts,
  request: FastifyRequest,
  reply: FastifyReply,
  content: (caller: Caller, named: Named) => Promise<object> | object,
): Promise<FastifyReply> {
  const action = 'hs-crypto.tke-cryptounit.read'
  const caller = await known(parts, request, action)
  request.holder = caller.id
  const named = namedFor(caller, namedBy(parts, request))
  try {
    return reply
      .type('application/json')
      .header('cache-control', 'no-store')
      .send(await content(caller, named))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { circumstances, target } = placeOf(parts, request, caller, named)
    throw await refusalRecorded(parts.door, action, circumstances, { ...target }, error)
  }
}
