/** `/v1/adopters/{id}/notifications`: what waits for an adopting service, what was given up, and sending that again. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { addAccountRoute } from '../http/account-route.ts'
import { nextOf, pageOf } from '../http/schema.ts'
import { messageState, messageView, MessagesQuery, MessageView } from '../message-view.ts'
import { messageRevived } from '../outbound/messages.ts'
import { type AdopterRouteParts, adopterTarget, existingAdopter } from './adopter-routes.ts'
import { lifecycleLimits } from './limits.ts'

const tags = ['adopters']
const url = '/v1/adopters/:id/notifications'

export function addNotificationRoutes(app: FastifyInstance, parts: AdopterRouteParts): void {
  const { door, access, messages, clock } = parts
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'hs-crypto.notification.list',
    target: (request) => adopterTarget(parts, request),
    schema: {
      tags,
      summary: 'List the messages that wait for an adopting service, or were given up',
      querystring: MessagesQuery,
      response: {
        200: Type.Object({ notifications: Type.Array(MessageView), next: Type.Union([Type.String(), Type.Null()]) }),
      },
    },
    operation: ({ caller, params, query }, seen) => {
      access.requireAccount(caller, 'adopters.read')
      const page = pageOf(query)
      const state = messageState(query)
      const { target } = existingAdopter(parts, caller.account, params['id'])
      const found = messages.list(target, state, page.after, page.limit)
      seen.response.totalResources = found.length
      return {
        code: 200,
        result: { body: { notifications: found.map(messageView), next: nextOf(found, page, ({ id }) => id) } },
      }
    },
  })
  addAccountRoute(app, door, {
    method: 'POST',
    url: `${url}/:message/resend`,
    action: 'hs-crypto.notification.resend',
    target: (request) => adopterTarget(parts, request),
    schema: { tags, summary: 'Send a message again that was given up' },
    operation: ({ caller, params }, seen) => {
      access.requireAccount(caller, 'adopters.change')
      const { target } = existingAdopter(parts, caller.account, params['id'])
      const message = messages.find(target, params['message'] ?? '')
      if (message?.state !== 'dead') throw new Refusal('NOT_FOUND')
      seen.request.messageId = message.id
      const now = clock.now()
      const changes = [messageRevived(message.id, now + lifecycleLimits.resentForMs, now)]
      return { code: 202, changes, result: {} }
    },
  })
}
