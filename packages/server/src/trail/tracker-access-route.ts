/** `GET …/access`: who may see and change the audit of a location, through which roles, granted when and by whom. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Circumstances } from '../audit.ts'
import { type AccountRequest, type AccountRequestHead, addAccountRoute } from '../http/account-route.ts'
import type { Door } from '../http/door.ts'
import { nextOf, pageOf, PageQuery, ScopeView, timestamp, Timestamp } from '../http/schema.ts'
import { grantScope } from '../iam/role-grants.ts'
import type { TrackerAccess, TrackerGrant, TrackerHolder } from '../iam/tracker-access.ts'
import type { TrackerRow } from './trail.ts'

interface TrackerAccessRouteParts {
  readonly door: Door
  readonly trackerAccess: TrackerAccess
  /** @throws Refusal UNAUTHORIZED_ERR, NOT_FOUND, TRACKER_ELSEWHERE: there another server decides */
  readonly trackerOf: (request: AccountRequest) => Pick<TrackerRow, 'account' | 'location'>
  readonly place: (head: AccountRequestHead) => Pick<Circumstances, 'destination' | 'logSourceCRN'> | undefined
  readonly target: (head: AccountRequestHead) => { id: string; name: string }
}

const Can = Type.Array(Type.String(), { description: 'trail.read, trail.watch, trail.administer, trail.deliver.' })
const Holder = Type.Object({
  identity: Type.Object({ id: Type.String(), kind: Type.String(), name: Type.String(), state: Type.String() }),
  can: Can,
  administersAccount: Type.Boolean({ description: 'Grants roles, to itself too.' }),
  roles: Type.Array(
    Type.Object({
      id: Type.String(),
      role: Type.String(),
      scope: ScopeView,
      can: Can,
      grantedAt: Timestamp,
      grantedBy: Type.Object({ id: Type.String(), name: Type.Optional(Type.String()) }),
    }),
  ),
})

export function addTrackerAccessRoute(app: FastifyInstance, parts: TrackerAccessRouteParts): void {
  const { door, trackerAccess, trackerOf, place, target } = parts
  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/trackers/:location/access',
    action: 'activity-tracker.access.list',
    place,
    target,
    schema: {
      summary: 'Who may see and change the audit here, and through which roles; who is disabled can nothing',
      tags: ['trail'],
      params: Type.Object({ location: Type.String() }),
      querystring: PageQuery,
      response: { 200: Type.Object({ access: Type.Array(Holder), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: (request, seen) => {
      const { account, location } = trackerOf(request)
      const page = pageOf(request.query)
      const found = trackerAccess.holders(account, location, page.after, page.limit)
      seen.response.totalResources = found.length
      const next = nextOf(found, page, ({ identity }) => identity.id)
      return { code: 200, result: { body: { access: found.map(viewOf), next } } }
    },
  })
}

function viewOf({ identity, can, administersAccount, grants }: TrackerHolder): object {
  return { identity, can, administersAccount, roles: grants.map(grantView) }
}

function grantView({ grant, can, grantedByName }: TrackerGrant): object {
  return {
    id: grant.id,
    role: grant.role,
    scope: grantScope(grant),
    can,
    grantedAt: timestamp(grant.createdAt),
    grantedBy: { id: grant.createdBy, ...(grantedByName === undefined ? {} : { name: grantedByName }) },
  }
}
