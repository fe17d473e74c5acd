/** The REST face of continuity reports: one JSON object, or lines with progress and the report at the end. */
import { PassThrough } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Circumstances } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRequestHead, addAccountRoute } from '../../http/account-route.ts'
import type { Door } from '../../http/door.ts'
import type { Continuities, ContinuityAsk } from './continuity.ts'
import type { ContinuityReport } from './continuity-report.ts'
import { parseTime } from '../times.ts'
import type { TrackerRow, Trail } from '../trail.ts'

export interface ContinuityRoutesParts {
  readonly door: Door
  readonly trail: Trail
  readonly continuities: Continuities
  readonly clock: Clock
  readonly trackerOf: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
  readonly place: (request: AccountRequestHead) => Pick<Circumstances, 'destination' | 'logSourceCRN'> | undefined
  readonly target: (request: AccountRequestHead) => { id: string; name: string }
}

const lines = 'application/x-ndjson'

export function addContinuityRoute(app: FastifyInstance, parts: ContinuityRoutesParts): void {
  const { door, trail, continuities, clock, trackerOf, place, target } = parts

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/continuity',
    action: 'activity-tracker.continuity.read',
    place,
    target,
    schema: {
      summary: 'How complete the log is: numbers, epochs, times, heartbeats, checkpoints and counts, entry by entry',
      description:
        `With \`Accept: ${lines}\` the answer is lines: \`{"progress":…}\` while entries are read, and \`{"report":…}\` ` +
        'or `{"error":…}` as the last one.',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      querystring: Type.Object({
        from: Type.Optional(Type.String({ description: 'RFC 3339, `now`, or relative such as `-7d`; inclusive' })),
        to: Type.Optional(Type.String({ description: 'The same forms; exclusive' })),
      }),
    },
    operation: async (request, seen) => {
      const tracker = trackerOf(request)
      const [from, to] = (['from', 'to'] as const).map((name) => {
        const value = request.query.get(name)
        if (value === null || value === '') return undefined
        const time = parseTime(name, value, { now: clock.now() })
        seen.request[name] = new Date(time).toISOString()
        return time
      })
      if (continuities.isFull(tracker.account)) throw new Refusal('TOO_MANY_REQUESTS')
      const ask = { tracker, from, to, gone: request.gone() }
      const bodyOf = (report: ContinuityReport): string => textOf(report, trail.oddities(tracker).repeats)
      if (request.headers.accept?.includes(lines) !== true) {
        const body = bodyOf(await continuities.examine(ask, () => undefined))
        return { code: 200, result: { body, type: 'application/json' } }
      }
      const body = new PassThrough()
      return {
        code: 200,
        result: { body, type: lines, headers: { 'cache-control': 'no-store' } },
        settled: () => void stream(continuities, ask, body, bodyOf, request.stillGood),
      }
    },
  })
}

/** Writes the lines of an answer whose event is durable. */
async function stream(
  continuities: Continuities,
  ask: ContinuityAsk,
  body: PassThrough,
  bodyOf: (report: ContinuityReport) => string,
  isAllowed: () => boolean,
): Promise<void> {
  try {
    const report = await continuities.examine(ask, ({ done, total, bytes }) => {
      // A reader that does not read misses words of progress, and nothing is kept for it.
      if (!body.writableNeedDrain) body.write(`${JSON.stringify({ progress: { done, total, bytes } })}\n`)
    })
    if (!isAllowed()) throw new Refusal('UNAUTHORIZED_ERR')
    body.end(`{"report":${bodyOf(report)}}\n`)
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'INTERNAL'
    body.end(`${JSON.stringify({ error: { code } })}\n`)
  }
}

const times = new Set(['time', 'began', 'firstTime', 'lastTime'])

/** Times as RFC 3339. `repeats` is what the tracker counted: dropped deliveries leave nothing in the log. */
function textOf(report: ContinuityReport, repeats: number): string {
  return JSON.stringify({ ...report, repeats }, (name, value: unknown) =>
    times.has(name) && typeof value === 'number' ? new Date(value).toISOString() : value,
  )
}
