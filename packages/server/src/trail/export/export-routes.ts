/** The REST face of exports: `GET …/export`, every event up to a checkpoint, in one answer of any size. */
import { canonicalJson, parseQuery } from '@keywitness/cadf'
import { parseCheckpoint, parseNote, parseVerifierKey, toBase64 } from '@keywitness/tlog'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type Audit, type Circumstances, type Seen } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { type ErrorCode, errors, Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRequestHead, addAccountRoute } from '../../http/account-route.ts'
import type { Door } from '../../http/door.ts'
import type { Access } from '../../iam/roles.ts'
import type { ExportEnd, ExportedRows, Exports } from './export.ts'
import type { ExportFormat, TrailFilter } from '../messages.ts'
import { parseSearch, refuse, wholeNumber } from '../search/query.ts'
import { filterParameters } from '../search/search-parameters.ts'
import type { TrackerRow, Trail } from '../trail.ts'

export interface ExportRoutesParts {
  readonly door: Door
  readonly access: Access
  readonly trail: Trail
  readonly exports: Exports
  readonly clock: Clock
  readonly trackerOf: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
  readonly place: (request: AccountRequestHead) => Pick<Circumstances, 'destination' | 'logSourceCRN'> | undefined
  readonly target: (request: AccountRequestHead) => { id: string; name: string }
}

const action = 'activity-tracker.events.export'

const types: Readonly<Record<ExportFormat, { readonly media: string; readonly ending: string }>> = {
  jsonl: { media: 'application/x-ndjson', ending: 'jsonl' },
  csv: { media: 'text/csv; charset=utf-8; header=present', ending: 'csv' },
  cadf: { media: 'application/x-ndjson', ending: 'cadf.jsonl' },
  evidence: { media: 'application/vnd.keywitness.evidence', ending: 'evidence' },
}

/** How each end is told: the status and the refusal it would have been; nothing for a complete one. */
const ends: Readonly<Record<Exclude<ExportEnd, 'complete'>, ErrorCode>> = {
  'client-left': 'EXPORT_BROKEN_OFF',
  'not-allowed': 'UNAUTHORIZED_ERR',
  'shutting-down': 'EXPORT_STOPPED',
  failed: 'INTERNAL',
}

/** Clients take 16 KiB of headers, some take 8. */
const noteHeaderMax = 4_096

/** Parameters of a search that an export has no use for. */
const paging = ['limit', 'cursor', 'order']

const own: ReadonlySet<string> = new Set(['format', 'size', 'after', 'first', 'last', 'now'])

/** Parts of an export's query, each checked. */
interface Wanted {
  readonly format: ExportFormat
  readonly size: number | undefined
  readonly after: number | undefined
  readonly first: number
  readonly last: number | undefined
  /** From when on relative times count; milliseconds. */
  readonly now: number
  /** Whether the client said so. */
  readonly isNowGiven: boolean
}

export function addExportRoutes(app: FastifyInstance, parts: ExportRoutesParts): void {
  const { door, access, trail, exports, clock, trackerOf, place, target } = parts
  const index = (description: string) => Type.Optional(Type.Integer({ minimum: 0, description }))

  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/export',
    action,
    place,
    target,
    schema: {
      summary: 'All events that match, up to a checkpoint, oldest first, as one stream',
      description:
        'The headers `Keywitness-Log-Origin`, `Keywitness-Checkpoint-Size` and `Keywitness-Checkpoint-Root` name the ' +
        'checkpoint; `Keywitness-Checkpoint` is its signed note in base64, where it is short; `Keywitness-Now` is what ' +
        'relative times count from. An answer that was broken off goes on with the same query, `size`, `now` and `after`.',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      querystring: Type.Object({
        format: Type.Optional(
          Type.Union(
            (['jsonl', 'csv', 'cadf', 'evidence'] as const).map((name) => Type.Literal(name)),
            { default: 'jsonl' },
          ),
        ),
        size: index('Size of the checkpoint to stand on; the newest when not given'),
        after: index('Go on behind the row of this index; needs size'),
        first: index('Lowest index wanted'),
        last: index('Highest index wanted'),
        now: Type.Optional(Type.String({ description: 'From when on relative times count, RFC 3339' })),
        ...filterParameters,
      }),
    },
    operation: async (request, seen) => {
      const row = trackerOf(request)
      const wanted = parseWanted(request.query, clock.now())
      const { filter, asked } = parseSearch(request.query, wanted.now, own)
      const told = [asked, ...conditionsOf(wanted)].filter((part) => part !== '').join(' ')
      if (told !== '') seen.request.query = told
      seen.request.format = wanted.format
      if (exports.isFull(row.account)) throw new Refusal('TOO_MANY_REQUESTS')
      const { size, note, root } = await checkpointOf(trail, row, wanted.size)
      const keys = wanted.format === 'evidence' ? await signersOf(trail, row, note) : []
      trail.keep(row, note)
      seen.request.checkpointSize = size
      if (wanted.after !== undefined) seen.request.after = wanted.after
      const { circumstances } = request
      const about = { target: seen.target, request: { ...seen.request } }
      const end = Math.min(size, (wanted.last ?? size) + 1)
      // Two at once may have come this far.
      if (exports.isFull(row.account)) throw new Refusal('TOO_MANY_REQUESTS')
      const { body, begun } = exports.start({
        place: { account: row.account, location: row.location },
        format: wanted.format,
        filter,
        after: Math.max(wanted.after ?? -1, wanted.first - 1),
        isResumed: wanted.after !== undefined,
        end,
        size,
        note,
        keys,
        query: canonicalJson(askedOf(filter, wanted)),
        isAllowed: () =>
          request.stillGood() &&
          access.mayReadTracker(request.caller, row.location) &&
          trail.tracker(row.account, row.location)?.id === row.id,
        gone: request.gone(),
        ended: (how, rows) => recordEnd(door.audit, circumstances, about, how, rows),
      })
      const { media, ending } = types[wanted.format]
      const headers = {
        'cache-control': 'no-store',
        'content-disposition': `attachment; filename="${row.location}-${size}.${ending}"`,
        'keywitness-now': new Date(wanted.now).toISOString(),
        'keywitness-log-origin': row.origin,
        'keywitness-checkpoint-size': String(size),
        'keywitness-checkpoint-root': root,
        ...noteHeader(note),
      }
      return { code: 200, isPending: true, settled: begun, result: { body, type: media, headers } }
    },
  })
}

