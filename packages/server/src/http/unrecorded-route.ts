/** Routes whose answers are no events, because they show no event content and are asked for all the time; refusals are. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import type { Circumstances } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import { type AccountRequestHead, headOfRequest } from './account-route.ts'
import { Denied } from './authenticate.ts'
import { accountCircumstances, type Door, recordDenied, refusalRecorded } from './door.ts'

export interface UnrecordedContent {
  readonly body: string | Uint8Array | object
  readonly type: string
}

/** The complete list of such routes: docs/reference/not-recorded.md. */
export interface UnrecordedRoute<Permitted> {
  readonly url: string
  readonly schema: FastifySchema
  /** Under which a refusal is recorded. */
  readonly action: ActionName
  readonly place: (head: AccountRequestHead) => Pick<Circumstances, 'destination' | 'logSourceCRN'> | undefined
  readonly target: (head: AccountRequestHead) => { id: string; name: string }
  /** What the request is about. @throws Refusal when the caller may not: that is recorded like everywhere */
  readonly permit: (head: AccountRequestHead) => Permitted
  readonly content: (permitted: Permitted, head: AccountRequestHead) => Promise<UnrecordedContent> | UnrecordedContent
}

export function addUnrecordedRoute<Permitted>(
  app: FastifyInstance,
  door: Door,
  { url, schema, action, place, target, permit, content }: UnrecordedRoute<Permitted>,
): void {
  app.get(url, { schema }, async (request: FastifyRequest, reply: FastifyReply) => {
    let caller: Caller
    try {
      caller = await door.authenticator.authenticate(request)
    } catch (error) {
      throw error instanceof Denied ? await recordDenied(door, request, action, error) : error
    }
    const head = headOfRequest(door, request, caller)
    let permitted: Permitted
    try {
      permitted = permit(head)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const circumstances = { ...accountCircumstances(door, request, caller), ...place(head) }
      throw await refusalRecorded(door, action, circumstances, target(head), error)
    }
    const { body, type } = await content(permitted, head)
    // Also what never changes: an address names neither the account nor the log, and another may come to its place.
    return reply.type(type).header('cache-control', 'no-store').send(body)
  })
}
