/** The first start: what is fixed for ever, the first account, tracker, instance and, in development, the ceremony. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Audit } from './audit.ts'
import type { Clock } from './clock.ts'
import type { Config, ConfigSecrets } from './config.ts'
import { writeDurably } from './data-folder.ts'
import { readAccounts } from './iam/accounts.ts'
import { readApiKeys } from './iam/api-keys.ts'
import { type Bootstrapped, bootstrapIdentity, newSignInLink } from './iam/bootstrap.ts'
import { readIdentities } from './iam/identities.ts'
import { accountCrn, createIds } from './iam/names.ts'
import { newApiKey } from './iam/secret.ts'
import { signInLinkLifetimeMs } from './iam/sessions.ts'
import { readInstances } from './instances/instances.ts'
import type { PrepareInstance } from './instances/new-instance.ts'
import type { Sealer } from './seal.ts'
import { StartError } from './start-error.ts'
import type { Store } from './store/store.ts'
import { systemCaller } from './system-caller.ts'
import { newTracker, trackerNames } from './trail/trackers.ts'
import type { Trail } from './trail/trail.ts'

/** What the first start decides and no later one changes. */
export interface BirthFacts {
  readonly profile: Config['profile']
  readonly serviceName: string
  readonly cname: string
}

/**
 * Reads the facts of the first start, or writes them when the store is new.
 * @throws StartError PROFILE when production finds a folder born in development
 */
export function readBirthFacts(store: Store, config: Config): BirthFacts & { readonly isNew: boolean } {
  const row = store.get<{ value: string }>("SELECT value FROM facts WHERE name = 'birth'")
  if (row === undefined) {
    const facts: BirthFacts = { profile: config.profile, serviceName: config.serviceName, cname: config.cname }
    store.run("INSERT INTO facts (name, value) VALUES ('birth', ?)", [JSON.stringify(facts)])
    return { ...facts, isNew: true }
  }
  const facts = JSON.parse(row.value) as BirthFacts
  if (config.profile === 'production' && facts.profile === 'development') {
    throw new StartError(
      'PROFILE',
      `${config.data} was born in the development profile: its master key parts were generated there. Start production with a new data folder`,
    )
  }
  return { ...facts, isNew: false }
}

export interface FirstStartParts {
  readonly config: Config
  readonly secrets: ConfigSecrets
  readonly facts: BirthFacts
  readonly store: Store
  readonly audit: Audit
  readonly trail: Trail
  readonly sealer: Sealer
  readonly clock: Clock
  readonly prepareInstance: PrepareInstance
}

export interface FirstThings extends Bootstrapped {
  /** Secret of the first API key, while its file is there. */
  readonly apiKey: string | undefined
  /** Token of a fresh one-time sign-in link for the owner. */
  readonly signInToken: string | undefined
}

const random = (count: number): Uint8Array => randomBytes(count)

/** Makes what is missing, each step with its event, so that an interrupted first start is finished by the next one. */
export async function makeFirstThings(parts: FirstStartParts): Promise<FirstThings> {
  const { config, facts, store, audit, clock, sealer, prepareInstance } = parts
  const { cname, serviceName } = facts
  const apiKey = firstApiKey(parts)
  const made = await bootstrapIdentity(
    {
      audit,
      sealer,
      clock,
      random,
      cname,
      accounts: readAccounts(store),
      identities: readIdentities(store),
      apiKeys: readApiKeys(store),
      instances: readInstances(store),
      ids: createIds(() => clock.now(), random),
      prepare: prepareInstance,
      caller: (account) => systemCaller(account, serviceName),
    },
    { location: config.location, apiKey: apiKey ?? newApiKey(random), instance: parts.secrets.bootstrapInstance },
  )
  await makeTracker(parts, made)
  const signInToken = config.profile === 'development' ? await makeSignInLink(parts, made) : undefined
  return { ...made, apiKey, signInToken }
}

/**
 * The first API key's secret. It is written to its file before the key exists, so that a crash in between never leaves a
 * key that nobody knows. A key given by the operator is not written anywhere.
 */
function firstApiKey({ config, secrets, store }: FirstStartParts): string | undefined {
  if (secrets.bootstrapApiKey !== undefined) return secrets.bootstrapApiKey
  const file = join(config.data, 'api-key')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  const hasKeys = store.get('SELECT 1 FROM api_keys LIMIT 1') !== undefined
  if (hasKeys) return undefined
  const secret = newApiKey(random)
  writeDurably(file, `${secret}\n`)
  return secret
}

/** Exactly one tracker per account and location; the first one is where the account is at home. */
async function makeTracker(parts: FirstStartParts, { account }: Bootstrapped): Promise<void> {
  const { facts, audit, clock, trail } = parts
  if (trail.tracker(account.id, account.home) !== undefined) return
  // Removed by two people: only somebody who is asked for another one provisions it.
  if (parts.store.get('SELECT 1 FROM removed_trackers WHERE account = ? LIMIT 1', account.id) !== undefined) return
  const names = trackerNames(facts.cname)
  const row = newTracker(names, account.id, account.home, clock.now())
  const caller = systemCaller(account.id, facts.serviceName)
  await audit.witness(
    'activity-tracker.instance.create',
    { caller, destination: { account: account.id, location: account.home }, logSourceCRN: names.crn(row) },
    { id: names.crn(row), name: row.location },
    (seen) => {
      seen.request.location = row.location
      return {
        code: 201,
        result: undefined,
        changes: [names.insert(row, caller.id)],
        settled: () => trail.add(row),
      }
    },
  )
}

/** Each start in development makes one, for the owner; making it and using it are events. */
async function makeSignInLink(parts: FirstStartParts, { account, owner }: Bootstrapped): Promise<string> {
  const { facts, audit, clock } = parts
  const { token, change } = newSignInLink({ random, clock }, owner)
  const crn = accountCrn(facts.cname, account.id)
  await audit.witness(
    'iam-identity.sign-in-link.create',
    {
      caller: systemCaller(account.id, facts.serviceName),
      destination: { account: account.id, location: account.home },
      logSourceCRN: crn,
    },
    { id: crn, name: owner.name },
    (seen) => {
      seen.response.expirationDate = new Date(clock.now() + signInLinkLifetimeMs).toISOString()
      return { code: 201, result: undefined, changes: [change] }
    },
  )
  return token
}
