/** Legal holds over the API: placed by one person, listed, and their archives read. Releasing them is proposed. */
import { randomUUID } from 'node:crypto'
import { isZone, parseQuery, queryBounds, QueryError } from '@keywitness/cadf'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { addAccountRoute } from '../http/account-route.ts'
import { isJsonObject, type JsonObject } from '../http/json.ts'
import { Text, timestamp, bodyReader } from '../http/schema.ts'
import { wholeNumber } from '../trail/search/query.ts'
import type { TrackerRow } from '../trail/trail.ts'
import type { HoldArchive } from './hold-archive.ts'
import { type Hold, type HoldCopy, type Holds, insertHold, openHoldsMax } from './holds.ts'
import {
  type TrackerRequestParts,
  placeIn,
  refuseElsewhere,
  requireTracker,
  targetIn,
} from '../trail/tracker-request.ts'

export interface HoldRoutesParts extends TrackerRequestParts {
  readonly holds: Holds
  readonly archive: HoldArchive
}

const path = '/v1/trackers/:location/holds'
const pageMax = 1_000

const NewHold = Type.Object(
  {
    reason: Text(500, 'Why: the matter, the order, who asked for it'),
    query: Type.Optional(
      Type.String({
        maxLength: queryBounds.characters,
        description:
          'What it covers, in the query language, such as key:"…" or initiator:"…"; everything when not given',
      }),
    ),
    tz: Type.Optional(Type.String({ maxLength: 64, description: 'Time zone of times in the query without one' })),
    first: Type.Optional(Type.Integer({ minimum: 0, description: 'Lowest index covered' })),
    last: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Highest index covered; whatever comes when not given' }),
    ),
  },
  { additionalProperties: false },
)

export function addHoldRoutes(app: FastifyInstance, parts: HoldRoutesParts): void {
  const { door, holds, archive } = parts
  const common = { place: placeIn(parts), target: targetIn(parts) }
  const params = Type.Object({ location: Type.String(), hold: Type.String() })

  addPlace(app, parts)

  addAccountRoute(app, door, {
    method: 'GET',
    url: path,
    action: 'activity-tracker.hold.list',
    ...common,
    schema: {
      summary: 'Legal holds, newest first, the released ones too',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageMax, default: 100 })) }),
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const limit = wholeNumber('limit', request.query.get('limit') ?? '100', 1, pageMax)
      const found = holds.list(row.id, limit).map((hold) => viewOf(hold, holds.copies(hold.id)))
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { holds: found } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'GET',
    url: `${path}/:hold/evidence`,
    action: 'activity-tracker.hold.list',
    ...common,
    schema: { summary: 'The files of a hold’s archive', tags: ['trail'], params },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const found = holds.copies(existing(holds, row, request.params['hold']).id).map(copyOf)
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { evidence: found } } }
    },
  })

  // It holds entries: reading it is an event.
  addAccountRoute(app, door, {
    method: 'GET',
    url: `${path}/:hold/evidence/:first`,
    action: 'activity-tracker.hold.read',
    ...common,
    schema: {
      summary: 'One file of a hold’s archive: evidence that verifies offline',
      tags: ['trail'],
      params: Type.Object({
        location: Type.String(),
        hold: Type.String(),
        first: Type.String({ description: 'The lowest index that the file is about' }),
      }),
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.read')
      const hold = existing(holds, row, request.params['hold'])
      seen.request.hold = hold.id
      const first = request.params['first'] ?? ''
      const copy = /^\d{1,15}$/.test(first) ? holds.copy(hold.id, Number(first)) : undefined
      if (copy === undefined) throw new Refusal('NOT_FOUND')
      seen.request.firstIndex = copy.first
      seen.request.endIndex = copy.last
      seen.response = { totalResources: copy.events, fileHash: copy.sha256 }
      const name = `${row.location}-${hold.id}-${copy.first}.evidence`
      const headers = { 'cache-control': 'no-store', 'content-disposition': `attachment; filename="${name}"` }
      const type = 'application/x-keywitness-evidence; charset=utf-8'
      return { code: 200, result: { body: archive.read(copy), type, headers } }
    },
  })
}

