/** Answers: only what came out of the audit door, and only refusals, can be turned into one. */
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ActionName } from '@keywitness/cadf'
import type { Operation, Witnessed } from '../audit.ts'
import type { Refusal } from '../errors.ts'
import { rawBodyOf } from './body.ts'
import { issuerError } from './issuer-error.ts'
import { kmsError } from './kms-error.ts'
import { kmsTypeOf } from './kms-type.ts'
import { problemOf, problemType } from './problem.ts'
import { pathSegments } from './request-facts.ts'

/** What an operation answers with, besides its status (`Done.code`). */
export interface Answer {
  /** An object is sent as JSON; no body is an empty body. */
  readonly body?: object | string | Uint8Array | Readable
  /** Media type of a body that is no object; `application/octet-stream` or `text/plain` when not given. */
  readonly type?: string
  /** Additional headers, such as `key-total`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An operation whose result is put into the form of this protocol. */
export function answering<A extends ActionName, R>(
  operation: Operation<A, R>,
  toAnswer: (result: R) => Answer,
): Operation<A, Answer> {
  return async (seen) => {
    const done = await operation(seen)
    return { ...done, result: toAnswer(done.result) }
  }
}

/** Names the event that witnesses an answer. */
const eventIdHeader = 'keywitness-event-id'

/**
 * Our own code of a refusal in Key Protect's form, whose 401 has no reasons: so that an ended session is told from a missing
 * right.
 */
const reasonHeader = 'keywitness-reason'

/** Which form the errors of a route have. */
export type ErrorForm = 'kms' | 'issuer' | 'problem'

export function answer(reply: FastifyReply, witnessed: Witnessed<Answer>): FastifyReply {
  const { body, headers } = witnessed.result
  const type = witnessed.result.type ?? kindOf(reply.request, body)
  reply.code(witnessed.code).header(eventIdHeader, witnessed.receipt.eventId)
  if (headers !== undefined) reply.headers(headers)
  if (type !== undefined) reply.type(type)
  closeAfterUnreadBody(reply)
  return reply.send(body)
}

/** The media type of an answer of the key API that names none itself. */
function kindOf(request: FastifyRequest, body: Answer['body']): string | undefined {
  const isPlain = typeof body === 'object' && !(body instanceof Uint8Array) && !('pipe' in body)
  return isPlain && formOf(request) === 'kms' ? kmsTypeOf(request.action, body) : undefined
}

/** Sends a refusal in the form of the route. */
export function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  reply.code(refusal.status)
  if (refusal.receipt !== undefined) reply.header(eventIdHeader, refusal.receipt.eventId)
  if (refusal.status === 429 || refusal.status === 503 || refusal.code === 'NOT_COVERED')
    reply.header('retry-after', '1')
  closeAfterUnreadBody(reply)
  const form = formOf(request)
  // The route's own response schema describes its successes; a refusal must not be squeezed through it.
  reply.serializer(JSON.stringify)
  if (form === 'kms') {
    reply.header(reasonHeader, refusal.code)
    return reply.type('application/json').send(kmsError(refusal, request.action, originOf(request)))
  }
  if (form === 'issuer') {
    const path = `/${pathSegments(request).join('/')}`
    return reply.type('application/json').send(issuerError(refusal, request.id, path))
  }
  return reply.type(problemType).send(problemOf(refusal, request.id))
}

function formOf(request: FastifyRequest): ErrorForm {
  const declared = request.routeOptions.config.errorForm
  if (declared !== undefined) return declared
  const [service] = pathSegments(request)
  if (service === 'api') return 'kms'
  return service === 'identity' || service === 'oidc' ? 'issuer' : 'problem'
}

/** Where the request was sent to; undefined for a Host that is none. */
function originOf({ protocol, host }: FastifyRequest): string | undefined {
  return URL.parse(`${protocol}://${host}`)?.origin
}

/** The rest of a body over the bound was not read: the next request on this connection could not be told from it. */
function closeAfterUnreadBody(reply: FastifyReply): void {
  if (rawBodyOf(reply.request).isTooLarge) reply.header('connection', 'close')
}
