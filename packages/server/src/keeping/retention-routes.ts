/** Retention over the API: read, and changed by one person where that keeps events longer. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { addAccountRoute } from '../http/account-route.ts'
import { isJsonObject } from '../http/json.ts'
import { timestamp } from '../http/schema.ts'
import { valueFacts } from './proposal-facts.ts'
import { changeRetention, isShorter, readDays, retentionDaysMax, type Retentions } from './retention.ts'
import {
  type TrackerRequestParts,
  placeIn,
  refuseElsewhere,
  requireTracker,
  targetIn,
} from '../trail/tracker-request.ts'

const url = '/v1/trackers/:location/retention'
const dayMs = 86_400_000

export function addRetentionRoutes(
  app: FastifyInstance,
  parts: TrackerRequestParts & { readonly retentions: Retentions },
): void {
  const { door, trail, retentions, clock } = parts
  const params = Type.Object({ location: Type.String() })
  const common = { place: placeIn(parts), target: targetIn(parts) }

  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'activity-tracker.retention.read',
    ...common,
    schema: { summary: 'For how long events are kept at least, and which have left', tags: ['trail'], params },
    operation: async (request) => {
      const row = requireTracker(parts, request, 'trail.read')
      refuseElsewhere(parts, row)
      const days = retentions.of(row)
      const minimum = await trail.ask(row, 'minimum', {})
      const body = {
        retentionDays: days,
        before: days === 0 ? null : timestamp(clock.now() - days * dayMs),
        minimumIndex: minimum?.index ?? 0,
      }
      return { code: 200, result: { body } }
    },
  })

  addAccountRoute(app, door, {
    method: 'PUT',
    url,
    action: 'activity-tracker.retention.update',
    ...common,
    schema: {
      summary: 'Keep events longer; keeping them shorter takes two people and is proposed instead',
      tags: ['trail'],
      params,
      body: Type.Object({
        retentionDays: Type.Integer({ minimum: 0, maximum: retentionDaysMax, description: '0: for ever' }),
      }),
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.administer')
      refuseElsewhere(parts, row)
      const body = request.body()
      if (body === undefined) throw new Refusal('NO_BODY_ERR')
      if (!isJsonObject(body) || Object.keys(body).some((name) => name !== 'retentionDays')) {
        throw new Refusal('BAD_BODY_ERR')
      }
      const after = readDays(body['retentionDays'], 'retentionDays', 0)
      const before = retentions.of(row)
      if (isShorter(before, after)) throw new Refusal('TWO_PEOPLE_REQUIRED')
      seen.response = valueFacts({ retentionDays: before }, { retentionDays: after })
      const changes = before === after ? [] : [changeRetention(row, before, after, request.caller.id, clock.now())]
      return { code: 200, changes, result: { body: { retentionDays: after } } }
    },
  })
}
