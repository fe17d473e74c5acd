/** The keys of a log: which signed it from when until when, the proof of each change, and changing the key. */
import type { PreparedKey } from '@keywitness/tracker'
import { parseVerifierKey } from '@keywitness/tlog'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, addAccountRoute } from '../../http/account-route.ts'
import { isJsonObject } from '../../http/json.ts'
import type { AddLogRoute, LogRoutesParts } from './log-routes.ts'

/** What a change of key overlaps unless the request says otherwise: a week. */
const overlapSecondsDefault = 604_800
/** Who verifies looks for a new key once a minute; who has met it in time never meets one that he does not know. */
const overlapSecondsMin = 300
const overlapSecondsMax = 31_536_000

const path = '/v1/trackers/:location/log/keys'

export function addLogKeyRoutes(app: FastifyInstance, parts: LogRoutesParts, addUnrecorded: AddLogRoute): void {
  const { door, access, trail, trackerOf, place, target } = parts

  addUnrecorded(path, { summary: 'All keys of the log, oldest first, with what they sign' }, async (row) => {
    const known = await trail.ask(row, 'keys', {})
    const keys = known.map(({ vkey, from, until, announced, overlapUntil }, at) => ({
      key: vkey,
      id: idOf(vkey),
      state: until !== undefined ? 'retired' : at === known.length - 1 ? 'current' : 'retiring',
      from: momentOf(from),
      until: until === undefined ? null : momentOf(until),
      announced: announced ?? null,
      overlapUntil: until === undefined && overlapUntil !== undefined ? timeOf(overlapUntil) : null,
    }))
    return { body: { keys }, type: 'application/json' }
  })

  // It holds the entry: what shows event content is an event.
  addAccountRoute(app, door, {
    method: 'GET',
    url: `${path}/:key/announcement`,
    action: 'activity-tracker.receipt.read',
    place,
    target,
    schema: {
      summary: 'Proof of the event that announced a key, at a checkpoint that the key before it has signed too',
      tags: ['trail'],
      params: Type.Object({
        location: Type.String(),
        key: Type.String({ description: 'Key id, 8 hexadecimal digits' }),
      }),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const keys = await trail.ask(row, 'keys', {})
      const asked = keys.find(({ vkey }) => idOf(vkey) === request.params['key'])
      if (asked?.announced === undefined) throw new Refusal('NOT_FOUND')
      seen.request.eventId = String(asked.announced)
      const found = await trail.ask(row, 'announcement', { vkey: asked.vkey })
      if (found === undefined) throw new Refusal('NOT_COVERED')
      trail.keep(row, found.proof)
      return { code: 200, result: { body: found.proof, type: 'text/plain; charset=utf-8' } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: path,
    action: 'activity-tracker.log-key.rotate',
    place,
    target,
    schema: {
      summary: 'Change the key of the log: this event announces the new one, both sign for a while, then it alone',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      body: Type.Object({
        overlapSeconds: Type.Optional(
          Type.Integer({ minimum: overlapSecondsMin, maximum: overlapSecondsMax, default: overlapSecondsDefault }),
        ),
      }),
    },
    operation: async (request, seen) => {
      access.requireTracker(request.caller, request.params['location'] ?? '', 'trail.administer')
      const row = trackerOf(request)
      const overlapSeconds = overlapOf(request)
      seen.request.overlapSeconds = overlapSeconds
      // Made, but it signs nothing before this event is in the log; asked again, it is the same one.
      const next: PreparedKey = await trail.prepareKey(row)
      seen.response = { newKey: next.vkey, previousKey: next.previous, voucher: next.voucher }
      const body = { key: next.vkey, id: idOf(next.vkey), previousKey: next.previous, overlapSeconds }
      return { code: 202, result: { body } }
    },
  })
}

function overlapOf(request: AccountRequest): number {
  const body = request.body() ?? {}
  if (!isJsonObject(body)) throw new Refusal('BAD_BODY_ERR')
  const unknown = Object.keys(body).find((name) => name !== 'overlapSeconds')
  if (unknown !== undefined) throw new Refusal('BAD_BODY_ERR')
  const seconds = body['overlapSeconds'] ?? overlapSecondsDefault
  const isInRange = typeof seconds === 'number' && Number.isSafeInteger(seconds)
  if (!isInRange || seconds < overlapSecondsMin || seconds > overlapSecondsMax) {
    throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'overlapSeconds' } })
  }
  return seconds
}

function idOf(vkey: string): string {
  return parseVerifierKey(vkey).keyId.toString(16).padStart(8, '0')
}

function timeOf(time: number): string {
  return new Date(time).toISOString()
}

function momentOf({ size, time }: { readonly size: number; readonly time: number }): { size: number; time: string } {
  return { size, time: timeOf(time) }
}
