/** `/v1/adopters`: where adopting services are told of the lifecycle of the keys they use. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../errors.ts'
import { type AccountRequestHead, addAccountRoute } from '../http/account-route.ts'
import type { Door } from '../http/door.ts'
import { bodyReader, nextOf, pageOf, PageQuery, timestamp, Timestamp } from '../http/schema.ts'
import type { Identities, Identity } from '../iam/identities.ts'
import { accountCrn, identityCrn, type Ids } from '../iam/names.ts'
import type { Access } from '../iam/roles.ts'
import type { Clock } from '../clock.ts'
import type { AddressRule } from '../outbound/addresses.ts'
import { outboundLimits } from '../outbound/limits.ts'
import type { Messages } from '../outbound/messages.ts'
import { parseTargetUrl, TargetUrlError } from '../outbound/target-url.ts'
import { insertTarget, newSigningSecret, updateTargetSecret, updateTargetUrl } from '../outbound/targets.ts'
import type { Sealer } from '../seal.ts'
import { type Adopter, type Adopters, deleteAdopter, insertAdopter } from './adopters.ts'
import { lifecycleLimits } from './limits.ts'
import type { Pending } from './pending.ts'

export interface AdopterRouteParts {
  readonly door: Door
  readonly access: Access
  readonly identities: Identities
  readonly adopters: Adopters
  readonly messages: Messages
  readonly pending: Pending
  readonly addresses: AddressRule
  readonly sealer: Sealer
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  readonly random: (bytes: number) => Uint8Array
}

const Url = Type.String({
  maxLength: outboundLimits.urlChars,
  description: 'https://…; http:// only to private addresses of KEYWITNESS_OUTBOUND_PRIVATE.',
})
const NewAdopter = Type.Object(
  { serviceId: Type.String({ maxLength: 128, description: 'iam_id of a service ID of the account.' }), url: Url },
  { additionalProperties: false },
)
const AdopterChange = Type.Object(
  {
    url: Type.Optional(Url),
    renewSecret: Type.Optional(Type.Boolean({ description: 'The old signing secret ends at once.' })),
  },
  { additionalProperties: false },
)
const View = Type.Object({
  serviceId: Type.String(),
  name: Type.String(),
  url: Type.String(),
  createdAt: Timestamp,
  createdBy: Type.String(),
  waiting: Type.Integer({ description: 'Messages not delivered yet.' }),
  dead: Type.Integer({ description: 'Messages given up.' }),
})
const Secret = Type.Object({
  ...View.properties,
  secret: Type.Optional(Type.String({ description: 'Signing secret (Standard Webhooks). Shown once.' })),
})

const url = '/v1/adopters'
const tags = ['adopters']

export function addAdopterRoutes(app: FastifyInstance, parts: AdopterRouteParts): void {
  addCreation(app, parts)
  addReading(app, parts)
  addChange(app, parts)
  addAccountRoute(app, parts.door, {
    method: 'DELETE',
    url: `${url}/:id`,
    action: 'hs-crypto.adopter.delete',
    target: (request) => adopterTarget(parts, request),
    schema: { tags, summary: 'Tell an adopting service no more' },
    operation: ({ caller, params }) => {
      parts.access.requireAccount(caller, 'adopters.change')
      const adopter = existingAdopter(parts, caller.account, params['id'])
      return { code: 204, changes: [deleteAdopter(adopter)], result: {} }
    },
  })
}

function addCreation(app: FastifyInstance, parts: AdopterRouteParts): void {
  const { door, access, identities, adopters, sealer, clock, ids, random } = parts
  const readNew = bodyReader(NewAdopter)
  addAccountRoute(app, door, {
    method: 'POST',
    url,
    action: 'hs-crypto.adopter.create',
    schema: {
      tags,
      summary: 'Say where an adopting service is told',
      body: NewAdopter,
      response: { 201: Secret },
    },
    operation: ({ caller, body }, seen) => {
      access.requireAccount(caller, 'adopters.change')
      const wish = readNew(body())
      const service = identities.find(caller.account, wish.serviceId)
      if (service?.kind !== 'serviceId') {
        throw new Refusal('INVALID_FIELD_ERR', {
          message: 'serviceId must be a service ID of the account.',
          at: { type: 'field', name: 'serviceId' },
        })
      }
      seen.target = serviceTarget(door, service)
      const receiver = readUrl(wish.url, parts)
      seen.request.receiver = receiver.host
      if (adopters.find(caller.account, service.id) !== undefined) throw new Refusal('ALREADY_EXISTS')
      if (adopters.count(caller.account) >= lifecycleLimits.adoptersPerAccount) throw new Refusal('QUOTA_EXCEEDED')
      const adopter: Adopter = {
        service: service.id,
        name: service.name,
        account: caller.account,
        target: ids.uuid(),
        url: receiver.href,
        createdAt: clock.now(),
        createdBy: caller.id,
      }
      const secret = newSigningSecret(random)
      return {
        code: 201,
        changes: [...insertTarget({ ...adopter, id: adopter.target }, secret, sealer), insertAdopter(adopter)],
        result: { body: { ...viewOf(adopter, parts.messages), secret } },
      }
    },
  })
}

function addReading(app: FastifyInstance, parts: AdopterRouteParts): void {
  const { door, access, adopters, messages } = parts
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'hs-crypto.adopter.list',
    schema: {
      tags,
      summary: 'List the adopting services that are told',
      querystring: PageQuery,
      response: { 200: Type.Object({ adopters: Type.Array(View), next: Type.Union([Type.String(), Type.Null()]) }) },
    },
    operation: ({ caller, query }, seen) => {
      access.requireAccount(caller, 'adopters.read')
      const page = pageOf(query)
      const found = adopters.list(caller.account, page.after, page.limit)
      seen.response.totalResources = found.length
      return {
        code: 200,
        result: {
          body: {
            adopters: found.map((adopter) => viewOf(adopter, messages)),
            next: nextOf(found, page, ({ service }) => service),
          },
        },
      }
    },
  })
  addAccountRoute(app, door, {
    method: 'GET',
    url: `${url}/:id`,
    action: 'hs-crypto.adopter.read',
    target: (request) => adopterTarget(parts, request),
    schema: { tags, summary: 'Read where an adopting service is told', response: { 200: View } },
    operation: ({ caller, params }) => {
      access.requireAccount(caller, 'adopters.read')
      const adopter = existingAdopter(parts, caller.account, params['id'])
      return { code: 200, result: { body: viewOf(adopter, messages) } }
    },
  })
}

function addChange(app: FastifyInstance, parts: AdopterRouteParts): void {
  const { door, access, sealer, messages, random } = parts
  const readChange = bodyReader(AdopterChange)
  addAccountRoute(app, door, {
    method: 'PATCH',
    url: `${url}/:id`,
    action: 'hs-crypto.adopter.update',
    target: (request) => adopterTarget(parts, request),
    schema: {
      tags,
      summary: 'Change where an adopting service is told, or its signing secret',
      body: AdopterChange,
      response: { 200: Secret },
    },
    operation: ({ caller, params, body }, seen) => {
      access.requireAccount(caller, 'adopters.change')
      const wish = readChange(body())
      const adopter = existingAdopter(parts, caller.account, params['id'])
      const receiver = wish.url === undefined ? undefined : readUrl(wish.url, parts)
      if (receiver !== undefined) seen.request.receiver = receiver.host
      const secret = wish.renewSecret === true ? newSigningSecret(random) : undefined
      seen.request.isSecretRenewed = secret !== undefined
      const changed = { ...adopter, url: receiver?.href ?? adopter.url }
      return {
        code: 200,
        changes: [
          updateTargetUrl(adopter.target, changed.url),
          ...(secret === undefined ? [] : [updateTargetSecret(adopter.target, secret, sealer)]),
        ],
        result: { body: { ...viewOf(changed, messages), ...(secret === undefined ? {} : { secret }) } },
      }
    },
  })
}

/** @throws Refusal `INVALID_FIELD_ERR` saying why the URL cannot be a target */
function readUrl(text: string, { addresses }: AdopterRouteParts): URL {
  try {
    return parseTargetUrl(text, addresses)
  } catch (error) {
    if (!(error instanceof TargetUrlError)) throw error
    throw new Refusal('INVALID_FIELD_ERR', { message: error.message, at: { type: 'field', name: 'url' } })
  }
}

