/** Key rings: created, listed, left by keys and deleted, with the events of all that moved. */
import { expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import { revokedAtOnceMax } from '../iam/role-grants-of-ring.ts'
import { deleteRing } from './delete-ring.ts'
import { openHouse } from './testing/house.ts'
import { openListener } from './testing/listener.ts'
import { addKey, createBody } from './testing/wishes.ts'

function ringHouse(limits = {}) {
  const house = openHouse(limits)
  const { ask } = openListener(house)
  const codeOf = (answer: { json(): { resources: readonly Record<string, unknown>[] } }): unknown =>
    (answer.json().resources[0]?.['reasons'] as { code: string }[] | undefined)?.[0]?.code
  const inRing = async (ring: string, name = 'kept'): Promise<string> => {
    const created = await ask('POST', '/keys', {
      headers: { 'x-kms-key-ring': ring },
      body: createBody({ name, extractable: false }),
    })
    return String(created.json().resources[0]?.['id'])
  }
  return { house, ask, codeOf, inRing }
}

test('a ring is created with an empty answer, and listed after default with its date and founder', async () => {
  const { house, ask } = ringHouse()
  const created = await ask('POST', '/key_rings/billing')
  expect([created.status, created.body]).toEqual([201, undefined])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.key-rings.create',
    target: { name: 'billing', id: `${house.instance.crn.slice(0, -2)}:key-ring:billing` },
  })
  await ask('POST', '/key_rings/archive')
  const list = await ask('GET', '/key_rings?totalCount=true')
  expect(list.json().metadata).toMatchObject({ collectionTotal: 3, totalCount: 3 })
  const founder = { createdBy: house.call().caller.id, creationDate: new Date(house.time).toISOString() }
  expect(list.json().resources).toEqual([
    { id: 'default' },
    { id: 'archive', ...founder },
    { id: 'billing', ...founder },
  ])
  expect((await ask('GET', '/key_rings?limit=1&offset=1')).json().resources).toMatchObject([{ id: 'archive' }])
  expect(house.lastEvent().responseData).toMatchObject({ totalResources: 1 })
})

test.each([
  ['default', 409, 'ALREADY_EXISTS'],
  ['billing', 409, 'ALREADY_EXISTS'],
  ['x', 400, 'INVALID_FIELD_ERR'],
  ['not%20one', 400, 'INVALID_FIELD_ERR'],
  ['third', 409, 'QUOTA_EXCEEDED'],
])('creating %s is %i %s', async (id, status, code) => {
  const { ask, codeOf } = ringHouse({ ringsPerInstance: 2 })
  for (const ring of ['billing', 'archive']) await ask('POST', `/key_rings/${ring}`)
  const refused = await ask('POST', `/key_rings/${id}`)
  expect([refused.status, codeOf(refused)]).toEqual([status, code])
})

test('a ring with keys stays; by force it goes when all are destroyed, and each that moved has its event', async () => {
  const { house, ask, codeOf, inRing } = ringHouse()
  await ask('POST', '/key_rings/billing')
  const keys = [await inRing('billing', 'first'), await inRing('billing', 'second')]
  const refused = await ask('DELETE', '/key_rings/billing')
  expect([refused.status, codeOf(refused)]).toEqual([409, 'KEY_RING_NOT_EMPTY_ERR'])
  await ask('DELETE', `/keys/${keys[0]}`)
  expect((await ask('DELETE', '/key_rings/billing?force=true')).status).toBe(409)
  await ask('DELETE', `/keys/${keys[1]}`)
  const before = house.events().length
  expect((await ask('DELETE', '/key_rings/billing?force=true')).status).toBe(204)
  const events = house.events().slice(before)
  const told = events.map(({ action, target }) => [action, target.name] as const)
  expect(told.toSorted(([a, b], [c, d]) => (`${a}${b}` < `${c}${d}` ? -1 : 1))).toEqual([
    ['hs-crypto.key-rings.delete', 'billing'],
    ['hs-crypto.secrets.patch', 'first'],
    ['hs-crypto.secrets.patch', 'second'],
  ])
  expect(events.at(-1)?.target.name).toBe('billing')
  expect(events[0]?.requestData).toMatchObject({
    initialValue: { keyRingId: 'billing' },
    newValue: { keyRingId: 'default' },
  })
  expect(new Set(events.map(({ correlationId }) => correlationId)).size).toBe(1)
  for (const key of keys) {
    expect((await ask('GET', `/keys/${key}/metadata`)).json().resources).toMatchObject([
      { keyRingID: 'default', state: 5 },
    ])
  }
  expect((await ask('GET', '/key_rings')).json().resources).toEqual([{ id: 'default' }])
})

