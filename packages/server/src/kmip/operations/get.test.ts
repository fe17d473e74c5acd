/** Get: in which formats and states an object leaves, when it does not, and what the event says of it. */
import { createDecipheriv } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { encode } from '../ttlv/encode.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { boolean, bytes, enumeration, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf, valueAt } from '../testing/messages.ts'
import {
  activeKey,
  algorithmAttribute,
  attributeOf,
  bytesAt,
  createKey,
  fieldAt,
  keyBlock,
  lengthAttribute,
  maskAttribute,
  opaqueObject,
  revocation,
  secretData,
  symmetricKey,
  template,
  toldOf,
} from '../testing/payloads.ts'

const { KeyFormatType: formats, BlockCipherMode: modes, EncodingOption: encodings } = enumerations
const WRAP = 0x10
const AES = enumerations.CryptographicAlgorithm.AES
const material = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const nothing = structure(0, [])

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

test('a key is answered with its type and identifier, and the event says that it was read', async () => {
  const id = await createKey(house.client, [nameAttribute('disk')])
  const answer = await house.client.ask('Get', [uid(id)])
  expect(answer.map(({ tag }) => tag)).toEqual([tags.ObjectType, tags.UniqueIdentifier, tags.SymmetricKey])
  expect(uidOf(answer)).toBe(id)
  expect(toldOf(house.lastEvent())).toEqual({
    action: 'kmip-key.read',
    outcome: 'success',
    severity: 'normal',
    code: 200,
    target: 'disk',
    request: { operation: 'Get' },
    response: { keyId: id, kmipState: 1, keyFormatType: 'Raw', rootKeyId: house.client.adapter.crk },
  })
})

test('a key that was got is fresh no more, and was not changed by it', async () => {
  const id = await createKey(house.client)
  const before = await attributeOf(house.client, id, 'Last Change Date')
  house.time += 10_000
  await house.client.ask('Get', [uid(id)])
  expect(await attributeOf(house.client, id, 'Fresh')).toBe(false)
  expect(await attributeOf(house.client, id, 'Last Change Date')).toBe(before)
})

test.each([
  ['Raw', 'TransparentSymmetricKey'],
  ['TransparentSymmetricKey', 'Raw'],
] as const)('a key registered as %s is given as %s too, and by itself as it was registered', async (format, other) => {
  const id = uidOf(await house.client.ask('Register', symmetricKey(material, { format })))
  for (const [asked, given] of [
    [undefined, format],
    [format, format],
    [other, other],
  ] as const) {
    const wish = asked === undefined ? [] : [enumeration(tags.KeyFormatType, formats[asked])]
    const answer = await house.client.ask('Get', [uid(id), ...wish])
    const block = keyBlock(material, { format: given, algorithm: AES, length: 128 })
    expect(answer[2]).toEqual(structure(tags.SymmetricKey, [block]))
    expect(house.lastEvent().responseData['keyFormatType']).toBe(given)
  }
})

test('another format, and any compression, is refused', async () => {
  const id = uidOf(await house.client.ask('Register', symmetricKey(material)))
  const secret = uidOf(await house.client.ask('Register', secretData(material)))
  const asked = (format: keyof typeof formats) => enumeration(tags.KeyFormatType, formats[format])
  expect(await house.client.refused('Get', [uid(id), asked('PKCS_8')])).toBe('KeyFormatTypeNotSupported')
  expect(await house.client.refused('Get', [uid(secret), asked('TransparentSymmetricKey')])).toBe(
    'KeyFormatTypeNotSupported',
  )
  expect(await house.client.refused('Get', [uid(id), enumeration(tags.KeyCompressionType, 1)])).toBe(
    'KeyCompressionTypeNotSupported',
  )
  expect(await house.client.refused('Get', [uid(id), enumeration(tags.KeyWrapType, 9)])).toBe('InvalidField')
  await house.client.ask('Get', [uid(id), enumeration(tags.KeyWrapType, 1)])
  expect(await house.client.refused('Get', [uid(id), enumeration(tags.KeyWrapType, 1)], { minor: 3 })).toBe(
    'InvalidField',
  )
})