/** @throws Refusal `NOT_FOUND` */
export function existingAdopter(
  { adopters }: Pick<AdopterRouteParts, 'adopters'>,
  account: string,
  id: string | undefined,
): Adopter {
  const adopter = adopters.find(account, id ?? '')
  if (adopter === undefined) throw new Refusal('NOT_FOUND')
  return adopter
}

/** One that is not there leaves the account as what the call was about. */
export function adopterTarget(
  { door, identities }: Pick<AdopterRouteParts, 'door' | 'identities'>,
  { caller, params }: AccountRequestHead,
): { id: string; name: string } {
  const service = identities.find(caller.account, params['id'] ?? '')
  if (service?.kind !== 'serviceId') return { id: accountCrn(door.cname, caller.account), name: '' }
  return serviceTarget(door, service)
}

function serviceTarget(door: Door, { account, kind, id, name }: Identity): { id: string; name: string } {
  return { id: identityCrn(door.cname, account, kind, id), name }
}

function viewOf(adopter: Adopter, messages: Messages): object {
  return {
    serviceId: adopter.service,
    name: adopter.name,
    url: adopter.url,
    createdAt: timestamp(adopter.createdAt),
    createdBy: adopter.createdBy,
    waiting: messages.count(adopter.target, 'waiting'),
    dead: messages.count(adopter.target, 'dead'),
  }
}