function addPlace(app: FastifyInstance, parts: HoldRoutesParts): void {
  const { door, holds, clock } = parts
  const readBody = bodyReader(NewHold)
  addAccountRoute(app, door, {
    method: 'POST',
    url: path,
    action: 'activity-tracker.hold.create',
    place: placeIn(parts),
    target: targetIn(parts),
    schema: {
      summary: 'Place a legal hold: what it covers is copied with its proofs before it may leave the log',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      body: NewHold,
    },
    operation: (request, seen) => {
      const row = requireTracker(parts, request, 'trail.administer')
      refuseElsewhere(parts, row)
      const body = request.body()
      if (isJsonObject(body)) refuseBadQuery(body, clock.now())
      const wish = readBody(body)
      const { reason, query = '', tz, first = 0, last } = wish
      if (last !== undefined && last < first) throw new Refusal('INVALID_FIELD_ERR', { at: field('last') })
      if (holds.open(row.id).length >= openHoldsMax) throw new Refusal('QUOTA_EXCEEDED')
      const now = clock.now()
      const hold: Hold = {
        id: randomUUID(),
        account: row.account,
        location: row.location,
        tracker: row.id,
        reason,
        query: query.trim(),
        queryNow: now,
        queryZone: tz ?? null,
        first,
        last: last ?? null,
        placedAt: now,
        placedBy: request.caller.id,
        placedByName: request.caller.name,
        state: 'open',
        releasedAt: null,
        releasedBy: null,
        copiedTo: 0,
      }
      seen.request = {
        reason,
        ...(hold.query === '' ? {} : { query: hold.query }),
        ...(first === 0 ? {} : { firstIndex: first }),
        ...(last === undefined ? {} : { endIndex: last + 1 }),
      }
      seen.response.hold = hold.id
      return { code: 201, changes: [insertHold(hold)], result: { body: viewOf(hold, []) } }
    },
  })
}

/** @throws Refusal INVALID_FIELD_ERR */
function refuseBadQuery({ query, tz }: JsonObject, now: number): void {
  if (tz !== undefined && (typeof tz !== 'string' || !isZone(tz))) {
    throw new Refusal('INVALID_FIELD_ERR', { at: field('tz') })
  }
  if (typeof query !== 'string' || query.trim() === '') return
  try {
    parseQuery(query, tz === undefined ? { now } : { now, zone: tz })
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new Refusal('INVALID_FIELD_ERR', {
      message: `The query cannot be read at character ${error.at + 1}.`,
      at: { ...field('query'), from: error.at, length: error.length },
    })
  }
}

function field(name: string): { type: 'field'; name: string } {
  return { type: 'field', name }
}

function existing(holds: Holds, row: TrackerRow, id: string | undefined): Hold {
  const hold = holds.find(row.id, id ?? '')
  if (hold === undefined) throw new Refusal('NOT_FOUND')
  return hold
}

function viewOf(hold: Hold, copies: readonly HoldCopy[]): object {
  return {
    id: hold.id,
    reason: hold.reason,
    query: hold.query,
    first: hold.first,
    last: hold.last,
    placedBy: { id: hold.placedBy, name: hold.placedByName },
    placedAt: timestamp(hold.placedAt),
    state: hold.state,
    releasedBy: hold.releasedBy,
    releasedAt: hold.releasedAt === null ? null : timestamp(hold.releasedAt),
    copiedTo: hold.copiedTo,
    eventsCopied: copies.reduce((sum, { events }) => sum + events, 0),
    files: copies.length,
  }
}

function copyOf({ first, last, events, bytes, sha256, size, copiedAt }: HoldCopy): object {
  return { first, last: last - 1, events, bytes, sha256, checkpointSize: size, copiedAt: timestamp(copiedAt) }
}
