/** The services on the recording door, and the listeners in front of them: who serves what, on which network. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Audit } from './audit.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { addConsole } from './http/console.ts'
import type { Door } from './http/door.ts'
import { watchFloods } from './http/flood-events.ts'
import { addHealthRoutes, type Readiness } from './http/health.ts'
import { addKeyRoutes } from './http/key-routes.ts'
import { createListener } from './http/listener.ts'
import { addMetricsRoute, type Metrics } from './http/metrics.ts'
import { describeApi } from './http/openapi.ts'
import { addAccountRoutes } from './http/routes/accounts.ts'
import { addApiKeyRoutes } from './http/routes/api-keys.ts'
import { addIdentityRoutes } from './http/routes/identities.ts'
import { addInstanceRoutes } from './http/routes/instances.ts'
import { addRoleRoutes } from './http/routes/roles.ts'
import { addSessionRoutes } from './http/routes/session.ts'
import { addTokenRoutes } from './http/routes/token.ts'
import { readAccounts } from './iam/accounts.ts'
import { readApiKeys } from './iam/api-keys.ts'
import { FloodControl } from './iam/flood.ts'
import { readIdentities } from './iam/identities.ts'
import { createIds } from './iam/names.ts'
import { readRoleGrants } from './iam/role-grants.ts'
import { createAccess } from './iam/roles.ts'
import { readSessions } from './iam/sessions.ts'
import { openSigningKeys } from './iam/signing-keys.ts'
import { createTokenVerifier } from './iam/token.ts'
import { readInstances } from './instances/instances.ts'
import type { PrepareInstance } from './instances/new-instance.ts'
import { keyLimits } from './keys/limits.ts'
import { keyRoutes } from './keys/routes.ts'
import { keyStore } from './keys/store.ts'
import type { Sealer } from './seal.ts'
import type { Reader } from './store/store.ts'
import { addTrailRoutes } from './trail/routes.ts'
import { Tails } from './trail/tail.ts'
import { trackerNames } from './trail/trackers.ts'
import type { Trail } from './trail/trail.ts'
import type { UnitClient } from './units/unit-client.ts'

/** Locations of the seed; the operator's own comes beside them. */
const knownLocations = [
  'au-syd',
  'br-sao',
  'ca-tor',
  'eu-de',
  'eu-es',
  'eu-gb',
  'jp-tok',
  'us-east',
  'us-south',
] as const

export interface ServiceParts {
  readonly config: Config
  readonly cname: string
  readonly store: Reader
  readonly audit: Audit
  readonly trail: Trail
  readonly unit: UnitClient
  readonly prepareInstance: PrepareInstance
  readonly sealer: Sealer
  readonly clock: Clock
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly log: Logger
  /** Issuer named in tokens. */
  readonly issuer: string
}

export interface Services {
  readonly publicListener: FastifyInstance
  readonly privateListener: FastifyInstance
  /** Records what flood control has counted so far, and ends the open tails. Call before the listeners close. */
  drain(): Promise<void>
}

export async function createServices(parts: ServiceParts): Promise<Services> {
  const { config, cname, store, audit, trail, clock, log, sealer, metrics } = parts
  const random = (count: number): Uint8Array => randomBytes(count)
  const ids = createIds(clock.now, random)
  const accounts = readAccounts(store)
  const identities = readIdentities(store)
  const apiKeys = readApiKeys(store)
  const grants = readRoleGrants(store)
  const access = createAccess(grants)
  const sessions = readSessions(store)
  const instances = readInstances(store)
  const keys = openSigningKeys(store, sealer)
  const flood = new FloodControl(clock.monotonic)
  const authenticator = createAuthenticator({
    reader: store,
    sessions,
    verifier: createTokenVerifier(keys, parts.issuer, clock.now),
    flood,
    clock,
    operatorAccount: () => accounts.operator()?.id ?? '',
  })
  const door: Door = { audit, authenticator, accounts, cname }
  const locations = [...new Set([...knownLocations, config.location])]
  const tails = new Tails(trail)
  const stopFloods = watchFloods({ audit, flood, accounts, cname, log })
  const keyParts = { keys: keyStore(store), unit: parts.unit, access, clock, random, limits: keyLimits }

  const addRoutes = (app: FastifyInstance): void => {
    addTokenRoutes(app, { door, apiKeys, keys, issuer: parts.issuer, clock, ids })
    addSessionRoutes(app, { door, apiKeys, sessions, clock, random })
    addIdentityRoutes(app, { door, access, identities, grants, clock, ids })
    addApiKeyRoutes(app, { door, access, apiKeys, identities, clock, ids, random })
    const hasTracker = (account: string, location: string): boolean => trail.tracker(account, location) !== undefined
    addRoleRoutes(app, { door, access, grants, identities, instances, hasTracker, clock, ids })
    addAccountRoutes(app, { door, access, locations, clock, ids, random })
    addInstanceRoutes(app, { door, access, instances, prepare: parts.prepareInstance, locations, clock, ids })
    addKeyRoutes(app, door, instances, keyRoutes(keyParts))
    addTrailRoutes(app, { door, access, trail, tails, clock, names: trackerNames(cname) })
    addHealthRoutes(app, parts.readiness)
  }

  const listen = async (isPrivate: boolean): Promise<FastifyInstance> => {
    const app = createListener({
      isPrivate,
      log,
      trustedProxies: config.trustedProxies,
      observer: metrics,
      ...(config.tls === undefined
        ? {}
        : { tls: { cert: readFileSync(config.tls.cert), key: readFileSync(config.tls.key) } }),
    })
    await describeApi(app, '0.1.0')
    addRoutes(app)
    if (isPrivate) addMetricsRoute(app, metrics.registry)
    await addConsole(app, join(import.meta.dirname, '../../console/dist'))
    return app
  }

  return {
    publicListener: await listen(false),
    privateListener: await listen(true),
    drain: async () => {
      tails.stop()
      await stopFloods()
    },
  }
}
