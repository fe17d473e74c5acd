/** The log's own files, as C2SP lays them out: key, checkpoint, tiles, entry bundles, consistency proofs. */
import type { FastifyInstance, FastifySchema } from 'fastify'
import { Type } from 'typebox'
import type { Circumstances } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRequestHead, addAccountRoute } from '../../http/account-route.ts'
import type { Door } from '../../http/door.ts'
import { addUnrecordedRoute, type UnrecordedContent } from '../../http/unrecorded-route.ts'
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

/** Adds a route that answers hashes and signatures; `schema` is for the description only. */
export type AddLogRoute = (
  url: string,
  schema: FastifySchema,
  content: (row: TrackerRow, request: AccountRequestHead) => Promise<UnrecordedContent>,
) => void

export function addLogRoutes(app: FastifyInstance, parts: LogRoutesParts): void {
  const { door, trail, trackerOf, place, target } = parts

  // Verifiers ask for hashes and signatures all the time.
  const addUnrecorded: AddLogRoute = (url, schema, content) =>
    addUnrecordedRoute(app, door, {
      url,
      schema: { ...schema, tags: ['trail'] },
      action: 'activity-tracker.log.read',
      place,
      target,
      permit: trackerOf,
      content,
    })

  addUnrecorded('/v1/trackers/:location/log/key', { summary: 'Verifier key of the checkpoints' }, async (row) => {
    const { key } = await trail.ask(row, 'state', {})
    return { body: `${key}\n`, type: 'text/plain; charset=utf-8' }
  })

  addUnrecorded('/v1/trackers/:location/log/checkpoint', { summary: 'Newest signed checkpoint' }, async (row) => {
    const note = await trail.ask(row, 'checkpoint', {})
    if (note === undefined) throw new Refusal('NOT_FOUND')
    trail.keep(row, note)
    return { body: note, type: 'text/plain; charset=utf-8' }
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
      return { body, type: 'application/json' }
    },
  )

  addUnrecorded(
    '/v1/trackers/:location/log/tile/:level/*',
    { summary: 'A tile of hashes' },
    async (row, { params }) => ({
      body: await pathContent(trail, row, `tile/${params['level'] ?? ''}/${params['*'] ?? ''}`),
      type: 'application/octet-stream',
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
      // As what is not recorded: a bundle that is kept of another log looks like a forged one.
      const headers = { 'cache-control': 'no-store' }
      return { code: 200, result: { body, type: 'application/octet-stream', headers } }
    },
  })
}

async function pathContent(trail: Trail, row: TrackerRow, path: string): Promise<Uint8Array> {
  const content = await trail.ask(row, 'path', { path })
  if (content === undefined) throw new Refusal('NOT_FOUND')
  return content
}
