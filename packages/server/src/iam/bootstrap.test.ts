/** The first start, and one that was interrupted. */
import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Audit } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { createSealer } from '../seal.ts'
import { systemCaller } from '../system-caller.ts'
import { type AuditHouse, openAuditHouse } from '../testing/audit-house.ts'
import { openIdentity } from '../http/identity-api.ts'
import { bootstrapIdentity, type BootstrapParts } from './bootstrap.ts'
import { openSigningKeys } from './signing-keys.ts'

const apiKey = 'k'.repeat(44)
const sealer = createSealer(createHash('sha256').update('seal').digest())

function partsOf(house: AuditHouse, audit: Audit = house.audit): BootstrapParts {
  const { clock, store } = house
  const identity = openIdentity({ reader: store, audit, sealer, clock, random: randomBytes, cname: 'kw', issuer: 'x' })
  return {
    ...identity,
    audit,
    sealer,
    prepare: () => Promise.resolve({ changes: [] }),
    clock,
    random: randomBytes,
    cname: 'kw',
    caller: (account) => systemCaller(account, 'Keywitness'),
  }
}

test('the first start makes account, owner, API key and instance, each with its event', async () => {
  const house = openAuditHouse()
  const guid = 'ABCDEF01-0000-4000-8000-000000000000'
  const { account, owner, instance } = await bootstrapIdentity(partsOf(house), {
    location: 'eu-de',
    apiKey,
    instance: guid,
  })
  expect(account).toMatchObject({ operator: true, home: 'eu-de' })
  expect(instance).toMatchObject({ guid: guid.toLowerCase(), account: account.id, location: 'eu-de' })
  expect(partsOf(house).apiKeys.present(apiKey)).toMatchObject({ identity: owner.id, state: 'active' })
  expect(house.events().map(({ action, outcome }) => [action, outcome])).toEqual([
    ['iam-identity.user.create', 'success'],
    ['iam-identity.apikey.create', 'success'],
    ['hs-crypto.instance.create', 'success'],
  ])
})

test('a second start changes nothing and finds the same', async () => {
  const house = openAuditHouse()
  const wish = { location: 'us-south', apiKey, instance: undefined }
  const first = await bootstrapIdentity(partsOf(house), wish)
  house.clock.time += 1_000
  const second = await bootstrapIdentity(partsOf(house), { ...wish, apiKey: 'other'.repeat(9), location: 'eu-de' })
  expect(second).toEqual(first)
  expect(house.events()).toHaveLength(3)
})

test.each([1, 2, 3])('a first start that stops before its event %i goes on where it stopped', async (stopAt) => {
  const house = openAuditHouse()
  let calls = 0
  const failing: Audit = {
    ...house.audit,
    witness: (...call) => {
      calls++
      return calls === stopAt ? Promise.reject(new Refusal('AUDIT_UNAVAILABLE')) : house.audit.witness(...call)
    },
  }
  const wish = { location: 'us-south', apiKey, instance: undefined }
  await expect(bootstrapIdentity(partsOf(house, failing), wish)).rejects.toThrow(Refusal)
  await bootstrapIdentity(partsOf(house), wish)
  expect(house.events().map(({ action }) => action)).toEqual([
    'iam-identity.user.create',
    'iam-identity.apikey.create',
    'hs-crypto.instance.create',
  ])
})

test('the signing key lies sealed in the store and opens under its own seal only', async () => {
  const house = openAuditHouse()
  await bootstrapIdentity(partsOf(house), { location: 'us-south', apiKey, instance: undefined })
  expect(openSigningKeys(house.store, sealer).current().privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
  const other = createSealer(createHash('sha256').update('another').digest())
  expect(() => openSigningKeys(house.store, other).current()).toThrow('authenticate data')
})
