/** `/v1/iam/api-keys`: shown once at creation, listed and disabled by their id ever after. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import {
  type ApiKey,
  type ApiKeys,
  apiKeysMax,
  deleteApiKey,
  insertApiKey,
  updateApiKeyState,
} from '../../iam/api-keys.ts'
import type { Identities } from '../../iam/identities.ts'
import { accountCrn, accountResourceCrn, type Ids } from '../../iam/names.ts'
import type { Access } from '../../iam/roles.ts'
import { newApiKey, type RandomBytes } from '../../iam/secret.ts'
import { type AccountRequestHead, addAccountRoute } from '../account-route.ts'
import type { Door } from '../door.ts'
import {
  badParameter,
  bodyReader,
  nameCharsMax,
  nextOf,
  pageOf,
  PageQuery,
  Text,
  timestamp,
  Timestamp,
} from '../schema.ts'

export interface ApiKeyRouteParts {
  readonly door: Door
  readonly access: Access
  readonly apiKeys: ApiKeys
  readonly identities: Identities
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  readonly random: RandomBytes
}

const NewApiKey = Type.Object(
  {
    identity: Type.String({ minLength: 1, maxLength: 128, description: 'User or service ID of this account.' }),
    name: Text(nameCharsMax, 'What it is for.'),
  },
  { additionalProperties: false },
)
const StateChange = Type.Object(
  { state: Type.Union([Type.Literal('active'), Type.Literal('disabled')]) },
  { additionalProperties: false },
)
const members = {
  id: Type.String(),
  identity: Type.String(),
  name: Type.String(),
  state: Type.String(),
  createdAt: Timestamp,
  createdBy: Type.String(),
}
const View = Type.Object(members)
const Created = Type.Object({ ...members, apikey: Type.String({ description: 'The secret, this once.' }) })

const url = '/v1/iam/api-keys'
const one = `${url}/:id`
const tags = ['identities']

export function addApiKeyRoutes(app: FastifyInstance, parts: ApiKeyRouteParts): void {
  const { door, access, apiKeys } = parts
  const readState = bodyReader(StateChange)
  const target = ({ caller, params }: AccountRequestHead): { id: string; name: string } =>
    targetOf(door, caller.account, apiKeys.find(caller.account, params['id'] ?? ''))

  addCreate(app, parts)
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'iam-identity.apikey.list',
    schema: {
      tags,
      summary: 'List API keys',
      querystring: Type.Object({ ...PageQuery.properties, identity: Type.Optional(Type.String()) }),
      response: { 200: Type.Object({ apiKeys: Type.Array(View), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: ({ caller, query }, seen) => {
      access.requireAccount(caller, 'identities.read')
      const page = pageOf(query)
      const identity = identityParameter(query)
      if (identity !== undefined) seen.request.identityId = identity
      const found = apiKeys.list(caller.account, identity, page.after, page.limit)
      seen.response.totalResources = found.length
      return { code: 200, result: { body: { apiKeys: found.map(viewOf), next: nextOf(found, page, ({ id }) => id) } } }
    },
  })
  addAccountRoute(app, door, {
    method: 'GET',
    url: one,
    action: 'iam-identity.apikey.read',
    target,
    schema: { tags, summary: 'Read an API key, without its secret', response: { 200: View } },
    operation: ({ caller, params }, seen) => {
      access.requireAccount(caller, 'identities.read')
      const key = existing(apiKeys, caller.account, params['id'])
      seen.response.identityId = key.identity
      return { code: 200, result: { body: viewOf(key) } }
    },
  })
  addAccountRoute(app, door, {
    method: 'PATCH',
    url: one,
    action: 'iam-identity.apikey.update',
    target,
    schema: { tags, summary: 'Disable or enable an API key', body: StateChange, response: { 200: View } },
    operation: ({ caller, params, body }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const { state } = readState(body())
      const key = existing(apiKeys, caller.account, params['id'])
      seen.request['initialValue.state'] = key.state
      seen.request['newValue.state'] = state
      seen.response.identityId = key.identity
      return { code: 200, changes: [updateApiKeyState(key, state)], result: { body: viewOf({ ...key, state }) } }
    },
  })
  addAccountRoute(app, door, {
    method: 'DELETE',
    url: one,
    action: 'iam-identity.apikey.delete',
    target,
    schema: { tags, summary: 'Delete an API key; its tokens and sessions end' },
    operation: ({ caller, params }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const key = existing(apiKeys, caller.account, params['id'])
      seen.response.identityId = key.identity
      return { code: 204, changes: [deleteApiKey(key)], result: {} }
    },
  })
}

function addCreate(app: FastifyInstance, parts: ApiKeyRouteParts): void {
  const { door, access, apiKeys, identities, clock, ids, random } = parts
  const readNew = bodyReader(NewApiKey)
  addAccountRoute(app, door, {
    method: 'POST',
    url,
    action: 'iam-identity.apikey.create',
    schema: { tags, summary: 'Create an API key', body: NewApiKey, response: { 201: Created } },
    operation: ({ caller, body }, seen) => {
      access.requireAccount(caller, 'identities.change')
      const wish = readNew(body())
      seen.target = { ...seen.target, name: wish.name }
      const identity = identities.find(caller.account, wish.identity)
      if (identity === undefined) throw new Refusal('NOT_FOUND')
      seen.request.identityId = identity.id
      if (apiKeys.count(identity.id) >= apiKeysMax) throw new Refusal('QUOTA_EXCEEDED')
      const key: ApiKey = {
        id: `ApiKey-${ids.uuid()}`,
        account: caller.account,
        identity: identity.id,
        name: wish.name,
        state: 'active',
        createdAt: clock.now(),
        createdBy: caller.id,
      }
      const secret = newApiKey(random)
      seen.target = targetOf(door, caller.account, key)
      seen.response.apikeyId = key.id
      return { code: 201, changes: [insertApiKey(key, secret)], result: { body: { ...viewOf(key), apikey: secret } } }
    },
  })
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` */
function identityParameter(query: URLSearchParams): string | undefined {
  const identity = query.get('identity') ?? undefined
  if (identity !== undefined && !/^[\w-]{1,128}$/.test(identity)) throw badParameter('identity')
  return identity
}

function existing(apiKeys: ApiKeys, account: string, id: string | undefined): ApiKey {
  const key = apiKeys.find(account, id ?? '')
  if (key === undefined) throw new Refusal('NOT_FOUND')
  return key
}

function targetOf(door: Door, account: string, key: ApiKey | undefined): { id: string; name: string } {
  if (key === undefined) return { id: accountCrn(door.cname, account), name: '' }
  return { id: accountResourceCrn(door.cname, account, 'apikey', key.id), name: key.name }
}

function viewOf(key: ApiKey): object {
  const { id, identity, name, state, createdAt, createdBy } = key
  return { id, identity, name, state, createdAt: timestamp(createdAt), createdBy }
}
