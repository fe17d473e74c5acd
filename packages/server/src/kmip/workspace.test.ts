/** What a message has done so far: seen by its later items, and committed whole, on the states it was decided on. */
import { beforeEach, expect, test } from 'vitest'
import { put } from './attributes/attribute-set.ts'
import { objectStore } from './objects/object-store.ts'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { nameAttribute, uid } from './testing/messages.ts'
import { text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'
import { createKey, dateAttribute, stateOf } from './testing/payloads.ts'
import { Workspace } from './workspace.ts'

let house: KmipHouse
let id: string
beforeEach(async () => {
  house = await openKmipHouse()
  id = await createKey(house.client, [nameAttribute('disk'), dateAttribute('Activation Date', house.time / 1_000 + 5)])
})

function workspace(): Workspace {
  const { instance, id: adapter } = house.client.adapter
  return new Workspace({ objects: objectStore(house.store), place: { instance, adapter }, now: house.time })
}

test('an object is found as it was left, glanced at without being told of, and only what differs is changed', () => {
  const space = workspace()
  const found = space.find(id)
  if (found === undefined) throw new Error('there is no object')
  expect(space.find('none')).toBeUndefined()
  expect(space.changed()).toEqual([])
  expect(space.changes()).toEqual([])
  const other = { ...found, attributes: put(found.attributes, 'Comment', text(tags.AttributeValue, 'a')) }
  space.replace(other)
  expect(space.find(id)).toBe(other)
  expect(space.glance(found)).toBe(other)
  expect(space.changed()).toEqual([other])
  expect(() => workspace().replace(other)).toThrow('not read')
})

test('a state that a date brought is due once, and a glance brings none', () => {
  house.time += 6_000
  const stored = objectStore(house.store).find(
    { instance: house.client.adapter.instance, adapter: house.client.adapter.id },
    id,
  )
  if (stored === undefined) throw new Error('there is no object')
  const space = workspace()
  expect(space.glance(stored).state).toBe(2)
  expect(space.due()).toEqual([])
  space.find(id)
  space.find(id)
  expect(space.due()).toMatchObject([{ from: 1, to: 2, at: house.time - 1_000 }])
})

test('a name is its holder’s by what was done so far', () => {
  const space = workspace()
  expect(space.named('disk')).toBe(id)
  const found = space.find(id)
  if (found === undefined) throw new Error('there is no object')
  space.replace({ ...found, attributes: put(found.attributes, 'Name', undefined) })
  expect(space.named('disk')).toBeUndefined()
  space.add({ ...found, id: 'another', number: undefined })
  expect(space.named('disk')).toBe('another')
})

test('a use that was decided on a state is decided anew when the state changed meanwhile', async () => {
  const payload = [uid(id)]
  // From now on a Get changes nothing of the key.
  await house.client.ask('Get', payload)
  let isFirst = true
  house.unit.meanwhile = async () => {
    if (!isFirst) return
    isFirst = false
    await house.client.ask('Destroy', payload)
  }
  expect(await house.client.refused('Get', payload)).toBe('ItemNotFound')
  house.unit.meanwhile = undefined
  expect(house.events().filter(({ action }) => action === 'hs-crypto.kmip-key.read')).toHaveLength(2)
  expect(await stateOf(house.client, id)).toBe(5)
})

test('of many clients that get a fresh key at once each gets it', async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => house.client.send([{ operation: 'Get', payload: [uid(id)] }])),
  )
  expect(answers.filter(([answer]) => answer?.status === 'Success')).toHaveLength(30)
})

test('of many changes of one object at once each is kept', async () => {
  await Promise.all(
    Array.from({ length: 4 }, (_, count) => house.client.ask('AddAttribute', [uid(id), nameAttribute(`n${count}`)])),
  )
  expect(objectStore(house.store).named(place(), 'n3')).toBe(id)
  const found = workspace().find(id)
  expect(found?.attributes.filter(({ name }) => name === 'Name')).toHaveLength(5)
  expect(new Set(found?.attributes.filter(({ name }) => name === 'Name').map(({ index }) => index)).size).toBe(5)
})

function place() {
  return { instance: house.client.adapter.instance, adapter: house.client.adapter.id }
}
