/** Registrations of resources: who may do what with them, what an ETag protects, what a question finds. */
import { expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import { crnOf, openAdoptingHouse } from '../lifecycle/testing/adopting-house.ts'
import { deleteKey } from '../keys/delete.ts'
import { disableKey } from '../keys/disable.ts'
import { rotateKey } from '../keys/rotate.ts'
import { codeOf } from '../keys/testing/house.ts'
import { addKey } from '../keys/testing/wishes.ts'
import { createRegistration, type RegistrationWish } from './create.ts'
import { crnPattern } from './crn.ts'
import { deactivateRegistrations } from './deactivate.ts'
import { deleteRegistration } from './delete.ts'
import { listKeyRegistrations, listRegistrations, type ListWish } from './list.ts'
import { etagOf } from './registration-row.ts'
import { mergeRegistration, type WriteWish, writeRegistration } from './write.ts'

const nothing: WriteWish = {
  description: undefined,
  metadata: undefined,
  preventsDeletion: undefined,
  version: undefined,
}
const all: ListWish = { limit: 200, offset: 0, totalCount: false, crn: undefined, preventsDeletion: undefined }

async function opened() {
  const adopting = openAdoptingHouse()
  const { house, registrationParts: parts } = adopting
  const key = await addKey(house)
  const service = house.caller(['Reader'])
  const call = (caller: Caller, crn: string, id = key.id) => adopting.registrationCall(caller, id, crn)
  return {
    adopting,
    house,
    parts,
    key,
    service,
    call,
    refusedCreation: async (caller: Caller, crn: string, id = key.id, wish: RegistrationWish = nothing) => {
      const made = call(caller, crn, id)
      return codeOf(
        await house.refused(
          'hs-crypto.registrations.create',
          createRegistration(made, () => wish, parts),
          made,
        ),
      )
    },
    write: (caller: Caller, crn: string, wish: Partial<WriteWish>, ifMatch?: string) => {
      const operation = writeRegistration(call(caller, crn), ifMatch, () => ({ ...nothing, ...wish }), parts)
      return house.run('hs-crypto.registrations.write', operation, call(caller, crn))
    },
    refusedWrite: async (caller: Caller, crn: string, wish: Partial<WriteWish>, ifMatch?: string) => {
      const operation = writeRegistration(call(caller, crn), ifMatch, () => ({ ...nothing, ...wish }), parts)
      return codeOf(await house.refused('hs-crypto.registrations.write', operation, call(caller, crn)))
    },
    list: async (wish: Partial<ListWish> = {}, caller?: Caller) => {
      const made = house.call(caller)
      const page = await house.run(
        'hs-crypto.registrations.list',
        listRegistrations(made, () => ({ ...all, ...wish }), parts),
        made,
      )
      return page.rows.map(({ crn }) => crn.slice(crn.lastIndexOf(':') + 1))
    },
  }
}

test('a registration holds what the service said and the key’s newest version, and is an event', async () => {
  const { adopting, house, key, service } = await opened()
  const { row, keyName } = await adopting.register(service, key.id, crnOf('a'), {
    description: 'bills',
    preventsDeletion: true,
  })
  expect([row.owner, row.version, row.preventsDeletion, keyName]).toEqual([service.id, key.id, 1, 'billing'])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.registrations.create',
    severity: 'normal',
    reason: { reasonCode: 201 },
    requestData: { resourceCRN: crnOf('a'), preventKeyDeletion: true, keyType: 'root' },
  })
})

