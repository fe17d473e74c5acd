/** Create: keys of every algorithm that is served, what a client may leave out, and what it may not say. */
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import {
  boolean,
  bytes,
  dateTime,
  enumeration,
  integer,
  type Item,
  longInteger,
  structure,
  text,
} from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { aesKey, attribute, nameAttribute, uid, uidOf, valueAt } from '../testing/messages.ts'
import {
  algorithmAttribute,
  attributesOf,
  bytesAt,
  createKey,
  dateAttribute,
  lengthAttribute,
  maskAttribute,
  stateOf,
  template,
  textAttribute,
  toldOf,
} from '../testing/payloads.ts'

let house: KmipHouse
let now: number
beforeEach(async () => {
  house = await openKmipHouse()
  now = house.time / 1_000
})

const symmetric = enumeration(tags.ObjectType, enumerations.ObjectType.SymmetricKey)

/** The reason for which a Create with these attributes is refused. */
const refusal = (...attributes: readonly Item[]): Promise<string> =>
  house.client.refused('Create', [symmetric, template(...attributes)])

test.each([
  ['AES', 128, 16],
  ['AES', 192, 24],
  ['AES', 256, 32],
  ['DES3', 112, 16],
  ['DES3', 168, 24],
  ['DES3', 192, 24],
  ['ChaCha20', 256, 32],
  ['ChaCha20Poly1305', 256, 32],
  ['HMAC_SHA256', 8, 1],
  ['HMAC_SHA512', 4_096, 512],
] as const)('a key for %s of %i bits has %i random bytes', async (algorithm, bits, count) => {
  const make = () =>
    house.client.ask('Create', [
      symmetric,
      template(algorithmAttribute(algorithm), lengthAttribute(bits), maskAttribute(12)),
    ])
  const material = async () => bytesAt(await house.client.ask('Get', [uid(uidOf(await make()))]), tags.KeyMaterial)
  const [one, other, third] = [await material(), await material(), await material()]
  expect(one).toHaveLength(count)
  expect(one.equals(other) && other.equals(third)).toBe(false)
  expect(algorithm === 'DES3' && one.some((byte) => !isOdd(byte))).toBe(false)
})

/** Whether a byte has odd parity. */
function isOdd(byte: number): boolean {
  return byte.toString(2).replaceAll('0', '').length % 2 === 1
}

test.each([
  ['AES', 64],
  ['AES', 512],
  ['AES', 0],
  ['DES3', 56],
  ['ChaCha20', 128],
  ['HMAC_SHA256', 12],
  ['HMAC_SHA256', 4_104],
  ['RSA', 2_048],
  ['DES', 56],
  ['Blowfish', 128],
] as const)('no key is made for %s of %i bits', async (algorithm, bits) => {
  expect(await refusal(algorithmAttribute(algorithm), lengthAttribute(bits), maskAttribute(12))).toBe('InvalidField')
})

test('an AES key without a length is refused, a 3DES key without one has 168 bits', async () => {
  expect(await refusal(algorithmAttribute('AES'), maskAttribute(12))).toBe('InvalidField')
  const id = uidOf(
    await house.client.ask('Create', [symmetric, template(algorithmAttribute('DES3'), maskAttribute(12))]),
  )
  expect((await attributesOf(house.client, id))['Cryptographic Length']).toEqual([168])
})

test.each([0, 1, 2, 3])('without a usage mask nothing is made in KMIP 1.%i', async (minor) => {
  const payload = [symmetric, template(algorithmAttribute('AES'), lengthAttribute(256))]
  expect(await house.client.refused('Create', payload, { minor })).toBe('InvalidField')
})

test('without a usage mask a key encrypts and decrypts in KMIP 1.4', async () => {
  const payload = [symmetric, template(algorithmAttribute('AES'), lengthAttribute(256))]
  const id = uidOf(await house.client.ask('Create', payload))
  expect((await attributesOf(house.client, id))['Cryptographic Usage Mask']).toEqual([12])
})

