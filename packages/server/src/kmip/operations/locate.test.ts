/** Locate: what its filters match, in which order and number, what it leaves as the placeholder, and its refusals. */
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { boolean, dateTime, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, type SendOptions, uid, uidOf, valueAt } from '../testing/messages.ts'
import {
  activeKey,
  createKey,
  dateAttribute,
  maskAttribute,
  opaqueObject,
  revocation,
  secretData,
  template,
  textAttribute,
  textsOf,
  toldOf,
} from '../testing/payloads.ts'

const { GroupMemberFresh, GroupMemberDefault } = enumerations.ObjectGroupMember
const unset = 2n ** 63n - 1n

let house: KmipHouse
let now: number
beforeEach(async () => {
  house = await openKmipHouse()
  now = house.time / 1_000
})

async function located(payload: readonly Item[] = [], options?: SendOptions): Promise<string[]> {
  const fields = await house.client.ask('Locate', payload, options)
  return textsOf(fields)
}

const refusal = (...payload: readonly Item[]): Promise<string> => house.client.refused('Locate', payload)
const maximum = (count: number) => integer(tags.MaximumItems, count)
const offset = (count: number) => integer(tags.OffsetItems, count)
const member = (value: number) => enumeration(tags.ObjectGroupMember, value)
const stateIs = (state: number) => attribute('State', enumeration(0, state))

test('without filters everything of the adapter that is not destroyed is found, newest first, and counted', async () => {
  const ids = [await createKey(house.client), await createKey(house.client), await createKey(house.client)]
  await createKey(await house.stranger())
  await house.client.ask('Destroy', [uid(ids[1] ?? '')])
  expect(await located()).toEqual([ids[2], ids[0]])
  expect(valueAt(await house.client.ask('Locate'), tags.LocatedItems)).toBe(2)
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.list',
    outcome: 'success',
    severity: 'normal',
    code: 200,
    target: house.instance.name,
    request: { operation: 'Locate' },
    response: { totalResources: 2 },
  })
})

test('nothing found is a success, with a count of 0 since KMIP 1.3 and with nothing before', async () => {
  for (const [minor, fields] of [
    [0, []],
    [2, []],
    [3, [integer(tags.LocatedItems, 0)]],
    [4, [integer(tags.LocatedItems, 0)]],
  ] as const) {
    expect(await house.client.ask('Locate', [nameAttribute('none')], { minor })).toEqual(fields)
  }
})

test('all filters must hold; the event names them without their values', async () => {
  const key = await createKey(house.client, [nameAttribute('disk'), textAttribute('x-Place', 'Ulm')])
  await createKey(house.client, [textAttribute('x-Place', 'Ulm')])
  expect(await located([nameAttribute('disk'), textAttribute('x-Place', 'Ulm')])).toEqual([key])
  expect(house.lastEvent().requestData['attributeNames']).toEqual(['Name', 'x-Place'])
  expect(JSON.stringify(house.lastEvent())).not.toContain('Ulm')
  expect(await located([nameAttribute('disk'), textAttribute('x-Place', 'Bonn')])).toEqual([])
  expect(await located([textAttribute('x-Place', 'Ulm')])).toHaveLength(2)
})

test('a name is compared by its text, and by its type where that is told; an index says nothing', async () => {
  const id = await createKey(house.client, [nameAttribute('one'), nameAttribute('disk')])
  const name = (...fields: readonly Item[]) => attribute('Name', structure(0, fields), 0)
  expect(await located([name(text(tags.NameValue, 'disk'))])).toEqual([id])
  expect(await located([name(enumeration(tags.NameType, 1))])).toEqual([id])
  expect(await located([name(text(tags.NameValue, 'disk'), enumeration(tags.NameType, 2))])).toEqual([])
  expect(await located([name(text(tags.NameValue, 'Disk'))])).toEqual([])
  expect(await located([name(text(tags.NameValue, 'dis*'))])).toEqual([])
})

test('the fields that are told of a structure must be there, of a client’s own structure too', async () => {
  const own = structure(0, [text(tags.NameValue, 'a'), integer(tags.Offset, 1)])
  const link = structure(0, [enumeration(tags.LinkType, 0x108), text(tags.LinkedObjectIdentifier, 'root')])
  const id = await createKey(house.client, [attribute('x-Own', own), attribute('Link', link)])
  expect(await located([attribute('x-Own', own)])).toEqual([id])
  expect(await located([attribute('x-Own', structure(0, [integer(tags.Offset, 1)]))])).toEqual([id])
  expect(await located([attribute('x-Own', structure(0, [integer(tags.Offset, 2)]))])).toEqual([])
  expect(await located([attribute('Link', structure(0, [text(tags.LinkedObjectIdentifier, 'root')]))])).toEqual([id])
  expect(await located([attribute('Link', structure(0, [enumeration(tags.LinkType, 0x109)]))])).toEqual([])
})

