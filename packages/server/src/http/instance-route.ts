/** Routes of our own APIs about one instance, named in the path: recorded where its events go, held to its network policies. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify'
import type { Done, Seen } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import { type AccountRequestHead, headOfRequest } from './account-route.ts'
import type { Answer } from './answer.ts'
import { jsonBody, rawBodyOf } from './body.ts'
import { accountCircumstances, type Door, guidPattern, instanceCircumstances, type Passage, passDoor } from './door.ts'
import type { JsonValue } from './json.ts'
import type { NetworkPolicies } from './network.ts'
import { queryOf } from './request-facts.ts'
import { readTarget } from './request-target.ts'
import { ProblemSchema } from './schema.ts'

/** A request of a known caller about an instance of its account. */
export interface OwnInstanceRequest extends AccountRequestHead {
  readonly instance: Instance
  /**
   * The body, parsed when asked for; undefined when there is none.
   * @throws Refusal `BAD_BODY_ERR`, `BODY_TOO_LARGE`
   */
  readonly body: () => JsonValue | undefined
  /**
   * The request as its caller sent it, for what was signed.
   * @throws Refusal `BODY_TOO_LARGE`
   */
  readonly sent: () => SentRequest
}

interface SentRequest {
  readonly method: string
  /** Path, and query if there is one. */
  readonly path: string
  /** Bytes of the body, still encoded; none without a body. */
  readonly body: Uint8Array
}

/** One operation with its action. */
export interface InstanceCall<A extends ActionName = ActionName> {
  readonly action: A
  /** Decides, makes, and returns what to record. A `Refusal` it throws is recorded as the failure. */
  readonly operation: (request: OwnInstanceRequest, seen: Seen<A>) => Promise<Done<Answer>> | Done<Answer>
}

export interface InstanceRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path in fastify's form, from the root, with `:instance` for the GUID. */
  readonly url: string
  /** For the description only: operations check for themselves, after their permission. */
  readonly schema: FastifySchema
  /** Longest body, bytes, where it is not the one of all routes. */
  readonly bodyBytes?: number
  /** Which call is meant depends at most on the query. */
  readonly choose: (query: URLSearchParams) => InstanceCall
}

/** Forgets which action a call has: its `seen` was typed where it was declared. */
export function instanceCall<A extends ActionName>(call: InstanceCall<A>): InstanceCall {
  return call
}

export interface InstanceRouteParts {
  readonly door: Door
  readonly instances: Pick<Instances, 'find'>
  readonly policies: NetworkPolicies
}

/** Adds a route to a listener. */
export function addInstanceRoute(app: FastifyInstance, parts: InstanceRouteParts, route: InstanceRoute): void {
  app.route({
    method: route.method,
    url: route.url,
    config: { errorForm: 'problem', ...(route.bodyBytes === undefined ? {} : { bodyBytes: route.bodyBytes }) },
    schema: { ...route.schema, response: { ...(route.schema.response as object), '4xx': ProblemSchema } },
    // The schemas are for the description: operations render exactly what may leave.
    serializerCompiler: () => JSON.stringify,
    handler: (request, reply) => {
      const call = route.choose(queryOf(request))
      return passDoor(parts.door, request, reply, call.action, (caller) => passageFor(parts, request, caller, call))
    },
  })
}

function passageFor(
  { door, instances, policies }: InstanceRouteParts,
  request: FastifyRequest,
  caller: Caller,
  call: InstanceCall,
): Passage<ActionName> {
  const { action } = call
  const { instance: guid = '' } = request.params as { readonly instance?: string }
  const instance = guidPattern.test(guid) ? instances.find(guid.toLowerCase()) : undefined
  // Another account's instance is refused exactly like one that does not exist, and the event stays with the caller.
  if (instance === undefined || instance.account !== caller.account) {
    const circumstances = accountCircumstances(door, request, caller)
    const target = { id: circumstances.logSourceCRN, name: '' }
    return { action, circumstances, target, operation: refuseUnauthorized }
  }
  return {
    action,
    circumstances: instanceCircumstances(request, caller, instance),
    target: { id: instance.crn, name: instance.name },
    instance: instance.guid,
    operation: async (seen, { network }) => {
      const peer = { isPrivate: caller.isPrivate, address: request.ip }
      const rules = policies.rulesOf(instance.guid, network)
      rules.requireNetwork(peer)
      rules.requireAddress(peer)
      const head = headOfRequest(door, request, caller)
      const body = await jsonBody(request)
      return call.operation({ ...head, instance, body, sent: () => sentRequest(request) }, seen)
    },
  }
}

function sentRequest(request: FastifyRequest): SentRequest {
  const { bytes, isTooLarge } = rawBodyOf(request)
  if (isTooLarge) throw new Refusal('BODY_TOO_LARGE')
  return { method: request.method, path: readTarget(request.originalUrl).url, body: bytes }
}

function refuseUnauthorized(): never {
  throw new Refusal('UNAUTHORIZED_ERR')
}
