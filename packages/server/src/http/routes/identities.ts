/** `/v1/iam/users` and `/v1/iam/service-ids`: who may sign in to an account. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import {
  deleteIdentity,
  type Identities,
  identitiesMax,
  type Identity,
  insertIdentity,
  updateIdentityState,
} from '../../iam/identities.ts'
import { accountCrn, type IdentityKind, identityCrn, type Ids, newIdentityId } from '../../iam/names.ts'
import { administratorRemains, type RoleGrants } from '../../iam/role-grants.ts'
import type { Access } from '../../iam/roles.ts'
import type { Change } from '../../store/store.ts'
import { type AccountRequestHead, addAccountRoute } from '../account-route.ts'
import type { Door } from '../door.ts'
import { bodyReader, nameCharsMax, nextOf, pageOf, PageQuery, Text, timestamp, Timestamp } from '../schema.ts'

export interface IdentityRouteParts {
  readonly door: Door
  readonly access: Access
  readonly identities: Identities
  readonly grants: RoleGrants
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
}

const NewUser = Type.Object(
  { name: Text(nameCharsMax, 'Shown in events.'), email: Type.Optional(Text(254, 'Login name.')) },
  { additionalProperties: false },
)
const NewServiceId = Type.Object(
  { name: Text(nameCharsMax, 'Shown in events.'), description: Type.Optional(Text(240, 'What it is for.')) },
  { additionalProperties: false },
)
const StateChange = Type.Object(
  { state: Type.Union([Type.Literal('active'), Type.Literal('disabled')]) },
  { additionalProperties: false },
)
const View = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  email: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  state: Type.String(),
  createdAt: Timestamp,
  createdBy: Type.String(),
})

const kinds = {
  user: {
    url: '/v1/iam/users',
    list: 'users',
    what: 'user',
    actions: {
      create: 'iam-identity.user.create',
      list: 'iam-identity.user.list',
      read: 'iam-identity.user.read',
      update: 'iam-identity.user.update',
      delete: 'iam-identity.user.delete',
    },
    schema: NewUser,
  },
  serviceId: {
    url: '/v1/iam/service-ids',
    list: 'serviceIds',
    what: 'service ID',
    actions: {
      create: 'iam-identity.serviceid.create',
      list: 'iam-identity.serviceid.list',
      read: 'iam-identity.serviceid.read',
      update: 'iam-identity.serviceid.update',
      delete: 'iam-identity.serviceid.delete',
    },
    schema: NewServiceId,
  },
} as const

export function addIdentityRoutes(app: FastifyInstance, parts: IdentityRouteParts): void {
  addKind(app, parts, 'user')
  addKind(app, parts, 'serviceId')
}

function addKind(app: FastifyInstance, parts: IdentityRouteParts, kind: IdentityKind): void {
  const { door, access, identities, clock, ids } = parts
  const { url, list, what, actions, schema } = kinds[kind]
  const tags = ['identities']
  const one = `${url}/:id`
  const readNew = bodyReader<typeof NewUser | typeof NewServiceId>(schema)
  const readState = bodyReader(StateChange)
  const target = ({ caller, params }: AccountRequestHead): { id: string; name: string } =>
    targetOf(door, find(identities, caller.account, kind, params['id']), caller.account)

  addAccountRoute(app, door, {
    method: 'POST',
    url,
    action: actions.create,
    schema: { tags, summary: `Create a ${what}`, body: schema, response: { 201: View } },
    operation: ({ caller, body }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const wish = readNew(body())
      seen.target = { ...seen.target, name: wish.name }
      if (identities.count(caller.account) >= identitiesMax) throw new Refusal('QUOTA_EXCEEDED')
      const identity: Identity = {
        id: newIdentityId(kind, ids),
        account: caller.account,
        kind,
        name: wish.name,
        email: 'email' in wish ? (wish.email ?? null) : null,
        description: 'description' in wish ? (wish.description ?? null) : null,
        state: 'active',
        createdAt: clock.now(),
        createdBy: caller.id,
      }
      seen.target = targetOf(door, identity, caller.account)
      return { code: 201, changes: [insertIdentity(identity)], result: { body: viewOf(identity) } }
    },
  })
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: actions.list,
    schema: {
      tags,
      summary: `List ${what}s`,
      querystring: PageQuery,
      response: { 200: Type.Object({ [list]: Type.Array(View), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: ({ caller, query }, seen) => {
      access.requireAccount(caller, 'identities.read')
      const page = pageOf(query)
      const found = identities.list(caller.account, kind, page.after, page.limit)
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { [list]: found.map(viewOf), next: nextOf(found, page, ({ id }) => id) } } }
    },
  })
  addAccountRoute(app, door, {
    method: 'GET',
    url: one,
    action: actions.read,
    target,
    schema: { tags, summary: `Read a ${what}`, response: { 200: View } },
    operation: ({ caller, params }) => {
      access.requireAccount(caller, 'identities.read')
      return { code: 200, result: { body: viewOf(existing(identities, caller.account, kind, params['id'])) } }
    },
  })
  addAccountRoute(app, door, {
    method: 'PATCH',
    url: one,
    action: actions.update,
    target,
    schema: { tags, summary: `Disable or enable a ${what}`, body: StateChange, response: { 200: View } },
    operation: ({ caller, params, body }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const { state } = readState(body())
      const identity = existing(identities, caller.account, kind, params['id'])
      seen.request['initialValue.state'] = identity.state
      seen.request['newValue.state'] = state
      const keep = state === 'disabled' ? keepsAdministrator(parts, identity) : []
      const changes = [updateIdentityState(identity, state), ...keep]
      return { code: 200, changes, result: { body: viewOf({ ...identity, state }) } }
    },
  })
  addAccountRoute(app, door, {
    method: 'DELETE',
    url: one,
    action: actions.delete,
    target,
    schema: { tags, summary: `Delete a ${what} with its API keys, roles and sessions` },
    operation: ({ caller, params }) => {
      access.requireAccount(caller, 'identities.change')
      const identity = existing(identities, caller.account, kind, params['id'])
      return { code: 204, changes: [...keepsAdministrator(parts, identity), deleteIdentity(identity)], result: {} }
    },
  })
}

/**
 * What must hold besides when this identity loses its rights.
 * @throws Refusal `LAST_ADMINISTRATOR`
 */
