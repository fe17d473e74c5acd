/** Saved views over the API: own ones for everybody who reads the trail, shared ones kept by its officers. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { type AccountRequest, type AccountRoute, addAccountRoute } from '../../http/account-route.ts'
import type { Door } from '../../http/door.ts'
import { matchedVersion, tagOf } from '../../http/version-tag.ts'
import type { Access } from '../../iam/roles.ts'
import type { Reader } from '../../store/store.ts'
import type { TrackerRow } from '../trail.ts'
import { readView, scopeOf, viewFacts, viewOf, WrittenView } from './read-view.ts'
import { deleteView, insertView, readViews, updateView, type ViewRow, type Views, viewsMax } from './view-rows.ts'

type Listing = AccountRoute<'activity-tracker.view.list'>

export interface ViewRoutesParts {
  readonly door: Door
  readonly access: Access
  readonly store: Reader
  readonly clock: Clock
  /** @throws Refusal when the caller may not read it, or there is none */
  readonly trackerOf: (request: Pick<AccountRequest, 'caller' | 'params'>) => TrackerRow
  readonly place: NonNullable<Listing['place']>
  readonly target: NonNullable<Listing['target']>
}

const path = '/v1/trackers/:location/views'
const Params = Type.Object({ location: Type.String() })
const ViewParams = Type.Object({ location: Type.String(), view: Type.String() })
const Matching = Type.Object({ 'if-match': Type.Optional(Type.String({ description: 'ETag of what was read' })) })

export function addViewRoutes(app: FastifyInstance, parts: ViewRoutesParts): void {
  const { door, store, clock, trackerOf, place, target } = parts
  const views = readViews(store)
  const common = { place, target }

  addAccountRoute(app, door, {
    method: 'GET',
    url: path,
    action: 'activity-tracker.view.list',
    ...common,
    schema: { summary: 'Saved views: the own ones and the shared ones, by name', tags: ['trail'], params: Params },
    operation: (request, seen) => {
      const found = views.list(trackerOf(request).id, request.caller.id)
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { views: found.map(viewOf) } } }
    },
  })

  addAccountRoute(app, door, {
    method: 'POST',
    url: path,
    action: 'activity-tracker.view.create',
    ...common,
    schema: { summary: 'Save a view', tags: ['trail'], params: Params, body: WrittenView },
    operation: (request, seen) => {
      const row = trackerOf(request)
      const now = clock.now()
      const wish = readView(request.body(), now)
      if (wish.isShared === 1) requireOfficer(parts, request)
      const { id: owner, name: ownerName } = request.caller
      const times = { version: 1, createdAt: now, updatedAt: now }
      const view: ViewRow = { ...wish, id: randomUUID(), tracker: row.id, owner, ownerName, ...times }
      seen.request = { viewScope: scopeOf(view), ...viewFacts('newValue', view) }
      refuseTaken(views, view)
      if (views.count(view) >= viewsMax(view)) throw new Refusal('QUOTA_EXCEEDED')
      seen.response.view = view.id
      return { code: 201, result: answerOf(view), changes: [insertView(view)] }
    },
  })

  addAccountRoute(app, door, {
    method: 'PUT',
    url: `${path}/:view`,
    action: 'activity-tracker.view.update',
    ...common,
    schema: {
      summary: 'Change a view: what is not given is as in a new one',
      tags: ['trail'],
      params: ViewParams,
      headers: Matching,
      body: WrittenView,
    },
    operation: (request, seen) => {
      const before = existingView(parts, views, request)
      const now = clock.now()
      const after: ViewRow = {
        ...before,
        ...readView(request.body(), now),
        version: before.version + 1,
        updatedAt: now,
      }
      if (after.isShared === 1) requireOfficer(parts, request)
      seen.request = {
        view: before.id,
        viewScope: scopeOf(after),
        ...viewFacts('initialValue', before),
        ...viewFacts('newValue', after),
      }
      refuseStale(request, before)
      // It would be hidden from whoever did it, and count among another's.
      if (before.isShared > after.isShared && before.owner !== request.caller.id) throw new Refusal('UNAUTHORIZED_ERR')
      refuseTaken(views, after)
      if (before.isShared !== after.isShared && views.count(after) >= viewsMax(after)) {
        throw new Refusal('QUOTA_EXCEEDED')
      }
      return { code: 200, result: answerOf(after), changes: [updateView(before, after)] }
    },
  })

  addAccountRoute(app, door, {
    method: 'DELETE',
    url: `${path}/:view`,
    action: 'activity-tracker.view.delete',
    ...common,
    schema: { summary: 'Delete a view', tags: ['trail'], params: ViewParams, headers: Matching },
    operation: (request, seen) => {
      const before = existingView(parts, views, request)
      seen.request = { view: before.id, viewScope: scopeOf(before), ...viewFacts('initialValue', before) }
      refuseStale(request, before)
      return { code: 204, result: {}, changes: [deleteView(before)] }
    },
  })
}

/** Another's own view is not there for anybody else. @throws Refusal NOT_FOUND, UNAUTHORIZED_ERR */
function existingView(parts: ViewRoutesParts, views: Views, request: AccountRequest): ViewRow {
  const row = parts.trackerOf(request)
  const view = views.find(row.id, request.caller.id, request.params['view'] ?? '')
  if (view === undefined) throw new Refusal('NOT_FOUND')
  if (view.isShared === 1) requireOfficer(parts, request)
  return view
}

function requireOfficer({ access }: ViewRoutesParts, { caller, params }: AccountRequest): void {
  access.requireTracker(caller, params['location'] ?? '', 'trail.watch')
}

function refuseStale({ headers }: AccountRequest, { version }: ViewRow): void {
  const matched = matchedVersion(headers)
  if (matched !== undefined && matched !== version) throw new Refusal('PRECONDITION_FAILED')
}

function refuseTaken(views: Views, view: ViewRow): void {
  const taken = views.named(view)
  if (taken === undefined || taken.id === view.id) return
  throw new Refusal('ALREADY_EXISTS', { at: { type: 'field', name: 'name' } })
}

function answerOf(view: ViewRow): { readonly body: object; readonly headers: Readonly<Record<string, string>> } {
  return { body: viewOf(view), headers: { etag: tagOf(view.version) } }
}
