/** The trackers of an account: which there are, and provisioning one here or on another server. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { type AccountRequest, addAccountRoute } from '../http/account-route.ts'
import type { Door } from '../http/door.ts'
import { isJsonObject, type JsonValue } from '../http/json.ts'
import type { Access } from '../iam/roles.ts'
import { parseTargetUrl, TargetUrlError } from '../outbound/target-url.ts'
import type { RemotePlace } from './messages.ts'
import {
  memberOf,
  type Network,
  refusedBy,
  RemoteServer,
  RemoteTrouble,
  type ServerPlace,
  troubleOf,
} from './forwarding/remote-server.ts'
import { newTracker, type TrackerNames } from './trackers.ts'
import type { Trail } from './trail.ts'

export interface TrackerRoutesParts {
  readonly door: Door
  readonly access: Access
  readonly trail: Trail
  readonly clock: Clock
  readonly names: TrackerNames
  readonly network: Network
}

const locationPattern = /^[a-z][a-z0-9-]{1,31}$/
const caCharactersMax = 64 * 1024
const originMax = 256

export function addTrackerRoutes(app: FastifyInstance, parts: TrackerRoutesParts): void {
  const { door, access, trail, clock, names } = parts

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers',
    action: 'activity-tracker.instance.list',
    schema: { summary: 'The trackers of the account that the caller may read', tags: ['trail'] },
    operation: ({ caller }, seen) => {
      const rows = trail.trackers(caller.account).filter((row) => access.mayReadTracker(caller, row.location))
      seen.response.totalResources = rows.length
      const trackers = rows.map((row) => ({
        location: row.location,
        origin: row.origin,
        crn: names.crn(row),
        createdAt: new Date(row.created_at).toISOString(),
        ...trail.growth(row),
        ...remoteOf(trail, row),
      }))
      return { code: 200, result: { body: { trackers } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: '/v1/trackers',
    action: 'activity-tracker.instance.create',
    schema: {
      summary: 'Provision the tracker of a location, here or on another server',
      tags: ['trail'],
      body: Type.Object({
        location: Type.String(),
        remote: Type.Optional(
          Type.Object({
            url: Type.String({ description: 'Where the other server is, such as https://audit.example.com' }),
            location: Type.Optional(Type.String({ description: 'Location of its tracker; the same when not given' })),
            apikey: Type.String({ description: 'Of a service ID there with the role Producer' }),
            ca: Type.Optional(Type.String({ description: 'Certificate authorities to trust, PEM' })),
          }),
        ),
      }),
    },
    operation: async (request, seen) => {
      access.requireAccount(request.caller, 'trackers.create')
      const body = request.body()
      const location = isJsonObject(body) ? body['location'] : undefined
      if (typeof location !== 'string' || !locationPattern.test(location)) throw badField('location')
      const row = newTracker(names, request.caller.account, location, clock.now())
      seen.target = { id: names.crn(row), name: location }
      if (trail.tracker(row.account, location) !== undefined) throw new Refusal('ALREADY_EXISTS')
      if (trail.isClosing(row)) throw new Refusal('TRACKER_CLOSING')
      const remote = isJsonObject(body) ? body['remote'] : undefined
      if (remote === undefined || remote === null) {
        return {
          code: 201,
          result: { body: { location, origin: row.origin, crn: names.crn(row), size: 0, covered: 0 } },
          changes: [names.insert(row, request.caller.id)],
          // It exists from its commit on: when its files cannot be opened now, readiness says so and its events wait.
          settled: () => trail.add(row).catch(() => undefined),
        }
      }
      const place = remotePlace(remote, { account: row.account, location }, parts)
      seen.request.remote = new URL(place.url).host
      const origin = await originOf(place, parts.network, request)
      const there = { ...row, origin }
      const { size, covered } = trail.growth(row)
      return {
        code: 201,
        result: {
          body: { location, origin, crn: names.crn(row), size, covered, remote: shownRemote(place) },
        },
        changes: [names.insert(there, request.caller.id), ...trail.remotes.insert(place)],
        settled: () => trail.addRemote({ ...place, origin }),
      }
    },
  })
}

function shownRemote({ url, remoteLocation }: Pick<RemotePlace, 'url' | 'remoteLocation'>): object {
  return { url, location: remoteLocation }
}

/** Where a tracker is, when that is not here, and what keeps events from it. */
function remoteOf(trail: Trail, row: { account: string; location: string }): object {
  const remote = trail.remotes.find(row)
  if (remote === undefined) return {}
  const trouble = trail.unreachable(row)
  return {
    remote: shownRemote({ url: remote.url, remoteLocation: remote.remote_location }),
    ...(trouble === undefined ? {} : { trouble }),
  }
}

function remotePlace(
  value: JsonValue,
  { account, location }: { account: string; location: string },
  { network }: TrackerRoutesParts,
): Omit<RemotePlace, 'origin'> {
  if (!isJsonObject(value)) throw badField('remote')
  const { url, apikey, ca } = value
  const remoteLocation = value['location'] ?? location
  if (typeof url !== 'string') throw badField('remote.url')
  if (typeof apikey !== 'string' || !/^[\w-]{16,128}$/.test(apikey)) throw badField('remote.apikey')
  if (typeof remoteLocation !== 'string' || !locationPattern.test(remoteLocation)) throw badField('remote.location')
  const isPem = typeof ca === 'string' && ca.length <= caCharactersMax && ca.includes('-----BEGIN CERTIFICATE-----')
  if (ca !== undefined && ca !== null && !isPem) throw badField('remote.ca')
  try {
    const whole = parseTargetUrl(url, network.addresses)
    if (whole.search !== '') throw new TargetUrlError('The URL must not have a query.')
    if (!whole.pathname.endsWith('/')) whole.pathname += '/'
    return { account, location, url: whole.href, remoteLocation, apiKey: apikey, ca: isPem ? ca : undefined }
  } catch (error) {
    if (!(error instanceof TargetUrlError)) throw error
    throw new Refusal('INVALID_FIELD_ERR', { message: error.message, at: { type: 'field', name: 'remote.url' } })
  }
}

/** Asks the other server whether it would take events, and which log that is. */
async function originOf(place: ServerPlace, network: Network, request: AccountRequest): Promise<string> {
  try {
    const server = new RemoteServer(place, network, request.gone())
    const answer = await server.call('GET', `producers/${randomUUID()}`)
    if (answer.status !== 200) throw refusedBy(answer, 'it does not take events of this service ID there')
    const origin = memberOf(answer, 'origin')
    if (typeof origin === 'string' && origin.length <= originMax && /^[!-~]+$/.test(origin)) return origin
    throw new RemoteTrouble('BAD_ANSWER', 'it does not say which log it is')
  } catch (error) {
    const { message } = troubleOf(error)
    throw new Refusal('TRACKER_UNREACHABLE', { message: `The other server cannot be used: ${message}.`, cause: error })
  }
}

function badField(name: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name } })
}
