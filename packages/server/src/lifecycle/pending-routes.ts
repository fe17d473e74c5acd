/** `/v1/adopters/{id}/pending`: what a service has to acknowledge, for services that ask instead of being told. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { addAccountRoute } from '../http/account-route.ts'
import { nextOf, pageOf, PageQuery, Timestamp } from '../http/schema.ts'
import { type AdopterRouteParts, adopterTarget } from './adopter-routes.ts'
import { lifecycleLimits } from './limits.ts'
import { lifecycleNews } from './message.ts'
import { adopterStates } from './told.ts'

const KeyVersion = Type.Object({ id: Type.String(), creationDate: Timestamp })

/** The form of the messages. */
const View = Type.Object({
  type: Type.String({ description: 'As in the message: key.rotated, key.disabled, …' }),
  timestamp: Timestamp,
  data: Type.Object({
    eventId: Type.String({ description: 'What event_ack names.' }),
    eventType: Type.String(),
    instanceId: Type.String({ description: 'Instance that event_ack is sent to.' }),
    keyId: Type.String(),
    keyCrn: Type.String(),
    keyRingId: Type.Optional(Type.String()),
    keyState: Type.Integer(),
    adopterKeyState: Type.Union(
      adopterStates.map((state) => Type.Literal(state)),
      { description: 'State to report.' },
    ),
    keyVersion: KeyVersion,
    oldKeyVersion: Type.Optional(KeyVersion),
    correlationId: Type.Optional(Type.String()),
    acknowledgeBefore: Timestamp,
    resources: Type.Array(Type.String(), { description: 'Not acknowledged yet; the first hundred.' }),
    totalResources: Type.Integer(),
  }),
})

export function addPendingRoutes(app: FastifyInstance, parts: AdopterRouteParts): void {
  const { door, access, identities, pending, clock } = parts
  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/adopters/:id/pending',
    action: 'hs-crypto.notification.list',
    target: (request) => adopterTarget(parts, request),
    schema: {
      tags: ['adopters'],
      summary: 'List what a service has to acknowledge, whether it is told or not',
      description: `At most ${lifecycleLimits.pendingAtOnce} in one answer. The service itself may ask, too.`,
      querystring: PageQuery,
      response: { 200: Type.Object({ pending: Type.Array(View), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: ({ caller, params, query }, seen) => {
      const id = params['id'] ?? ''
      // What concerns itself a service may see as it may acknowledge it.
      if (id !== caller.id) access.requireAccount(caller, 'adopters.read')
      const asked = pageOf(query)
      const page = { ...asked, limit: Math.min(asked.limit, lifecycleLimits.pendingAtOnce) }
      const service = identities.find(caller.account, id)
      if (service?.kind !== 'serviceId') throw new Refusal('NOT_FOUND')
      const found = pending.list(service.id, clock.now(), page.after, page.limit)
      seen.response.totalResources = found.length
      return {
        code: 200,
        result: {
          body: {
            pending: found.map((news) => lifecycleNews(news, news)),
            next: nextOf(found, page, ({ action }) => action.id),
          },
        },
      }
    },
  })
}
