/** Dates that fall due: their states come by themselves, each with one event, whoever comes upon it. */
import type { ActivityEvent } from '@keywitness/cadf'
import { beforeEach, expect, test } from 'vitest'
import { deleteObject } from './management/delete-object.ts'
import { kmipParts } from './management/testing/adapters.ts'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { enumeration, type Item, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
/** A whole second, as KMIP counts. */
let start: number
beforeEach(async () => {
  house = await openKmipHouse()
  start = Math.floor(house.time / 1_000) * 1_000
})

const date = (name: string, afterMs: number): Item =>
  attribute(name, { tag: 0, type: 'DateTime', value: BigInt((start + afterMs) / 1_000) })
const created = async (...more: Item[]): Promise<string> => uidOf(await house.client.ask('Create', aesKey(more)))
const both = (): Item[] => [date('Activation Date', 10_000), date('Deactivation Date', 20_000)]
const job = () => house.kmip.jobs[0] ?? expect.fail('there is no job')
const look = () => job().run(house.time)
const stateOf = async (id: string): Promise<number | undefined> => {
  const found = await house.client.ask('GetAttributes', [uid(id), text(tags.AttributeName, 'State')])
  const [, attributes] = found
  const value = attributes?.type === 'Structure' ? attributes.value.at(-1)?.value : undefined
  return typeof value === 'number' ? value : undefined
}
const storedState = (id: string) =>
  house.store.get<{ state: number }>('SELECT state FROM kmip_objects WHERE id = ?', id)?.state

/** Events of what dates brought, since a number of events. */
const brought = (since: number): ActivityEvent[] =>
  house
    .events()
    .slice(since)
    .filter(({ initiator }) => initiator.id === 'iam-ServiceId-keywitness')

const factsOf = ({ action, responseData }: ActivityEvent): unknown[] => [action.replace('hs-crypto.', ''), responseData]
const isoOf = (afterMs: number): string => new Date(start + afterMs).toISOString()

test('a date that falls due while nobody looks is written down by the timer, as done by the service', async () => {
  const id = await created(nameAttribute('vm-1'), ...both())
  expect(job().nextDue()).toBe(start + 10_000)
  const before = house.events().length
  house.time = start + 9_999
  await look()
  expect(brought(before)).toEqual([])
  house.time = start + 10_500
  await look()
  expect(brought(before)).toMatchObject([
    {
      action: 'hs-crypto.kmip-key.activate',
      outcome: 'success',
      severity: 'normal',
      reason: { reasonCode: 200 },
      target: { id: expect.stringMatching(new RegExp(`:kmip-object:${id}$`)), name: 'vm-1' },
      initiator: { name: 'Keywitness', typeURI: 'service/security/account/serviceid', host: {} },
      requestData: { adapterId: house.client.adapter.id, instanceID: house.instance.guid },
      responseData: {
        keyId: id,
        initialValue: { kmipState: 1 },
        newValue: { kmipState: 2 },
        activationDate: isoOf(10_000),
      },
    },
  ])
  expect(storedState(id)).toBe(2)
  expect(job().nextDue()).toBe(start + 20_000)
  house.time = start + 30_000
  await look()
  await look()
  expect(brought(before).slice(1)).toMatchObject([
    { action: 'hs-crypto.kmip-key.revoke', severity: 'warning', responseData: { deactivationDate: isoOf(20_000) } },
  ])
  expect(job().nextDue()).toBeUndefined()
})

test('two dates that passed meanwhile are two events, in their order, and the client’s comes after', async () => {
  const id = await created(...both())
  const before = house.events().length
  house.time = start + 3_600_000
  expect(await stateOf(id)).toBe(3)
  const events = house.events().slice(before)
  expect(events.map(factsOf)).toEqual([
    [
      'kmip-key.activate',
      { keyId: id, initialValue: { kmipState: 1 }, newValue: { kmipState: 2 }, activationDate: isoOf(10_000) },
    ],
    [
      'kmip-key.revoke',
      { keyId: id, initialValue: { kmipState: 2 }, newValue: { kmipState: 3 }, deactivationDate: isoOf(20_000) },
    ],
    ['kmip-key-attributes.retrieve', { keyId: id }],
  ])
  // What the service did on the way belongs to the message that made it look.
  expect(new Set(events.map(({ correlationId }) => correlationId)).size).toBe(1)
  await look()
  expect(house.events()).toHaveLength(before + 3)
})

test('timer and clients at once: one event for each date, and nobody is refused', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => created(...both())))
  const before = house.events().length
  house.time = start + 15_000
  const reading = ids.flatMap((id) => [stateOf(id), stateOf(id), stateOf(id)])
  const [, , ...states] = await Promise.all([look(), look(), ...reading])
  expect(states).toEqual(states.map(() => 2))
  expect(
    brought(before)
      .map(({ target }) => target.id.slice(-36))
      .toSorted(),
  ).toEqual(ids.toSorted())
})

