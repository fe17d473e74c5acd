/** What is said of a refusal after the call itself: its true cause, alone, with the call that tells more. */
import { catalogue, explain, type ExplanationSpec, familyExplanations, generalExplanations } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { allStatuses } from './ep11/return-statuses.ts'
import { errors } from './errors.ts'
import type { KeyLimits } from './keys/limits.ts'
import { type House, openHouse } from './keys/testing/house.ts'
import { addKey } from './keys/testing/wishes.ts'
import { addAdapter } from './kmip/management/testing/adapters.ts'
import { crnOf, openAdoptingHouse } from './lifecycle/testing/adopting-house.ts'
import { envelope, newKey, openListeners, policy } from './policies/testing/listeners.ts'

function open(limits: Partial<KeyLimits> = {}) {
  const house = openHouse(limits)
  return { house, ...openListeners(house) }
}

/** Meaning and call of what explains the last event. */
function said(house: House): [string, string | undefined][] {
  return explain(house.lastEvent()).map(({ meaning, call }) => [meaning, call])
}

test('a creation refused for its alias is explained by the alias, not by policies or import tokens', async () => {
  const { house, ask } = open()
  expect((await ask('POST', '/keys', { body: newKey({ aliases: ['taken'] }) })).status).toBe(201)
  expect((await ask('POST', '/keys', { body: newKey({ aliases: ['taken'] }) })).status).toBe(409)
  expect(said(house)).toEqual([[expect.stringContaining('alias'), 'GET /api/v2/keys?state=0,1,2,3,5']])
})

test('a creation refused for the number of keys is explained by that', async () => {
  const { house, ask } = open({ keysPerInstance: 1 })
  expect((await ask('POST', '/keys', { body: newKey() })).status).toBe(201)
  expect((await ask('POST', '/keys', { body: newKey() })).status).toBe(409)
  expect(said(house)).toEqual([[expect.stringContaining('as many keys'), 'GET /api/v2/keys?state=5']])
})

test('a restore refused by the creation policy is explained by the policy, and one in the wrong state by the state', async () => {
  const { house, ask, setInstance } = open({ restoreAfterMs: 0 })
  const { id } = await addKey(house)
  expect((await ask('POST', `/keys/${id}/restore`)).status).toBe(409)
  expect(said(house)).toEqual([[expect.stringContaining('state of the key'), `GET /api/v2/keys/${id}/metadata`]])
  await ask('DELETE', `/keys/${id}`)
  await setInstance(policy('keyCreateImportAccess', true, { create_root_key: false }))
  expect((await ask('POST', `/keys/${id}/restore`)).status).toBe(409)
  const call = 'GET /api/v2/instance/policies?policy=keyCreateImportAccess'
  expect(said(house)).toEqual([[expect.stringContaining('importation policy'), call]])
})

test('a restore with other material is explained by the material, not by time', async () => {
  const { house, ask } = open({ restoreAfterMs: 0 })
  const payload = Buffer.alloc(32, 1).toString('base64')
  const id = String((await ask('POST', '/keys', { body: newKey({ payload }) })).json().resources[0]?.['id'])
  await ask('DELETE', `/keys/${id}`)
  const other = newKey({ payload: Buffer.alloc(32, 2).toString('base64') })
  expect((await ask('POST', `/keys/${id}/restore`, { body: other })).status).toBe(400)
  expect(said(house)).toEqual([[expect.stringContaining('material'), expect.any(String)]])
})

test('an acknowledgement by a person is explained by what it is, not by missing roles', async () => {
  const adopting = openAdoptingHouse()
  const person = { ...adopting.house.caller(['Manager']), kind: 'user' } as const
  const operation = adopting.acknowledging(person, { eventId: 'any', state: 'DEK_DELETED' })
  await adopting.house.refused('hs-crypto.secrets-event.ack', operation, adopting.house.call(person))
  expect(said(adopting.house)).toEqual([[expect.stringContaining('Only services'), 'GET /v1/iam/service-ids']])
})

test('whatever keeps a key from being deleted is named alone', async () => {
  const { house, register } = openAdoptingHouse()
  const { ask } = openListeners(house)
  const [retained, registered, guarded, used] = [
    await addKey(house),
    await addKey(house),
    await addKey(house),
    await addKey(house),
  ]
  const service = house.caller(['Reader'])
  await register(service, retained.id, crnOf('a'), { preventsDeletion: true })
  await register(service, registered.id, crnOf('b'))
  await ask('PUT', `/keys/${guarded.id}/policies`, { body: envelope({ dualAuthDelete: { enabled: true } }) })
  await addAdapter(house, { crk: used.id })
  const expected = [
    [retained.id, 'PREV_KEY_DEL_ERR', 'retention policy', `GET /api/v2/keys/${retained.id}/registrations`],
    [registered.id, 'PROTECTED_RESOURCE_ERR', 'protects', `GET /api/v2/keys/${registered.id}/registrations`],
    [guarded.id, 'AUTHORIZATIONS_NOT_MET', 'dual authorization', `GET /api/v2/keys/${guarded.id}/policies`],
    [used.id, 'PROTECTED_RESOURCE_ERR', 'KMIP adapter', `GET /api/v2/kmip_adapters?crk_id=${used.id}`],
  ] as const
  for (const [id, code, words, call] of expected) {
    const answer = await ask('DELETE', `/keys/${id}`)
    expect([answer.status, answer.code]).toEqual([409, code])
    expect(said(house)).toEqual([[expect.stringContaining(words), call]])
  }
})

test('a path that is no operation is explained as that, not as a missing key', async () => {
  const { house, ask } = open()
  expect((await ask('PUT', '/keys')).status).toBe(404)
  expect(said(house)).toEqual([[expect.stringContaining('No operation'), 'GET /openapi.json']])
  expect((await ask('POST', '/keys', { body: '{' })).status).toBe(400)
  expect(said(house)).toEqual([[expect.stringContaining('does not say what is wanted'), 'GET /openapi.json']])
})

test('explanations name only codes that there are, under the status that these have', () => {
  const ofEntries = catalogue.all().flatMap(({ explanations }) => explanations)
  const all: readonly ExplanationSpec[] = [
    ...ofEntries,
    ...Object.values(familyExplanations).flat(),
    ...generalExplanations,
  ]
  const named = all.flatMap(({ when }) => (when.refusals ?? []).map((code) => [code, when.codes?.join()]))
  expect(named.length).toBeGreaterThan(15)
  const ofErrors = Object.entries(errors).map(([code, { status }]) => [code, status] as const)
  const ofValues = allStatuses().map(([value, { status }]) => [value, status] as const)
  const statuses = new Map<string, number>([...ofErrors, ...ofValues])
  const isKnown = ([code, status]: (string | undefined)[]): boolean =>
    statuses.has(code ?? '') && (status === undefined || status === String(statuses.get(code ?? '')))
  expect(named.filter((one) => !isKnown(one))).toEqual([])
})
