/** Routes of the key management API: declared with their action, answered only with what the audit door returned. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ActionName } from '@keywitness/cadf'
import type { FastifySchema } from 'fastify'
import type { Done, Seen } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Instance } from '../instances/instance.ts'
import type { Answer } from './answer.ts'
import type { JsonValue } from './json.ts'

/** A request whose caller is known and whose instance is the caller's. */
export interface InstanceRequest {
  readonly caller: Caller
  readonly instance: Instance
  /** Path parameters, decoded once. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly correlationId: string
  /** Header `X-Kms-Key-Ring`, when sent. */
  readonly keyRing?: string
  /** Header `Prefer`: `return=minimal` or `return=representation`. */
  readonly prefer?: 'minimal' | 'representation'
  /**
   * The body, parsed when asked for; undefined when there is none (or it is `null`).
   * @throws Refusal `BAD_BODY_ERR`
   */
  readonly body: () => JsonValue | undefined
}

/** What a key operation answers with, besides its status (`Done.code`). No `body` is an empty body. */
export type KmsAnswer = Pick<Answer, 'body' | 'headers'>

/** One operation with its action. `target` names what the call is about before anything was looked up. */
export interface KmsCall<A extends ActionName = ActionName> {
  readonly action: A
  /** Default: the instance itself. */
  readonly target?: (request: InstanceRequest) => { id: string; name: string }
  /**
   * The body, or a name in the path, says what is to be made or set: a request that does not say it is recorded under the
   * invalid-request action of its family (decision 0008).
   */
  readonly saysWhat?: true
  /** Not held to the addresses that the instance allows: for finding out where they must connect. */
  readonly isFromAnywhere?: true
  /** Decides, makes, and returns what to record. A `Refusal` it throws is recorded as the failure. */
  readonly operation: (request: InstanceRequest, seen: Seen<A>) => Promise<Done<KmsAnswer>> | Done<KmsAnswer>
}

type KmsMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Where a route of the key API is, and how the API description shows it. */
export interface KmsPlace {
  readonly method: KmsMethod
  /** Path in fastify's form, from the root: `/api/v2/keys/:id`. */
  readonly url: string
  /** For the description only: nothing is checked against it. */
  readonly schema?: FastifySchema
}

/** A route of the key API. Which call is meant depends at most on the query (`?action=wrap`). */
export interface KmsRoute extends KmsPlace {
  readonly choose: (query: URLSearchParams) => KmsCall
}

/** A route with one operation. */
export function kmsRoute<A extends ActionName>(route: KmsPlace & KmsCall<A>): KmsRoute {
  const { method, url, schema } = route
  const call = kmsCall(route)
  return { method, url, ...(schema === undefined ? {} : { schema }), choose: () => call }
}

/** A route whose query names the operation; whatever it names, `choose` must return a call (an invalid one refuses). */
export function kmsChoice(route: KmsRoute): KmsRoute {
  return route
}

/** Forgets which action a call has: its `seen` was typed where it was declared. */
export function kmsCall<A extends ActionName>(call: KmsCall<A>): KmsCall {
  return call
}
