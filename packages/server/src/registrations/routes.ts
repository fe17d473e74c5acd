/** Registrations over HTTP: each route with its action, its parser and the form of its answer. */
import type { ActionName } from '@keywitness/cadf'
import type { Done, Operation, Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import {
  type InstanceRequest,
  type KmsAnswer,
  type KmsCall,
  type KmsRoute,
  kmsCall,
  kmsChoice,
  kmsRoute,
} from '../http/witnessed.ts'
import { requestedTarget } from '../keys/admit.ts'
import { badQuery } from '../keys/refusals.ts'
import type { RegistrationCall, RegistrationParts } from './admit.ts'
import { createRegistration, type Registered } from './create.ts'
import { deactivateRegistrations } from './deactivate.ts'
import { deleteRegistration } from './delete.ts'
import { registrationSchemas } from './description.ts'
import { listKeyRegistrations, listRegistrations, type RegistrationPage } from './list.ts'
import { etagOf, registrationResource } from './registration-row.ts'
import { parseDeactivation, parseList, parseRegistration, parseWrite } from './request.ts'
import { mergeRegistration, writeRegistration } from './write.ts'

const base = '/api/v2/keys'

/** Of a question about any key, the CRN's segments up to the service instance must be given, unless a service asks. */
const fixedSegments = { ofKey: 0, ofAnyKey: 8, ofService: 0 } as const

export function registrationRoutes(parts: RegistrationParts): readonly KmsRoute[] {
  return [...listRoutes(parts), ...serviceRoutes(parts)]
}

function listRoutes(parts: RegistrationParts): KmsRoute[] {
  return [
    kmsRoute({
      method: 'GET',
      url: `${base}/registrations`,
      schema: registrationSchemas.listAll,
      action: 'hs-crypto.registrations.list',
      operation: (request, seen) =>
        answer(
          listRegistrations(request, () => parseList(request.query, fixedSegments[asking(request)]), parts),
          seen,
          (page) => pageAnswer(request, page),
        ),
    }),
    kmsRoute({
      method: 'GET',
      url: `${base}/:id/registrations`,
      schema: registrationSchemas.list,
      action: 'hs-crypto.registrations.list',
      target: targetKey,
      operation: (request, seen) =>
        answer(
          listKeyRegistrations(request, idOf(request), () => parseList(request.query, fixedSegments.ofKey), parts),
          seen,
          (page) => pageAnswer(request, page),
        ),
    }),
  ]
}

function asking({ caller }: InstanceRequest): 'ofService' | 'ofAnyKey' {
  return caller.kind === 'serviceId' ? 'ofService' : 'ofAnyKey'
}

function serviceRoutes(parts: RegistrationParts): KmsRoute[] {
  const one = { url: `${base}/:id/registrations/:crn`, target: targetKey }
  return [
    kmsRoute({
      ...one,
      method: 'POST',
      schema: registrationSchemas.create,
      action: 'hs-crypto.registrations.create',
      saysWhat: true,
      operation: (request, seen) =>
        answer(
          createRegistration(callOf(request), () => parseRegistration(request.body()), parts),
          seen,
          (made) => oneAnswer(request, made),
        ),
    }),
    kmsRoute({
      ...one,
      method: 'PUT',
      schema: registrationSchemas.write,
      action: 'hs-crypto.registrations.write',
      saysWhat: true,
      operation: (request, seen) =>
        answer(
          writeRegistration(callOf(request), request.headers['if-match'], () => parseWrite(request.body()), parts),
          seen,
          (made) => oneAnswer(request, made),
        ),
    }),
    kmsRoute({
      ...one,
      method: 'PATCH',
      schema: registrationSchemas.merge,
      action: 'hs-crypto.registrations.merge',
      saysWhat: true,
      operation: (request, seen) =>
        answer(
          mergeRegistration(callOf(request), request.headers['if-match'], () => parseWrite(request.body()), parts),
          seen,
          (made) => oneAnswer(request, made),
        ),
    }),
    kmsRoute({
      ...one,
      method: 'DELETE',
      schema: registrationSchemas.delete,
      action: 'hs-crypto.registrations.delete',
      operation: (request, seen) => {
        const wantsRepresentation = request.prefer === 'representation'
        return answer(deleteRegistration(callOf(request), wantsRepresentation, parts), seen, (made) =>
          wantsRepresentation ? oneAnswer(request, made) : {},
        )
      },
    }),
    kmsChoice({
      method: 'POST',
      url: `${base}/:id/registrations`,
      schema: registrationSchemas.deactivate,
      choose: (query) => (query.get('action') === 'deactivate' ? deactivation(parts) : unknownAction(parts)),
    }),
  ]
}

function deactivation(parts: RegistrationParts): KmsCall {
  return kmsCall({
    action: 'hs-crypto.registrations.write',
    saysWhat: true,
    target: targetKey,
    operation: (request, seen) =>
      answer(
        deactivateRegistrations(request, idOf(request), () => parseDeactivation(request.body()), parts),
        seen,
        () => ({}),
      ),
  })
}

/** A caller without any role on the instance is told that first. */
function unknownAction(parts: RegistrationParts): KmsCall {
  return kmsCall({
    action: 'hs-crypto.registrations.default',
    operation: (request): never => {
      parts.access.rings(request.caller, request.instance, 'instance.read')
      throw request.query.has('action')
        ? badQuery('action', 'The action is not one that can be done to registrations.')
        : new Refusal('NOT_FOUND')
    },
  })
}

function pageAnswer(request: InstanceRequest, { rows, total }: RegistrationPage): KmsAnswer {
  const isService = request.caller.kind === 'serviceId'
  const [only] = rows
  const envelope = envelopeOf(
    rows.map((row) => registrationResource(row, row.keyName, isService)),
    total,
  )
  // There is no other way to read one registration: the list that has exactly one tells its state.
  if (!isService || rows.length !== 1 || only === undefined) return { body: envelope }
  return { body: envelope, headers: { etag: etagOf(only) } }
}

function oneAnswer({ caller }: InstanceRequest, { row, keyName }: Registered): KmsAnswer {
  const resource = registrationResource(row, keyName, caller.kind === 'serviceId')
  return { body: envelopeOf([resource], undefined), headers: { etag: etagOf(row) } }
}

function envelopeOf(resources: readonly object[], total: number | undefined): object {
  return {
    metadata: {
      collectionType: 'application/vnd.ibm.kms.registration+json',
      collectionTotal: resources.length,
      ...(total === undefined ? {} : { totalCount: total }),
    },
    resources,
  }
}

/** Runs an operation and turns its result into the answer; status, changes and the rest stay as they are. */
async function answer<A extends ActionName, R>(
  operation: Operation<A, R>,
  seen: Seen<A>,
  render: (result: R) => KmsAnswer,
): Promise<Done<KmsAnswer>> {
  const done = await operation(seen)
  return { ...done, result: render(done.result) }
}

function callOf(request: InstanceRequest): RegistrationCall {
  return { ...request, key: idOf(request), resource: request.params['crn'] ?? '' }
}

function idOf(request: InstanceRequest): string {
  return request.params['id'] ?? ''
}

function targetKey(request: InstanceRequest): { id: string; name: string } {
  return requestedTarget(request, idOf(request))
}