export function keepsAdministrator(parts: Pick<IdentityRouteParts, 'grants'>, identity: Identity): Change[] {
  const administers = parts.grants
    .of(identity.account, identity.id)
    .some((grant) => grant.scope === 'account' && grant.role === 'Administrator')
  if (!administers) return []
  if (parts.grants.otherAdministrators(identity.account, identity.id) === 0) throw new Refusal('LAST_ADMINISTRATOR')
  return [administratorRemains(identity.account, identity.id)]
}

function find(
  identities: Identities,
  account: string,
  kind: IdentityKind,
  id: string | undefined,
): Identity | undefined {
  const identity = identities.find(account, id ?? '')
  return identity?.kind === kind ? identity : undefined
}

function existing(identities: Identities, account: string, kind: IdentityKind, id: string | undefined): Identity {
  const identity = find(identities, account, kind, id)
  if (identity === undefined) throw new Refusal('NOT_FOUND')
  return identity
}

/** An identity that is not there leaves the account as what the call was about. */
function targetOf(door: Door, identity: Identity | undefined, account: string): { id: string; name: string } {
  if (identity === undefined) return { id: accountCrn(door.cname, account), name: '' }
  return { id: identityCrn(door.cname, account, identity.kind, identity.id), name: identity.name }
}

function viewOf(identity: Identity): object {
  const { id, kind, name, email, description, state, createdAt, createdBy } = identity
  return {
    id,
    kind,
    name,
    ...(email === null ? {} : { email }),
    ...(description === null ? {} : { description }),
    state,
    createdAt: timestamp(createdAt),
    createdBy,
  }
}
