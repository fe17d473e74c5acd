/** Cases of the OASIS KMIP technical committee as lists of steps, told by what they do, in each version that has them. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { protocolVersion } from './message/response.ts'
import { enumerations } from './ttlv/enumerations.ts'
import { boolean, enumeration, integer, type Item, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import {
  aesKey,
  type Answered,
  type Asked,
  attribute,
  nameAttribute,
  type OperationName,
  uid,
  uidOf,
} from './testing/messages.ts'
import {
  algorithmAttribute,
  bytesAt,
  dateAttribute,
  fieldAt,
  lengthAttribute,
  maskAttribute,
  named,
  revocation,
  secretData,
  symmetricKey,
  template,
  textAttribute,
  valuesOf,
} from './testing/payloads.ts'
import { read, write } from './testing/written-messages.ts'

const versions = [0, 1, 2, 3, 4]
const symmetric = enumeration(tags.ObjectType, enumerations.ObjectType.SymmetricKey)
const [PRE_ACTIVE, ACTIVE, COMPROMISED, DESTROYED] = [1, 2, 4, 5]

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

/** Steps of a case in a version. */
function stepsIn(minor: number) {
  const { client } = house
  return {
    send: (items: readonly Asked[], header: readonly Item[] = []) => client.send(items, { minor, header }),
    does: (operation: OperationName, payload: readonly Item[]) => client.ask(operation, payload, { minor }),
    fails: async (operation: OperationName, payload: readonly Item[], reason: string) =>
      expect([operation, await client.refused(operation, payload, { minor })]).toEqual([operation, reason]),
    create: async (...more: readonly Item[]) => uidOf(await client.ask('Create', aesKey(more), { minor })),
    attributes: async (id: string, ...names: readonly string[]) =>
      valuesOf(await client.ask('GetAttributes', named(id, ...names), { minor })),
    found: async (...filters: readonly Item[]) =>
      (await client.ask('Locate', filters, { minor }))
        .filter(({ tag }) => tag === tags.UniqueIdentifier)
        .map(({ value }) => value),
  }
}

const asked = [
  'State',
  'Cryptographic Usage Mask',
  'Unique Identifier',
  'Object Type',
  'Cryptographic Algorithm',
  'Cryptographic Length',
  'Digest',
  'Initial Date',
  'Last Change Date',
  'Activation Date',
  'Deactivation Date',
]

const compromise = (id: string) => revocation(id, 'KeyCompromise', { occurrence: 6 })
const type = (value: number) => attribute('Object Type', enumeration(0, value))