test('more destroyed keys than can be moved at once keep their ring, all of them', async () => {
  const { house, ask, codeOf, inRing } = ringHouse({ keysMovedAtOnce: 1 })
  await ask('POST', '/key_rings/billing')
  for (const key of [await inRing('billing'), await inRing('billing')]) await ask('DELETE', `/keys/${key}`)
  const refused = await ask('DELETE', '/key_rings/billing?force=true')
  expect([refused.status, codeOf(refused)]).toEqual([409, 'QUOTA_EXCEEDED'])
  expect(house.parts.keys.totalIn(house.instance.guid, 'billing')).toBe(2)
})

test('default is never deleted, and an unknown ring is not found', async () => {
  const { ask } = ringHouse()
  expect((await ask('DELETE', '/key_rings/default')).status).toBe(400)
  expect((await ask('DELETE', '/key_rings/billing')).status).toBe(404)
})

test('a key moves to another ring at once; the event tells from where and to where', async () => {
  const { house, ask, inRing } = ringHouse()
  await ask('POST', '/key_rings/billing')
  const key = await inRing('default')
  const moved = await ask('PATCH', `/keys/${key}`, { body: { KeyRingID: 'billing' } })
  expect(moved.json().resources).toMatchObject([{ keyRingID: 'billing' }])
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.secrets.patch',
    requestData: { initialValue: { keyRingId: 'default' }, newValue: { keyRingId: 'billing' } },
    responseData: { keyRingId: 'billing' },
  })
  const inOld = { headers: { 'x-kms-key-ring': 'default' } }
  expect((await ask('DELETE', `/keys/${key}`, inOld)).status).toBe(404)
  expect((await ask('DELETE', `/keys/${key}`, { headers: { 'x-kms-key-ring': 'billing' } })).status).toBe(204)
})

test('who manages one ring only neither moves keys out of it nor sees the others', async () => {
  const { house, ask, inRing } = ringHouse()
  for (const ring of ['billing', 'archive']) await ask('POST', `/key_rings/${ring}`)
  const key = await inRing('billing')
  const caller = house.caller(['Manager'], 'billing')
  expect((await ask('PATCH', `/keys/${key}`, { caller, body: { keyRingID: 'archive' } })).status).toBe(401)
  expect((await ask('GET', '/key_rings', { caller })).json().resources).toMatchObject([{ id: 'billing' }])
  expect((await ask('DELETE', '/key_rings/archive', { caller })).status).toBe(401)
  expect((await ask('PATCH', `/keys/${key}`, { caller, body: {} })).status).toBe(400)
})

test('a key that is created while its ring is deleted is refused, and no ring holds it', async () => {
  const { house, ask, inRing } = ringHouse()
  await ask('POST', '/key_rings/billing')
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    expect((await ask('DELETE', '/key_rings/billing')).status).toBe(204)
  }
  expect(await inRing('billing')).toBe('undefined')
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.secrets.create', reason: { reasonCode: 404 } })
  expect(house.parts.keys.total(house.instance.guid)).toBe(0)
  await addKey(house)
})

