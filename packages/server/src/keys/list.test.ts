/** Listing and counting keys as a caller may see them. */
import { expect, test } from 'vitest'
import { countKeys } from './head.ts'
import { listKeys } from './list.ts'
import { parseList, parseSelection } from './query.ts'
import { type House, codeOf, factsOf, openHouse } from './testing/house.ts'
import { addKey } from './testing/wishes.ts'
import { Turns } from './turns.ts'

const list = (house: House, query = '', call = house.call()) =>
  listKeys(
    call,
    () => parseList(new URLSearchParams(query)),
    house.parts,
    new Turns(() => 0),
    (keys) => keys,
  )
const count = (house: House, query = '', call = house.call()) =>
  countKeys(call, () => parseSelection(new URLSearchParams(query)), house.parts)

async function names(house: House, query = '', call = house.call()): Promise<string[]> {
  return (await house.run('hs-crypto.secrets.list', list(house, query, call), call)).slices
    .flat()
    .map((key) => key.name)
}

async function threeKeys(): Promise<House> {
  const house = openHouse()
  for (const name of ['first', 'second', 'third']) {
    await addKey(house, { name, extractable: name === 'second' })
    house.time += 1_000
  }
  return house
}

test('keys come in order of creation, destroyed ones only on request', async () => {
  const house = await threeKeys()
  expect(await names(house)).toEqual(['first', 'second', 'third'])
  const [key] = (await house.run('hs-crypto.secrets.list', list(house))).slices.flat()
  house.forceState(key?.id ?? '', 5)
  expect(await names(house)).toEqual(['second', 'third'])
  expect(await names(house, 'state=5')).toEqual(['first'])
  expect(await names(house, 'state=1,5&sort=-creationDate')).toEqual(['third', 'second', 'first'])
})

test('the event tells how many were returned, and nothing else', async () => {
  const house = await threeKeys()
  await names(house, 'limit=2')
  expect(factsOf(house.lastEvent())).toMatchObject({ outcome: 'success', severity: 'normal', code: 200 })
  expect(house.lastEvent().target).toMatchObject({ id: house.instance.crn, name: house.instance.name })
  expect(house.lastEvent().requestData).toEqual({ requestURI: '/api/v2/keys', instanceID: house.instance.guid })
  expect(house.lastEvent().responseData).toEqual({ totalResources: 2 })
  await names(house, 'state=4')
  expect(house.lastEvent().responseData).toEqual({ totalResources: 0 })
})

test('head counts all that match, whatever a page would hold', async () => {
  const house = await threeKeys()
  const total = (query: string) => house.run('hs-crypto.secrets.head', count(house, query))
  expect([await total(''), await total('extractable=true'), await total('state=5')]).toEqual([3, 1, 0])
  await total('extractable=false')
  expect(house.lastEvent().responseData).toEqual({ totalResources: 2 })
  expect(house.lastEvent().requestData).toEqual({ requestURI: '/api/v2/keys', instanceID: house.instance.guid })
})

test('keys of other rings are left out without a word', async () => {
  const house = await threeKeys()
  house.store.run("UPDATE keys SET ring = 'mine' WHERE name = 'second'", [])
  const call = house.call(house.caller(['Reader'], 'mine'))
  expect(await names(house, '', call)).toEqual(['second'])
  expect(await house.run('hs-crypto.secrets.head', count(house, '', call), call)).toBe(1)
  const elsewhere = { ...call, keyRing: 'default' }
  expect(await names(house, '', elsewhere)).toEqual([])
  expect(house.lastEvent().requestData).toMatchObject({ keyRingId: 'default' })
  expect(await names(house, '', house.call(undefined, 'mine'))).toEqual(['second'])
})

test('of a call about the keys of one ring both halves of the event name the ring', async () => {
  const house = await threeKeys()
  const call = house.call(undefined, 'default')
  await house.run('hs-crypto.secrets.list', list(house, '', call), call)
  expect(house.lastEvent().requestData).toMatchObject({ keyRingId: 'default' })
  expect(house.lastEvent().responseData).toEqual({ totalResources: 3, keyRingId: 'default' })
  expect(await house.run('hs-crypto.secrets.head', count(house, '', call), call)).toBe(3)
  expect(house.lastEvent().responseData).toEqual({ totalResources: 3, keyRingId: 'default' })
})

test('keys of another instance are never among them', async () => {
  const house = await threeKeys()
  const foreign = { ...house.call(), instance: house.foreign }
  const refusal = await house.refused('hs-crypto.secrets.list', list(house, '', foreign), foreign)
  expect(codeOf(refusal)).toEqual(['UNAUTHORIZED_ERR', 401])
})

test('a bad query is 400, a caller without any role 401 before that', async () => {
  const house = await threeKeys()
  expect(codeOf(await house.refused('hs-crypto.secrets.list', list(house, 'limit=0')))).toEqual([
    'INVALID_QUERY_PARAM_ERR',
    400,
  ])
  const nobody = house.call(house.caller([]))
  expect(codeOf(await house.refused('hs-crypto.secrets.list', list(house, 'limit=0', nobody), nobody))[1]).toBe(401)
  expect(codeOf(await house.refused('hs-crypto.secrets.head', count(house, 'state=x', nobody), nobody))[1]).toBe(401)
})