function parseWanted(query: URLSearchParams, clock: number): Wanted {
  for (const name of own) {
    if (query.getAll(name).length > 1) refuse(name, `The parameter ${name} may be given once.`)
  }
  const format = query.get('format') ?? 'jsonl'
  if (!Object.hasOwn(types, format))
    refuse('format', `The parameter format must be one of ${Object.keys(types).join(', ')}.`)
  for (const name of paging) {
    if (query.has(name)) refuse(name, `An export takes no ${name}: it is all that matches, oldest first.`)
  }
  const [size, after, first, last] = (['size', 'after', 'first', 'last'] as const).map((name) => {
    const value = query.get(name)
    return value === null ? undefined : wholeNumber(name, value, 0, Number.MAX_SAFE_INTEGER)
  })
  if (after !== undefined && size === undefined)
    refuse('size', 'An export goes on from its own checkpoint: name its size.')
  if (after !== undefined && format === 'evidence') refuse('after', 'Evidence is made in one piece.')
  const from = query.get('now')
  const now = from === null ? clock : Date.parse(/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(from) ? from : '')
  if (Number.isNaN(now)) refuse('now', 'The parameter now must be an RFC 3339 time with zone.')
  return { format: format as ExportFormat, size, after, first: first ?? 0, last, now, isNowGiven: from !== null }
}

/** The checkpoint of a size, or the newest. @throws Refusal NOT_COVERED, INVALID_QUERY_PARAM_ERR */
export async function checkpointOf(
  trail: Trail,
  row: TrackerRow,
  size: number | undefined,
): Promise<{ size: number; note: string; root: string }> {
  const note =
    size === undefined ? await trail.ask(row, 'checkpoint', {}) : (await trail.ask(row, 'checkpointAt', { size }))?.note
  if (note === undefined && size === undefined) throw new Refusal('NOT_COVERED')
  if (note === undefined) return refuse('size', 'No checkpoint of this size was kept.')
  const checkpoint = parseCheckpoint(parseNote(note).text)
  return { size: checkpoint.size, note, root: toBase64(checkpoint.root) }
}

/** The log's keys that signed a note. */
export async function signersOf(trail: Trail, row: TrackerRow, note: string): Promise<string[]> {
  const { signatures } = parseNote(note)
  const keys = await trail.ask(row, 'keys', {})
  return keys.flatMap(({ vkey }) => {
    const { name, keyId } = parseVerifierKey(vkey)
    const isSigner = signatures.some((signature) => signature.name === name && signature.keyId === keyId)
    return isSigner ? [vkey] : []
  })
}

/** The note itself, unless so many have signed it that it would be too long for a header: `log/checkpoints` has it too. */
function noteHeader(note: string): Record<string, string> {
  const base64 = Buffer.from(note).toString('base64')
  return base64.length <= noteHeaderMax ? { 'keywitness-checkpoint': base64 } : {}
}

/** Conditions of an export's own, told like the others: a relative time says little where the client says what is now. */
function conditionsOf({ first, last, now, isNowGiven }: Wanted): string[] {
  return [
    ...(first === 0 ? [] : [`first:${first}`]),
    ...(last === undefined ? [] : [`last:${last}`]),
    ...(isNowGiven ? [`now:${new Date(now).toISOString()}`] : []),
  ]
}

/** What was asked, with times made absolute: the same for every run of the same question. */
function askedOf(filter: TrailFilter, { first, last }: Wanted): object {
  const { from, to, now, ...others } = filter
  const iso = (time: number): string => new Date(time).toISOString()
  return {
    ...others,
    ...(from === undefined ? {} : { from: iso(from) }),
    ...(to === undefined ? {} : { to: iso(to) }),
    ...(now === undefined || !isRelative(filter) ? {} : { now: iso(now) }),
    ...(first === 0 ? {} : { first }),
    ...(last === undefined ? {} : { last }),
  }
}

/** Whether a query asks something else at another time. */
function isRelative({ query = '', now = 0, zone }: TrailFilter): boolean {
  const asked = (at: number): string =>
    JSON.stringify(parseQuery(query, zone === undefined ? { now: at } : { now: at, zone }))
  // Another day, hour, minute and second of another month and year.
  return asked(now) !== asked(now - 400 * 86_400_000 - 12_345_678)
}

/** The second of an export's two events: what left, and how it ended. */
async function recordEnd(
  audit: Audit,
  circumstances: Circumstances,
  about: Pick<Seen<typeof action>, 'target' | 'request'>,
  how: ExportEnd,
  { rows, lastIndex }: ExportedRows,
): Promise<void> {
  await audit.witness(action, circumstances, about.target, (seen) => {
    seen.request = about.request
    seen.response = { totalResources: rows, ...(lastIndex === undefined ? {} : { lastIndex }), ended: how }
    if (how === 'complete') return { code: 200, result: undefined }
    const { status, message } = errors[ends[how]]
    return { code: status, result: undefined, failure: `${message} (${ends[how]})` }
  })
}