test('a usage mask is had when all of its bits are', async () => {
  const id = await createKey(house.client, [], 12)
  expect(await located([maskAttribute(4)])).toEqual([id])
  expect(await located([maskAttribute(12)])).toEqual([id])
  expect(await located([maskAttribute(5)])).toEqual([])
})

test('a date is met exactly, two are a range with both ends, and the last of all dates says that there is none', async () => {
  const early = await createKey(house.client, [dateAttribute('Activation Date', now + 10)])
  const late = await createKey(house.client, [dateAttribute('Activation Date', now + 20)])
  const none = await createKey(house.client)
  const at = (...seconds: (number | bigint)[]) => located(seconds.map((one) => dateAttribute('Activation Date', one)))
  expect(await at(now + 10)).toEqual([early])
  expect(await at(now + 11)).toEqual([])
  expect(await at(now + 20, now + 10)).toEqual([late, early])
  expect(await at(now + 11, now + 19)).toEqual([])
  expect(await at(now + 11, unset)).toEqual([late])
  expect(await at(unset)).toEqual([none])
})

test('an attribute that an object does not have is not met', async () => {
  await createKey(house.client)
  const opaque = uidOf(await house.client.ask('Register', opaqueObject(Buffer.from('a'))))
  expect(await located([textAttribute('Contact Information', 'Joe')])).toEqual([])
  expect(await located([stateIs(1)])).not.toContain(opaque)
  expect(await located([attribute('Object Type', enumeration(0, 8))])).toEqual([opaque])
  expect(await located([attribute('Unique Identifier', text(0, opaque))])).toEqual([opaque])
  expect(await located([attribute('Fresh', boolean(0, true))])).not.toContain(opaque)
})

test.each([
  ['nobody knows', textAttribute('Colour', 'red')],
  ['has another type', attribute('State', text(0, 'Active'))],
  ['has no such field', attribute('Name', structure(0, [text(tags.Comment, 'a')]))],
  ['has an undefined value', attribute('State', enumeration(0, 99))],
])('an attribute that %s is an invalid field', async (_, filter) => {
  expect(await refusal(filter)).toBe('InvalidField')
  expect(toldOf(house.lastEvent())).toMatchObject({ action: 'kmip-key.list', outcome: 'failure', code: 400 })
})

test('an attribute that came later is unknown to an older version', async () => {
  expect(await house.client.refused('Locate', [textAttribute('Description', 'a')], { minor: 3 })).toBe('InvalidField')
  await house.client.ask('Locate', [textAttribute('Description', 'a')])
})

test('a client pages with Maximum Items and Offset Items', async () => {
  const ids: string[] = []
  for (let count = 0; count < 5; count += 1) ids.unshift(await createKey(house.client, [textAttribute('x-Set', 'a')]))
  for (const filters of [[], [textAttribute('x-Set', 'a')]]) {
    expect(await located([maximum(2), ...filters])).toEqual(ids.slice(0, 2))
    expect(await located([maximum(2), offset(2), ...filters])).toEqual(ids.slice(2, 4))
    expect(await located([maximum(2), offset(4), ...filters])).toEqual(ids.slice(4))
    expect(await located([offset(9), ...filters])).toEqual([])
    const counted = await house.client.ask('Locate', [maximum(0), ...filters])
    expect(counted).toEqual([integer(tags.LocatedItems, 5)])
  }
  expect(await refusal(maximum(-1))).toBe('InvalidField')
  expect(await refusal(offset(-1))).toBe('InvalidField')
  expect(await house.client.refused('Locate', [offset(1)], { minor: 2 })).toBe('InvalidField')
})

test('filters may come in a template, and a storage status mask as an attribute', async () => {
  const id = await createKey(house.client, [nameAttribute('disk')])
  expect(await located([template(nameAttribute('disk'))], { minor: 0 })).toEqual([id])
  const storage = (mask: number) => [integer(tags.StorageStatusMask, mask)]
  expect(await located([...storage(1)])).toEqual([id])
  expect(await located([...storage(3)])).toEqual([id])
  expect(await located([...storage(2)])).toEqual([])
  expect(await located([attribute('Storage Status Mask', integer(0, 2))])).toEqual([])
  expect(await located([attribute('Storage Status Mask', integer(0, 1)), nameAttribute('disk')])).toEqual([id])
  expect(await refusal(structure(tags.TemplateAttribute, [text(tags.Comment, 'a')]))).toBe('InvalidField')
})

