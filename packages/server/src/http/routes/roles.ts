/** `/v1/iam/roles`: granting roles on the account, an instance, a key ring, an EP11 keystore or a tracker, and taking them back. */
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Seen } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import type { Identities } from '../../iam/identities.ts'
import { type Ids, ringNamePattern } from '../../iam/names.ts'
import { instanceRoles, trackerRoles } from '../../iam/permissions.ts'
import {
  deleteRoleGrant,
  factsOfGrant,
  grantScope,
  insertRoleGrant,
  type RoleGrant,
  type RoleGrants,
  roleGrantsMax,
} from '../../iam/role-grants.ts'
import type { Access } from '../../iam/roles.ts'
import type { Instances } from '../../instances/instances.ts'
import { addAccountRoute } from '../account-route.ts'
import { type Door, guidPattern } from '../door.ts'
import { bodyReader, nextOf, pageOf, PageQuery, ScopeView, timestamp, Timestamp } from '../schema.ts'
import { keepsAdministrator } from './identities.ts'

export interface RoleRouteParts {
  readonly door: Door
  readonly access: Access
  readonly grants: RoleGrants
  readonly identities: Identities
  readonly instances: Pick<Instances, 'find'>
  /** Whether the account has a tracker there. */
  readonly hasTracker: (account: string, location: string) => boolean
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
}

const RoleName = Type.Union([...instanceRoles, ...trackerRoles].map((role) => Type.Literal(role)))
const Scope = Type.Object(
  {
    kind: Type.Union([Type.Literal('account'), Type.Literal('instance'), Type.Literal('tracker')]),
    id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'GUID of the instance or location of the tracker.' }),
    ),
    keyRing: Type.Optional(Type.String({ pattern: ringNamePattern, description: 'Only inside an instance.' })),
    keystore: Type.Optional(
      Type.String({
        pattern: guidPattern.source,
        description: 'Only inside an instance: the role counts for this EP11 keystore while it is public, made or not.',
      }),
    ),
    key: Type.Optional(
      Type.String({ pattern: guidPattern.source, description: 'The same for one key in a public EP11 keystore.' }),
    ),
  },
  { additionalProperties: false },
)
const NewGrant = Type.Object(
  { identity: Type.String({ minLength: 1, maxLength: 128 }), role: RoleName, scope: Scope },
  { additionalProperties: false },
)
const View = Type.Object({
  id: Type.String(),
  identity: Type.String(),
  role: Type.String(),
  scope: ScopeView,
  createdAt: Timestamp,
  createdBy: Type.String(),
})

const url = '/v1/iam/roles'
const tags = ['access']

export function addRoleRoutes(app: FastifyInstance, parts: RoleRouteParts): void {
  addGrant(app, parts)
  addList(app, parts)
  addRevoke(app, parts)
}

function addGrant(app: FastifyInstance, parts: RoleRouteParts): void {
  const { door, access, grants, identities, clock, ids } = parts
  const readNew = bodyReader(NewGrant)
  addAccountRoute(app, door, {
    method: 'POST',
    url,
    action: 'iam-access.role.grant',
    schema: { tags, summary: 'Grant a role', body: NewGrant, response: { 201: View } },
    operation: ({ caller, body }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const wish = readNew(body())
      const identity = identities.find(caller.account, wish.identity)
      if (identity === undefined) throw new Refusal('NOT_FOUND')
      const place = scopeOf(wish, caller.account, parts)
      const held = grants.of(caller.account, identity.id)
      const grant: RoleGrant = {
        id: ids.uuid(),
        account: caller.account,
        identity: identity.id,
        role: wish.role,
        ...place,
        createdAt: clock.now(),
        createdBy: caller.id,
      }
      describe(door, grant, identity.name, seen)
      if (held.some((other) => sameGrant(other, grant))) throw new Refusal('ALREADY_EXISTS')
      if (held.length >= roleGrantsMax) throw new Refusal('QUOTA_EXCEEDED')
      return { code: 201, changes: [insertRoleGrant(grant)], result: { body: viewOf(grant) } }
    },
  })
}

