/** Puts the routes of the key management API on a listener: caller, instance, audit door, Key Protect's form of answer. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Circumstances } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { type ErrorCode, Refusal } from '../errors.ts'
import { serviceCrn } from '../iam/names.ts'
import type { Instance } from '../instances/instance.ts'
import type { Instances } from '../instances/instances.ts'
import type { NetworkPolicies } from './network.ts'
import { headOfRequest } from './account-route.ts'
import { jsonBody } from './body.ts'
import { accountCircumstances, type Door, guidPattern, instanceCircumstances, type Passage, passDoor } from './door.ts'
import { familyAction, keyApiRoot } from './key-family.ts'
import { headerOf, isMalformed, queryOf } from './request-facts.ts'
import type { InstanceRequest, KmsCall, KmsRoute } from './witnessed.ts'

/** Adds the routes, and below them one that answers, and records, what none of them is. */
export function addKeyRoutes(
  app: FastifyInstance,
  door: Door,
  instances: Pick<Instances, 'find'>,
  routes: readonly KmsRoute[],
  policies: NetworkPolicies,
): void {
  const parts = { door, instances, policies }
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.url,
      config: { errorForm: 'kms' },
      ...(route.schema === undefined ? {} : { schema: route.schema }),
      // The schemas are for the description: operations render exactly what may leave, and lists of keys are long.
      serializerCompiler: () => JSON.stringify,
      handler: (request, reply) => {
        const call = callOf(request, route)
        return passDoor(door, request, reply, call.action, (caller) => passageFor(parts, request, caller, call))
      },
    })
  }
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${keyApiRoot}/*`,
    config: { errorForm: 'kms' },
    schema: { hide: true },
    handler: (request, reply) => {
      const action = familyAction(request)
      // A path outside every family aims at no operation: there is nothing to record it as.
      if (action === undefined) throw new Refusal('NOT_FOUND')
      const call: KmsCall = { action, operation: () => refuseWith('NOT_FOUND') }
      return passDoor(door, request, reply, call.action, (caller) => passageFor(parts, request, caller, call))
    },
  })
}

/** A path that cannot be decoded names nothing: it is an invalid request of its family, and the door refuses it. */
function callOf(request: FastifyRequest, route: KmsRoute): KmsCall {
  const family = isMalformed(request) ? familyAction(request) : undefined
  if (family === undefined) return route.choose(queryOf(request))
  return { action: family, operation: () => refuseWith('MALFORMED_REQUEST') }
}

interface PassageParts {
  readonly door: Door
  readonly instances: Pick<Instances, 'find'>
  readonly policies: NetworkPolicies
}

function passageFor(
  { door, instances, policies }: PassageParts,
  request: FastifyRequest,
  caller: Caller,
  call: KmsCall,
): Passage<ActionName> {
  const guid = headerOf(request.headers, 'bluemix-instance')
  if (guid === undefined || guid === '') {
    return refusedPassage(door, request, caller, familyAction(request) ?? call.action, 'INSTANCE_REQUIRED')
  }
  const instance = guidPattern.test(guid) ? instances.find(guid.toLowerCase()) : undefined
  // Another account's instance is refused exactly like one that does not exist, and the event stays with the caller.
  if (instance === undefined || instance.account !== caller.account) {
    return refusedPassage(door, request, caller, call.action, 'UNAUTHORIZED_ERR')
  }
  request.instance = instance
  const head = instanceRequestHead(door, request, caller, instance)
  const invalidAction = call.saysWhat === true ? familyAction(request) : undefined
  const circumstances: Circumstances = {
    ...instanceCircumstances(request, caller, instance),
    ...(invalidAction === undefined ? {} : { invalidAction }),
  }
  const unread: InstanceRequest = { ...head, body: () => undefined }
  return {
    action: call.action,
    circumstances,
    target: call.target?.(unread) ?? { id: instance.crn, name: instance.name },
    instance: instance.guid,
    operation: async (seen, { network }) => {
      // Before the operation itself, so that none can forget it: who may not come this way learns nothing else.
      const peer = { isPrivate: caller.isPrivate, address: request.ip }
      const rules = policies.rulesOf(instance.guid, network)
      rules.requireNetwork(peer)
      if (call.isFromAnywhere !== true) rules.requireAddress(peer)
      return call.operation({ ...head, body: await jsonBody(request) }, seen)
    },
  }
}

function refusedPassage(
  door: Door,
  request: FastifyRequest,
  caller: Caller,
  action: ActionName,
  code: ErrorCode,
): Passage<ActionName> {
  const circumstances = accountCircumstances(door, request, caller)
  const { account, location } = circumstances.destination
  const target = { id: serviceCrn(door.cname, location, account), name: '' }
  return { action, circumstances, target, operation: () => refuseWith(code) }
}

function refuseWith(code: ErrorCode): never {
  throw code === 'INSTANCE_REQUIRED'
    ? new Refusal(code, { at: { type: 'field', name: 'bluemix-instance' } })
    : new Refusal(code)
}

function instanceRequestHead(
  door: Door,
  request: FastifyRequest,
  caller: Caller,
  instance: Instance,
): Omit<InstanceRequest, 'body'> {
  const keyRing = headerOf(request.headers, 'x-kms-key-ring')
  const prefer = preferOf(headerOf(request.headers, 'prefer'))
  return {
    ...headOfRequest(door, request, caller),
    instance,
    ...(keyRing === undefined || keyRing === '' ? {} : { keyRing }),
    ...(prefer === undefined ? {} : { prefer }),
  }
}

/** RFC 7240: preferences are separated by commas; the first of a name counts. */
function preferOf(header: string | undefined): 'minimal' | 'representation' | undefined {
  for (const preference of header?.split(',') ?? []) {
    const value = /^\s*return\s*=\s*"?(minimal|representation)"?\s*(?:;|$)/i.exec(preference)?.[1]?.toLowerCase()
    if (value === 'minimal' || value === 'representation') return value
  }
  return undefined
}