test('a new key has what the server says of it, and the event what its request said', async () => {
  const answer = await house.client.ask('Create', aesKey([nameAttribute('disk'), textAttribute('x-Place', 'Ulm')]))
  expect(answer.map(({ tag }) => tag)).toEqual([tags.ObjectType, tags.UniqueIdentifier])
  expect(valueAt(answer, tags.ObjectType)).toBe(2)
  const id = uidOf(answer)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.create',
    outcome: 'success',
    severity: 'normal',
    code: 201,
    target: 'disk',
    request: {
      operation: 'Create',
      objectType: 'SymmetricKey',
      cryptographicAlgorithm: 'AES',
      cryptographicLength: 256,
      usageMask: 12,
      attributeNames: expect.arrayContaining(['CryptographicAlgorithm', 'Name', 'x-Place']) as unknown,
    },
    response: { keyId: id, kmipState: 1, rootKeyId: house.client.adapter.crk },
  })
  expect(await attributesOf(house.client, id)).toMatchObject({
    'Unique Identifier': [id],
    'Object Type': [2],
    'Cryptographic Algorithm': [3],
    'Cryptographic Length': [256],
    'Cryptographic Usage Mask': [12],
    State: [1],
    'Initial Date': [BigInt(now)],
    'Last Change Date': [BigInt(now)],
    Fresh: [true],
    Sensitive: [false],
    'Always Sensitive': [false],
    Extractable: [true],
    'Never Extractable': [false],
    'x-Place': ['Ulm'],
  })
})

test.each([
  ['past', -3_600, 2],
  ['now', 0, 2],
  ['to come', 1, 1],
])('a key whose activation date is %s begins in its state', async (_, offset, state) => {
  const id = await createKey(house.client, [dateAttribute('Activation Date', now + offset)])
  expect(house.lastEvent().responseData['kmipState']).toBe(state)
  expect(await stateOf(house.client, id)).toBe(state)
  expect(house.events().filter(({ action }) => action.endsWith('kmip-key.activate'))).toEqual([])
})

test('a key whose whole life is past is deactivated from the beginning, and was last changed now', async () => {
  const dates = [dateAttribute('Activation Date', now - 20), dateAttribute('Deactivation Date', now - 10)]
  const id = await createKey(house.client, dates)
  expect(await attributesOf(house.client, id, ['State', 'Last Change Date'])).toEqual({
    State: [3],
    'Last Change Date': [BigInt(now)],
  })
})

test.each([
  ['no attributes at all', []],
  ['no algorithm', [lengthAttribute(256), maskAttribute(12)]],
])('%s are too few', async (_, attributes) => {
  expect(await refusal(...attributes)).toBe('InvalidField')
})

const usable = [algorithmAttribute('AES'), lengthAttribute(256), maskAttribute(12)]

test.each([
  ['of another object type', 'Object Type', enumeration(0, 2)],
  ['that is the server’s', 'State', enumeration(0, 2)],
  ['that is the server’s to name', 'y-Place', text(0, 'Ulm')],
  ['that nobody knows', 'Colour', text(0, 'red')],
  ['of another type', 'Object Group', integer(0, 1)],
  ['with an undefined enumeration', 'Cryptographic Parameters', parameters(0x7fff)],
  ['with a negative number', 'Usage Limits', limits(-1n)],
  ['with a field too many', 'Name', structure(0, [...name('a').value, text(tags.Comment, 'b')])],
  ['with a field too few', 'Name', structure(0, name('a').value.slice(0, 1))],
  ['that is too long', 'Object Group', text(0, 'g'.repeat(8 * 1_024))],
])('an attribute %s is refused, and nothing is made', async (_, attributeName, value) => {
  expect(await refusal(...usable, attribute(attributeName, value))).toBe('InvalidField')
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.kmip-key.create',
    outcome: 'failure',
    severity: 'warning',
    reason: { reasonCode: 400 },
    responseData: { resultReason: 'InvalidField' },
  })
  expect(valueAt(await house.client.ask('Locate'), tags.LocatedItems)).toBe(0)
})

function name(value: string) {
  return structure(0, [text(tags.NameValue, value), enumeration(tags.NameType, 1)])
}

function parameters(mode: number) {
  return structure(0, [enumeration(tags.BlockCipherMode, mode)])
}

function limits(total: bigint) {
  return structure(0, [longInteger(tags.UsageLimitsTotal, total), enumeration(tags.UsageLimitsUnit, 1)])
}

