/** Messages of a channel over the API: what waits, what was given up, and sending that again. */
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../errors.ts'
import { addAccountRoute } from '../../http/account-route.ts'
import { nextOf, pageOf } from '../../http/schema.ts'
import { placeIn, targetIn } from '../../trail/tracker-request.ts'
import { messageState, messageView, MessagesQuery } from '../../message-view.ts'
import { messageRevived } from '../../outbound/messages.ts'
import { alertLimits } from '../limits.ts'
import {
  ChannelParams,
  type ChannelRoutesParts,
  channelsPath,
  existingChannel,
  requireChannels,
} from './channel-routes.ts'

/** Dead letters sent again at once. */
const resentMax = 500

export function addChannelMessageRoutes(app: FastifyInstance, parts: ChannelRoutesParts): void {
  const { door, clock, outbound } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${channelsPath}/:channel/messages`,
    action: 'activity-tracker.channel.read',
    ...common,
    schema: {
      summary: 'Messages that wait for a channel, or were given up',
      tags: ['alerts'],
      params: ChannelParams,
      querystring: MessagesQuery,
    },
    operation: (request, seen) => {
      const channel = existingChannel(parts, requireChannels(parts, request), request.params['channel'])
      seen.request.channel = channel.id
      const page = pageOf(request.query)
      const state = messageState(request.query)
      const found = outbound.messages.list(channel.target, state, page.after, page.limit)
      seen.response.totalResources = found.length
      return {
        code: 200,
        result: { body: { messages: found.map(messageView), next: nextOf(found, page, ({ id }) => id) } },
      }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: `${channelsPath}/:channel/messages/:message/resend`,
    action: 'activity-tracker.channel.resend',
    ...common,
    schema: { summary: 'Send a dead letter again', tags: ['alerts'] },
    operation: (request, seen) => {
      const channel = existingChannel(parts, requireChannels(parts, request), request.params['channel'])
      const message = outbound.messages.find(channel.target, request.params['message'] ?? '')
      seen.request.channel = channel.id
      if (message?.state !== 'dead') throw new Refusal('NOT_FOUND')
      seen.request.messageId = message.id
      seen.response.totalResources = 1
      const now = clock.now()
      const changes = [messageRevived(message.id, now + alertLimits.messageMs, now)]
      return { code: 202, result: { body: { resent: 1 } }, changes, settled: parts.queued }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: `${channelsPath}/:channel/resend`,
    action: 'activity-tracker.channel.resend',
    ...common,
    schema: {
      summary: 'Send the dead letters of a channel again, 500 at a time',
      tags: ['alerts'],
      params: ChannelParams,
    },
    operation: (request, seen) => {
      const channel = existingChannel(parts, requireChannels(parts, request), request.params['channel'])
      seen.request.channel = channel.id
      const found = outbound.messages.list(channel.target, 'dead', '', resentMax)
      seen.response.totalResources = found.length
      const now = clock.now()
      const changes = found.map(({ id }) => messageRevived(id, now + alertLimits.messageMs, now))
      return { code: 202, result: { body: { resent: found.length } }, changes, settled: parts.queued }
    },
  })
}
