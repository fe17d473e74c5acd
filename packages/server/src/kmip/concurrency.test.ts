/** Many messages at once on the same objects: each is done whole or refused whole, and none is refused that need not be. */
import { beforeEach, expect, test } from 'vitest'
import { deleteObject } from './management/delete-object.ts'
import { kmipParts } from './management/testing/adapters.ts'
import { codeOf } from '../keys/testing/house.ts'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, type Asked, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { bytes, enumeration, longInteger, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

const many = 20

let house: KmipHouse
let before: number
beforeEach(async () => {
  house = await openKmipHouse()
  before = house.events().length
})

const create = async (...more: Parameters<typeof aesKey>): Promise<string> => {
  const id = uidOf(await house.client.ask('Create', aesKey(...more)))
  before = house.events().length
  return id
}

/** All at once, each a message of its own: statuses or reasons. */
async function atOnce(messages: readonly (readonly Asked[])[]): Promise<string[]> {
  const answers = await Promise.all(messages.map((items) => house.client.send(items)))
  return answers.flat().map(({ status, reason }) => reason ?? status)
}

const times = <T>(make: (at: number) => T, count = many): T[] => Array.from({ length: count }, (_, at) => make(at))
const repeated = (status: string, count = many): string[] => times(() => status, count)
const adding = (id: string, at: number): Asked => ({
  operation: 'AddAttribute',
  payload: [uid(id), attribute(`x-${at}`, text(0, 'value'))],
})
const customNames = async (id: string): Promise<unknown[]> =>
  (await house.client.ask('GetAttributeList', [uid(id)]))
    .map(({ value }) => value)
    .filter((name) => typeof name === 'string' && name.startsWith('x-'))
const outcomes = (action: string): string[] =>
  house
    .events()
    .slice(before)
    .filter((event) => event.action === `hs-crypto.${action}`)
    .map(({ outcome }) => outcome)
const revocation = structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, 1)])

test('every one of many attributes that are added to one key at once is added', async () => {
  const id = await create()
  expect(await atOnce(times((at) => [adding(id, at)]))).toEqual(repeated('Success'))
  expect(await customNames(id)).toHaveLength(many)
  expect(outcomes('kmip-key-attributes.update')).toEqual(repeated('success'))
})

test('so is every one by clients that look for the key first, and do not name it', async () => {
  const id = await create([nameAttribute('the key')])
  const messages = times((at): Asked[] => [
    { operation: 'Locate', payload: [nameAttribute('the key')] },
    { operation: 'AddAttribute', payload: [attribute(`x-${at}`, text(0, 'value'))] },
  ])
  expect(await atOnce(messages)).toEqual(repeated('Success', 2 * many))
  expect(await customNames(id)).toHaveLength(many)
})

test('what vCenter does from several connections at once to one key never fails', async () => {
  const id = await create()
  const messages = times((at): Asked[] => [
    { operation: 'GetAttributes', payload: [uid(id)] },
    adding(id, at),
    { operation: 'Get', payload: [uid(id)] },
  ])
  const readings = times((): Asked[] => [{ operation: 'Get', payload: [uid(id)] }])
  const activation: Asked[] = [{ operation: 'Activate', payload: [uid(id)] }]
  const statuses = await atOnce([...messages, activation, ...readings])
  expect(statuses).toEqual(repeated('Success', 4 * many + 1))
  expect(outcomes('kmip-key.read')).toEqual(repeated('success', 2 * many))
})

test('of many that activate, revoke or destroy one key, exactly one does', async () => {
  const id = await create()
  for (const [operation, more, reason, action] of [
    ['Activate', [], 'PermissionDenied', 'activate'],
    ['Revoke', [revocation], 'IllegalOperation', 'revoke'],
    ['Destroy', [], 'PermissionDenied', 'destroy'],
  ] as const) {
    before = house.events().length
    const statuses = await atOnce(times((): Asked[] => [{ operation, payload: [uid(id), ...more] }]))
    expect(statuses.toSorted()).toEqual([...repeated(reason, many - 1), 'Success'].toSorted())
    const told = outcomes(`kmip-key.${action}`)
    expect(told.toSorted()).toEqual([...repeated('failure', many - 1), 'success'])
  }
})

test('of many that create a key of one name, exactly one does, and the others are told that it is taken', async () => {
  const statuses = await atOnce(
    times((): Asked[] => [{ operation: 'Create', payload: aesKey([nameAttribute('one')]) }]),
  )
  expect(statuses.toSorted()).toEqual([...repeated('InvalidField', many - 1), 'Success'].toSorted())
  expect(house.store.all('SELECT id FROM kmip_objects')).toHaveLength(1)
  expect(outcomes('kmip-key.create').toSorted()).toEqual([...repeated('failure', many - 1), 'success'])
  const codes = house
    .events()
    .slice(before)
    .map(({ reason }) => reason.reasonCode)
  expect(codes.toSorted((one, other) => one - other)).toEqual([201, ...times(() => 409, many - 1)])
})

test('many uses of a key with usage limits take exactly what is left', async () => {
  const limits = attribute(
    'Usage Limits',
    structure(0, [longInteger(tags.UsageLimitsTotal, 12n), enumeration(tags.UsageLimitsUnit, 2)]),
  )
  const active = attribute('Activation Date', { tag: 0, type: 'DateTime', value: 0n })
  const id = await create([limits, active])
  const parameters = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 1)])
  const payload = [
    uid(id),
    parameters,
    bytes(tags.Data, Buffer.alloc(16)),
    bytes(tags.IVCounterNonce, Buffer.alloc(16)),
  ]
  const statuses = await atOnce(times((): Asked[] => [{ operation: 'Encrypt', payload }]))
  expect(statuses.toSorted()).toEqual([...repeated('PermissionDenied', many - 12), ...repeated('Success', 12)])
})

test('after a key is destroyed nobody gets it, and whoever got it is numbered before', async () => {
  const id = await create()
  const gets = times((): Asked[] => [{ operation: 'Get', payload: [uid(id)] }], 5)
  const statuses = await atOnce([...gets, [{ operation: 'Destroy', payload: [uid(id)] }], ...gets])
  const got = statuses.filter((status) => status === 'Success').length - 1
  const told = house.events().slice(before)
  const at = told.findIndex(({ action }) => action === 'hs-crypto.kmip-key.destroy')
  expect(told.slice(0, at).filter(({ outcome }) => outcome === 'success')).toHaveLength(got)
  expect(told.slice(at + 1).map(({ outcome }) => outcome)).toEqual(repeated('failure', told.length - at - 1))
})

test('an administrator and clients that work on the same object agree on what became of it', async () => {
  const id = await create()
  const parts = kmipParts(house)
  const deletion = house
    .run(
      'hs-crypto.kmip-management.delete',
      deleteObject(house.call(), house.client.adapter.id, id, () => ({ force: true }), parts),
    )
    .then(() => 'deleted', codeOf)
  const statuses = await atOnce(times((at) => [adding(id, at)], 5))
  expect(await deletion).toBe('deleted')
  const added = statuses.filter((status) => status === 'Success').length
  expect(outcomes('kmip-key-attributes.update').filter((outcome) => outcome === 'success')).toHaveLength(added)
  expect(await house.client.refused('Get', [uid(id)])).toBe('ItemNotFound')
})
