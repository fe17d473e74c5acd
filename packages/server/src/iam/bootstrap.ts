/** The first start: operator's account, owner, API key, token signing key and first instance, each with its event. */
import type { Audit, Circumstances } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import type { Instance } from '../instances/instance.ts'
import { insertInstance, type Instances } from '../instances/instances.ts'
import { newInstance, type PrepareInstance } from '../instances/new-instance.ts'
import type { Sealer } from '../seal.ts'
import type { Account, Accounts } from './accounts.ts'
import type { ApiKeys } from './api-keys.ts'
import { firstApiKey, foundAccount } from './found-account.ts'
import type { Identities, Identity } from './identities.ts'
import { accountCrn, accountResourceCrn, identityCrn, type Ids, newAccountId } from './names.ts'
import { newSessionToken, type RandomBytes } from './secret.ts'
import { insertSignInLink } from './sessions.ts'
import { newSigningKey } from './signing-keys.ts'

export interface BootstrapParts {
  readonly audit: Audit
  readonly accounts: Accounts
  readonly identities: Identities
  readonly apiKeys: ApiKeys
  readonly instances: Instances
  readonly sealer: Sealer
  readonly prepare: PrepareInstance
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  readonly random: RandomBytes
  readonly cname: string
  /** The server itself, in the given account. */
  readonly caller: (account: string) => Caller
}

export interface BootstrapWish {
  /** Home of the account and location of the instance. */
  readonly location: string
  /** Secret of the first API key: kept by the caller before this runs, for it is stored only as its hash. */
  readonly apiKey: string
  /** GUID of the first instance; a new one when undefined. */
  readonly instance: string | undefined
}

export interface Bootstrapped {
  readonly account: Account
  readonly owner: Identity
  readonly instance: Instance
}

/**
 * Makes what is missing, so that a first start that was interrupted goes on where it stopped.
 * @throws Refusal when a step could not be recorded: then it was not done either
 */
export async function bootstrapIdentity(parts: BootstrapParts, wish: BootstrapWish): Promise<Bootstrapped> {
  const account = parts.accounts.operator() ?? (await foundOperator(parts, wish.location))
  const [owner] = parts.identities.list(account.id, 'user', '', 1)
  if (owner === undefined) throw new Error("the operator's account has no user")
  if (parts.apiKeys.list(account.id, undefined, '', 1).length === 0)
    await makeApiKey(parts, account, owner, wish.apiKey)
  const instance = parts.instances.oldest(account.id)
  return { account, owner, instance: instance ?? (await makeInstance(parts, account, wish)) }
}

/** A new one-time sign-in link's token for somebody, and the change that stores its hash. */
export function newSignInLink(
  parts: Pick<BootstrapParts, 'random' | 'clock'>,
  owner: Pick<Identity, 'id'>,
): { token: string; change: ReturnType<typeof insertSignInLink> } {
  const token = newSessionToken(parts.random)
  return { token, change: insertSignInLink(token, owner.id, parts.clock.now()) }
}

async function foundOperator(parts: BootstrapParts, home: string): Promise<Account> {
  const id = newAccountId(parts.random)
  const caller = parts.caller(id)
  const now = parts.clock.now()
  const founded = foundAccount(
    { id, name: 'Operator', home, operator: true, ownerName: 'owner', now, createdBy: caller.id },
    parts.ids,
  )
  const { account, owner } = founded
  const signingKey = await newSigningKey(parts.sealer, now)
  const target = { id: identityCrn(parts.cname, id, 'user', owner.id), name: owner.name }
  await parts.audit.witness('iam-identity.user.create', circumstances(parts, account), target, () => ({
    code: 201,
    changes: [...founded.changes, signingKey],
    result: undefined,
  }))
  return account
}

async function makeApiKey(parts: BootstrapParts, account: Account, owner: Identity, secret: string): Promise<void> {
  const { key, change } = firstApiKey(owner, secret, parts.clock.now(), parts.ids)
  const target = { id: accountResourceCrn(parts.cname, account.id, 'apikey', key.id), name: key.name }
  await parts.audit.witness('iam-identity.apikey.create', circumstances(parts, account), target, (seen) => {
    seen.request.identityId = owner.id
    seen.response.apikeyId = key.id
    return { code: 201, changes: [change], result: undefined }
  })
}

async function makeInstance(parts: BootstrapParts, account: Account, wish: BootstrapWish): Promise<Instance> {
  const { cname, clock, ids } = parts
  const guid = wish.instance?.toLowerCase() ?? ids.uuid()
  const facts = { name: 'first instance', location: wish.location }
  const instance = newInstance(cname, account.id, guid, clock.now(), facts)
  const target = { id: instance.crn, name: instance.name }
  await parts.audit.witness('hs-crypto.instance.create', circumstances(parts, account), target, async (seen) => {
    seen.request.location = instance.location
    const { changes, settled } = await parts.prepare(instance)
    return {
      code: 201,
      changes: [insertInstance(instance, parts.caller(account.id).id), ...changes],
      ...(settled === undefined ? {} : { settled }),
      result: undefined,
    }
  })
  return instance
}

function circumstances(parts: BootstrapParts, account: Account): Circumstances {
  return {
    caller: parts.caller(account.id),
    destination: { account: account.id, location: account.home },
    logSourceCRN: accountCrn(parts.cname, account.id),
  }
}
