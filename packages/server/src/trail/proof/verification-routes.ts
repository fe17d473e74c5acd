/** Verification of a log's bytes on the disk over the API: what was found, and having it done now. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { addAccountRoute } from '../../http/account-route.ts'
import type { LogRoutesParts } from './log-routes.ts'
import { wholeNumber } from '../search/query.ts'
import type { EndedVerification, OpenVerification } from './verifications.ts'

const path = '/v1/trackers/:location/log/verifications'
const pageMax = 400

export function addVerificationRoutes(app: FastifyInstance, parts: LogRoutesParts): void {
  const { door, trackerOf, place, target, verifications } = parts
  const params = Type.Object({ location: Type.String() })

  addAccountRoute(app, door, {
    method: 'GET',
    url: path,
    action: 'activity-tracker.verification.list',
    place,
    target,
    schema: {
      summary: 'Verifications of the bytes on the disk: those under way, and the newest results',
      tags: ['trail'],
      params,
      querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageMax, default: 30 })) }),
    },
    operation: (request, seen) => {
      const row = trackerOf(request)
      const limit = wholeNumber('limit', request.query.get('limit') ?? '30', 1, pageMax)
      const found = [...verifications.open(row).map(openOf), ...verifications.ended(row, limit).map(endedOf)]
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { verifications: found } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: path,
    action: 'activity-tracker.verification.create',
    place,
    target,
    schema: { summary: 'Verify the bytes on the disk now; the result is an event', tags: ['trail'], params },
    operation: (request, seen) => {
      const row = trackerOf(request)
      verifications.refuseSecond(row)
      const id = randomUUID()
      seen.response.verification = id
      return {
        code: 202,
        result: { body: { id, state: 'waiting' } },
        settled: () => verifications.start(row, 'request', id),
      }
    },
  })
}

function openOf({ id, trigger, startedAt, done, total }: OpenVerification): object {
  return {
    id,
    state: startedAt === undefined ? 'waiting' : 'running',
    trigger,
    startedAt: startedAt === undefined ? null : timeOf(startedAt),
    entriesDone: done,
    entriesTotal: total,
  }
}

function endedOf(ended: EndedVerification): object {
  const { id, trigger, outcome, size, root, reason } = ended
  return {
    id,
    state: outcome,
    trigger,
    startedAt: timeOf(ended.started_at),
    endedAt: timeOf(ended.ended_at),
    size,
    root,
    findings: JSON.parse(ended.findings) as unknown,
    findingsTotal: ended.findings_total,
    reason,
  }
}

function timeOf(time: number): string {
  return new Date(time).toISOString()
}