test('attributes twice: one instance more where there may be several, refused where there may not, or where it is the same', async () => {
  const twice = [textAttribute('Contact Information', 'a'), textAttribute('Contact Information', 'b')]
  expect(await refusal(...usable, ...twice)).toBe('InvalidField')
  expect(await refusal(...usable, nameAttribute('a'), nameAttribute('a'))).toBe('InvalidField')
  const id = await createKey(house.client, [nameAttribute('a'), nameAttribute('b')])
  expect((await attributesOf(house.client, id, ['Name']))['Name']).toHaveLength(2)
})

test('indices: 0 as some clients always write, the same twice never, and none beyond what an object has instances', async () => {
  const first = attribute('x-Place', text(0, 'Ulm'), 0)
  await createKey(house.client, [first, attribute('x-Place', text(0, 'Bonn'), 1)])
  expect(await refusal(...usable, first, attribute('x-Place', text(0, 'Bonn'), 0))).toBe('InvalidField')
  expect(await refusal(...usable, attribute('x-Place', text(0, 'Bonn'), 256))).toBe('InvalidField')
  expect(await refusal(...usable, attribute('x-Place', text(0, 'Bonn'), 0x7fff_ffff))).toBe('InvalidField')
  expect(await refusal(...usable, attribute('x-Place', text(0, 'Bonn'), -1))).toBe('InvalidField')
})

test('too many attributes are an index out of bounds', async () => {
  const many = Array.from({ length: 65 }, (_, place) => textAttribute(`x-${place}`, 'a'))
  expect(await refusal(...usable, ...many)).toBe('IndexOutOfBounds')
  const long = Array.from({ length: 10 }, (_, place) => textAttribute(`x-${place}`, 'a'.repeat(8_000)))
  expect(await refusal(...usable, ...long)).toBe('IndexOutOfBounds')
})

test('application data that the server should make are of no namespace that it knows', async () => {
  const information = structure(0, [text(tags.ApplicationNamespace, 'ssl')])
  expect(await refusal(...usable, attribute('Application Specific Information', information))).toBe(
    'ApplicationNamespaceNotSupported',
  )
})

test.each(['PublicKey', 'SecretData', 'Template'] as const)('an object of type %s is not created', async (type) => {
  const payload = [enumeration(tags.ObjectType, enumerations.ObjectType[type]), template(...usable)]
  expect(await house.client.refused('Create', payload)).toBe('InvalidField')
})

test('dates out of order are refused, equal ones are not', async () => {
  const at = (dates: Record<string, number>) =>
    Object.entries(dates).map(([attributeName, offset]) => dateAttribute(attributeName, now + offset))
  const names = ['Activation Date', 'Process Start Date', 'Protect Stop Date', 'Deactivation Date']
  for (const [place, later] of names.entries()) {
    for (const earlier of names.slice(0, place)) {
      expect(await refusal(...usable, ...at({ [earlier]: 20, [later]: 10 }))).toBe('InvalidField')
      await createKey(house.client, at({ [earlier]: 10, [later]: 10 }))
    }
  }
})

test('a name is one object’s at a time, whatever its type, and free again once that object is destroyed', async () => {
  const first = await createKey(house.client, [nameAttribute('disk')])
  const uri = attribute('Name', structure(0, [text(tags.NameValue, 'disk'), enumeration(tags.NameType, 2)]))
  expect(await house.client.refused('Create', aesKey([uri]))).toBe('InvalidField')
  expect(house.lastEvent()).toMatchObject({ reason: { reasonCode: 409 }, severity: 'warning' })
  const stranger = await house.stranger()
  await createKey(stranger, [nameAttribute('disk')])
  await house.client.ask('Destroy', [uid(first)])
  await createKey(house.client, [nameAttribute('disk')])
})

test('of several clients that want the same name at once one gets it', async () => {
  const wanted = Array.from({ length: 5 }, () =>
    house.client.send([{ operation: 'Create', payload: aesKey([nameAttribute('disk')]) }]),
  )
  const answers = (await Promise.all(wanted)).map(([item]) => item?.reason ?? item?.status)
  expect(answers.filter((answer) => answer === 'Success')).toHaveLength(1)
  expect(answers.filter((answer) => answer === 'InvalidField')).toHaveLength(4)
})

