/** Routes of our own APIs: declared with action and schemas, recorded in the caller's account, described by OpenAPI. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ActionName } from '@keywitness/cadf'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import type { Circumstances, Done, Seen } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Answer, ErrorForm } from './answer.ts'
import { jsonBody } from './body.ts'
import { accountCircumstances, type Door, passDoor } from './door.ts'
import type { JsonValue } from './json.ts'
import { queryOf } from './request-facts.ts'
import { ProblemSchema } from './schema.ts'

/** A request of a known caller. */
export interface AccountRequest {
  readonly caller: Caller
  /** Path parameters, decoded once. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly correlationId: string
  /** Address of the client, whichever network it came by: for network policies, never for an event. */
  readonly address: string
  /** Whether the credentials still let in, asked again each time: for answers that go on. */
  readonly stillGood: () => boolean
  /**
   * The body, parsed when asked for; undefined when there is none.
   * @throws Refusal `BAD_BODY_ERR`, `BODY_TOO_LARGE`
   */
  readonly body: () => JsonValue | undefined
  /** Where the call is recorded, for an answer that is recorded once more when it ends. */
  readonly circumstances: Circumstances
  /** Aborted once the client has left (or has its answer): nobody waits for what is still being found. */
  readonly gone: () => AbortSignal
}

/** A request before anybody read its body. */
export type AccountRequestHead = Omit<AccountRequest, 'body' | 'circumstances' | 'gone'>

export interface AccountRoute<A extends ActionName> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path in fastify's form, from the root. */
  readonly url: string
  readonly action: A
  /** For the description only: operations check for themselves, after their permission. */
  readonly schema?: FastifySchema
  readonly errorForm?: ErrorForm
  /** Where the call is recorded when that is not the account's home. Must stay inside the caller's account. */
  readonly place?: (
    request: AccountRequestHead,
  ) => Pick<Circumstances, 'destination' | 'logSourceCRN' | 'instanceID'> | undefined
  /** Default: the account. */
  readonly target?: (request: AccountRequestHead) => { id: string; name: string }
  /** Decides, makes, and returns what to record. A `Refusal` it throws is recorded as the failure. */
  readonly operation: (request: AccountRequest, seen: Seen<A>) => Promise<Done<Answer>> | Done<Answer>
}

/** Adds a route to a listener. */
export function addAccountRoute<A extends ActionName>(app: FastifyInstance, door: Door, route: AccountRoute<A>): void {
  app.route({
    method: route.method,
    url: route.url,
    config: { errorForm: route.errorForm ?? 'problem' },
    schema: { ...route.schema, response: { ...(route.schema?.response as object), '4xx': ProblemSchema } },
    handler: (request, reply) =>
      passDoor(door, request, reply, route.action, (caller) => {
        const head = headOfRequest(door, request, caller)
        const circumstances = { ...accountCircumstances(door, request, caller), ...route.place?.(head) }
        return {
          action: route.action,
          circumstances,
          target: route.target?.(head) ?? { id: circumstances.logSourceCRN, name: '' },
          operation: async (seen) => {
            const body = await jsonBody(request)
            return route.operation({ ...head, body, circumstances, gone: () => goneOf(reply) }, seen)
          },
        }
      }),
  })
}

function goneOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  if (reply.raw.destroyed) gone.abort()
  else reply.raw.once('close', () => gone.abort())
  return gone.signal
}

export function headOfRequest(door: Door, request: FastifyRequest, caller: Caller): AccountRequestHead {
  return {
    caller,
    params: request.params as Record<string, string>,
    query: queryOf(request),
    headers: request.headers,
    correlationId: request.id,
    address: request.ip,
    stillGood: () => door.authenticator.isStillGood(request),
  }
}
