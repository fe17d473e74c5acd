/** Query, Discover Versions, Check, Poll and Cancel: what a client learns of the server, and of what it may do. */
import { beforeEach, expect, test } from 'vitest'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, integer, interval, type Item, longInteger, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { protocolVersion } from '../message/response.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, childrenOf, uid, uidOf } from '../testing/messages.ts'
import { createKey, opaqueObject, toldOf } from '../testing/payloads.ts'

const { QueryFunction: functions } = enumerations

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const query = async (minor: number, ...asked: readonly number[]): Promise<readonly Item[]> =>
  await house.client.ask(
    'Query',
    asked.map((one) => enumeration(tags.QueryFunction, one)),
    { minor },
  )

async function operationsOf(minor: number): Promise<(string | undefined)[]> {
  return (await query(minor, functions.QueryOperations)).map(({ value }) => enumerationName('Operation', Number(value)))
}

const first = [
  'Create',
  'CreateKeyPair',
  'Register',
  'ReKey',
  'DeriveKey',
  'Locate',
  'Check',
  'Get',
  'GetAttributes',
  'GetAttributeList',
  'AddAttribute',
  'ModifyAttribute',
  'DeleteAttribute',
  'Activate',
  'Revoke',
  'Destroy',
  'Query',
]

test('the operations of each version are told, and nothing that it has no number for', async () => {
  expect(await operationsOf(0)).toEqual(first)
  expect(await operationsOf(1)).toEqual([...first, 'DiscoverVersions'])
  const uses = ['Encrypt', 'Decrypt', 'Sign', 'SignatureVerify', 'MAC', 'MACVerify', 'RNGRetrieve']
  for (const minor of [2, 3, 4]) expect(await operationsOf(minor)).toEqual([...first, 'DiscoverVersions', ...uses])
})

test('every operation that is told is served, and those of other versions are not', async () => {
  for (const minor of [0, 1, 2]) {
    const told = new Set(await operationsOf(minor))
    for (const name of Object.keys(enumerations.Operation) as (keyof typeof enumerations.Operation)[]) {
      if (name === 'Poll' || name === 'Cancel') continue
      const [answer] = await house.client.send([{ operation: name }], { minor })
      expect([name, answer?.reason === 'OperationNotSupported']).toEqual([name, !told.has(name)])
    }
  }
})

test('objects, the vendor and what the server can are told in the order of the payload, whatever the order asked', async () => {
  const all = Object.values(functions).toReversed()
  expect((await query(0, ...all)).map(({ tag }) => tag)).toEqual([
    ...first.map(() => tags.Operation),
    ...[2, 3, 4, 6, 7, 8].map(() => tags.ObjectType),
    tags.VendorIdentification,
  ])
  const newest = (await query(4, ...all)).map(({ tag }) => tag)
  expect([...new Set(newest)]).toEqual([
    tags.Operation,
    tags.ObjectType,
    tags.VendorIdentification,
    tags.RNGParameters,
    tags.CapabilityInformation,
    tags.ClientRegistrationMethod,
  ])
})

test('what the server can do besides is told since KMIP 1.3, of batches since 1.4', async () => {
  const capabilities = async (minor: number) => {
    const [told] = await query(minor, functions.QueryCapabilities)
    return told === undefined ? [] : childrenOf(told).map(({ tag }) => tag)
  }
  expect(await capabilities(2)).toEqual([])
  expect(await capabilities(3)).not.toContain(tags.BatchUndoCapability)
  expect(await capabilities(4)).toContain(tags.BatchUndoCapability)
})

test('functions that are unknown, empty or asked for twice are no fault, and no event is left', async () => {
  const before = house.events().length
  expect(await query(4, 0x77, functions.QueryApplicationNamespaces)).toEqual([])
  expect(await query(4, functions.QueryServerInformation, functions.QueryServerInformation)).toHaveLength(1)
  expect(house.events()).toHaveLength(before)
  expect(await house.client.refused('Query', [uid('a')])).toBe('InvalidField')
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: 'kmip-key.default',
    outcome: 'failure',
    code: 400,
    target: house.instance.name,
    request: { operation: 'Query' },
    response: { resultReason: 'InvalidField' },
  })
})