test('a refused request writes down what fell due, and one that is undone leaves it to the next', async () => {
  const id = await created(...both())
  const before = house.events().length
  house.time = start + 10_000
  const header = [enumeration(tags.BatchErrorContinuationOption, 3)]
  const destroy = { operation: 'Destroy', payload: [uid(id)] } as const
  await house.client.send([{ operation: 'GetAttributeList', payload: [uid(id)] }, destroy], { header })
  expect([brought(before).length, storedState(id)]).toEqual([0, 1])
  expect(await house.client.refused('Destroy', [uid(id)])).toBe('PermissionDenied')
  expect([brought(before).length, storedState(id)]).toEqual([1, 2])
})

test('Locate finds states of now, and says nothing of those it only looked at', async () => {
  const id = await created(...both())
  house.time = start + 15_000
  const before = house.events().length
  const active = attribute('State', enumeration(0, 2))
  expect(uidOf(await house.client.ask('Locate', [active]))).toBe(id)
  expect(brought(before)).toEqual([])
  expect(await house.client.ask('Locate', [attribute('State', enumeration(0, 1))])).toHaveLength(1)
})

test('a clock that steps back takes nothing back, and nothing happens twice', async () => {
  const id = await created(...both())
  const before = house.events().length
  house.time = start + 15_000
  await look()
  house.time = start + 1_000
  await look()
  expect(await stateOf(id)).toBe(2)
  house.time = start + 16_000
  await look()
  expect(await stateOf(id)).toBe(2)
  expect(brought(before)).toHaveLength(1)
})

test('an object that an administrator deletes after its date has first the state that the date brought', async () => {
  const id = await created(...both())
  const before = house.events().length
  house.time = start + 15_000
  const deletion = (force: boolean) =>
    deleteObject(house.call(), house.client.adapter.name, id, () => ({ force }), kmipParts(house))
  const refusal = await house.refused('hs-crypto.kmip-management.delete', deletion(false))
  expect([refusal.code, storedState(id), brought(before).length]).toEqual(['KMIP_OBJECT_ACTIVE', 1, 0])
  await house.run('hs-crypto.kmip-management.delete', deletion(true))
  expect(brought(before).map(factsOf)).toEqual([
    [
      'kmip-key.activate',
      { keyId: id, initialValue: { kmipState: 1 }, newValue: { kmipState: 2 }, activationDate: isoOf(10_000) },
    ],
  ])
  expect(brought(before)[0]?.reason.reasonCode).toBe(200)
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.kmip-management.delete', outcome: 'success' })
})

test('more than one run can do are done by the next', async () => {
  for (let at = 0; at < 3; at++) {
    const items = Array.from({ length: 50 }, () => ({ operation: 'Create' as const, payload: aesKey(both()) }))
    await house.client.send(items)
  }
  const before = house.events().length
  house.time = start + 15_000
  await look()
  expect(brought(before)).toHaveLength(100)
  expect(job().nextDue()).toBe(start + 10_000)
  await look()
  expect(brought(before)).toHaveLength(150)
  expect(job().nextDue()).toBe(start + 20_000)
})

test('dates that no clock can tell are never due', async () => {
  const far = attribute('Activation Date', { tag: 0, type: 'DateTime', value: 2n ** 62n })
  const id = await created(far)
  const past = await created(attribute('Activation Date', { tag: 0, type: 'DateTime', value: -(2n ** 62n) }))
  expect(job().nextDue()).toBeUndefined()
  expect([await stateOf(id), await stateOf(past)]).toEqual([1, 2])
})

test('an opaque object has no state that a date could bring', async () => {
  const template = structure(tags.TemplateAttribute, [])
  const object = structure(tags.OpaqueObject, [
    enumeration(tags.OpaqueDataType, 0x8000_0001),
    { tag: tags.OpaqueDataValue, type: 'ByteString', value: Buffer.from('opaque') },
  ])
  await house.client.ask('Register', [enumeration(tags.ObjectType, 8), template, object])
  house.time = start + 3_600_000
  const before = house.events().length
  await look()
  expect(house.events()).toHaveLength(before)
})