test('a key leaves in every state until it is destroyed', async () => {
  const id = await createKey(house.client)
  const read = () => house.client.ask('Get', [uid(id)])
  await read()
  await house.client.ask('Activate', [uid(id)])
  await read()
  await house.client.ask('Revoke', revocation(id, 'Unspecified'))
  await read()
  await house.client.ask('Revoke', revocation(id, 'KeyCompromise'))
  await read()
  expect(house.lastEvent().responseData['kmipState']).toBe(4)
  await house.client.ask('Destroy', [uid(id)])
  expect(await house.client.refused('Get', [uid(id)])).toBe('ItemNotFound')
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: 'kmip-key.read',
    outcome: 'failure',
    code: 404,
    response: { keyId: id, resultReason: 'ItemNotFound' },
  })
})

test('another adapter’s object, one that never was, and no object at all are told in the same words', async () => {
  const id = await createKey(house.client)
  const stranger = await house.stranger()
  const answers = await Promise.all(
    [[uid(id)], [uid('00000000-0000-4000-8000-000000000000')], [uid('1')], [uid('')], []].map(async (payload) => {
      const [answer] = await stranger.send([{ operation: 'Get', payload }])
      return [answer?.status, answer?.reason, answer?.message]
    }),
  )
  expect(new Set(answers.map((answer) => answer.join())).size).toBe(1)
  expect(answers[0]?.[1]).toBe('ItemNotFound')
  expect(JSON.stringify(house.events().slice(-5))).not.toContain(house.client.adapter.id)
})

test.each([
  ['Sensitive', true, 'Sensitive', 'PermissionDenied'],
  ['Extractable', false, 'NotExtractable', 'PermissionDenied'],
] as const)('a key with %s %s does not leave plain', async (name, value, reason, older) => {
  const id = await createKey(house.client, [attribute(name, boolean(0, value))])
  expect(await house.client.refused('Get', [uid(id)])).toBe(reason)
  expect(house.lastEvent()).toMatchObject({ severity: 'critical', reason: { reasonCode: 403 } })
  expect(await house.client.refused('Get', [uid(id)], { minor: 1 })).toBe(older)
})

test('while the root key is disabled no key leaves, and its attributes are told all the same', async () => {
  const id = await createKey(house.client)
  house.forceState(house.client.adapter.crk, 2)
  expect(await house.client.refused('Get', [uid(id)])).toBe('PermissionDenied')
  expect(toldOf(house.lastEvent())).toMatchObject({
    severity: 'critical',
    code: 403,
    response: { keyId: id, rootKeyId: house.client.adapter.crk, resultReason: 'PermissionDenied' },
  })
  expect(await attributeOf(house.client, id, 'State')).toBe(1)
})

test('a key of which a version has no words is not given in that version', async () => {
  const attributes = template(algorithmAttribute('HMAC_SHA3_256'), lengthAttribute(256), maskAttribute(0x80))
  const id = uidOf(await house.client.ask('Create', [enumeration(tags.ObjectType, 2), attributes]))
  expect(await house.client.refused('Get', [uid(id)], { minor: 3 })).toBe('FeatureNotSupported')
  await house.client.ask('Get', [uid(id)])
})