test('roles on a ring end with it, each with its event, and a later ring of the same id does not have them', async () => {
  const { house, ask, inRing } = ringHouse()
  await ask('POST', '/key_rings/billing')
  await ask('POST', '/key_rings/archive')
  const holders = [house.caller(['Manager', 'KeyPurge'], 'billing'), house.caller(['Reader'], 'billing')]
  const [ofArchive, ofInstance] = [house.caller(['Manager'], 'archive'), house.caller(['Manager'])]
  const before = house.events().length
  expect((await ask('DELETE', '/key_rings/billing')).status).toBe(204)

  const events = house.events().slice(before)
  expect(events.at(-1)).toMatchObject({ action: 'hs-crypto.key-rings.delete', target: { name: 'billing' } })
  const revoked = events.slice(0, -1)
  expect(revoked).toHaveLength(3)
  const rolesTold = new Set(
    revoked.map(({ target, requestData }) => JSON.stringify([target.name, requestData?.['role']])),
  )
  const [first, second] = holders
  const ended = [
    [first?.name, 'KeyPurge'],
    [first?.name, 'Manager'],
    [second?.name, 'Reader'],
  ]
  expect(rolesTold).toEqual(new Set(ended.map((one) => JSON.stringify(one))))
  for (const event of revoked) {
    expect(event).toMatchObject({
      action: 'iam-access.role.revoke',
      outcome: 'success',
      severity: 'critical',
      initiator: { id: house.call().caller.id },
      requestData: { scope: `instance/${house.instance.guid}/billing` },
      correlationId: events.at(-1)?.correlationId,
    })
    expect(event.target.id).toContain(':role:')
  }

  await ask('POST', '/key_rings/billing')
  const key = await inRing('billing')
  for (const caller of holders) expect((await ask('GET', `/keys/${key}/metadata`, { caller })).status).toBe(401)
  expect((await ask('GET', `/keys/${key}/metadata`, { caller: ofInstance })).status).toBe(200)
  expect((await ask('DELETE', '/key_rings/archive', { caller: ofArchive })).status).toBe(204)
})

test('a ring that is not deleted keeps its roles', async () => {
  const { house, ask, inRing } = ringHouse()
  await ask('POST', '/key_rings/billing')
  const caller = house.caller(['Reader'], 'billing')
  const key = await inRing('billing')
  expect((await ask('DELETE', '/key_rings/billing')).status).toBe(409)
  expect((await ask('GET', `/keys/${key}/metadata`, { caller })).status).toBe(200)
  expect(house.events().some(({ action }) => action === 'iam-access.role.revoke')).toBe(false)
})

test('a role that is granted while its ring is deleted ends with it', async () => {
  const { house, ask } = ringHouse()
  await ask('POST', '/key_rings/billing')
  const { ringGrants } = house.parts
  let late: Caller | undefined
  // Granted after the deletion was decided, before it is recorded.
  const revoked: typeof ringGrants.revoked = (instance, ring) => {
    const first = ringGrants.revoked(instance, ring)
    late ??= house.caller(['Reader'], 'billing')
    return first
  }
  const operation = deleteRing(house.call(), 'billing', () => ({ force: false }), {
    ...house.parts,
    ringGrants: { revoked },
  })
  await house.run('hs-crypto.key-rings.delete', operation)
  expect(house.events().at(-2)).toMatchObject({ action: 'iam-access.role.revoke', target: { name: late?.name } })
  expect(house.store.all("SELECT id FROM role_grants WHERE key_ring = 'billing'")).toEqual([])
})

test('a ring with more roles than end at once stays, with all of them', async () => {
  const { house, ask, codeOf } = ringHouse()
  await ask('POST', '/key_rings/billing')
  for (let count = 0; count <= revokedAtOnceMax; count++) house.caller(['Reader'], 'billing')
  const refused = await ask('DELETE', '/key_rings/billing')
  expect([refused.status, codeOf(refused)]).toEqual([409, 'QUOTA_EXCEEDED'])
  expect(house.parts.keys.hasRing(house.instance.guid, 'billing')).toBe(true)
  house.store.run(
    "DELETE FROM role_grants WHERE id = (SELECT id FROM role_grants WHERE key_ring = 'billing' LIMIT 1)",
    [],
  )
  expect((await ask('DELETE', '/key_rings/billing')).status).toBe(204)
  expect(house.events().filter(({ action }) => action === 'iam-access.role.revoke')).toHaveLength(revokedAtOnceMax)
})
