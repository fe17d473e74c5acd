/** Re-key: what a new key takes over from the one it replaces, what it gets of its own, and when there is none. */
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import {
  boolean,
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
  attributesOf,
  bytesAt,
  createKey,
  dateAttribute,
  opaqueObject,
  revocation,
  secretData,
  symmetricKey,
  template,
  textAttribute,
  toldOf,
} from '../testing/payloads.ts'

const { ReplacementObjectLink, ReplacedObjectLink } = enumerations.LinkType

let house: KmipHouse
let now: number
beforeEach(async () => {
  house = await openKmipHouse()
  now = house.time / 1_000
})

const offsetOf = (seconds: number) => interval(tags.Offset, seconds)

async function reKey(id: string, ...more: readonly Item[]): Promise<string> {
  const answer = await house.client.ask('ReKey', [uid(id), ...more])
  expect(answer.map(({ tag }) => tag)).toEqual([tags.UniqueIdentifier])
  return uidOf(answer)
}

const refusal = (id: string, ...more: readonly Item[]): Promise<string> =>
  house.client.refused('ReKey', [uid(id), ...more])

function linkTo(id: string, type: number): Item[] {
  return [enumeration(tags.LinkType, type), text(tags.LinkedObjectIdentifier, id)]
}

function limits(total: bigint): Item {
  return attribute(
    'Usage Limits',
    structure(0, [longInteger(tags.UsageLimitsTotal, total), enumeration(tags.UsageLimitsUnit, 2)]),
  )
}

test('the new key has the names and attributes of the old one, other material, and both know each other', async () => {
  const old = await activeKey(house.client, [
    nameAttribute('disk'),
    nameAttribute('disk 2'),
    textAttribute('x-Place', 'Ulm'),
    textAttribute('Object Group', 'g'),
    attribute('Original Creation Date', dateTime(0, 5)),
    attribute('Sensitive', boolean(0, false)),
  ])
  const oldMaterial = bytesAt(await house.client.ask('Get', [uid(old)]), tags.KeyMaterial)
  const before = await attributesOf(house.client, old)
  house.time += 30_000
  const id = await reKey(old)
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: 'kmip-key.create',
    code: 201,
    target: 'disk',
    request: {
      operation: 'ReKey',
      replacedKeyId: old,
      objectType: 'SymmetricKey',
      cryptographicAlgorithm: 'AES',
      cryptographicLength: 256,
      usageMask: 12,
    },
    response: { keyId: id, kmipState: 2, rootKeyId: house.client.adapter.crk },
  })
  const after = await attributesOf(house.client, id)
  for (const name of ['Name', 'Object Group', 'x-Place', 'Cryptographic Usage Mask', 'Activation Date']) {
    expect(after[name]).toEqual(before[name])
  }
  expect(after).toMatchObject({
    State: [2],
    Fresh: [true],
    'Initial Date': [BigInt(now + 30)],
    Link: [linkTo(old, ReplacedObjectLink)],
  })
  expect(after['Original Creation Date']).toEqual([BigInt(now + 30)])
  expect(after['Digest']).not.toEqual(before['Digest'])
  expect(bytesAt(await house.client.ask('Get', [uid(id)]), tags.KeyMaterial)).not.toEqual(oldMaterial)
  const left = await attributesOf(house.client, old)
  expect(left).toMatchObject({
    State: [2],
    Link: [linkTo(id, ReplacementObjectLink)],
    'Last Change Date': [BigInt(now + 30)],
  })
  expect(left).not.toHaveProperty('Name')
  expect(uidOf(await house.client.ask('Locate', [nameAttribute('disk')]))).toBe(id)
})

test('the new key is what later items of the message mean', async () => {
  const old = await createKey(house.client)
  const [made, read] = await house.client.send([
    { operation: 'ReKey', payload: [uid(old)] },
    { operation: 'GetAttributes', payload: [text(tags.AttributeName, 'State')] },
  ])
  expect(uidOf(read?.fields ?? [])).toBe(uidOf(made?.fields ?? []))
})

test('an offset moves all dates as far as the activation date', async () => {
  const old = await createKey(house.client, [
    dateAttribute('Activation Date', now - 50),
    dateAttribute('Process Start Date', now - 40),
    dateAttribute('Protect Stop Date', now + 100),
    dateAttribute('Deactivation Date', now + 200),
  ])
  const id = await reKey(old, offsetOf(10))
  expect(await attributesOf(house.client, id)).toMatchObject({
    State: [1],
    'Activation Date': [BigInt(now + 10)],
    'Process Start Date': [BigInt(now + 20)],
    'Protect Stop Date': [BigInt(now + 160)],
    'Deactivation Date': [BigInt(now + 260)],
  })
  expect(await attributesOf(house.client, await reKey(id, offsetOf(0)))).toMatchObject({
    State: [2],
    'Activation Date': [BigInt(now)],
    'Deactivation Date': [BigInt(now + 250)],
  })
})