test('what this message made or changed is found as it is now, in its place', async () => {
  const first = await createKey(house.client, [textAttribute('Object Group', 'g')])
  const second = await createKey(house.client, [textAttribute('Object Group', 'g')])
  const third = await createKey(house.client)
  const answers = await house.client.send([
    { operation: 'AddAttribute', payload: [uid(third), textAttribute('Object Group', 'g')] },
    { operation: 'DeleteAttribute', payload: [uid(second), text(tags.AttributeName, 'Object Group')] },
    { operation: 'AddAttribute', payload: [uid(first), textAttribute('x-Place', 'Ulm')] },
    { operation: 'Create', payload: newKey('g') },
    { operation: 'Create', payload: newKey('g') },
    { operation: 'Locate', payload: [textAttribute('Object Group', 'g')] },
  ])
  const found = answers[5]?.fields.filter(({ tag }) => tag === tags.UniqueIdentifier).map(({ value }) => value)
  expect(found).toEqual([uidOf(answers[4]?.fields ?? []), uidOf(answers[3]?.fields ?? []), third, first])
  expect(await located([textAttribute('Object Group', 'g')])).toEqual(found)
})

function newKey(group: string): Item[] {
  return [
    enumeration(tags.ObjectType, 2),
    template(
      attribute('Cryptographic Algorithm', enumeration(0, 3)),
      attribute('Cryptographic Length', integer(0, 128)),
      maskAttribute(4),
      textAttribute('Object Group', group),
    ),
  ]
}

test('one found object is meant by the items that follow, none and several are not', async () => {
  const one = await createKey(house.client, [nameAttribute('one')])
  await createKey(house.client)
  const after = async (...payload: readonly Item[]) => {
    const [, , read] = await house.client.send([
      { operation: 'GetAttributes', payload: [uid(one)] },
      { operation: 'Locate', payload },
      { operation: 'GetAttributes', payload: [text(tags.AttributeName, 'State')] },
    ])
    return read?.status === 'Success' ? uidOf(read.fields) : read?.reason
  }
  expect(await after(nameAttribute('one'))).toBe(one)
  expect(await after(maximum(1), offset(1))).toBe(one)
  expect(await after()).toBe('ItemNotFound')
  expect(await after(nameAttribute('none'))).toBe('ItemNotFound')
  expect(await after(maximum(1), nameAttribute('none'))).toBe('ItemNotFound')
})

test('the fresh members of a group are those that nobody got', async () => {
  const group = textAttribute('Object Group', 'g')
  const ids = [await createKey(house.client, [group]), await createKey(house.client, [group])]
  await house.client.ask('Get', [uid(ids[0] ?? '')])
  expect(await located([member(GroupMemberFresh), group])).toEqual([ids[1]])
  expect(await refusal(member(3), group)).toBe('InvalidField')
  expect(await house.client.refused('Locate', [member(1), group], { minor: 0 })).toBe('InvalidField')
})

test('the default member of a group goes round as its members are got (TC-153)', async () => {
  const group = textAttribute('Object Group', 'g')
  const ids = [
    await createKey(house.client, [group]),
    await createKey(house.client, [group]),
    await createKey(house.client, [group]),
  ]
  const next = async () => {
    const [, got] = await house.client.send([
      { operation: 'Locate', payload: [member(GroupMemberDefault), group] },
      { operation: 'Get' },
    ])
    return uidOf(got?.fields ?? [])
  }
  expect([await next(), await next(), await next(), await next()]).toEqual([...ids, ids[0]])
  expect(await located([maximum(0), member(GroupMemberDefault), group])).toEqual([])
  expect(await located([member(GroupMemberDefault), textAttribute('Object Group', 'none')])).toEqual([])
})

test('states and types are combined', async () => {
  const active = await activeKey(house.client)
  const secret = uidOf(await house.client.ask('Register', secretData(Buffer.from('a'))))
  await house.client.ask('Revoke', revocation(await activeKey(house.client), 'Superseded'))
  const type = (value: number) => attribute('Object Type', enumeration(0, value))
  expect(await located([type(2), stateIs(2)])).toEqual([active])
  expect(await located([type(7)])).toEqual([secret])
  expect(await located([type(7), stateIs(2)])).toEqual([])
  expect(await located([type(2), type(7)])).toEqual([])
  expect(await located([type(6)])).toEqual([])
  expect(await located([attribute('Initial Date', dateTime(0, now))])).toHaveLength(3)
})
