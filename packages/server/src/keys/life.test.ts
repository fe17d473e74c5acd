/** The life of a key as an auditor reads it: fields of events, order of refusals, answers that show the key. */
import { expect, test } from 'vitest'
import { readInstances } from '../instances/instances.ts'
import { keyJobs } from './jobs.ts'
import { type House, openHouse } from './testing/house.ts'
import { openListener } from './testing/listener.ts'
import { addKey, createBody } from './testing/wishes.ts'

const hour = 3_600_000
const day = 24 * hour
const representation = { headers: { prefer: 'return=representation' } }

function lifeHouse() {
  const house = openHouse()
  return { house, ask: openListener(house).ask }
}

function jobsOf(house: House, serviceName = 'Keywitness') {
  const { store, audit, parts } = house
  const instances = readInstances(store)
  return keyJobs({ reader: store, audit, instances, keys: parts, serviceName, isForgetting: () => false })
}

async function runJobs(house: House): Promise<void> {
  for (const job of jobsOf(house)) {
    for (let due = job.nextDue(); due !== undefined && due <= house.time; due = job.nextDue()) await job.run(house.time)
  }
}

const needsTwo = { overrides: { dualAuthDelete: { enabled: true } } }

test('two people delete a key: the events name both, before and after, and the key shows it in between', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house, needsTwo)
  const [first, second] = [house.caller(['Writer']), house.caller(['Manager'])]
  const inSevenDays = new Date(house.time + 7 * day).toISOString()
  const shown = async () => (await ask('GET', `/keys/${key.id}/metadata`)).json().resources[0]?.['dualAuthDelete']
  expect(await shown()).toEqual({ enabled: true, keySetForDeletion: false })

  expect((await ask('DELETE', `/keys/${key.id}`, { caller: second })).status).toBe(409)
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.secrets.delete', reason: { reasonCode: 409 } })
  expect(house.lastEvent().reason.reasonForFailure).toMatch(/authoriz?sed|authorizations/)
  expect((await ask('POST', `/keys/${key.id}/actions/setKeyForDeletion`, { caller: first })).status).toBe(204)
  expect(house.lastEvent().responseData).toEqual({
    newValue: { authID: first.id, authExpiration: inSevenDays },
    keyRingId: 'default',
  })
  expect(await shown()).toEqual({ enabled: true, keySetForDeletion: true, authExpiration: inSevenDays })

  house.time += hour
  await ask('POST', `/keys/${key.id}?action=setKeyForDeletion`, { caller: second })
  expect(house.lastEvent().responseData).toMatchObject({
    initialValue: { authID: first.id, authExpiration: inSevenDays },
    newValue: { authID: second.id },
  })
  const same = await ask('DELETE', `/keys/${key.id}`, { caller: second })
  expect(same.status).toBe(409)
  const other = await ask('DELETE', `/keys/${key.id}`, representation)
  expect(other.json().resources).toMatchObject([{ state: 5, deleted: true, restoreAllowed: true, purgeAllowed: false }])
})

test('a withdrawn authorisation leaves no new value, and an expired one is written down as withdrawn by the service', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house, needsTwo)
  const caller = house.caller(['Writer'])
  const until = new Date(house.time + 7 * day).toISOString()
  await ask('POST', `/keys/${key.id}/actions/setKeyForDeletion`, { caller })
  await ask('POST', `/keys/${key.id}/actions/unsetKeyForDeletion`, { caller })
  const withdrawn = { initialValue: { authID: caller.id, authExpiration: until }, keyRingId: 'default' }
  expect(house.lastEvent().responseData).toEqual(withdrawn)
  await ask('POST', `/keys/${key.id}/actions/setKeyForDeletion`, { caller })
  house.time += 7 * day
  await runJobs(house)
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.secrets.unsetkeyfordeletion',
    initiator: { id: 'iam-ServiceId-keywitness', typeURI: 'service/security/account/serviceid' },
    responseData: withdrawn,
  })
  // A clock set back does not bring it to life again.
  house.time -= day
  expect((await ask('DELETE', `/keys/${key.id}`)).status).toBe(409)
})

test('a key without the policy is not set for deletion', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house)
  for (const action of ['setKeyForDeletion', 'unsetKeyForDeletion']) {
    const refused = await ask('POST', `/keys/${key.id}/actions/${action}`)
    expect(refused.json().resources[0]?.['reasons']).toMatchObject([{ code: 'NOT_DUAL_AUTH_ERR', status: 409 }])
  }
})

test('an expiration is written down once, with its event, and nothing un-expires', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house, { expiresAt: house.time + hour })
  house.time += 2 * hour
  await runJobs(house)
  const before = house.events().length
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.secrets.expire',
    outcome: 'success',
    severity: 'warning',
    initiator: { id: 'iam-ServiceId-keywitness' },
    requestData: { keyType: 'root', expirationDate: new Date(house.time - hour).toISOString() },
    responseData: { keyId: key.id, initialValue: { keyState: 1 }, newValue: { keyState: 3 } },
  })
  house.time -= 2 * hour
  await runJobs(house)
  house.time += 2 * hour
  await runJobs(house)
  expect(house.events().length).toBe(before)
  house.time -= 90 * 60_000
  expect((await ask('POST', `/keys/${key.id}/actions/wrap`, { body: {} })).status).toBe(409)
  await ask('DELETE', `/keys/${key.id}`)
  house.time += 60_000
  const refused = await ask('POST', `/keys/${key.id}/restore`)
  expect(refused.json().resources[0]?.['reasons']).toMatchObject([{ code: 'KEY_EXPIRED_ERR' }])
})