test('an operation policy name is kept and widens nothing', async () => {
  const id = await createKey(house.client, [textAttribute('Operation Policy Name', 'public')])
  expect((await attributesOf(house.client, id))['Operation Policy Name']).toEqual(['public'])
  expect(await (await house.stranger()).refused('Get', [uid(id)])).toBe('ItemNotFound')
})

test('a sensitive key and one that is not extractable have been so always', async () => {
  const flags = [attribute('Sensitive', boolean(0, true)), attribute('Extractable', boolean(0, false))]
  expect(await attributesOf(house.client, await createKey(house.client, flags))).toMatchObject({
    Sensitive: [true],
    'Always Sensitive': [true],
    Extractable: [false],
    'Never Extractable': [true],
  })
  const payload = [symmetric, template(...usable, attribute('Always Sensitive', boolean(0, true)))]
  expect(await house.client.refused('Create', payload)).toBe('InvalidField')
})

test('a client may say that a key is not fresh, and when it was first made', async () => {
  const generator = [enumeration(tags.RNGAlgorithm, enumerations.RNGAlgorithm.DRBG)]
  const given = [
    attribute('Fresh', boolean(0, false)),
    attribute('Original Creation Date', dateTime(0, 5)),
    attribute('Random Number Generator', structure(0, generator)),
  ]
  expect(await attributesOf(house.client, await createKey(house.client, given))).toMatchObject({
    Fresh: [false],
    'Original Creation Date': [5n],
    'Random Number Generator': [generator],
  })
})

test('without the template, or with another field, the message is not what it should be', async () => {
  expect(await house.client.refused('Create', [symmetric])).toBe('InvalidField')
  expect(await house.client.refused('Create', [template(...usable)])).toBe('InvalidField')
  expect(await house.client.refused('Create', [symmetric, template(...usable), uid('one')])).toBe('InvalidField')
  expect(await house.client.refused('Create', [template(...usable), symmetric])).toBe('InvalidMessage')
  expect(await house.client.refused('Create', [symmetric, template(...usable), template()])).toBe('InvalidMessage')
})

test('a disabled root key makes nothing, and is named in the event', async () => {
  house.forceState(house.client.adapter.crk, 2)
  expect(await house.client.refused('Create', aesKey())).toBe('PermissionDenied')
  expect(house.lastEvent()).toMatchObject({
    severity: 'critical',
    reason: { reasonCode: 403 },
    responseData: { rootKeyId: house.client.adapter.crk, resultReason: 'PermissionDenied' },
  })
  house.forceState(house.client.adapter.crk, 5)
  expect(await house.client.refused('Create', aesKey())).toBe('CryptographicFailure')
})

test.each([
  ['Create', (taken: string) => aesKey([nameAttribute(taken)])],
  [
    'Register',
    (taken: string) => [
      enumeration(tags.ObjectType, enumerations.ObjectType.OpaqueObject),
      structure(tags.TemplateAttribute, [nameAttribute(taken)]),
      structure(tags.OpaqueObject, [
        enumeration(tags.OpaqueDataType, 0x8000_0001),
        bytes(tags.OpaqueDataValue, Buffer.from('opaque')),
      ]),
    ],
  ],
] as const)(
  '%s with a taken name is refused with that name, and its event is about who has it',
  async (operation, of) => {
    const holder = uidOf(await house.client.ask('Create', aesKey([nameAttribute('disk')])))
    const [answer] = await house.client.send([{ operation, payload: of('disk') }])
    expect(answer).toMatchObject({ reason: 'InvalidField', message: 'Another object has this name: disk' })
    expect(house.lastEvent()).toMatchObject({
      outcome: 'failure',
      target: { id: expect.stringMatching(new RegExp(`${holder}$`)), name: 'disk' },
      reason: { reasonForFailure: 'Another object has this name: disk (KMIP_NAME_TAKEN)' },
    })
  },
)

test('of a taken name a refusal tells so much as a line can hold', async () => {
  const taken = `\u202e\n${'n'.repeat(500)}`
  await house.client.ask('Create', aesKey([nameAttribute(taken)]))
  const [answer] = await house.client.send([{ operation: 'Create', payload: aesKey([nameAttribute(taken)]) }])
  expect(answer).toMatchObject({ message: `Another object has this name: \ufffd\ufffd${'n'.repeat(126)}` })
})
