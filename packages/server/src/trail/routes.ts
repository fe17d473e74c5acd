/** The REST face of the trackers: provision, search, follow, prove, and the log's own files. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { type AccountRequest, type AccountRequestHead, addAccountRoute } from '../http/account-route.ts'
import { type Door } from '../http/door.ts'
import type { Access } from '../iam/roles.ts'
import { limits } from '../limits.ts'
import type { DeliveringProducers } from './intake/delivering-producers.ts'
import type { Exports } from './export/export.ts'
import type { Continuities } from './continuity/continuity.ts'
import { addContinuityRoute } from './continuity/continuity-routes.ts'
import { addExportRoutes } from './export/export-routes.ts'
import { addLogRoutes } from './proof/log-routes.ts'
import { addProducerRoutes } from './intake/producer-routes.ts'
import { parseSearch, wholeNumber } from './search/query.ts'
import type { Network } from './forwarding/remote-server.ts'
import { filterParameters } from './search/search-parameters.ts'
import { searchPage } from './search/search-page.ts'
import { addSummaryRoutes } from './search/summary-routes.ts'
import type { Receipts } from './proof/receipt.ts'
import type { Reader } from '../store/store.ts'
import { addViewRoutes } from './views/view-routes.ts'
import type { Tails } from './search/tail.ts'
import type { Trail } from './trail.ts'
import type { Verifications } from './proof/verifications.ts'
import { addTrackerRoutes } from './tracker-routes.ts'
import type { TrackerNames } from './trackers.ts'

export interface TrailRoutesParts {
  readonly door: Door
  readonly access: Access
  readonly trail: Trail
  readonly tails: Tails
  readonly receipts: Receipts
  readonly verifications: Verifications
  readonly exports: Exports
  readonly continuities: Continuities
  readonly store: Reader
  readonly clock: Clock
  readonly names: TrackerNames
  readonly network: Network
  readonly delivering: DeliveringProducers
}

const locationParameter = Type.Object({ location: Type.String() })
const eventParameters = Type.Object({
  location: Type.String(),
  id: Type.String({ description: 'Event id, or index in the log' }),
})
const attachmentParameters = Type.Object({
  location: Type.String(),
  id: Type.String({ description: 'Event id, or index in the log' }),
  sha256: Type.String({ description: '64 hexadecimal digits, as the event has them' }),
})
const searchParameters = Type.Object({
  ...filterParameters,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  cursor: Type.Optional(Type.String({ description: '`next` of the page before' })),
  order: Type.Optional(Type.Union([Type.Literal('desc'), Type.Literal('asc')])),
})

const receiptParameters = Type.Object({
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: limits.receiptWaitSeconds,
      default: 0,
      description: 'Seconds to wait until a checkpoint covers the event',
    }),
  ),
})

export function addTrailRoutes(app: FastifyInstance, parts: TrailRoutesParts): void {
  const { door, access, trail, tails, receipts, verifications, clock, names, network } = parts

  /** The tracker a request names, if its account has it: there the request itself is recorded. */
  const place = ({ caller, params }: AccountRequestHead) => {
    const row = trail.tracker(caller.account, params['location'] ?? '')
    if (row === undefined) return undefined
    return {
      destination: { account: row.account, location: row.location },
      logSourceCRN: names.crn(row),
    }
  }
  const target = (request: AccountRequestHead) => ({
    id: place(request)?.logSourceCRN ?? names.serviceCrn(request.caller.account),
    name: place(request) === undefined ? '' : (request.params['location'] ?? ''),
  })

  /** Permission first, existence second: an unknown location and a foreign one answer the same. */
  const trackerOf = ({ caller, params }: Pick<AccountRequest, 'caller' | 'params'>) => {
    const location = params['location'] ?? ''
    access.requireTracker(caller, location, 'trail.read')
    const row = trail.tracker(caller.account, location)
    if (row === undefined) throw new Refusal('NOT_FOUND')
    if (trail.remotes.find(row) !== undefined) throw new Refusal('TRACKER_ELSEWHERE')
    return row
  }

  addTrackerRoutes(app, { door, access, trail, clock, names, network })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/events',
    action: 'activity-tracker.events.search',
    place,
    target,
    schema: {
      summary: 'Events, newest first',
      tags: ['trail'],
      params: locationParameter,
      querystring: searchParameters,
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const search = parseSearch(request.query, clock.now())
      if (search.asked !== '') seen.request.query = search.asked
      const { body, count } = await searchPage(trail, row, search, request.gone())
      seen.response.totalResources = count
      return { code: 200, result: { body, type: 'application/json' } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/tail',
    action: 'activity-tracker.events.tail',
    place,
    target,
    schema: {
      summary: 'Events as they come, as server-sent events',
      tags: ['trail'],
      params: locationParameter,
      querystring: searchParameters,
    },
    operation: (request, seen) => {
      const row = trackerOf(request)
      const search = parseSearch(request.query, clock.now())
      if (search.asked !== '') seen.request.query = search.asked
      const resumed = request.headers['last-event-id']
      const from = typeof resumed === 'string' ? resumed : request.query.get('after')
      const newest = trail.growth(row).size - 1
      const after =
        from === null || from === '' || from === '-1'
          ? from === '-1'
            ? -1
            : newest
          : wholeNumber('after', from, 0, Number.MAX_SAFE_INTEGER)
      if (tails.isFullFor(row.account)) throw new Refusal('TOO_MANY_REQUESTS')
      // Another tracker that comes to the place is another log.
      const isThere = () => trail.tracker(row.account, row.location)?.id === row.id
      const isAllowed = () => request.stillGood() && access.mayReadTracker(request.caller, row.location) && isThere()
      const body = tails.start({ place: row, filter: search.filter, after }, isAllowed)
      return {
        code: 200,
        result: { body, type: 'text/event-stream; charset=utf-8', headers: { 'cache-control': 'no-store' } },
      }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/events/:id',
    action: 'activity-tracker.events.read',
    place,
    target,
    schema: { summary: 'One event, with its exact bytes', tags: ['trail'], params: eventParameters },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const id = eventIdOf(request)
      seen.request.eventId = id
      const found = await trail.ask(row, 'event', { id })
      if (found === undefined) throw new Refusal('NOT_FOUND')
      const { event } = JSON.parse(Buffer.from(found.entry).toString()) as { event: unknown }
      const entry = Buffer.from(found.entry).toString('base64')
      return { code: 200, result: { body: { index: found.index, event, entry, covered: found.covered } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/events/:id/attachments/:sha256',
    action: 'activity-tracker.events.read',
    place,
    target,
    schema: {
      summary: 'The whole of a list too long for its event, which names it by its SHA-256',
      tags: ['trail'],
      params: attachmentParameters,
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const id = eventIdOf(request)
      const sha256 = request.params['sha256'] ?? ''
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Refusal('NOT_FOUND')
      seen.request.eventId = id
      seen.request.attachment = sha256
      const content = await trail.ask(row, 'attachment', { id, sha256 })
      if (content === undefined) throw new Refusal('NOT_FOUND')
      return { code: 200, result: { body: content, type: 'application/json' } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/events/:id/receipt',
    action: 'activity-tracker.receipt.read',
    place,
    target,
    schema: {
      summary: 'Proof of one event that verifies offline',
      tags: ['trail'],
      params: eventParameters,
      querystring: receiptParameters,
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const id = eventIdOf(request)
      seen.request.eventId = id
      const waitSeconds = wholeNumber('wait', request.query.get('wait') ?? '0', 0, limits.receiptWaitSeconds)
      const text = await receipts.receipt({ row, id, waitMs: waitSeconds * 1_000, gone: request.gone() })
      trail.keep(row, text)
      return { code: 200, result: { body: text, type: 'text/plain; charset=utf-8' } }
    },
  })

  addExportRoutes(app, { ...parts, trackerOf, place, target })
  addContinuityRoute(app, { ...parts, trackerOf, place, target })
  addProducerRoutes(app, { door, access, trail, clock, delivering: parts.delivering, trackerOf, place, target })
  addSummaryRoutes(app, { door, trail, clock, trackerOf, place, target })
  addLogRoutes(app, { door, access, trail, verifications, trackerOf, place, target })
  addViewRoutes(app, { door, access, store: parts.store, clock, trackerOf, place, target })
}

/** An event's UUID or its index in the log. */
function eventIdOf(request: AccountRequest): string {
  const id = request.params['id'] ?? ''
  if (!/^(\d{1,15}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(id)) throw new Refusal('NOT_FOUND')
  return id
}