test('dates at the end of time cannot be moved', async () => {
  const old = await createKey(house.client, [
    dateAttribute('Activation Date', now),
    dateAttribute('Deactivation Date', 2n ** 63n - 5n),
  ])
  expect(await refusal(old, offsetOf(10))).toBe('InvalidField')
  await reKey(old, offsetOf(4))
})

test('an offset excludes dates, and needs an activation date', async () => {
  const old = await createKey(house.client, [dateAttribute('Activation Date', now)])
  for (const name of ['Activation Date', 'Process Start Date', 'Protect Stop Date', 'Deactivation Date']) {
    expect(await refusal(old, offsetOf(10), template(dateAttribute(name, now)))).toBe('InvalidMessage')
  }
  expect(await refusal(await createKey(house.client), offsetOf(10))).toBe('IllegalOperation')
})

test('what the request says of the new key goes over what the old one has', async () => {
  const old = await createKey(house.client, [nameAttribute('disk'), textAttribute('x-Place', 'Ulm')])
  const said = template(
    nameAttribute('tape'),
    textAttribute('x-Place', 'Bonn'),
    dateAttribute('Activation Date', now + 5),
    attribute('Cryptographic Usage Mask', integer(0, 4)),
  )
  const id = await reKey(old, said)
  expect(await attributesOf(house.client, id)).toMatchObject({
    Name: [[text(tags.NameValue, 'tape'), enumeration(tags.NameType, 1)]],
    'x-Place': ['Bonn'],
    'Activation Date': [BigInt(now + 5)],
    'Cryptographic Usage Mask': [4],
    State: [1],
  })
  expect(await attributesOf(house.client, old)).not.toHaveProperty('Name')
})

test('the kind of the key stays, and names of others are theirs', async () => {
  const old = await createKey(house.client)
  await createKey(house.client, [nameAttribute('taken')])
  expect(await refusal(old, template(attribute('Cryptographic Length', integer(0, 128))))).toBe('InvalidField')
  expect(await refusal(old, template(nameAttribute('taken')))).toBe('InvalidField')
  expect(await refusal(old, template(attribute('State', enumeration(0, 2))))).toBe('InvalidField')
  expect(await attributesOf(house.client, old)).not.toHaveProperty('Link')
})

test('usage limits begin anew with their total', async () => {
  const old = await activeKey(house.client, [limits(3n)])
  const parameters = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 2)])
  await house.client.ask('Encrypt', [
    uid(old),
    parameters,
    { tag: tags.Data, type: 'ByteString', value: Buffer.alloc(16) },
  ])
  const countOf = async (id: string) => (await attributesOf(house.client, id))['Usage Limits']?.[0]
  const left = (count: bigint): Item[] => [
    longInteger(tags.UsageLimitsTotal, 3n),
    longInteger(tags.UsageLimitsCount, count),
    enumeration(tags.UsageLimitsUnit, 2),
  ]
  expect(await countOf(old)).toEqual(left(2n))
  expect(await countOf(await reKey(old))).toEqual(left(3n))
})

test('what is not a plain symmetric key in use is not replaced', async () => {
  const register = async (payload: readonly Item[]) => uidOf(await house.client.ask('Register', payload))
  expect(await refusal(await register(secretData(Buffer.from('a'))))).toBe('IllegalOperation')
  expect(await refusal(await register(opaqueObject(Buffer.from('a'))))).toBe('IllegalOperation')
  expect(await refusal(await register(symmetricKey(undefined)))).toBe('KeyValueNotPresent')
  const compromised = await createKey(house.client)
  await house.client.ask('Revoke', revocation(compromised, 'KeyCompromise'))
  expect(await refusal(compromised)).toBe('PermissionDenied')
  await house.client.ask('Destroy', [uid(compromised)])
  expect(await refusal(compromised)).toBe('PermissionDenied')
  expect(house.lastEvent().requestData['replacedKeyId']).toBe(compromised)
  const replaced = await createKey(house.client)
  await reKey(replaced)
  expect(await refusal(replaced)).toBe('PermissionDenied')
  expect(await refusal('00000000-0000-4000-8000-000000000000')).toBe('ItemNotFound')
})

test('another adapter’s key is not replaced, and its names stay', async () => {
  const id = await createKey(house.client, [nameAttribute('disk')])
  expect(await (await house.stranger()).refused('ReKey', [uid(id)])).toBe('ItemNotFound')
  expect(await attributesOf(house.client, id)).toHaveProperty('Name')
})

test('what a failed batch with Undo replaced is as it was', async () => {
  const old = await createKey(house.client, [nameAttribute('disk')])
  const undo = { header: [enumeration(tags.BatchErrorContinuationOption, 3)] }
  const answers = await house.client.send(
    [
      { operation: 'ReKey', payload: [uid(old)] },
      { operation: 'Get', payload: [uid('none')] },
    ],
    undo,
  )
  expect(answers.map(({ status }) => status)).toEqual(['OperationUndone', 'OperationFailed'])
  expect(uidOf(await house.client.ask('Locate', [nameAttribute('disk')]))).toBe(old)
  await reKey(old)
})