describe.each(versions)('in KMIP 1.%i', (minor) => {
  test('SKLC-M-1: a key is pre-active, without an activation date, and is destroyed', async () => {
    const { create, attributes, does } = stepsIn(minor)
    const id = await create(nameAttribute('SKLC-M-1'))
    const told = await attributes(id, ...asked)
    expect(Object.keys(told).toSorted()).toEqual(asked.filter((name) => !/^(Dea|A)ctivation/.test(name)).toSorted())
    expect(told).toMatchObject({ State: [PRE_ACTIVE], 'Cryptographic Length': [256], 'Object Type': [2] })
    await does('Destroy', [uid(id)])
  })

  test('SKLC-M-2: an active key is not destroyed, a compromised one is', async () => {
    const { create, attributes, does, fails } = stepsIn(minor)
    const id = await create(nameAttribute('SKLC-M-2'))
    expect(await attributes(id, 'State', 'Activation Date')).toEqual({ State: [PRE_ACTIVE] })
    await does('Activate', [uid(id)])
    const active = await attributes(id, 'State', 'Activation Date', 'Deactivation Date')
    expect(active).toEqual({ State: [ACTIVE], 'Activation Date': [BigInt(house.time / 1_000)] })
    await fails('Destroy', [uid(id)], 'PermissionDenied')
    await does('Revoke', compromise(id))
    expect(await attributes(id, 'State')).toEqual({ State: [COMPROMISED] })
    await does('Destroy', [uid(id)])
  })

  test('SKLC-M-3: the activation date of an active key does not move', async () => {
    const { create, attributes, does, fails } = stepsIn(minor)
    const id = await create()
    await does('Activate', [uid(id)])
    expect(await attributes(id, 'State')).toEqual({ State: [ACTIVE] })
    await fails('ModifyAttribute', [uid(id), dateAttribute('Activation Date', 0)], 'PermissionDenied')
    await does('Revoke', compromise(id))
    expect(await attributes(id, 'State')).toEqual({ State: [COMPROMISED] })
    await does('Destroy', [uid(id)])
  })

  test('SKLC-O-1: what is known of a destroyed key is told', async () => {
    const { create, attributes, does } = stepsIn(minor)
    const id = await create()
    expect(await attributes(id, 'Destroy Date')).toEqual({})
    await does('Destroy', [uid(id)])
    expect(await attributes(id, 'State', 'Destroy Date')).toEqual({
      State: [DESTROYED],
      'Destroy Date': [BigInt(house.time / 1_000)],
    })
  })

  test.each([
    ['SKFF-M-9', 'DES3', 168, 24],
    ['SKFF-M-10', 'AES', 128, 16],
    ['SKFF-M-11', 'AES', 192, 24],
    ['SKFF-M-12', 'AES', 256, 32],
  ] as const)(
    '%s: attributes of a compromised key come and go, and it is still got',
    async (name, algorithm, bits, count) => {
      const { does, send, found, attributes } = stepsIn(minor)
      const made = template(nameAttribute(name), algorithmAttribute(algorithm), lengthAttribute(bits), maskAttribute(4))
      const id = uidOf(await does('Create', [symmetric, made]))
      expect(await attributes(id, 'State')).toEqual({ State: [PRE_ACTIVE] })
      await does('Activate', [uid(id)])
      expect(await found(type(2), nameAttribute(name))).toEqual([id])
      const material = bytesAt(await does('Get', [uid(id)]), tags.KeyMaterial)
      expect(material).toHaveLength(count)
      await does('Revoke', compromise(id))
      const list = (await does('GetAttributeList', [uid(id)])).slice(1).map(({ value }) => value)
      for (const one of [
        'Unique Identifier',
        'Object Type',
        'Cryptographic Algorithm',
        'Cryptographic Length',
        'Activation Date',
        'Compromise Date',
        'Compromise Occurrence Date',
        'Cryptographic Usage Mask',
        'Digest',
        'Initial Date',
        'Last Change Date',
        'Name',
        'Revocation Reason',
        'State',
        ...(minor > 0 ? ['Fresh'] : []),
      ]) {
        expect(list).toContain(one)
      }
      const each = (operation: OperationName, payload: (attributeName: string) => Item[]) =>
        send(['x-attribute1', 'x-attribute2'].map((one) => ({ operation, payload: payload(one) })))
      const echoed = (answers: readonly Answered[]) => answers.map(({ fields }) => Object.values(valuesOf(fields))[0])
      expect(echoed(await each('AddAttribute', (one) => [uid(id), textAttribute(one, 'a')]))).toEqual([['a'], ['a']])
      expect(echoed(await each('ModifyAttribute', (one) => [uid(id), textAttribute(one, 'b')]))).toEqual([['b'], ['b']])
      expect(echoed(await each('DeleteAttribute', (one) => named(id, one)))).toEqual([['b'], ['b']])
      expect(bytesAt(await does('Get', [uid(id)]), tags.KeyMaterial)).toEqual(material)
      await does('Destroy', [uid(id)])
    },
  )

  test('TC-311 and TC-315: a key is made, a secret is registered, and both are destroyed', async () => {
    const { does, create } = stepsIn(minor)
    const key = await create(textAttribute('x-ID', 'TC-311'))
    const secret = secretData(Buffer.from('SecretPassword'), { format: 'Opaque' }, [maskAttribute(2)])
    const registered = uidOf(await does('Register', secret))
    for (const id of [key, registered]) expect(await does('Destroy', [uid(id)])).toEqual([uid(id)])
  })

  test('TC-312: a key made by the name of a template has the attributes of both, and the template only its own', async () => {
    const { does, attributes } = stepsIn(minor)
    const content = [
      textAttribute('Object Group', 'Group1'),
      textAttribute('Contact Information', 'Joe'),
      textAttribute('x-Purpose', 'demonstration'),
      textAttribute('x-ID', 'from the template'),
    ]
    const made = uidOf(
      await does('Register', [
        enumeration(tags.ObjectType, enumerations.ObjectType.Template),
        template(nameAttribute('template1'), textAttribute('x-ID', 'of the template')),
        structure(tags.Template, content),
      ]),
    )
    const named1 = structure(tags.Name, [text(tags.NameValue, 'template1'), enumeration(tags.NameType, 1)])
    const key = uidOf(
      await does('Create', [
        symmetric,
        structure(tags.TemplateAttribute, [
          named1,
          algorithmAttribute('AES'),
          lengthAttribute(128),
          maskAttribute(12),
          nameAttribute('key1'),
          textAttribute('x-ID', 'from Create'),
        ]),
      ]),
    )
    expect(await attributes(key)).toMatchObject({
      'Object Group': ['Group1'],
      'Contact Information': ['Joe'],
      'x-Purpose': ['demonstration'],
      'x-ID': ['from the template', 'from Create'],
      'Cryptographic Length': [128],
      State: [PRE_ACTIVE],
    })
    const own = await attributes(made)
    expect(own).toMatchObject({ 'Object Type': [6], 'x-ID': ['of the template'] })
    for (const name of ['Object Group', 'x-Purpose', 'State', 'Digest']) expect(own).not.toHaveProperty([name])
    for (const id of [key, made]) expect(await does('Destroy', [uid(id)])).toEqual([uid(id)])
  })

  test('TC-313: a destroyed key is not found by its identifier', async () => {
    const { does, found, create } = stepsIn(minor)
    const id = await create(nameAttribute('TC-313'))
    expect(await found(type(2), nameAttribute('TC-313'))).toEqual([id])
    await does('Get', [uid(id)])
    await does('Destroy', [uid(id)])
    expect(await found(attribute('Unique Identifier', text(0, id)))).toEqual([])
  })

  test('TC-314: Locate and Get in one batch mean the same key, which is not got once it is destroyed', async () => {
    const { does, send, create, fails } = stepsIn(minor)
    const id = await create(nameAttribute('TC-314'))
    const [, got] = await send(
      [{ operation: 'Locate', payload: [type(2), nameAttribute('TC-314')] }, { operation: 'Get' }],
      [boolean(tags.BatchOrderOption, true)],
    )
    expect(uidOf(got?.fields ?? [])).toBe(id)
    await does('Destroy', [uid(id)])
    await fails('Get', [uid(id)], 'ItemNotFound')
  })

  test('TC-41: a key is compromised, and told to be', async () => {
    const { does, attributes, create, found } = stepsIn(minor)
    const id = await create(nameAttribute('TC-41'))
    await does('Activate', [uid(id)])
    expect(await found(type(2), nameAttribute('TC-41'))).toEqual([id])
    await does('Revoke', compromise(id))
    expect(await attributes(id, 'State', 'Compromise Occurrence Date')).toEqual({
      State: [COMPROMISED],
      'Compromise Occurrence Date': [6n],
    })
    await does('Get', [uid(id)])
    await does('Destroy', [uid(id)])
  })

  test('TC-121: an answer that is larger than the client takes is not sent', async () => {
    const query = [1, 2, 3].map((one) => enumeration(tags.QueryFunction, one))
    const [small] = await stepsIn(minor).send(
      [{ operation: 'Query', payload: query }],
      [integer(tags.MaximumResponseSize, 256)],
    )
    expect([small?.operation, small?.reason]).toEqual(['Query', 'ResponseTooLarge'])
    const [large] = await stepsIn(minor).send(
      [{ operation: 'Query', payload: query }],
      [integer(tags.MaximumResponseSize, 2_048)],
    )
    expect(large?.status).toBe('Success')
  })

  test('TC-171: an attribute is asked for once, and without an index the first instance is meant', async () => {
    const { does, fails, attributes, create } = stepsIn(minor)
    const names = [nameAttribute('TC-171 1'), nameAttribute('TC-171 2')]
    const id = await create(...names, textAttribute('Contact Information', 'admin'))
    await fails('GetAttributes', named(id, 'Object Type', 'Object Type'), 'InvalidMessage')
    expect(await attributes(id, 'Object Type')).toEqual({ 'Object Type': [2] })
    const contact = attribute('Contact Information', text(0, 'donald'), 0)
    expect(valuesOf(await does('ModifyAttribute', [uid(id), contact]))).toEqual({ 'Contact Information': ['donald'] })
    const deleted = await does('DeleteAttribute', named(id, 'Name'))
    expect(fieldAt(structure(0, deleted), tags.NameValue)?.value).toBe('TC-171 1')
    await does('Destroy', [uid(id)])
  })

  test('TC-181: digests are of the key as it was registered', async () => {
    const { does } = stepsIn(minor)
    const material = Buffer.alloc(32, 7)
    const digest = async (payload: readonly Item[], operation: OperationName = 'Register') => {
      const id = uidOf(await does(operation, payload))
      return bytesAt(await does('GetAttributes', named(id, 'Digest')), tags.DigestValue).toString('hex')
    }
    const sha256 = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex')
    expect(await digest(symmetricKey(material))).toBe(sha256(material.toString('hex')))
    const key = `42003f0800000020${material.toString('hex')}`
    expect(await digest(symmetricKey(material, { format: 'TransparentSymmetricKey' }))).toBe(
      sha256(`4200430100000028${key}`),
    )
    expect(await digest(aesKey(), 'Create')).toHaveLength(64)
  })

  test('AX-M-1: two keys in one batch, active for an hour, linked, revoked and destroyed', async () => {
    const { does, send, attributes } = stepsIn(minor)
    const active = dateAttribute('Activation Date', house.time / 1_000 - 3_600)
    const answers = await send(
      ['a', 'b'].flatMap((name): Asked[] => [
        { operation: 'Create', payload: aesKey([nameAttribute(name), active]) },
        { operation: 'Get' },
      ]),
      [enumeration(tags.BatchErrorContinuationOption, 3), boolean(tags.BatchOrderOption, true)],
    )
    const [first = '', same = '', second = '', again = ''] = answers.map(({ fields }) => uidOf(fields))
    expect([same, again]).toEqual([first, second])
    for (const [id, other, link] of [
      [first, second, enumerations.LinkType.ReplacementObjectLink],
      [second, first, enumerations.LinkType.ReplacedObjectLink],
    ] as const) {
      const value = [enumeration(tags.LinkType, link), text(tags.LinkedObjectIdentifier, other)]
      await does('AddAttribute', [uid(id), attribute('Link', structure(0, value))])
      expect(await attributes(id, 'State', 'Link')).toEqual({ State: [ACTIVE], Link: [value] })
    }
    for (const id of [first, second]) {
      await does('Revoke', revocation(id, 'Unspecified'))
      await does('Destroy', [uid(id)])
    }
  })
})

