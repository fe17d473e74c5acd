/** What clients in the field cannot read is not sent to them, where the standard lets a server leave it out. */
import { beforeEach, expect, test } from 'vitest'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import {
  aesKey,
  aesTemplate,
  attribute,
  childrenOf,
  nameAttribute,
  requestOf,
  uid,
  uidOf,
  valueAt,
} from './testing/messages.ts'
import { decode } from './ttlv/decode.ts'
import { encode } from './ttlv/encode.ts'
import { enumerations } from './ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

async function headerOf(header: readonly Item[]): Promise<readonly Item[]> {
  const request = requestOf([{ operation: 'Create', payload: aesKey() }], { major: 1, minor: 4 }, header)
  const { bytes: answer } = await house.client.raw(encode(request))
  const [first] = childrenOf(decode(answer ?? Buffer.alloc(0)))
  return first === undefined ? [] : childrenOf(first)
}

async function attributesOf(id: string, name: string, minor = 4): Promise<Item[]> {
  const fields = await house.client.ask('GetAttributes', [uid(id), text(tags.AttributeName, name)], { minor })
  return fields.filter(({ tag }) => tag === tags.Attribute)
}

test('PyKMIP cannot read a Server Correlation Value: only who names messages is told how the server names them', async () => {
  const named = [text(tags.ClientCorrelationValue, 'backup of Monday')]
  expect(valueAt(await headerOf([]), tags.ServerCorrelationValue)).toBeUndefined()
  const told = valueAt(await headerOf(named), tags.ServerCorrelationValue)
  expect(told).toBe(house.events().at(-1)?.correlationId)
})

test('PyKMIP cannot read Key Value Present: it is told of keys only whose value is not there', async () => {
  const created = uidOf(await house.client.ask('Create', aesKey()))
  expect(await attributesOf(created, 'Key Value Present')).toEqual([])
  const block = structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, enumerations.KeyFormatType.Raw),
    enumeration(tags.CryptographicAlgorithm, enumerations.CryptographicAlgorithm.AES),
    integer(tags.CryptographicLength, 128),
  ])
  const location = attribute(
    'Key Value Location',
    structure(0, [text(tags.KeyValueLocationValue, 'in the safe'), enumeration(tags.KeyValueLocationType, 1)]),
  )
  const known = await house.client.ask('Register', [
    enumeration(tags.ObjectType, enumerations.ObjectType.SymmetricKey),
    aesTemplate([location], 12, 128),
    structure(tags.SymmetricKey, [block]),
  ])
  const [present] = await attributesOf(uidOf(known), 'Key Value Present')
  expect(present && valueAt(childrenOf(present), tags.AttributeValue)).toBe(false)
})

test('PyKMIP cannot read a Digest without Key Format Type: opaque data have one too, from version 1.1 on', async () => {
  const registered = await house.client.ask('Register', [
    enumeration(tags.ObjectType, enumerations.ObjectType.OpaqueObject),
    structure(tags.TemplateAttribute, [nameAttribute('opaque')]),
    structure(tags.OpaqueObject, [
      enumeration(tags.OpaqueDataType, 0x8000_0000),
      bytes(tags.OpaqueDataValue, Buffer.from('opaque')),
    ]),
  ])
  for (const minor of [1, 2, 3, 4]) {
    const [digest] = await attributesOf(uidOf(registered), 'Digest', minor)
    const value = digest && childrenOf(digest).find(({ tag }) => tag === tags.AttributeValue)
    expect(value && valueAt(childrenOf(value), tags.KeyFormatType)).toBe(enumerations.KeyFormatType.Opaque)
  }
})