test('a purge tells when the key was deleted and from when it could be purged; only KeyPurge may', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house)
  const caller = house.caller(['KeyPurge'])
  expect((await ask('DELETE', `/keys/${key.id}/purge`, { caller })).status).toBe(409)
  await ask('DELETE', `/keys/${key.id}`)
  const deletedAt = house.time
  house.time += 4 * hour - 1
  const early = await ask('DELETE', `/keys/${key.id}/purge`, { caller })
  expect(early.json().resources[0]?.['reasons']).toMatchObject([{ code: 'REQ_TOO_EARLY_ERR' }])
  house.time += 1
  expect((await ask('DELETE', `/keys/${key.id}/purge`)).status).toBe(401)
  const purged = await ask('DELETE', `/keys/${key.id}/purge`, { caller, ...representation })
  expect([purged.status, purged.json().resources[0]?.['id']]).toEqual([200, key.id])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.secrets.purge',
    severity: 'critical',
    responseData: {
      deletionDate: new Date(deletedAt).toISOString(),
      purgeAllowedFrom: new Date(deletedAt + 4 * hour).toISOString(),
      purgeEligibleOn: new Date(deletedAt + 90 * day).toISOString(),
    },
  })
  expect(house.forgotten).toBe(1)
  expect((await ask('DELETE', `/keys/${key.id}/purge`, { caller })).status).toBe(404)
  expect(house.store.all('SELECT blob FROM key_material WHERE blob <> zeroblob(length(blob))')).toEqual([])
})

test('after 90 days the service purges by itself, policies and aliases with the key', async () => {
  const { house } = lifeHouse()
  const key = await addKey(house, { ...needsTwo, aliases: ['first', 'second'] })
  house.forceState(key.id, 5)
  house.time += 90 * day - 1
  await runJobs(house)
  expect(house.parts.keys.find(house.instance.guid, key.id)).toBeDefined()
  house.time += 1
  await runJobs(house)
  expect(house.parts.keys.find(house.instance.guid, key.id)).toBeUndefined()
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.secrets.purge', initiator: { name: 'Keywitness' } })
  for (const table of ['key_versions', 'key_aliases', 'key_policies']) {
    expect(house.store.all(`SELECT * FROM ${table}`)).toEqual([])
  }
})

test('a key that somebody restores while it is being purged by the service stays', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house)
  await ask('DELETE', `/keys/${key.id}`)
  const [purge] = jobsOf(house).filter(({ name }) => name === 'purge of deleted keys')
  house.time += 20 * day
  const restored = ask('POST', `/keys/${key.id}/restore`)
  house.time += 70 * day
  const run = purge?.run(house.time)
  await Promise.all([restored, run])
  expect([undefined, 1]).toContain(house.parts.keys.find(house.instance.guid, key.id)?.state)
  const events = house.events().filter(({ outcome }) => outcome === 'success')
  const ends = events.map(({ action }) => action).filter((action) => /purge|restore/.test(action))
  expect(ends).toHaveLength(1)
})

test('restoring shows the key again, with the version it wraps with', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house)
  await ask('DELETE', `/keys/${key.id}`)
  expect((await ask('POST', `/keys/${key.id}/restore`)).status).toBe(409)
  house.time += 30_000
  const restored = await ask('POST', `/keys/${key.id}?action=restore`)
  expect([restored.status, restored.json().resources[0]?.['state']]).toEqual([201, 1])
  expect(house.lastEvent().responseData).toMatchObject({ keyVersionId: key.newest })
})

test('a key created with policies of its own shows them, and its event tells them', async () => {
  const { house, ask } = lifeHouse()
  const body = createBody({
    name: 'governed',
    extractable: false,
    rotation: { enabled: true, interval_month: 6 },
    dualAuthDelete: { enabled: false },
  })
  const created = await ask('POST', '/keys_with_policy_overrides', { body })
  expect(created.status).toBe(201)
  expect(created.json().resources).toMatchObject([
    { rotation: { enabled: true, interval_month: 6 }, dualAuthDelete: { enabled: false } },
  ])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.secrets.create',
    requestData: {
      newValue: {
        policyRotationEnabled: true,
        policyRotationIntervalMonth: 6,
        policyDualAuthDeleteEnabled: false,
      },
    },
  })
  const writer = house.caller(['Writer'])
  expect((await ask('POST', '/keys_with_policy_overrides', { caller: writer, body })).status).toBe(401)
  expect((await ask('POST', '/keys', { body })).status).toBe(400)
  const standard = createBody({ name: 'standard', rotation: { enabled: true, interval_month: 6 } })
  expect((await ask('POST', '/keys_with_policy_overrides', { body: standard })).status).toBe(400)
})

test('a standard key is neither enabled nor disabled', async () => {
  const { house, ask } = lifeHouse()
  const key = await addKey(house, { extractable: true })
  for (const action of ['enable', 'disable']) {
    const refused = await ask('POST', `/keys/${key.id}/actions/${action}`, { body: 'null' })
    expect(refused.json().resources[0]?.['reasons']).toMatchObject([{ code: 'KEY_ROOT_REQ_ERR', status: 400 }])
  }
})