test.each([1, 2, 3, 4])('TC-153 in KMIP 1.%i: the default member of a group goes round', async (minor) => {
  const { send } = stepsIn(minor)
  const group = textAttribute('Object Group', 'TC-153')
  const created = await send([1, 2, 3].map(() => ({ operation: 'Create', payload: aesKey([group]) })))
  const ids = created.map(({ fields }) => uidOf(fields))
  const got: string[] = []
  for (let count = 0; count < 4; count += 1) {
    const member = enumeration(tags.ObjectGroupMember, enumerations.ObjectGroupMember.GroupMemberDefault)
    const [, answer] = await send(
      [{ operation: 'Locate', payload: [member, group] }, { operation: 'Get' }],
      [boolean(tags.BatchOrderOption, true)],
    )
    got.push(uidOf(answer?.fields ?? []))
  }
  expect(got).toEqual([...ids, ids[0]])
  const destroyed = await send(
    ids.map((id) => ({ operation: 'Destroy', payload: [uid(id)] })),
    [enumeration(tags.BatchErrorContinuationOption, 1)],
  )
  expect(destroyed.map(({ status }) => status)).toEqual(['Success', 'Success', 'Success'])
})

test.each([1, 2, 3, 4])('TC-161 in KMIP 1.%i: of a version that nobody speaks nothing is told', async (minor) => {
  const { does } = stepsIn(minor)
  expect(await does('DiscoverVersions', [protocolVersion({ major: 9, minor: 31 })])).toEqual([])
  expect(await does('DiscoverVersions', [])).toHaveLength(5)
})

test.each([
  ['TC-71', false, undefined],
  ['TC-72', true, 'FeatureNotSupported'],
])('%s: a message extension that is not understood', async (_, isCritical, reason) => {
  const version = { major: 1, minor: 1 }
  const items = [{ operation: 'Create', payload: aesKey(), extension: isCritical }] as const
  const { bytes: answer } = await house.client.raw(write({ version, items }))
  expect(read(answer).items[0]?.reason).toBe(reason)
})
