/** An HTTP server for tests: the real store in memory, the real audit door, two founded accounts, clocks that stand. */
import { createHash, randomBytes } from 'node:crypto'
import type { ActivityEvent } from '@keywitness/cadf'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { type FloodEventParts } from '../http/flood-events.ts'
import { addIdentityApi, type IdentityService, openIdentity } from '../http/identity-api.ts'
import { addKeyRoutes } from '../http/key-routes.ts'
import { createListener, type ListenerOptions } from '../http/listener.ts'
import { type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { bootstrapIdentity } from '../iam/bootstrap.ts'
import { newApiKey } from '../iam/secret.ts'
import { policiesInForce } from '../policies/in-force.ts'
import { createSealer } from '../seal.ts'
import type { Store } from '../store/store.ts'
import { systemCaller } from '../system-caller.ts'
import { openAuditHouse, type StandingClock } from './audit-house.ts'

/** Somebody with an API key. */
interface Tenant {
  readonly account: string
  readonly owner: string
  readonly apiKey: string
  /** GUID of its first instance. */
  readonly instance: string
}

export interface HttpHouse {
  readonly store: Store
  readonly app: FastifyInstance
  readonly identity: IdentityService
  readonly operator: Tenant
  /** Owner of a second account with an instance of its own. */
  readonly other: Tenant
  readonly issuer: string
  readonly clock: StandingClock
  /** Everything the operational log said. */
  readonly logged: string[]
  readonly floodParts: FloodEventParts
  token(apiKey: string): Promise<string>
  /** A request with a token of this API key. */
  as(apiKey: string, request: InjectOptions): Promise<LightMyRequestResponse>
  /** Events recorded so far, oldest first, without those that open epochs. */
  readonly events: () => ActivityEvent[]
  /** Events since the last call of this. */
  news(): ActivityEvent[]
  lastEvent(): ActivityEvent
  close(): Promise<void>
}

const issuer = 'https://keywitness.test/identity'
const location = 'us-south'

export interface HttpHouseOptions {
  readonly listener?: Partial<ListenerOptions>
  /** Routes of the key API; by default one that lists nothing and one that creates nothing. */
  readonly routes?: readonly KmsRoute[]
  /** Before any route. */
  readonly prepare?: (app: FastifyInstance) => Promise<void>
  /** More routes, before the listener is ready. */
  readonly extend?: (app: FastifyInstance, identity: IdentityService) => void | Promise<void>
}

export async function openHttpHouse(options: HttpHouseOptions = {}): Promise<HttpHouse> {
  const { store, audit, clock, logged, log, events, close } = openAuditHouse()
  const sealer = createSealer(createHash('sha256').update('test seal').digest())
  const identity = openIdentity({
    reader: store,
    audit,
    sealer,
    clock,
    random: randomBytes,
    cname: 'keywitness',
    issuer,
  })
  const policies = policiesInForce(store, randomBytes)
  const app = createListener({ isPrivate: false, log, trustedProxies: [], ...options.listener })
  const prepare = () => Promise.resolve({ changes: [] })
  let told = 0
  const house = {
    store,
    app,
    identity,
    issuer,
    clock,
    logged,
    floodParts: { audit, flood: identity.flood, accounts: identity.accounts, cname: 'keywitness', log },
    async token(apiKey: string) {
      const answer = await app.inject({ method: 'POST', url: '/identity/token', ...tokenForm(apiKey) })
      return answer.json<{ access_token: string }>().access_token
    },
    async as(apiKey: string, request: InjectOptions) {
      const token = await house.token(apiKey)
      return app.inject({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } })
    },
    events,
    news() {
      const all = events()
      const fresh = all.slice(told)
      told = all.length
      return fresh
    },
    lastEvent: () => events().at(-1) as ActivityEvent,
    close: async () => {
      await app.close()
      close()
    },
  }
  const apiKey = newApiKey(randomBytes)
  const first = await bootstrapIdentity(
    {
      ...identity,
      audit,
      sealer,
      prepare,
      clock,
      random: randomBytes,
      cname: 'keywitness',
      caller: (account) => systemCaller(account, 'Keywitness'),
    },
    { location, apiKey, instance: undefined },
  )
  await options.prepare?.(app)
  addIdentityApi(app, {
    identity,
    clock,
    random: randomBytes,
    issuer,
    locations: [location, 'eu-de'],
    hasTracker,
    prepare,
  })
  addKeyRoutes(app, identity.door, identity.instances, options.routes ?? sampleRoutes(identity), policies)
  await options.extend?.(app, identity)
  await app.ready()
  const operator = {
    account: first.account.id,
    owner: first.owner.id,
    apiKey,
    instance: first.instance.guid,
  }
  const other = await foundOther(house as unknown as HttpHouse, apiKey)
  house.news()
  return Object.assign(house, { operator, other })
}

const hasTracker = (_account: string, where: string): boolean => where === location

/** Form fields of a token request, for `inject`. */
export function tokenForm(apiKey: string): Pick<InjectOptions, 'headers' | 'payload'> {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      apikey: apiKey,
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      response_type: 'cloud_iam',
    }).toString(),
  }
}

async function foundOther(house: HttpHouse, operatorKey: string): Promise<Tenant> {
  const founded = await house.as(operatorKey, {
    method: 'POST',
    url: '/v1/accounts',
    payload: { name: 'Other', home: 'eu-de', owner: 'Otto' },
  })
  const { id, owner, apikey } = founded.json<{ id: string; owner: { id: string }; apikey: string }>()
  const made = await house.as(apikey, {
    method: 'POST',
    url: '/v1/instances',
    payload: { name: 'theirs', location: 'eu-de' },
  })
  return { account: id, owner: owner.id, apiKey: apikey, instance: made.json<{ guid: string }>().guid }
}

/** Enough of a key API to pass every part of the way: one operation without a body, one with. */
function sampleRoutes({ access }: IdentityService): KmsRoute[] {
  return [
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys',
      action: 'hs-crypto.secrets.list',
      operation: ({ caller, instance }, seen) => {
        access.rings(caller, instance, 'keys.list')
        seen.response.totalResources = 0
        return { code: 200, result: { body: { resources: [] } } }
      },
    }),
    kmsRoute({
      method: 'POST',
      url: '/api/v2/keys',
      action: 'hs-crypto.secrets.create',
      operation: ({ caller, instance, body, keyRing, prefer }) => {
        access.requireInstance(caller, instance, 'keys.create', keyRing)
        return {
          code: 201,
          result: { body: { got: body() ?? null, keyRing: keyRing ?? null, prefer: prefer ?? null } },
        }
      },
    }),
    kmsRoute({
      method: 'GET',
      url: '/api/v2/keys/:id',
      action: 'hs-crypto.secrets.read',
      operation: ({ params }) => ({ code: 200, result: { body: { id: params['id'] ?? '' } } }),
    }),
  ]
}

/** The fields of an event that say what happened. */
export function tellingOf(event: ActivityEvent | undefined): {
  action: string | undefined
  outcome: string | undefined
  code: number | undefined
  initiator: string | undefined
} {
  return {
    action: event?.action,
    outcome: event?.outcome,
    code: event?.reason.reasonCode,
    initiator: event?.initiator.id,
  }
}
