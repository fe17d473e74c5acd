/** Templates: registered, named by requests, given back, and gone with everything but what was made by them. */
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { enumeration, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf } from '../testing/messages.ts'
import {
  algorithmAttribute,
  attributesOf,
  lengthAttribute,
  maskAttribute,
  revocation,
  template,
  textAttribute,
} from '../testing/payloads.ts'

const ofTemplate = enumeration(tags.ObjectType, enumerations.ObjectType.Template)
const symmetric = enumeration(tags.ObjectType, enumerations.ObjectType.SymmetricKey)
const group = textAttribute('Object Group', 'Group1')

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const content = (...attributes: readonly Item[]) => structure(tags.Template, attributes)
const name = (value: string) => structure(tags.Name, [text(tags.NameValue, value), enumeration(tags.NameType, 1)])
const by = (names: readonly string[], ...attributes: readonly Item[]) =>
  structure(tags.TemplateAttribute, [...names.map((one) => name(one)), ...attributes])

async function addTemplate(called: string, ...attributes: readonly Item[]): Promise<string> {
  return uidOf(
    await house.client.ask('Register', [ofTemplate, template(nameAttribute(called)), content(...attributes)]),
  )
}

test('a key may be made by templates alone; of single values the later one counts, and the request over both', async () => {
  await addTemplate('aes', algorithmAttribute('AES'), lengthAttribute(128), maskAttribute(4), group)
  await addTemplate('long', lengthAttribute(256), textAttribute('Object Group', 'Group2'))
  const key = uidOf(await house.client.ask('Create', [symmetric, by(['aes', 'long'], maskAttribute(12))]))
  expect(await attributesOf(house.client, key)).toMatchObject({
    'Cryptographic Length': [256],
    'Cryptographic Usage Mask': [12],
    'Object Group': ['Group1', 'Group2'],
  })
  expect(house.events().findLast(({ action }) => action.endsWith('kmip-key.create'))).toMatchObject({
    requestData: { objectType: 'SymmetricKey', cryptographicLength: 256 },
  })
})

test('what does not apply to the type of the new object is left out', async () => {
  await addTemplate('any', maskAttribute(12), group, algorithmAttribute('AES'))
  const opaque = enumeration(tags.ObjectType, enumerations.ObjectType.OpaqueObject)
  const object = structure(tags.OpaqueObject, [
    enumeration(tags.OpaqueDataType, 0x8000_0000),
    { tag: tags.OpaqueDataValue, type: 'ByteString', value: Buffer.from('a') },
  ])
  const id = uidOf(await house.client.ask('Register', [opaque, by(['any']), object]))
  const attributes = await attributesOf(house.client, id)
  expect(attributes['Object Group']).toEqual(['Group1'])
  expect(attributes).not.toHaveProperty('Cryptographic Algorithm')
})

test('a template is got as it was registered, and is asked of the crypto units for nothing', async () => {
  const before = house.unit.calls
  const id = await addTemplate('one', group, textAttribute('x-Purpose', 'test'))
  const got = await house.client.ask('Get', [uid(id)])
  expect(got.at(-1)).toEqual(content(group, textAttribute('x-Purpose', 'test')))
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.kmip-key.read',
    outcome: 'success',
    target: { name: 'one' },
  })
  expect(house.lastEvent().responseData).not.toHaveProperty('keyFormatType')
  expect(house.unit.calls).toBe(before)
})

test('it has no state that changes, and once destroyed it makes nothing any more', async () => {
  const id = await addTemplate('one', group)
  expect(await house.client.refused('Activate', [uid(id)])).toBe('IllegalOperation')
  expect(await house.client.refused('Revoke', revocation(id, 'KeyCompromise'))).toBe('IllegalOperation')
  expect(
    await house.client.refused('Encrypt', [uid(id), { tag: tags.Data, type: 'ByteString', value: Buffer.from('a') }]),
  ).toBe('IllegalOperation')
  await house.client.ask('Destroy', [uid(id)])
  expect(await house.client.refused('Get', [uid(id)])).toBe('ItemNotFound')
  expect(await house.client.refused('Create', [symmetric, by(['one'], algorithmAttribute('AES'))])).toBe('ItemNotFound')
})

test('a name that is no template’s, or one of another adapter, names nothing', async () => {
  await addTemplate('one', group)
  const key = [algorithmAttribute('AES'), lengthAttribute(128), maskAttribute(12)]
  await house.client.ask('Create', [symmetric, template(...key, nameAttribute('a key'))])
  for (const called of ['a key', 'nothing', '']) {
    expect(await house.client.refused('Create', [symmetric, by([called], ...key)])).toBe('ItemNotFound')
  }
  const stranger = await house.stranger()
  expect(await stranger.refused('Create', [symmetric, by(['one'], ...key)])).toBe('ItemNotFound')
  const many = Array.from({ length: 17 }, () => 'one')
  expect(await house.client.refused('Create', [symmetric, by(many, ...key)])).toBe('InvalidField')
})

test('a name among what a template holds is its own, and no object’s that is made by it', async () => {
  const registered = [ofTemplate, template(), content(nameAttribute('inside'), group)]
  const id = uidOf(await house.client.ask('Register', registered, { minor: 0 }))
  expect((await attributesOf(house.client, id))['Name']).toBeDefined()
  const key = [algorithmAttribute('AES'), lengthAttribute(128), maskAttribute(12)]
  const made = uidOf(await house.client.ask('Create', [symmetric, by(['inside'], ...key)]))
  const attributes = await attributesOf(house.client, made)
  expect(attributes['Object Group']).toEqual(['Group1'])
  expect(attributes).not.toHaveProperty('Name')
  expect(await house.client.refused('Register', registered)).toBe('InvalidField')
})

test('a template holds attributes that clients give, and no links of its objects', async () => {
  const registering = (...attributes: readonly Item[]) =>
    house.client.refused('Register', [ofTemplate, template(), content(...attributes)])
  expect(await registering()).toBe('InvalidField')
  expect(await registering(attribute('State', enumeration(0, 2)))).toBe('InvalidField')
  expect(await registering(group, group)).toBe('InvalidField')
  expect(await house.client.refused('Register', [ofTemplate, template(), structure(tags.SecretData, [])])).toBe(
    'InvalidField',
  )
})
