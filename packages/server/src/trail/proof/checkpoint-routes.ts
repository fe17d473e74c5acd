/** The checkpoints that a log keeps: any two of them can be shown to be heads of one log. */
import { Type } from 'typebox'
import { Refusal } from '../../errors.ts'
import type { AddLogRoute } from './log-routes.ts'
import { wholeNumber } from '../search/query.ts'
import type { Trail } from '../trail.ts'

const pageMax = 1_000

export function addCheckpointRoutes(addUnrecorded: AddLogRoute, trail: Trail): void {
  addUnrecorded(
    '/v1/trackers/:location/log/checkpoints',
    {
      summary: 'Checkpoints that are kept for ever: the first of each hour, and those handed out; largest first',
      querystring: Type.Object({
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageMax, default: 100 })),
        before: Type.Optional(Type.Integer({ minimum: 0, description: '`next` of the page before: sizes below it' })),
      }),
    },
    async (row, { query }) => {
      const limit = wholeNumber('limit', query.get('limit') ?? '100', 1, pageMax)
      const before = wholeNumber('before', query.get('before') ?? String(sizeMax), 0, sizeMax)
      const found = await trail.ask(row, 'checkpoints', { before, limit: limit + 1 })
      const page = found.slice(0, limit)
      const next = found.length > limit ? page.at(-1)?.size : undefined
      const checkpoints = page.map(({ size, root, signedAt, note }) => ({
        size,
        root,
        signedAt: new Date(signedAt).toISOString(),
        note,
      }))
      const body = { checkpoints, next: next ?? null }
      return { body, type: 'application/json' }
    },
  )

  addUnrecorded(
    '/v1/trackers/:location/log/checkpoints/:size',
    { summary: 'The signed checkpoint of a size' },
    async (row, { params }) => {
      const size = params['size'] ?? ''
      if (!/^\d{1,15}$/.test(size)) throw new Refusal('NOT_FOUND')
      const found = await trail.ask(row, 'checkpointAt', { size: Number(size) })
      if (found === undefined) throw new Refusal('NOT_FOUND')
      // One that was not kept so far is handed out now.
      trail.keep(row, found.note)
      return { body: found.note, type: 'text/plain; charset=utf-8' }
    },
  )
}

const sizeMax = 999_999_999_999_999
