/** The log's own files, as C2SP lays them out: key, checkpoint, tiles, entry bundles, consistency proofs. */
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { Type } from 'typebox'
import type { Circumstances } from '../../audit.ts'
import type { Caller } from '../../caller.ts'
import { Refusal } from '../../errors.ts'
import {
  type AccountRequest,
  type AccountRequestHead,
  addAccountRoute,
  headOfRequest,
} from '../../http/account-route.ts'
import { Denied } from '../../http/authenticate.ts'
import { accountCircumstances, type Door, recordDenied, refusalRecorded } from '../../http/door.ts'
import type { Access } from '../../iam/roles.ts'
import { addCheckpointRoutes } from './checkpoint-routes.ts'
import { addLogKeyRoutes } from './log-key-routes.ts'
import { addMinimumIndexRoute } from './minimum-index-route.ts'
import { wholeNumber } from '../search/query.ts'
import type { TrackerRow, Trail } from '../trail.ts'
import { addVerificationRoutes } from './verification-routes.ts'
import type { Verifications } from './verifications.ts'

export interface LogRoutesParts {
  readonly door: Door
  readonly access: Access
  readonly trail: Trail
  readonly verifications: Verifications
  readonly trackerOf: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
  readonly place: (request: AccountRequestHead) => Pick<Circumstances, 'destination' | 'logSourceCRN'> | undefined
  readonly target: (request: AccountRequestHead) => { id: string; name: string }
}

interface Content {
  readonly body: string | Uint8Array | object
  readonly type: string
  readonly caching: string
}

/** Adds a route that answers hashes and signatures; `schema` is for the description only. */
export type AddLogRoute = (
  url: string,
  schema: FastifySchema,
  content: (row: TrackerRow, request: AccountRequestHead) => Promise<Content>,
) => void

const immutable = 'private, max-age=31536000, immutable'
const fresh = 'no-store'

export function addLogRoutes(app: FastifyInstance, parts: LogRoutesParts): void {
  const { door, trail, trackerOf, place, target } = parts

  /**
   * Answers what holds hashes and signatures only, without an event: verifiers ask for them all the time. A caller who
   * may not is recorded like everywhere. The complete list of such routes: docs/reference/not-recorded.md.
   */
  const addUnrecorded: AddLogRoute = (url, schema, content) => {
    app.get(url, { schema: { ...schema, tags: ['trail'] } }, async (request: FastifyRequest, reply: FastifyReply) => {
      let caller: Caller
      try {
        caller = await door.authenticator.authenticate(request)
      } catch (error) {
        throw error instanceof Denied ? await recordDenied(door, request, 'activity-tracker.log.read', error) : error
      }
      const head = headOfRequest(door, request, caller)
      let row: TrackerRow
      try {
        row = trackerOf(head)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const circumstances = { ...accountCircumstances(door, request, caller), ...place(head) }
        throw await refusalRecorded(door, 'activity-tracker.log.read', circumstances, target(head), error)
      }
      const { body, type, caching } = await content(row, head)
      return reply.type(type).header('cache-control', caching).send(body)
    })
  }

  addUnrecorded('/v1/trackers/:location/log/key', { summary: 'Verifier key of the checkpoints' }, async (row) => {
    const { key } = await trail.ask(row, 'state', {})
    return { body: `${key}\n`, type: 'text/plain; charset=utf-8', caching: fresh }
  })

  addUnrecorded('/v1/trackers/:location/log/checkpoint', { summary: 'Newest signed checkpoint' }, async (row) => {
    const note = await trail.ask(row, 'checkpoint', {})
    if (note === undefined) throw new Refusal('NOT_FOUND')
    trail.keep(row, note)
    return { body: note, type: 'text/plain; charset=utf-8', caching: fresh }
  })

  addUnrecorded(
    '/v1/trackers/:location/log/consistency',
    { summary: 'Proof that a larger log contains a smaller' },
    async (row, head) => {
      const size = (name: 'from' | 'to'): number =>
        wholeNumber(name, head.query.get(name) ?? '', 0, Number.MAX_SAFE_INTEGER)
      const hashes = await trail.ask(row, 'consistency', { from: size('from'), to: size('to') })
      if (hashes === undefined) throw new Refusal('NOT_COVERED')
      const body = { hashes: hashes.map((hash) => Buffer.from(hash).toString('base64')) }
      return { body, type: 'application/json', caching: fresh }
    },
  )

  addUnrecorded(
    '/v1/trackers/:location/log/tile/:level/*',
    { summary: 'A tile of hashes' },
    async (row, { params }) => ({
      body: await pathContent(trail, row, `tile/${params['level'] ?? ''}/${params['*'] ?? ''}`),
      type: 'application/octet-stream',
      caching: immutable,
    }),
  )

  addCheckpointRoutes(addUnrecorded, trail)
  addMinimumIndexRoute(addUnrecorded, trail)
  addLogKeyRoutes(app, parts, addUnrecorded)
  addVerificationRoutes(app, parts)

  // Entries are event content: reading them is an event, one per bundle of 256.
  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/log/tile/entries/*',
    action: 'activity-tracker.events.export',
    place,
    target,
    schema: {
      summary: 'A bundle of entries, as the log has them',
      tags: ['trail'],
      params: Type.Object({ location: Type.String(), '*': Type.String() }),
    },
    operation: async (request) => {
      const row = trackerOf(request)
      const body = await pathContent(trail, row, `tile/entries/${request.params['*'] ?? ''}`)
      const headers = { 'cache-control': immutable }
      return { code: 200, result: { body, type: 'application/octet-stream', headers } }
    },
  })
}

async function pathContent(trail: Trail, row: TrackerRow, path: string): Promise<Uint8Array> {
  const content = await trail.ask(row, 'path', { path })
  if (content === undefined) throw new Refusal('NOT_FOUND')
  return content
}