test('only services register, only with active root keys, each resource once', async () => {
  const { adopting, house, key, service, refusedCreation } = await opened()
  const person = { ...house.caller(['Manager']), kind: 'user' } as const
  expect(await refusedCreation(person, crnOf('a'))).toEqual(['SERVICE_ONLY_ERR', 403])
  expect(await refusedCreation(house.caller(['KeyPurge']), crnOf('a'))).toEqual(['UNAUTHORIZED_ERR', 401])
  expect(await refusedCreation(service, 'bucket')).toEqual(['INVALID_FIELD_ERR', 400])
  expect(await refusedCreation(service, crnOf('a'), service.id.slice(-36))).toEqual(['KEY_NOT_FOUND_ERR', 404])
  const standard = await addKey(house, { extractable: true })
  expect(await refusedCreation(service, crnOf('a'), standard.id)).toEqual(['KEY_ROOT_REQ_REG_ERR', 422])
  await adopting.register(service, key.id, crnOf('a'))
  expect(await refusedCreation(service, crnOf('a'))).toEqual(['ALREADY_EXISTS', 409])
  await house.run('hs-crypto.secrets.disable', disableKey(house.call(), key.id, house.parts))
  expect(await refusedCreation(service, crnOf('b'))).toEqual(['KEY_INVALID_STATE_ERR', 422])
})

test('a service changes and deletes its own only; what a service that is gone left behind, any service may', async () => {
  const { adopting, house, parts, key, service, call, write, refusedWrite } = await opened()
  await adopting.register(service, key.id, crnOf('a'), { preventsDeletion: true })
  const other = house.caller(['Reader'])
  expect(await refusedWrite(other, crnOf('a'), {})).toEqual(['RESOURCE_OWNER_ERR', 403])
  expect(await refusedWrite(service, crnOf('b'), {})).toEqual(['NOT_FOUND', 404])
  const deletion = deleteRegistration(call(other, crnOf('a')), false, parts)
  expect(codeOf(await house.refused('hs-crypto.registrations.delete', deletion, call(other, crnOf('a'))))).toEqual([
    'RESOURCE_OWNER_ERR',
    403,
  ])
  house.store.run('DELETE FROM identities WHERE id = ?', [service.id])
  expect((await write(other, crnOf('a'), {})).row).toMatchObject({ owner: other.id, preventsDeletion: 0 })
  await house.run('hs-crypto.registrations.delete', deletion, call(other, crnOf('a')))
  expect(parts.registrations.count(key.instance, key.id)).toBe(0)
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.registrations.delete', severity: 'critical' })
})

test('replacing empties what is not given, changing parts keeps it', async () => {
  const { adopting, house, parts, key, service, call, write } = await opened()
  const said = { description: 'bills', metadata: 'm', preventsDeletion: true }
  await adopting.register(service, key.id, crnOf('a'), said)
  const merge = mergeRegistration(call(service, crnOf('a')), undefined, () => ({ ...nothing, metadata: 'n' }), parts)
  const merged = await house.run('hs-crypto.registrations.merge', merge, call(service, crnOf('a')))
  expect(merged.row).toMatchObject({ description: 'bills', metadata: 'n', preventsDeletion: 1, revision: 2 })
  const replaced = await write(service, crnOf('a'), { description: 'invoices' })
  expect(replaced.row).toMatchObject({ description: 'invoices', metadata: null, preventsDeletion: 0, revision: 3 })
})

test('If-Match takes any of several ETags, weak or strong, and refuses when none is the registration’s', async () => {
  const { adopting, key, service, write, refusedWrite } = await opened()
  const { row } = await adopting.register(service, key.id, crnOf('a'))
  const etag = etagOf(row)
  const written = await write(service, crnOf('a'), {}, `"other", ${etag}`)
  expect(await refusedWrite(service, crnOf('a'), {}, etag)).toEqual(['PRECONDITION_FAILED', 412])
  const again = await write(service, crnOf('a'), {}, etagOf(written.row).slice(2))
  await write(service, crnOf('a'), {}, '*')
  expect(await refusedWrite(service, crnOf('a'), {}, etagOf(again.row))).toEqual(['PRECONDITION_FAILED', 412])
})

test('a registration moves to newer versions of its key only', async () => {
  const { adopting, house, key, service, write, refusedWrite } = await opened()
  await adopting.register(service, key.id, crnOf('a'))
  house.time += 1_000
  const rotation = rotateKey(house.call(), key.id, () => ({ material: undefined, secure: undefined }), house.parts)
  const { newest } = await house.run('hs-crypto.secrets.rotate', rotation)
  expect((await write(service, crnOf('a'), { version: newest })).row.version).toBe(newest)
  expect(await refusedWrite(service, crnOf('a'), { version: key.newest })).toEqual(['KEY_VERSION_INVALID', 422])
  expect(await refusedWrite(service, crnOf('a'), { version: service.id.slice(-36) })).toEqual([
    'KEY_VERSION_INVALID',
    422,
  ])
})

