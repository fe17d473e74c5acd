/** Get Attributes, Get Attribute List, and Add, Modify and Delete Attribute: indices, names, limits, refusals and events. */
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import {
  bigInteger,
  boolean,
  bytes,
  dateTime,
  enumeration,
  integer,
  interval,
  type Item,
  longInteger,
  structure,
  text,
} from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf } from '../testing/messages.ts'
import {
  activeKey,
  attributeOf,
  attributesOf,
  createKey,
  fieldAt,
  named,
  opaqueObject,
  revocation,
  textAttribute,
  toldOf,
} from '../testing/payloads.ts'

let house: KmipHouse
let id: string
beforeEach(async () => {
  house = await openKmipHouse()
  id = await createKey(house.client, [nameAttribute('disk')])
})

const add = (one: Item, options?: { minor: number }) => house.client.ask('AddAttribute', [uid(id), one], options)
const modify = (one: Item) => house.client.ask('ModifyAttribute', [uid(id), one])
const remove = (name: string, index?: number) => house.client.ask('DeleteAttribute', nameAndIndex(name, index))
const addRefused = (one: Item, options?: { minor: number }) =>
  house.client.refused('AddAttribute', [uid(id), one], options)
const modifyRefused = (one: Item) => house.client.refused('ModifyAttribute', [uid(id), one])
const removeRefused = (name: string, index?: number) =>
  house.client.refused('DeleteAttribute', nameAndIndex(name, index))

function nameAndIndex(name: string, index?: number): Item[] {
  return [...named(id, name), ...(index === undefined ? [] : [integer(tags.AttributeIndex, index)])]
}

function indexIn(fields: readonly Item[]): unknown {
  return fieldAt(structure(0, fields), tags.AttributeIndex)?.value
}

function nameValue(value: string, type = 1): Item {
  return structure(0, [text(tags.NameValue, value), enumeration(tags.NameType, type)])
}

test('an attribute is added, echoed, and told of without its value', async () => {
  house.time += 5_000
  const answer = await add(textAttribute('x-Place', 'Ulm'))
  expect(answer).toEqual([uid(id), attributeOfText('x-Place', 'Ulm')])
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key-attributes.update',
    outcome: 'success',
    severity: 'normal',
    code: 200,
    target: 'disk',
    request: { operation: 'AddAttribute', attributeNames: ['x-Place'], attributeEffect: 'description' },
    response: { keyId: id },
  })
  expect(JSON.stringify(house.events())).not.toContain('Ulm')
  expect(await attributeOf(house.client, id, 'Last Change Date')).toBe(BigInt(house.time / 1_000))
})

function attributeOfText(name: string, value: string): Item {
  return attribute(name, text(0, value))
}

test('instances have stable indices, told when they are above 0 or were told in the request', async () => {
  expect(indexIn(await add(textAttribute('x-Place', 'Ulm')))).toBeUndefined()
  expect(indexIn(await add(textAttribute('x-Place', 'Bonn')))).toBe(1)
  expect(indexIn(await add(attribute('x-Place', text(0, 'Kiel'), 0)))).toBe(2)
  expect(await addRefused(attribute('x-Place', text(0, 'Jena'), 1))).toBe('InvalidField')
  expect(indexIn(await remove('x-Place'))).toBeUndefined()
  expect((await attributesOf(house.client, id))['x-Place']).toEqual(['Bonn', 'Kiel'])
  expect(await removeRefused('x-Place', 0)).toBe('ItemNotFound')
  expect(indexIn(await modify(attribute('x-Place', text(0, 'Bern'), 1)))).toBe(1)
  expect(indexIn(await add(textAttribute('x-Place', 'Jena')))).toBe(3)
  expect(await modifyRefused(attribute('x-Place', text(0, 'Rom')))).toBe('ItemNotFound')
  expect(indexIn(await modify(attribute('Name', nameValue('disk 2'), 0)))).toBe(0)
  expect(indexIn(await remove('Name', 0))).toBe(0)
  expect((await attributesOf(house.client, id))['Name']).toBeUndefined()
})

test('a client that repeats itself after a lost answer is told the same, and nothing is there twice', async () => {
  await add(textAttribute('x-Place', 'Ulm'))
  await add(textAttribute('x-Place', 'Bonn'))
  expect(indexIn(await add(textAttribute('x-Place', 'Bonn')))).toBe(1)
  expect((await attributesOf(house.client, id))['x-Place']).toEqual(['Ulm', 'Bonn'])
  await add(textAttribute('Object Group', 'g'))
  expect(await addRefused(textAttribute('Object Group', 'g'))).toBe('IllegalOperation')
  await add(textAttribute('Contact Information', 'Joe'))
  expect(await addRefused(textAttribute('Contact Information', 'Jim'))).toBe('IllegalOperation')
})

