/** What a search finds, not listed but summed up: how many, when, with which values; and what happened around one event. */
import { queryField, shortFields } from '@keywitness/cadf'
import type { ContextBy } from '@keywitness/tracker'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRoute, addAccountRoute } from '../../http/account-route.ts'
import type { Door } from '../../http/door.ts'
import { edgesOf, fittingWidth, widthMs } from './buckets.ts'
import { listOf, parseSearch, refuse, single, wholeNumber } from './query.ts'
import { filterParameters } from './search-parameters.ts'
import { eventsBody } from './search-page.ts'
import type { Trail, TrackerRow } from '../trail.ts'

type Search = AccountRoute<'activity-tracker.events.search'>

export interface SummaryRoutesParts {
  readonly door: Door
  readonly trail: Trail
  readonly clock: Clock
  /** @throws Refusal when the caller may not read it, or there is none */
  readonly trackerOf: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
  readonly place: NonNullable<Search['place']>
  readonly target: NonNullable<Search['target']>
}

const locationParameter = Type.Object({ location: Type.String() })
const bucketsDefault = 60
const bucketsMax = 500
const facetsDefault = ['action', 'initiator', 'outcome', 'severity']
const facetsMax = 12
const groupFieldsMax = 3
const groupsMax = 1_000
const contexts: readonly ContextBy[] = ['request', 'key', 'initiator', 'instance', 'target', 'log']
const own = {
  count: new Set<string>(),
  histogram: new Set(['interval', 'buckets', 'by']),
  facets: new Set(['field', 'values']),
  groups: new Set(['by', 'values']),
}

export function addSummaryRoutes(app: FastifyInstance, parts: SummaryRoutesParts): void {
  const { door, trail, clock, trackerOf, place, target } = parts
  const searchOf = (request: AccountRequest, name: keyof typeof own) =>
    parseSearch(request.query, clock.now(), own[name])

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/count',
    action: 'activity-tracker.events.search',
    place,
    target,
    schema: {
      summary: 'How many events a search finds',
      tags: ['trail'],
      params: locationParameter,
      querystring: Type.Object(filterParameters),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const { filter, asked } = searchOf(request, 'count')
      seen.request.view = 'count'
      if (asked !== '') seen.request.query = asked
      const { total, lookedFrom } = await trail.ask(row, 'count', { filter }, { signal: request.gone() })
      seen.response.totalResources = total
      return { code: 200, result: { body: { count: total, isComplete: lookedFrom === 0, lookedFrom } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/histogram',
    action: 'activity-tracker.events.search',
    place,
    target,
    schema: {
      summary: 'Events by time, and by severity or outcome',
      tags: ['trail'],
      params: locationParameter,
      querystring: Type.Object({
        ...filterParameters,
        interval: Type.Optional(Type.String({ description: 'Width of a bucket, such as 15m or 1d; `auto`' })),
        buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: bucketsMax, default: bucketsDefault })),
        by: Type.Optional(Type.Union([Type.Literal('severity'), Type.Literal('outcome')], { default: 'severity' })),
      }),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const { filter, asked, times } = searchOf(request, 'histogram')
      seen.request.view = 'histogram'
      if (asked !== '') seen.request.query = asked
      const signal = request.gone()
      const wanted = single(request.query, 'buckets') ?? String(bucketsDefault)
      const buckets = wholeNumber('buckets', wanted, 1, bucketsMax)
      const by = single(request.query, 'by') ?? 'severity'
      if (by !== 'severity' && by !== 'outcome') refuse('by', 'The parameter by must be severity or outcome.')
      const span = await trail.ask(row, 'span', {}, { signal })
      const from = filter.from ?? span?.from ?? times.now
      const to = Math.max(from + 1, filter.to ?? Math.max(times.now, (span?.to ?? 0) + 1))
      const given = single(request.query, 'interval') ?? 'auto'
      const interval = given === 'auto' ? fittingWidth(from, to, buckets) : given
      const width = widthMs(interval)
      if (width === undefined)
        refuse('interval', 'The parameter interval must be auto, or a width such as 30s, 15m, 1h or 1d.')
      const edges = edgesOf(from, to, width, bucketsMax, times.zone)
      if (edges === undefined) refuse('interval', `The parameter interval makes more than ${bucketsMax} buckets.`)
      const found = await trail.ask(row, 'histogram', { filter, edges, by }, { signal })
      seen.response.totalResources = found.total
      const body = {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        interval,
        by,
        count: found.total,
        isComplete: found.lookedFrom === 0,
        buckets: found.buckets.map((counts, at) => ({
          from: new Date(edges[at]!).toISOString(),
          to: new Date(edges[at + 1]!).toISOString(),
          counts: Object.fromEntries(counts),
        })),
      }
      return { code: 200, result: { body } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/facets',
    action: 'activity-tracker.events.search',
    place,
    target,
    schema: {
      summary: 'The most frequent values of fields, with their counts',
      tags: ['trail'],
      params: locationParameter,
      querystring: Type.Object({
        ...filterParameters,
        field: Type.Optional(
          Type.String({ description: `Fields of the query language, comma-separated; ${facetsDefault.join(', ')}` }),
        ),
        values: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
      }),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const { filter, asked } = searchOf(request, 'facets')
      seen.request.view = 'facets'
      if (asked !== '') seen.request.query = asked
      const asks = listOf(request.query, 'field')
      const fields = asks.length === 0 ? facetsDefault : fieldsIn(asks, 'field', facetsMax)
      const limit = wholeNumber('values', single(request.query, 'values') ?? '10', 1, 100)
      const found = await trail.ask(row, 'facets', { filter, fields, limit }, { signal: request.gone() })
      seen.response.totalResources = found.total
      const { total, lookedFrom, facets } = found
      return { code: 200, result: { body: { count: total, isComplete: lookedFrom === 0, lookedFrom, facets } } }
    },
  })

  addGroupsRoute(app, parts)

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/events/:id/context',
    action: 'activity-tracker.events.search',
    place,
    target,
    schema: {
      summary:
        'The events around one, oldest first: of its request, key, initiator, instance or target, or its neighbours',
      tags: ['trail'],
      params: Type.Object({
        location: Type.String(),
        id: Type.String({ description: 'Event id, or index in the log' }),
      }),
      querystring: Type.Object({
        by: Type.Optional(
          Type.Union(
            contexts.map((name) => Type.Literal(name)),
            { default: 'request' },
          ),
        ),
        before: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, default: 10 })),
        after: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, default: 10 })),
      }),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const known = ['by', 'before', 'after']
      for (const name of request.query.keys()) {
        if (!known.includes(name)) refuse(name, 'There is no parameter of that name.')
      }
      const id = request.params['id'] ?? ''
      if (!/^(\d{1,15}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(id)) throw new Refusal('NOT_FOUND')
      const asked = single(request.query, 'by') ?? 'request'
      const by = contexts.find((name) => name === asked)
      if (by === undefined) refuse('by', `The parameter by must be one of ${contexts.join(', ')}.`)
      const [before, after] = ['before', 'after'].map((name) =>
        wholeNumber(name, single(request.query, name) ?? '10', 0, 100),
      ) as [number, number]
      seen.request.view = 'context'
      seen.request.query = `context:${by} of event ${id}`
      const found = await trail.ask(row, 'context', { id, by, before, after }, { signal: request.gone() })
      if (found === undefined) throw new Refusal('NOT_FOUND')
      const { items, count, ...more } = found
      seen.response.totalResources = count
      return { code: 200, result: { body: eventsBody([items], { by, ...more }), type: 'application/json' } }
    },
  })
}

