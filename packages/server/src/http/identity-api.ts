/** The identity service as one part: what it reads and decides, and its routes on a listener. */
import type { FastifyInstance } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Accounts, readAccounts } from '../iam/accounts.ts'
import { type ApiKeys, readApiKeys } from '../iam/api-keys.ts'
import { type Bearers, readBearers } from '../iam/bearer.ts'
import { FloodControl } from '../iam/flood.ts'
import { type Identities, readIdentities } from '../iam/identities.ts'
import { createIds, type Ids } from '../iam/names.ts'
import { readRoleGrants, type RoleGrants } from '../iam/role-grants.ts'
import { type Access, createAccess } from '../iam/roles.ts'
import type { RandomBytes } from '../iam/secret.ts'
import { readSessions, type Sessions } from '../iam/sessions.ts'
import { openSigningKeys, type SigningKeys } from '../iam/signing-keys.ts'
import { createTokenVerifier } from '../iam/token.ts'
import { type Inventories, readInventories } from '../instances/inventory.ts'
import { type Instances, readInstances } from '../instances/instances.ts'
import type { PrepareInstance } from '../instances/new-instance.ts'
import type { Sealer } from '../seal.ts'
import type { Reader } from '../store/store.ts'
import { createAuthenticator } from './authenticate.ts'
import type { Door } from './door.ts'
import { addAccountRoutes } from './routes/accounts.ts'
import { addApiKeyRoutes } from './routes/api-keys.ts'
import { addIdentityRoutes } from './routes/identities.ts'
import { addInstanceRoutes } from './routes/instances.ts'
import { addRoleRoutes } from './routes/roles.ts'
import { addSessionRoutes } from './routes/session.ts'
import { addTokenRoutes } from './routes/token.ts'
import { readStanding } from './standing.ts'

export interface IdentityParts {
  readonly reader: Reader
  readonly audit: Audit
  readonly sealer: Sealer
  readonly clock: Clock
  readonly random: RandomBytes
  /** Name of this service in cloud resource names, fixed at first start. */
  readonly cname: string
  /** `iss` of the tokens: must not change, or every token ends. */
  readonly issuer: string
  /** Told of each failed authentication: whether it becomes an event or is only counted. */
  readonly authenticationFailed?: (isRecorded: boolean) => void
}

/** Everything others need of the identity service. */
export interface IdentityService {
  readonly accounts: Accounts
  readonly identities: Identities
  readonly apiKeys: ApiKeys
  readonly grants: RoleGrants
  readonly sessions: Sessions
  readonly instances: Instances
  readonly inventories: Inventories
  readonly access: Access
  readonly bearers: Bearers
  readonly keys: SigningKeys
  readonly flood: FloodControl
  readonly ids: Ids
  readonly door: Door
}

export function openIdentity(parts: IdentityParts): IdentityService {
  const { reader, audit, clock, cname, issuer } = parts
  const accounts = readAccounts(reader)
  const sessions = readSessions(reader)
  const grants = readRoleGrants(reader)
  const keys = openSigningKeys(reader, parts.sealer)
  const flood = new FloodControl(() => clock.monotonic())
  const bearers = readBearers(
    reader,
    createTokenVerifier(keys, issuer, () => clock.now()),
    clock,
  )
  const authenticator = createAuthenticator({
    sessions,
    bearers,
    flood,
    clock,
    operatorAccount: () => {
      const operator = accounts.operator()
      if (operator === undefined) throw new Error('listening before the first account was made')
      return operator.id
    },
    ...(parts.authenticationFailed === undefined ? {} : { failed: parts.authenticationFailed }),
  })
  return {
    accounts,
    identities: readIdentities(reader),
    apiKeys: readApiKeys(reader),
    grants,
    sessions,
    instances: readInstances(reader),
    inventories: readInventories(reader),
    access: createAccess(grants),
    bearers,
    keys,
    flood,
    ids: createIds(() => clock.now(), parts.random),
    door: { audit, authenticator, accounts, standing: readStanding(reader), cname },
  }
}

export interface IdentityApiParts {
  readonly identity: IdentityService
  readonly clock: Clock
  readonly random: RandomBytes
  readonly issuer: string
  /** Locations that accounts and instances may be in. */
  readonly locations: readonly string[]
  /** Whether the account has a tracker there. */
  readonly hasTracker: (account: string, location: string) => boolean
  readonly prepare: PrepareInstance
}

/** Adds every route of the identity service to a listener. */
export function addIdentityApi(app: FastifyInstance, parts: IdentityApiParts): void {
  const { identity, clock, random, issuer, locations, hasTracker, prepare } = parts
  const common = { ...identity, clock, random }
  addTokenRoutes(app, { ...common, issuer })
  addSessionRoutes(app, common)
  addIdentityRoutes(app, common)
  addApiKeyRoutes(app, common)
  addRoleRoutes(app, { ...common, hasTracker })
  addAccountRoutes(app, { ...common, locations })
  addInstanceRoutes(app, { ...common, locations, prepare })
}
