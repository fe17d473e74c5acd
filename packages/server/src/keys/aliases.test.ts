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

test('a deleted key’s aliases are free at once, each with its event beside the deletion’s', async () => {
  const { house, key, ask } = await aliasHouse({ aliasesPerInstance: 2 })
  for (const alias of ['first', 'second']) await ask('POST', `/keys/${key.id}/aliases/${alias}`)
  const before = house.events().length
  const headers = { prefer: 'return=representation' }
  const deleted = await ask('DELETE', '/keys/first', { headers })
  expect(deleted.json().resources).toMatchObject([{ id: key.id, state: 5 }])
  expect(deleted.json().resources[0]).not.toHaveProperty('aliases')

  const events = house.events().slice(before)
  const target = { id: `${house.instance.crn.slice(0, -2)}:key:${key.id}`, name: key.name }
  expect(events.map(({ action }) => action)).toEqual([
    'hs-crypto.secrets-alias.delete',
    'hs-crypto.secrets-alias.delete',
    'hs-crypto.secrets.delete',
  ])
  for (const [index, alias] of ['first', 'second'].entries()) {
    expect(events[index]).toMatchObject({
      target: { ...target, typeURI: 'hs-crypto/secrets-alias' },
      outcome: 'success',
      requestData: { alias, keyType: 'root' },
      responseData: { keyRingId: 'default' },
      correlationId: events[2]?.correlationId,
    })
  }
  expect((await ask('GET', '/keys/first')).status).toBe(404)
  // Neither the name nor the bounds of key and instance are used up by the destroyed key.
  const other = await addKey(house)
  for (const alias of ['first', 'second']) {
    expect((await ask('POST', `/keys/${other.id}/aliases/${alias}`)).status).toBe(201)
  }
})

test('a restored key has no aliases, and leaves them to whoever took them', async () => {
  const { house, key, ask } = await aliasHouse()
  for (const alias of ['taken', 'free']) await ask('POST', `/keys/${key.id}/aliases/${alias}`)
  await ask('DELETE', `/keys/${key.id}`)
  const other = await addKey(house)
  await ask('POST', `/keys/${other.id}/aliases/taken`)
  house.time += 60_000
  expect((await ask('POST', '/keys/free/restore')).status).toBe(404)
  const restored = await ask('POST', `/keys/${key.id}/restore`)
  expect(restored.json().resources).toMatchObject([{ id: key.id, state: 1 }])
  expect(house.parts.keys.aliasesOf(house.instance.guid, [key.id]).size).toBe(0)
  expect((await ask('GET', '/keys/taken/metadata')).json().resources).toMatchObject([{ id: other.id }])
  expect((await ask('POST', `/keys/${key.id}/aliases/free`)).status).toBe(201)
})

test('a destroyed key gets no alias, and its purge needs none', async () => {
  const { house, key, ask } = await aliasHouse()
  await ask('POST', `/keys/${key.id}/aliases/gone`)
  await ask('DELETE', `/keys/${key.id}`)
  expect((await ask('POST', `/keys/${key.id}/aliases/more`)).status).toBe(410)
  house.time += 4 * 3_600_000
  const purger = house.caller(['KeyPurge'])
  expect((await ask('DELETE', `/keys/${key.id}/purge`, { caller: purger })).status).toBe(204)
})

test('a deletion that is refused leaves the aliases, and no event of theirs', async () => {
  const { house, ask } = await aliasHouse()
  const key = await addKey(house, { overrides: { dualAuthDelete: { enabled: true } } })
  await ask('POST', `/keys/${key.id}/aliases/kept`)
  const first = house.caller(['Manager'])
  await ask('POST', '/keys/kept/actions/setKeyForDeletion', { caller: first })
  const before = house.events().length
  expect((await ask('DELETE', '/keys/kept', { caller: first })).status).toBe(409)
  expect(
    house
      .events()
      .slice(before)
      .map(({ action }) => action),
  ).toEqual(['hs-crypto.secrets.delete'])
  expect((await ask('GET', '/keys/kept/metadata')).json().resources).toMatchObject([{ id: key.id, aliases: ['kept'] }])
  // The second person's deletion takes them along.
  expect((await ask('DELETE', '/keys/kept')).status).toBe(204)
  expect(house.parts.keys.aliased(house.instance.guid, 'kept')).toBeUndefined()
})

test('an alias given while its key is deleted goes with the key, or is refused', async () => {
  const { house, key, ask } = await aliasHouse()
  const [deleted, given] = await Promise.all([
    ask('DELETE', `/keys/${key.id}`),
    ask('POST', `/keys/${key.id}/aliases/late`),
  ])
  expect(deleted.status).toBe(204)
  expect([201, 410]).toContain(given.status)
  expect(house.parts.keys.aliased(house.instance.guid, 'late')).toBeUndefined()
  expect(house.parts.keys.totalAliases(house.instance.guid)).toBe(0)
})