/** Who used which key, and such: counts by several fields together. */
function addGroupsRoute(
  app: FastifyInstance,
  { door, trail, clock, trackerOf, place, target }: SummaryRoutesParts,
): void {
  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/groups',
    action: 'activity-tracker.events.search',
    place,
    target,
    schema: {
      summary: 'The most frequent combinations of the values of fields, with their counts',
      tags: ['trail'],
      params: locationParameter,
      querystring: Type.Object({
        ...filterParameters,
        by: Type.String({ description: `1 to ${groupFieldsMax} fields of the query language, comma-separated` }),
        values: Type.Optional(Type.Integer({ minimum: 1, maximum: groupsMax, default: 100 })),
      }),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const { filter, asked } = parseSearch(request.query, clock.now(), own.groups)
      seen.request.view = 'groups'
      if (asked !== '') seen.request.query = asked
      const fields = fieldsIn(listOf(request.query, 'by'), 'by', groupFieldsMax)
      if (fields.length === 0) refuse('by', 'The parameter by must name a field.')
      if (new Set(fields).size < fields.length) refuse('by', 'The parameter by may name a field once.')
      const limit = wholeNumber('values', single(request.query, 'values') ?? '100', 1, groupsMax)
      const found = await trail.ask(row, 'groups', { filter, fields, limit }, { signal: request.gone() })
      const { total, lookedFrom, rows, others, missing } = found
      seen.response.totalResources = total
      const body = { by: fields, count: total, isComplete: lookedFrom === 0, lookedFrom, rows, others, missing }
      return { code: 200, result: { body } }
    },
  })
}

/** @throws Refusal INVALID_QUERY_PARAM_ERR */
function fieldsIn(fields: readonly string[], parameter: string, max: number): readonly string[] {
  if (fields.length > max) refuse(parameter, `The parameter ${parameter} may have ${max} values.`)
  if (fields.some((field) => queryField(field) === undefined)) {
    const names = shortFields.map(({ name }) => name).join(', ')
    refuse(parameter, `A value of the parameter ${parameter} is no field of events, such as ${names}.`)
  }
  return fields
}
