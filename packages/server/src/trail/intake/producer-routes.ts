/** Where other servers begin to deliver their events: producers are bound to who delivers them. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRoute, addAccountRoute } from '../../http/account-route.ts'
import type { Door } from '../../http/door.ts'
import { isJsonObject } from '../../http/json.ts'
import type { Access } from '../../iam/roles.ts'
import { type DeliveringProducer, type DeliveringProducers, isBoundTo } from './delivering-producers.ts'
import { addEntriesRoute } from './entries-route.ts'
import type { TrackerRow, Trail } from '../trail.ts'

type Route = AccountRoute<'activity-tracker.producer.create'>

export interface ProducerRoutesParts {
  readonly door: Door
  readonly access: Access
  readonly trail: Trail
  readonly clock: Clock
  readonly delivering: DeliveringProducers
  /** @throws Refusal when the caller may not read it, or there is none */
  readonly trackerOf: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
  readonly place: NonNullable<Route['place']>
  readonly target: NonNullable<Route['target']>
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const locationParameter = Type.Object({ location: Type.String() })
const producerParameters = Type.Object({ location: Type.String(), producer: Type.String() })

export function addProducerRoutes(app: FastifyInstance, parts: ProducerRoutesParts): void {
  const { door, access, trail, clock, delivering, trackerOf, place, target } = parts

  /** The tracker of a location for who delivers to it: permission first, existence second. */
  const deliveredTo = ({ caller, params }: Pick<AccountRequest, 'caller' | 'params'>): TrackerRow => {
    const location = params['location'] ?? ''
    access.requireTracker(caller, location, 'trail.deliver')
    const row = trail.tracker(caller.account, location)
    if (row === undefined) throw new Refusal('NOT_FOUND')
    return row
  }

  /** What an administrator of the tracker decides about: numbers that are delivered, or that were released. */
  const administered = (request: AccountRequest, isReleased: boolean): DeliveringProducer => {
    const row = trackerOf(request)
    access.requireTracker(request.caller, row.location, 'trail.administer')
    const producer = request.params['producer'] ?? ''
    const known = uuid.test(producer) ? delivering.find(row, producer) : undefined
    if (known === undefined || (known.released_at !== null) !== isReleased) throw new Refusal('NOT_FOUND')
    return known
  }

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/producers',
    action: 'activity-tracker.producer.list',
    place,
    target,
    schema: { summary: 'The other servers that deliver to this tracker', tags: ['trail'], params: locationParameter },
    operation: (request, seen) => {
      const bound = delivering.list(trackerOf(request))
      seen.response.totalResources = bound.length
      const producers = bound.map(({ producer, identity, bound_at: boundAt, released_at: releasedAt }) => ({
        producer,
        identity,
        boundAt: new Date(boundAt).toISOString(),
        ...(releasedAt === null ? {} : { releasedAt: new Date(releasedAt).toISOString() }),
      }))
      return { code: 200, result: { body: { producers } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: '/v1/trackers/:location/producers',
    action: 'activity-tracker.producer.create',
    place,
    target,
    schema: {
      summary: 'Bind the numbers of another server to the caller, who alone may deliver them from then on',
      tags: ['trail'],
      params: locationParameter,
      body: Type.Object({ producer: Type.String({ description: 'UUID of the producer' }) }),
    },
    operation: (request, seen) => {
      const { account, location } = deliveredTo(request)
      const body = request.body()
      const producer = isJsonObject(body) ? body['producer'] : undefined
      if (typeof producer !== 'string' || !uuid.test(producer)) {
        throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'producer' } })
      }
      seen.request.producer = producer
      const known = delivering.find({ account, location }, producer)
      if (known !== undefined && known.released_at !== null) throw new Refusal('PRODUCER_RELEASED')
      if (known?.identity === request.caller.id) return { code: 200, result: { body: { producer } } }
      if (known !== undefined || delivering.isOwn(account, producer)) throw new Refusal('ALREADY_EXISTS')
      const bound = { producer, account, location, identity: request.caller.id, bound_at: clock.now() }
      return { code: 201, result: { body: { producer } }, changes: [delivering.bind(bound)] }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/producers/:producer',
    action: 'activity-tracker.producer.read',
    place,
    target,
    schema: {
      summary: 'Whether the caller may deliver here, and which log that is',
      tags: ['trail'],
      params: producerParameters,
    },
    operation: (request, seen) => {
      const row = deliveredTo(request)
      const producer = request.params['producer'] ?? ''
      if (!uuid.test(producer)) throw new Refusal('NOT_FOUND')
      seen.request.producer = producer
      const isBound = isBoundTo(delivering.find(row, producer), request.caller.id)
      return { code: 200, result: { body: { origin: row.origin, producer, isBound } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'DELETE',
    url: '/v1/trackers/:location/producers/:producer',
    action: 'activity-tracker.producer.delete',
    place,
    target,
    schema: {
      summary: 'Take the numbers of another server from who delivers them',
      tags: ['trail'],
      params: producerParameters,
    },
    operation: (request, seen) => {
      const known = administered(request, false)
      seen.request.producer = known.producer
      seen.request.identity = known.identity
      return { code: 204, result: {}, changes: [delivering.release(known, clock.now())] }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: '/v1/trackers/:location/producers/:producer/admit',
    action: 'activity-tracker.producer.admit',
    place,
    target,
    schema: {
      summary: 'Let numbers be bound again that were taken from who delivered them',
      tags: ['trail'],
      params: producerParameters,
    },
    operation: (request, seen) => {
      const known = administered(request, true)
      seen.request.producer = known.producer
      seen.request.identity = known.identity
      return { code: 204, result: {}, changes: [delivering.admit(known)] }
    },
  })

  addEntriesRoute(app, { ...parts, deliveredTo })
}