test.each<[string, Item]>([
  ['Structure', structure(0, [text(tags.NameValue, 'a'), structure(tags.Attribute, [integer(tags.Offset, 1)])])],
  ['Integer', integer(0, -7)],
  ['Long Integer', longInteger(0, -(2n ** 63n))],
  ['Big Integer', bigInteger(0, Buffer.from('ff00ff00ff00ff00', 'hex'))],
  ['Enumeration', enumeration(0, 0xffff_ffff)],
  ['Boolean', boolean(0, false)],
  ['Text String', text(0, '\u{1f511}')],
  ['Byte String', bytes(0, Buffer.from([0, 1]))],
  ['Date-Time', dateTime(0, -1)],
  ['Interval', interval(0, 0xffff_ffff)],
])('a client’s own attribute keeps a %s as it was sent', async (_, value) => {
  const echoed = fieldAt(structure(0, await add(attribute('x-Any', value))), tags.AttributeValue)
  expect(echoed).toEqual({ ...value, tag: tags.AttributeValue })
  const got = fieldAt(structure(0, await house.client.ask('GetAttributes', named(id, 'x-Any'))), tags.AttributeValue)
  expect(got).toEqual({ ...value, tag: tags.AttributeValue })
})

test.each<[string, Item, string]>([
  ['of the server alone', attribute('State', enumeration(0, 2)), 'PermissionDenied'],
  ['in the server’s space', textAttribute('y-Place', 'Ulm'), 'PermissionDenied'],
  ['that nobody knows', textAttribute('Colour', 'red'), 'PermissionDenied'],
  ['set at the beginning', attribute('Cryptographic Length', integer(0, 128)), 'IllegalOperation'],
  ['of another type', attribute('Object Group', integer(0, 1)), 'InvalidField'],
  ['without a name', textAttribute('', 'a'), 'InvalidField'],
  ['with a long name', textAttribute(`x-${'n'.repeat(255)}`, 'a'), 'InvalidField'],
  ['nested too deeply', attribute('x-Deep', nested(5)), 'InvalidField'],
  ['without a value', structure(tags.Attribute, [text(tags.AttributeName, 'x-Place')]), 'InvalidField'],
  ['with two values', withTwo(), 'InvalidMessage'],
])('an attribute %s is not added', async (_, one, reason) => {
  expect(await addRefused(one)).toBe(reason)
  const last = house.lastEvent()
  expect(last).toMatchObject({ outcome: 'failure', severity: 'warning', responseData: { resultReason: reason } })
  expect(last.responseData['keyId']).toBe(id)
})

function nested(depth: number): Item {
  return depth === 0 ? integer(tags.Offset, 1) : structure(tags.Attribute, [nested(depth - 1)])
}

function withTwo(): Item {
  const value = text(tags.AttributeValue, 'a')
  return structure(tags.Attribute, [text(tags.AttributeName, 'x-Place'), value, value])
}

test('what does not apply to the type of an object is not added to it', async () => {
  const opaque = uidOf(await house.client.ask('Register', opaqueObject(Buffer.from('a'))))
  const date = attribute('Activation Date', dateTime(0, 5))
  expect(await house.client.refused('AddAttribute', [uid(opaque), date])).toBe('PermissionDenied')
  await house.client.ask('AddAttribute', [uid(opaque), textAttribute('x-Place', 'Ulm')])
})

test('one more than 64 of a client’s own attributes is an index out of bounds', async () => {
  for (let count = 0; count < 64; count += 1) await add(attribute('x-Count', integer(0, count)))
  expect(await addRefused(attribute('x-Count', integer(0, 64)))).toBe('IndexOutOfBounds')
})

test.each<[string, () => Promise<string>, string]>([
  ['modified that was never set', () => modifyRefused(textAttribute('x-Place', 'a')), 'InvalidField'],
  ['modified that nobody knows', () => modifyRefused(textAttribute('Colour', 'a')), 'InvalidField'],
  ['modified that is read-only', () => modifyRefused(attribute('State', enumeration(0, 2))), 'PermissionDenied'],
  [
    'modified that is given once',
    () => modifyRefused(attribute('Cryptographic Length', integer(0, 128))),
    'PermissionDenied',
  ],
  ['modified in the server’s space', () => modifyRefused(textAttribute('y-Place', 'a')), 'PermissionDenied'],
  ['deleted that is not set', () => removeRefused('x-Place'), 'ItemNotFound'],
  ['deleted that nobody knows', () => removeRefused('Colour'), 'ItemNotFound'],
  ['deleted at an index it does not have', () => removeRefused('Name', 1), 'ItemNotFound'],
  ['deleted that is read-only', () => removeRefused('State'), 'PermissionDenied'],
  ['deleted that is required', () => removeRefused('Cryptographic Usage Mask'), 'PermissionDenied'],
  ['deleted that is a date', () => removeRefused('Activation Date'), 'PermissionDenied'],
])('no attribute is %s', async (_, refused, reason) => {
  expect(await refused()).toBe(reason)
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.kmip-key-attributes.update',
    outcome: 'failure',
    responseData: { keyId: id, resultReason: reason },
  })
})