describe('wrapped by a key of the adapter', () => {
  let key: string
  let keyMaterial: Buffer
  beforeEach(async () => {
    key = await activeKey(house.client, [nameAttribute('kek')], WRAP | 12)
    keyMaterial = bytesAt(await house.client.ask('Get', [uid(key)]), tags.KeyMaterial)
  })

  interface WrapWish {
    readonly by?: string
    readonly mode?: number
    readonly encoding?: number
    readonly method?: number
    readonly more?: readonly Item[]
  }

  function wrapped(id: string, { by = key, mode, encoding, method = 1, more = [] }: WrapWish = {}): Item[] {
    const parameters = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, mode ?? 0)])
    return [
      uid(id),
      structure(tags.KeyWrappingSpecification, [
        enumeration(tags.WrappingMethod, method),
        structure(tags.EncryptionKeyInformation, [uid(by), ...(mode === undefined ? [] : [parameters])]),
        ...more,
        ...(encoding === undefined ? [] : [enumeration(tags.EncodingOption, encoding)]),
      ]),
    ]
  }

  function unwrap(value: Buffer, name = 'id-aes256-wrap', iv = Buffer.alloc(8, 0xa6)): Buffer {
    const decipher = createDecipheriv(name, keyMaterial, iv)
    return Buffer.concat([decipher.update(value), decipher.final()])
  }

  test('bare material is wrapped as RFC 3394 says, and the answer says how', async () => {
    const id = uidOf(await house.client.ask('Register', symmetricKey(material)))
    const answer = await house.client.ask(
      'Get',
      wrapped(id, { mode: modes.NISTKeyWrap, encoding: encodings.NoEncoding }),
    )
    expect(unwrap(bytesAt(answer, tags.KeyValue))).toEqual(material)
    expect(fieldAt(structure(0, answer), tags.KeyWrappingData)).toEqual(
      structure(tags.KeyWrappingData, [
        enumeration(tags.WrappingMethod, 1),
        structure(tags.EncryptionKeyInformation, [
          uid(key),
          structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, modes.NISTKeyWrap)]),
        ]),
        enumeration(tags.EncodingOption, encodings.NoEncoding),
      ]),
    )
    expect(toldOf(house.lastEvent())).toMatchObject({
      action: 'kmip-key.read',
      response: { keyId: id, wrappedWith: key, keyFormatType: 'Raw' },
    })
  })

  test.each(['Raw', 'TransparentSymmetricKey'] as const)(
    'without an encoding option the TTLV of the key value is wrapped, as %s',
    async (format) => {
      const id = uidOf(await house.client.ask('Register', symmetricKey(material, { format })))
      const answer = await house.client.ask('Get', wrapped(id))
      const expected = fieldAt(structure(0, [keyBlock(material, { format })]), tags.KeyValue) ?? nothing
      expect(unwrap(bytesAt(answer, tags.KeyValue))).toEqual(Buffer.from(encode(expected)))
      expect(fieldAt(structure(0, answer), tags.EncodingOption)).toBeUndefined()
    },
  )

  test('a password of any length is wrapped as RFC 5649 says', async () => {
    const id = uidOf(await house.client.ask('Register', secretData(Buffer.from('correct'))))
    const wish = { mode: modes.AESKeyWrapPadding, encoding: encodings.NoEncoding }
    const answer = await house.client.ask('Get', wrapped(id, wish))
    const plain = unwrap(bytesAt(answer, tags.KeyValue), 'id-aes256-wrap-pad', Buffer.from('a65959a6', 'hex'))
    expect(plain.toString()).toBe('correct')
    expect(await house.client.refused('Get', wrapped(id, { encoding: encodings.NoEncoding }))).toBe(
      'CryptographicFailure',
    )
  })

  test('a sensitive key leaves wrapped, one that is not extractable does not', async () => {
    const sensitive = await createKey(house.client, [attribute('Sensitive', boolean(0, true))])
    await house.client.ask('Get', wrapped(sensitive))
    const kept = await createKey(house.client, [attribute('Extractable', boolean(0, false))])
    expect(await house.client.refused('Get', wrapped(kept))).toBe('NotExtractable')
  })

  test('a key may wrap itself; that is a use that its limits count', async () => {
    const limits = structure(0, [
      { tag: tags.UsageLimitsTotal, type: 'LongInteger', value: 2n },
      enumeration(tags.UsageLimitsUnit, 2),
    ])
    const id = await activeKey(house.client, [attribute('Usage Limits', limits)], WRAP)
    await house.client.ask('Get', wrapped(id, { by: id }))
    expect(await attributeOf(house.client, id, 'Fresh')).toBe(false)
    await house.client.ask('Get', wrapped(id, { by: id }))
    expect(await house.client.refused('Get', wrapped(id, { by: id }))).toBe('PermissionDenied')
  })

  test('keys that cannot wrap are refused, each for its reason', async () => {
    const id = await createKey(house.client)
    const refusal = async (by: string) => await house.client.refused('Get', wrapped(id, { by }))
    expect(await refusal('00000000-0000-4000-8000-000000000000')).toBe('ItemNotFound')
    expect(await refusal(uidOf(await house.client.ask('Register', secretData(material))))).toBe('IllegalOperation')
    expect(await refusal(await activeKey(house.client))).toBe('PermissionDenied')
    expect(await refusal(await createKey(house.client, [], WRAP))).toBe('PermissionDenied')
    const gone = await createKey(house.client, [], WRAP)
    await house.client.ask('Destroy', [uid(gone)])
    expect(await refusal(gone)).toBe('ItemNotFound')
    const other = await activeKey(await house.stranger(), [], WRAP)
    expect(await refusal(other)).toBe('ItemNotFound')
    const hmac = await house.client.ask('Create', [
      enumeration(tags.ObjectType, 2),
      template(algorithmAttribute('HMAC_SHA256'), lengthAttribute(256), maskAttribute(WRAP)),
    ])
    await house.client.ask('Activate', [uid(uidOf(hmac))])
    expect(await refusal(uidOf(hmac))).toBe('PermissionDenied')
  })

  test('what is wrapped already, opaque, or without a value is not wrapped', async () => {
    const data = structure(tags.KeyWrappingData, [enumeration(tags.WrappingMethod, 1)])
    const given = await house.client.ask('Register', symmetricKey(Buffer.alloc(40, 1), { length: 256, wrapping: data }))
    expect(await house.client.refused('Get', wrapped(uidOf(given)))).toBe('IllegalOperation')
    const opaque = await house.client.ask('Register', opaqueObject(material))
    expect(await house.client.refused('Get', wrapped(uidOf(opaque)))).toBe('IllegalOperation')
    const bare = await house.client.ask('Register', symmetricKey(undefined))
    expect(await house.client.refused('Get', wrapped(uidOf(bare)))).toBe('KeyValueNotPresent')
    expect(await house.client.refused('Get', wrapped(uidOf(bare)), { minor: 1 })).toBe('IllegalOperation')
  })

  test('ways of wrapping that are not served are refused', async () => {
    const id = await createKey(house.client)
    const refusal = (wish: WrapWish, minor = 4) => house.client.refused('Get', wrapped(id, wish), { minor })
    const names = [text(tags.AttributeName, 'State')]
    expect(await refusal({ method: 2 })).toBe('FeatureNotSupported')
    expect(await refusal({ mode: modes.CBC })).toBe('FeatureNotSupported')
    expect(await refusal({ more: names })).toBe('FeatureNotSupported')
    expect(await refusal({ more: names, encoding: encodings.NoEncoding })).toBe('EncodingOptionError')
    expect(await refusal({ encoding: encodings.NoEncoding }, 0)).toBe('InvalidField')
    const specification = structure(tags.KeyWrappingSpecification, [enumeration(tags.WrappingMethod, 1)])
    expect(await house.client.refused('Get', [uid(id), specification])).toBe('InvalidField')
  })
})

test('nothing but a Get sets what is fresh, and another field is unknown', async () => {
  const id = await createKey(house.client)
  expect(await house.client.refused('Get', [uid(id), bytes(tags.Data, material)])).toBe('InvalidField')
  expect(await house.client.refused('Get', [enumeration(tags.KeyFormatType, 1), uid(id)])).toBe('InvalidMessage')
  expect(await attributeOf(house.client, id, 'Fresh')).toBe(true)
  expect(valueAt(await house.client.ask('Get', [uid(id)]), tags.ObjectType)).toBe(2)
})
