/** Aliases: given, used wherever a key is named, taken away. */
import { expect, test } from 'vitest'
import { openHouse } from './testing/house.ts'
import { openListener } from './testing/listener.ts'
import { addKey, createBody } from './testing/wishes.ts'

async function aliasHouse(limits = {}) {
  const house = openHouse(limits)
  const key = await addKey(house)
  const { ask } = openListener(house)
  return { house, key, ask }
}

test('an alias names its key on every path, and its events name the key', async () => {
  const { house, key, ask } = await aliasHouse()
  const created = await ask('POST', `/keys/${key.id}/aliases/Pay-roll_1`)
  expect(created.status).toBe(201)
  expect(created.json().resources).toEqual([
    {
      keyId: key.id,
      alias: 'Pay-roll_1',
      createdBy: house.call().caller.id,
      creationDate: new Date(house.time).toISOString(),
    },
  ])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.secrets-alias.create',
    requestData: { alias: 'Pay-roll_1' },
  })
  const wrapped = await ask('POST', '/keys/Pay-roll_1/actions/wrap', { body: {} })
  const { ciphertext } = wrapped.json()
  expect((await ask('POST', `/keys/${key.id}?action=unwrap`, { body: { ciphertext } })).status).toBe(200)
  for (const path of ['', '/metadata']) {
    const read = await ask('GET', `/keys/Pay-roll_1${path}`)
    expect(read.json().resources).toMatchObject([{ id: key.id, aliases: ['Pay-roll_1'] }])
    expect(house.lastEvent().target.id).toBe(`${house.instance.crn.slice(0, -2)}:key:${key.id}`)
  }
  expect((await ask('GET', '/keys/pay-roll_1')).status).toBe(404)
  expect((await ask('GET', '/keys')).json().resources).toMatchObject([{ aliases: ['Pay-roll_1'] }])
})

test('aliases come with a new key, and are refused with it when they are taken', async () => {
  const { house, ask } = await aliasHouse()
  const create = (...aliases: string[]) =>
    ask('POST', '/keys', { body: createBody({ name: 'named', extractable: false, aliases }) })
  expect((await create('one', 'two')).json().resources).toMatchObject([{ aliases: ['one', 'two'] }])
  expect((await create('three', 'two')).status).toBe(409)
  expect(house.parts.keys.total(house.instance.guid)).toBe(2)
  expect(house.parts.keys.aliased(house.instance.guid, 'three')).toBeUndefined()
})

test.each([
  ['x', 400],
  ['registrations', 400],
  ['11111111-1111-4111-8111-111111111111', 400],
  ['with%20blank', 400],
  ['taken', 409],
  ['sixth', 409],
])('the alias %s is %i for a key that has five', async (alias, status) => {
  const { key, ask } = await aliasHouse()
  for (const one of ['taken', 'two', 'three', 'four', 'five']) await ask('POST', `/keys/${key.id}/aliases/${one}`)
  expect((await ask('POST', `/keys/${key.id}/aliases/${alias}`)).status).toBe(status)
})

test('an instance has a bounded number of aliases', async () => {
  const { house, key, ask } = await aliasHouse({ aliasesPerInstance: 1 })
  const other = await addKey(house)
  expect((await ask('POST', `/keys/${key.id}/aliases/first`)).status).toBe(201)
  expect((await ask('POST', `/keys/${other.id}/aliases/second`)).status).toBe(409)
  await ask('DELETE', `/keys/${key.id}/aliases/first`)
  expect((await ask('POST', `/keys/${other.id}/aliases/second`)).status).toBe(201)
})

test('a deleted alias names nothing from that moment on; another key’s alias is not found on this one', async () => {
  const { house, key, ask } = await aliasHouse()
  const other = await addKey(house)
  await ask('POST', `/keys/${other.id}/aliases/others`)
  await ask('POST', `/keys/${key.id}/aliases/mine`)
  expect((await ask('DELETE', `/keys/${key.id}/aliases/others`)).status).toBe(404)
  const deleted = await ask('DELETE', '/keys/mine/aliases/mine')
  expect([deleted.status, deleted.body]).toEqual([204, undefined])
  expect((await ask('GET', '/keys/mine')).status).toBe(404)
  expect((await ask('DELETE', `/keys/${key.id}/aliases/mine`)).status).toBe(404)
})

test('aliases outlive a deletion and come back with the key; a purge frees them', async () => {
  const { house, key, ask } = await aliasHouse()
  await ask('POST', `/keys/${key.id}/aliases/kept`)
  await ask('DELETE', '/keys/kept')
  house.time += 60_000
  expect((await ask('POST', '/keys/kept/restore')).json().resources).toMatchObject([{ state: 1, aliases: ['kept'] }])
  await ask('DELETE', '/keys/kept')
  expect((await ask('POST', '/keys/kept/aliases/more')).status).toBe(410)
  house.time += 4 * 3_600_000
  const purger = house.caller(['KeyPurge'])
  expect((await ask('DELETE', '/keys/kept/purge', { caller: purger })).status).toBe(204)
  const other = await addKey(house)
  expect((await ask('POST', `/keys/${other.id}/aliases/kept`)).status).toBe(201)
})