test('a retention policy keeps the key from being deleted, by force neither, until it is lifted', async () => {
  const { adopting, house, parts, key, service } = await opened()
  await adopting.register(service, key.id, crnOf('a'), { preventsDeletion: true })
  const erase = (force: boolean) =>
    deleteKey(house.call(), key.id, () => ({ force, representation: false }), house.parts)
  expect(codeOf(await house.refused('hs-crypto.secrets.delete', erase(true)))).toEqual(['PREV_KEY_DEL_ERR', 409])
  const lift = deactivateRegistrations(house.call(service), key.id, () => new Set([crnOf('a')]), parts)
  await house.run('hs-crypto.registrations.write', lift, house.call(service))
  expect(codeOf(await house.refused('hs-crypto.secrets.delete', erase(false)))).toEqual(['PROTECTED_RESOURCE_ERR', 409])
  expect((await house.run('hs-crypto.secrets.delete', erase(true))).state).toBe(5)
})

test('questions by CRN, retention and page; the total when asked for', async () => {
  const { adopting, house, parts, key, service, list } = await opened()
  const other = await addKey(house)
  for (const name of ['a1', 'a2', 'b1']) await adopting.register(service, key.id, crnOf(name))
  await adopting.register(service, other.id, crnOf('b2'), { preventsDeletion: true })
  const found = await list()
  expect(found.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2'])
  expect(await list({ crn: crnPattern(crnOf('a*'), 'q', 8) })).toEqual(['a1', 'a2'])
  expect(await list({ crn: crnPattern(crnOf('b1'), 'q', 8) })).toEqual(['b1'])
  const anyType = crnOf('b1').replace(':bucket:', ':*:')
  expect(await list({ crn: crnPattern(anyType, 'q', 8) })).toEqual(['b1'])
  expect(await list({ preventsDeletion: true })).toEqual(['b2'])
  expect(await list({ limit: 1, offset: 1 })).toEqual(found.slice(1, 2))
  const wish = { ...all, limit: 1, totalCount: true }
  const page = await house.run(
    'hs-crypto.registrations.list',
    listKeyRegistrations(house.call(), key.id, () => wish, parts),
  )
  expect([page.rows.length, page.total]).toEqual([1, 3])
  expect(house.lastEvent()).toMatchObject({ responseData: { totalResources: 1 } })
})

test('a question that leaves the service open finds the registrations of the service that asks', async () => {
  const { adopting, house, key, service, list } = await opened()
  const other = house.caller(['Reader'])
  await adopting.register(service, key.id, crnOf('a'))
  await adopting.register(other, key.id, crnOf('b'))
  const anywhere = crnOf('*').replace('cloud-object-storage:global', '*:*')
  for (const question of ['crn:v1:*', anywhere]) {
    expect(await list({ crn: crnPattern(question, 'q', 0) }, service)).toEqual(['a'])
    expect(await list({ crn: crnPattern(question, 'q', 0) }, other)).toEqual(['b'])
  }
  expect(await list({ crn: crnPattern(crnOf('*'), 'q', 0) }, service)).toEqual(['a', 'b'])
})

test('who sees one key ring only is shown no registration of another', async () => {
  const { adopting, house, parts, key, service, list } = await opened()
  await adopting.register(service, key.id, crnOf('a'))
  expect(await list({}, house.caller(['Reader'], 'elsewhere'))).toEqual([])
  expect(await list({}, house.caller(['Reader'], 'default'))).toEqual(['a'])
  const call = house.call(undefined, 'default')
  const operation = listRegistrations(call, () => all, parts)
  await house.run('hs-crypto.registrations.list', operation, call)
  expect(house.lastEvent()).toMatchObject({ responseData: { totalResources: 1, keyRingId: 'default' } })
})