test('an attribute is modified to what no other instance of it is', async () => {
  await add(textAttribute('Object Group', 'a'))
  await add(textAttribute('Object Group', 'b'))
  expect(await modifyRefused(attribute('Object Group', text(0, 'b'), 0))).toBe('IllegalOperation')
  await modify(attribute('Object Group', text(0, 'a'), 0))
  await modify(attribute('Object Group', text(0, 'c'), 1))
  expect((await attributesOf(house.client, id))['Object Group']).toEqual(['a', 'c'])
})

test('names are taken, given up and taken over, in one message too', async () => {
  const other = await createKey(house.client, [nameAttribute('tape')])
  expect(await addRefused(nameAttribute('tape'))).toBe('IllegalOperation')
  expect(await modifyRefused(nameAttribute('tape'))).toBe('IllegalOperation')
  expect(house.lastEvent()).toMatchObject({
    responseData: { keyId: id },
    reason: { reasonForFailure: 'Another object has this name: tape (KMIP_ILLEGAL_OPERATION)' },
  })
  // The first of them, read first, takes over what the second gives up after it.
  const answers = await house.client.send([
    { operation: 'GetAttributes', payload: named(id, 'Name') },
    { operation: 'DeleteAttribute', payload: named(other, 'Name') },
    { operation: 'AddAttribute', payload: [uid(id), nameAttribute('tape')] },
    { operation: 'Locate', payload: [nameAttribute('tape')] },
  ])
  expect(answers.map(({ status }) => status)).toEqual(['Success', 'Success', 'Success', 'Success'])
  expect(uidOf(answers[3]?.fields ?? [])).toBe(id)
  expect(uidOf(await house.client.ask('Locate', [nameAttribute('tape')]))).toBe(id)
})

test('a key is closed by its client, and never opened again', async () => {
  let key = await createKey(house.client)
  const modified = (name: string, value: boolean): [Item, Item] => [uid(key), attribute(name, boolean(0, value))]
  for (const [name, closed, field, reason] of [
    ['Sensitive', true, 'sensitive', 'Sensitive'],
    ['Extractable', false, 'extractable', 'NotExtractable'],
  ] as const) {
    await house.client.ask('ModifyAttribute', modified(name, !closed))
    expect(house.lastEvent()).toMatchObject({ severity: 'warning', requestData: { [field]: !closed } })
    await house.client.ask('Get', [uid(key)])
    await house.client.ask('ModifyAttribute', modified(name, closed))
    expect(house.lastEvent()).toMatchObject({ requestData: { attributeEffect: 'use', [field]: closed } })
    expect(await house.client.refused('ModifyAttribute', modified(name, !closed))).toBe('PermissionDenied')
    expect(house.lastEvent()).toMatchObject({ outcome: 'failure', requestData: { [field]: !closed } })
    expect(await house.client.refused('Get', [uid(key)])).toBe(reason)
    await house.client.ask('ModifyAttribute', modified(name, closed))
    if (name === 'Sensitive') key = await createKey(house.client)
  }
})

test('what a key was when it was made, it always was, or never', async () => {
  const key = await createKey(house.client, [attribute('Sensitive', boolean(0, true))])
  await house.client.ask('ModifyAttribute', [uid(key), attribute('Extractable', boolean(0, false))])
  expect(await attributesOf(house.client, key)).toMatchObject({
    Sensitive: [true],
    'Always Sensitive': [true],
    Extractable: [false],
    'Never Extractable': [false],
  })
})

test('attributes of a compromised key are the client’s to change, of a destroyed one nobody’s', async () => {
  await house.client.ask('Revoke', revocation(id, 'KeyCompromise'))
  await add(textAttribute('x-Place', 'Ulm'))
  await modify(textAttribute('x-Place', 'Bonn'))
  await house.client.ask('Destroy', [uid(id)])
  expect(await addRefused(textAttribute('x-Other', 'a'))).toBe('PermissionDenied')
  expect(await modifyRefused(textAttribute('x-Place', 'a'))).toBe('PermissionDenied')
  expect(await removeRefused('x-Place')).toBe('PermissionDenied')
  expect((await attributesOf(house.client, id))['x-Place']).toEqual(['Bonn'])
})