test('versions are told highest first, those that both sides speak where a client offers some', async () => {
  const discover = (offered: readonly (readonly [number, number])[], minor = 4) =>
    house.client.ask(
      'DiscoverVersions',
      offered.map(([major, one]) => protocolVersion({ major, minor: one })),
      { minor },
    )
  const versions = (...minors: readonly number[]) => minors.map((minor) => protocolVersion({ major: 1, minor }))
  const before = house.events().length
  expect(await discover([])).toEqual(versions(4, 3, 2, 1, 0))
  expect(await discover([], 1)).toEqual(versions(4, 3, 2, 1, 0))
  expect(
    await discover([
      [1, 0],
      [2, 1],
      [1, 3],
    ]),
  ).toEqual(versions(3, 0))
  expect(await discover([[9, 31]])).toEqual([])
  expect(house.events()).toHaveLength(before)
  expect(await house.client.refused('DiscoverVersions', [], { minor: 0 })).toBe('OperationNotSupported')
  expect(await house.client.refused('DiscoverVersions', [structure(tags.ProtocolVersion, [])])).toBe('InvalidMessage')
})

test.each(['Poll', 'Cancel'] as const)('%s finds nothing that goes on', async (operation) => {
  const value = bytes(tags.AsynchronousCorrelationValue, Buffer.from('a'))
  expect(await house.client.refused(operation, [value])).toBe('ItemNotFound')
  expect(await house.client.refused(operation, [])).toBe('InvalidMessage')
  expect(house.lastEvent().action).toBe('hs-crypto.kmip-key.default')
})

function limits(total: bigint): Item {
  return attribute(
    'Usage Limits',
    structure(0, [longInteger(tags.UsageLimitsTotal, total), enumeration(tags.UsageLimitsUnit, 2)]),
  )
}

/** What Check says of a key with three uses left, and what the item after it says of the key that was checked. */
async function checked(id: string, payload: readonly Item[]) {
  const items = [
    { operation: 'Check', payload: [uid(id), ...payload] },
    { operation: 'GetAttributeList', payload: [] },
  ] as const
  const [check, after] = await house.client.send(items, { header: [enumeration(tags.BatchErrorContinuationOption, 1)] })
  return { fields: check?.fields, reasons: [check?.reason, after?.reason], event: house.events().at(-2) }
}

test.each<[string, readonly Item[]]>([
  ['nothing in particular', []],
  ['a use that its mask allows', [integer(tags.CryptographicUsageMask, 4)]],
  ['all uses that its mask allows', [integer(tags.CryptographicUsageMask, 12)]],
  ['as many uses as are left', [longInteger(tags.UsageLimitsCount, 3n)]],
  ['any time', [interval(tags.LeaseTime, 0xffff_ffff)]],
])('a key is allowed %s, and meant by what follows', async (_, payload) => {
  const id = await createKey(house.client, [limits(3n)])
  const { fields, reasons, event } = await checked(id, payload)
  expect(fields).toEqual([uid(id)])
  expect(reasons).toEqual([undefined, undefined])
  expect(event).toMatchObject({ action: 'hs-crypto.kmip-key.read', outcome: 'success', responseData: { keyId: id } })
})

test.each<[string, readonly Item[]]>([
  ['a use that its mask does not allow', [integer(tags.CryptographicUsageMask, 5)]],
  ['more uses than are left', [longInteger(tags.UsageLimitsCount, 4n)]],
])('a key is not allowed %s, and not meant by what follows', async (_, payload) => {
  const id = await createKey(house.client, [limits(3n)])
  const { reasons, event } = await checked(id, payload)
  expect(reasons).toEqual(['PermissionDenied', 'ItemNotFound'])
  expect(event).toMatchObject({
    action: 'hs-crypto.kmip-key.read',
    outcome: 'failure',
    severity: 'warning',
    reason: { reasonCode: 409 },
    responseData: { keyId: id },
  })
})

test('a key without limits is left any number of uses, an opaque object has none to check, a destroyed one no more', async () => {
  const id = await createKey(house.client)
  const count = longInteger(tags.UsageLimitsCount, 2n ** 62n)
  await house.client.ask('Check', [uid(id), count])
  const opaque = uidOf(await house.client.ask('Register', opaqueObject(Buffer.from('a'))))
  await house.client.ask('Check', [uid(opaque)])
  expect(await house.client.refused('Check', [uid(opaque), count])).toBe('IllegalOperation')
  await house.client.ask('Destroy', [uid(id)])
  expect(await house.client.refused('Check', [uid(id)])).toBe('PermissionDenied')
  expect(await house.client.refused('Check', [])).toBe('ItemNotFound')
})