function addList(app: FastifyInstance, { door, access, grants }: RoleRouteParts): void {
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'iam-access.role.list',
    schema: {
      tags,
      summary: 'List granted roles',
      querystring: PageQuery,
      response: { 200: Type.Object({ roles: Type.Array(View), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: ({ caller, query }, seen) => {
      access.requireAccount(caller, 'identities.read')
      const page = pageOf(query)
      const found = grants.list(caller.account, page.after, page.limit)
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { roles: found.map(viewOf), next: nextOf(found, page, ({ id }) => id) } } }
    },
  })
}

function addRevoke(app: FastifyInstance, parts: RoleRouteParts): void {
  const { door, access, grants, identities } = parts
  addAccountRoute(app, door, {
    method: 'DELETE',
    url: `${url}/:id`,
    action: 'iam-access.role.revoke',
    schema: { tags, summary: 'Take a role back; it counts from the next request on' },
    operation: ({ caller, params }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const grant = grants.find(caller.account, params['id'] ?? '')
      const identity = grant === undefined ? undefined : identities.find(caller.account, grant.identity)
      if (grant === undefined || identity === undefined) throw new Refusal('NOT_FOUND')
      describe(door, grant, identity.name, seen)
      const administers = grant.scope === 'account' && grant.role === 'Administrator'
      const keep = administers ? keepsAdministrator(parts, identity) : []
      return { code: 204, changes: [...keep, deleteRoleGrant(grant)], result: {} }
    },
  })
}

/**
 * Roles of instances go with the account, an instance, a ring of it, or an EP11 keystore or key of it; roles of trackers
 * with the account or a tracker.
 * @throws Refusal `INVALID_FIELD_ERR`; `NOT_FOUND` for what the account does not have
 */
function scopeOf(wish: Static<typeof NewGrant>, account: string, parts: RoleRouteParts): GrantPlace {
  const { kind, id, keyRing, keystore, key } = wish.scope
  const limits = [keyRing, keystore, key].filter((limit) => limit !== undefined)
  const isInstanceRole = (instanceRoles as readonly string[]).includes(wish.role)
  const fits = kind === 'account' ? id === undefined : id !== undefined && isInstanceRole === (kind === 'instance')
  if (!fits || limits.length > (kind === 'instance' ? 1 : 0)) {
    throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'scope' } })
  }
  const whole = { keyRing: '', resourceType: '', resource: '' } as const
  if (kind === 'account' || id === undefined) return { ...whole, scope: 'account', scopeId: '' }
  if (kind === 'tracker') {
    if (!parts.hasTracker(account, id)) throw new Refusal('NOT_FOUND')
    return { ...whole, scope: 'tracker', scopeId: id }
  }
  const instance = parts.instances.find(id.toLowerCase())
  if (instance === undefined || instance.account !== account) throw new Refusal('NOT_FOUND')
  const place = { ...whole, scope: 'instance', scopeId: instance.guid } as const
  if (keystore !== undefined) return { ...place, resourceType: 'keystore', resource: keystore.toLowerCase() }
  if (key !== undefined) return { ...place, resourceType: 'key', resource: key.toLowerCase() }
  return { ...place, keyRing: keyRing ?? '' }
}

function sameGrant(a: RoleGrant, b: RoleGrant): boolean {
  const isSamePlace = a.scope === b.scope && a.scopeId === b.scopeId && a.keyRing === b.keyRing
  return a.role === b.role && isSamePlace && a.resourceType === b.resourceType && a.resource === b.resource
}

/** Where a role is granted. */
type GrantPlace = Pick<RoleGrant, 'scope' | 'scopeId' | 'keyRing' | 'resourceType' | 'resource'>

/** What the event says of a grant. */
function describe(
  door: Door,
  grant: RoleGrant,
  identityName: string,
  seen: Pick<Seen<'iam-access.role.grant' | 'iam-access.role.revoke'>, 'target' | 'request'>,
): void {
  Object.assign(seen, factsOfGrant(door.cname, grant, identityName))
}

function viewOf(grant: RoleGrant): object {
  const { id, identity, role, createdAt, createdBy } = grant
  return { id, identity, role, scope: grantScope(grant), createdAt: timestamp(createdAt), createdBy }
}