test('a key that was revoked before its protect stop date came still takes attributes', async () => {
  const stop = attribute('Protect Stop Date', dateTime(0, house.time / 1_000 + 900))
  id = await activeKey(house.client, [stop])
  await house.client.ask('Revoke', revocation(id, 'Superseded'))
  expect(await add(textAttribute('x-Place', 'Ulm'))).toHaveLength(2)
})

test('what is asked for is answered in the order of the standard, what is unset or unknown is left out', async () => {
  await add(textAttribute('x-Place', 'Ulm'))
  const asked = named(id, 'x-Place', 'State', 'Deactivation Date', 'Colour', 'Name')
  expect(Object.keys(await attributesOf(house.client, id, []))[0]).toBe('Unique Identifier')
  const values = await house.client.ask('GetAttributes', asked)
  expect(values.slice(1).map((one) => fieldAt(one, tags.AttributeName)?.value)).toEqual(['Name', 'State', 'x-Place'])
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: 'kmip-key-attributes.retrieve',
    code: 200,
    request: { attributeNames: ['x-Place', 'State', 'DeactivationDate', 'Colour', 'Name'] },
    response: { keyId: id },
  })
  expect(await house.client.ask('GetAttributes', named(id, 'Colour'))).toEqual([uid(id)])
  expect(await house.client.refused('GetAttributes', named(id, 'State', 'State'))).toBe('InvalidMessage')
})

test('the list of attributes has each name once, and so it stays after destruction', async () => {
  await add(textAttribute('x-Place', 'Ulm'))
  await add(textAttribute('x-Place', 'Bonn'))
  const listed = async () => (await house.client.ask('GetAttributeList', [uid(id)])).slice(1).map(({ value }) => value)
  expect(await listed()).toEqual(Object.keys(await attributesOf(house.client, id)))
  await house.client.ask('Destroy', [uid(id)])
  const names = await listed()
  expect(names).toEqual(expect.arrayContaining(['State', 'Destroy Date', 'Digest', 'x-Place']))
  expect(new Set(names).size).toBe(names.length)
})

test('what is newer than a client is not shown to it: attributes, fields and values', async () => {
  const parameters = structure(0, [
    enumeration(tags.BlockCipherMode, enumerations.BlockCipherMode.CTR),
    boolean(tags.RandomIV, true),
    integer(tags.SaltLength, 20),
  ])
  await add(attribute('Cryptographic Parameters', parameters))
  const link = structure(0, [enumeration(tags.LinkType, 0x10c), text(tags.LinkedObjectIdentifier, 'a')])
  await add(attribute('Link', link))
  const seen = async (minor: number) => {
    const values = await attributesOf(house.client, id, [], { minor })
    const fields = (values['Cryptographic Parameters']?.[0] ?? []) as readonly Item[]
    return {
      names: ['Fresh', 'Original Creation Date', 'Sensitive', 'Link'].filter((name) => name in values),
      fields: fields.map(({ tag }) => tag),
    }
  }
  expect(await seen(0)).toEqual({ names: [], fields: [tags.BlockCipherMode] })
  expect(await seen(1)).toEqual({ names: ['Fresh'], fields: [tags.BlockCipherMode] })
  const two = { names: ['Fresh'], fields: [tags.BlockCipherMode, tags.RandomIV] }
  expect(await seen(2)).toEqual(two)
  // Since 1.2 it is told to who asks for it, and unasked to those who can read it.
  const asked = (minor: number) => attributesOf(house.client, id, ['Original Creation Date'], { minor })
  expect([await asked(1), await asked(2)].map((values) => Object.keys(values).length)).toEqual([0, 1])
  expect(await seen(4)).toEqual({
    names: [...two.names, 'Original Creation Date', 'Sensitive', 'Link'],
    fields: [...two.fields, tags.SaltLength],
  })
  expect(await addRefused(textAttribute('Description', 'a'), { minor: 3 })).toBe('PermissionDenied')
  await add(textAttribute('Description', 'a'), { minor: 4 })
})

test('names of attributes in an event are spelled so that no text of a client does harm in it', async () => {
  await add(textAttribute('x-<b>\n"; drop', 'a'))
  expect(house.lastEvent().requestData['attributeNames']).toEqual(['x-_b_____drop'])
  await modify(attribute('Name', nameValue('\u202edisk\n<i>')))
  expect(house.lastEvent().outcome).toBe('success')
  await modify(attribute('Name', nameValue('n'.repeat(5_000))))
  expect(house.lastEvent().outcome).toBe('success')
  expect(await addRefused(nameAttribute('n'.repeat(5_000)))).toBe('IllegalOperation')
})
