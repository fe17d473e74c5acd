/** Request messages: every field of the header, and every message of which nothing may be processed. */
import { describe, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { boolean, bytes, dateTime, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipError, ResultReason } from './kmip-error.ts'
import {
  BATCH_ITEMS_MAX,
  type BatchErrorContinuation,
  type BatchItem,
  parseRequest,
  type RequestHeader,
  versionOf,
} from './request.ts'
import { protocolVersion } from './response.ts'

const { Operation, CredentialType } = enumerations
const invalidMessage = (words: string) => expect.objectContaining({ reason: 'InvalidMessage', message: words })

interface Given {
  readonly minor?: number
  readonly major?: number
  /** Fields between the version and the batch count. */
  readonly fields?: readonly Item[]
  readonly count?: number
  readonly items?: readonly Item[]
}

const batchItem = (operation: number, id?: string, ...more: Item[]): Item =>
  structure(tags.BatchItem, [
    enumeration(tags.Operation, operation),
    ...(id === undefined ? [] : [bytes(tags.UniqueBatchItemID, Buffer.from(id))]),
    structure(tags.RequestPayload, []),
    ...more,
  ])

function message(given: Given = {}): Item {
  const { major = 1, minor = 4, fields = [], items = [batchItem(Operation.Get)], count = items.length } = given
  const header = [protocolVersion({ major, minor }), ...fields, integer(tags.BatchCount, count)]
  return structure(tags.RequestMessage, [structure(tags.RequestHeader, header), ...items])
}

const credential = (type: number, ...value: Item[]): Item =>
  structure(tags.Credential, [enumeration(tags.CredentialType, type), structure(tags.CredentialValue, value)])
const authentication = (...credentials: Item[]): Item => structure(tags.Authentication, credentials)
const credentialsOf = (given: Given) => parseRequest(message(given)).header.credentials

test('every field of a header of version 1.4 is read', () => {
  const { header } = parseRequest(
    message({
      fields: [
        integer(tags.MaximumResponseSize, -1),
        text(tags.ClientCorrelationValue, 'client'),
        text(tags.ServerCorrelationValue, 'server'),
        boolean(tags.AsynchronousIndicator, true),
        boolean(tags.AttestationCapableIndicator, true),
        enumeration(tags.AttestationType, 1),
        enumeration(tags.AttestationType, 2),
        authentication(credential(CredentialType.UsernameAndPassword, text(tags.Username, 'vc'))),
        enumeration(tags.BatchErrorContinuationOption, 3),
        boolean(tags.BatchOrderOption, true),
        dateTime(tags.TimeStamp, 1_700_000_000),
      ],
    }),
  )
  expect(header).toEqual<RequestHeader>({
    maximumResponseSize: -1,
    clientCorrelationValue: 'client',
    serverCorrelationValue: 'server',
    asynchronous: true,
    credentials: [{ type: 1, userName: 'vc' }],
    batchErrorContinuation: 'Undo',
    batchOrder: true,
    timeStamp: 1_700_000_000n,
  })
})

test.each<[number, BatchErrorContinuation]>([
  [1, 'Continue'],
  [2, 'Stop'],
  [3, 'Undo'],
])('batch error continuation option %i is %s', (value, name) => {
  const fields = [enumeration(tags.BatchErrorContinuationOption, value)]
  expect(parseRequest(message({ fields })).header.batchErrorContinuation).toBe(name)
})

describe('of credentials', () => {
  test('the user name is kept, and the password is not', () => {
    const value = [text(tags.Password, 'a secret'), text(tags.Username, 'fortigate')]
    const parsed = parseRequest(message({ fields: [authentication(credential(1, ...value))] }))
    expect(parsed.header.credentials).toEqual([{ type: 1, userName: 'fortigate' }])
    expect(JSON.stringify(parsed.header.credentials)).not.toContain('a secret')
  })

  test('a device and an attestation are read to their end, and an unknown type is not looked into', () => {
    const device = credential(2, text(tags.NetworkIdentifier, 'net'), text(tags.DeviceSerialNumber, '1'))
    const nonce = structure(tags.Nonce, [bytes(tags.NonceID, Buffer.of(1)), bytes(tags.NonceValue, Buffer.of(2))])
    const attestation = credential(3, nonce, enumeration(tags.AttestationType, 1))
    const unknown = credential(0x8000_0001, text(0x540001, 'whatever'))
    expect(credentialsOf({ fields: [authentication(device, attestation, unknown)] })).toEqual([
      { type: 2, userName: undefined },
      { type: 3, userName: undefined },
      { type: 0x8000_0001, userName: undefined },
    ])
    expect(credentialsOf({ minor: 0, fields: [authentication(device)] })).toEqual([{ type: 2, userName: undefined }])
  })

  test.each<[string, Item, ResultReason]>([
    ['none', authentication(), 'InvalidMessage'],
    ['one without a user name', authentication(credential(1, text(tags.Password, ''))), 'InvalidMessage'],
    ['a device that says nothing', authentication(credential(2)), 'InvalidMessage'],
    ['an attestation without a nonce', authentication(credential(3)), 'InvalidMessage'],
    [
      'a field of another type',
      authentication(credential(1, text(tags.Username, ''), text(tags.MediaIdentifier, ''))),
      'InvalidField',
    ],
    [
      'a user name of a kilobyte and one',
      authentication(credential(1, text(tags.Username, 'u'.repeat(1_025)))),
      'InvalidField',
    ],
    [
      'such a password',
      authentication(credential(1, text(tags.Username, ''), text(tags.Password, 'p'.repeat(1_025)))),
      'InvalidField',
    ],
  ])('%s is refused', (_, field, reason) => {
    expect(() => parseRequest(message({ fields: [field] }))).toThrow(expect.objectContaining({ reason }))
  })

  test('there may be several from version 1.2 on', () => {
    const two = [authentication(credential(1, text(tags.Username, 'a')), credential(1, text(tags.Username, 'b')))]
    expect(credentialsOf({ minor: 2, fields: two }).map(({ userName }) => userName)).toEqual(['a', 'b'])
    expect(() => credentialsOf({ minor: 1, fields: two })).toThrow(invalidMessage('Credential is given twice.'))
  })
})

describe('a batch', () => {
  test('may have a hundred items, each with its id, and not one more', () => {
    const items = (count: number): Item[] => Array.from({ length: count }, (_, index) => batchItem(10, `${index}`))
    expect(parseRequest(message({ items: items(BATCH_ITEMS_MAX) })).items).toHaveLength(100)
    expect(() => parseRequest(message({ items: items(BATCH_ITEMS_MAX + 1) }))).toThrow(
      invalidMessage('The message has too many batch items.'),
    )
  })

  test.each([-1, 0, 2, 2 ** 31 - 1, -(2 ** 31)])('of one item is refused with the count %i', (count) => {
    expect(() => parseRequest(message({ count }))).toThrow(
      invalidMessage('The batch count is not the number of batch items.'),
    )
  })

  test('of no item is refused', () => {
    expect(() => parseRequest(message({ items: [] }))).toThrow(invalidMessage('The message has no batch item.'))
  })

  test('of several items is refused when an id is missing or there twice', () => {
    const noId = invalidMessage('A batch item has no id.')
    expect(() => parseRequest(message({ items: [batchItem(10, 'a'), batchItem(10)] }))).toThrow(noId)
    expect(() => parseRequest(message({ items: [batchItem(10, 'a'), batchItem(10, 'a')] }))).toThrow(
      invalidMessage('Two batch items have the same id.'),
    )
    expect(parseRequest(message({ items: [batchItem(10, 'a'), batchItem(10, 'A')] })).items).toHaveLength(2)
  })
})

describe('a batch item', () => {
  const extension = (...fields: Item[]): Item => structure(tags.MessageExtension, fields)
  const vendor = text(tags.VendorIdentification, 'Example')
  const critical = boolean(tags.CriticalityIndicator, true)
  const content = structure(tags.VendorExtension, [text(0x540001, 'na')])

  test('may have any operation, and an extension of a vendor', () => {
    const item = batchItem(0x8000_0001, 'id', extension(vendor, critical, content))
    expect(parseRequest(message({ items: [item] })).items).toEqual<readonly BatchItem[]>([
      {
        operation: 0x8000_0001,
        id: Buffer.from('id'),
        payload: structure(tags.RequestPayload, []),
        extension: { vendor: 'Example', isCritical: true },
      },
    ])
  })

  test.each<[string, Item, ResultReason]>([
    ['without an operation', structure(tags.BatchItem, [structure(tags.RequestPayload, [])]), 'InvalidMessage'],
    ['without a payload', structure(tags.BatchItem, [enumeration(tags.Operation, 10)]), 'InvalidMessage'],
    ['with two payloads', batchItem(10, 'id', structure(tags.RequestPayload, [])), 'InvalidMessage'],
    ['with its id at the end', batchItem(10, undefined, bytes(tags.UniqueBatchItemID, Buffer.of(1))), 'InvalidMessage'],
    ['with a response payload', batchItem(10, 'id', structure(tags.ResponsePayload, [])), 'InvalidField'],
    ['with the Ephemeral of version 2.0', batchItem(10, 'id', boolean(0x420154, true)), 'InvalidField'],
    ['that is a text', text(tags.BatchItem, 'item'), 'InvalidMessage'],
    ['with an extension of nobody', batchItem(10, 'id', extension(critical, content)), 'InvalidMessage'],
    ['with an extension that is never critical', batchItem(10, 'id', extension(vendor, content)), 'InvalidMessage'],
    ['with an extension of nothing', batchItem(10, 'id', extension(vendor, critical)), 'InvalidMessage'],
  ])('%s is refused', (_, item, reason) => {
    expect(() => parseRequest(message({ items: [item] }))).toThrow(expect.objectContaining({ reason }))
  })
})

describe('a header', () => {
  const size = integer(tags.MaximumResponseSize, 1_000)
  const order = boolean(tags.BatchOrderOption, true)

  test.each<[string, readonly Item[], ResultReason]>([
    ['with a field twice', [size, size], 'InvalidMessage'],
    ['with two fields in each other’s place', [order, size], 'InvalidMessage'],
    ['with the version twice', [protocolVersion({ major: 1, minor: 4 })], 'InvalidMessage'],
    ['with the batch count twice', [integer(tags.BatchCount, 1)], 'InvalidMessage'],
    ['with a field of another type', [enumeration(tags.MaximumResponseSize, 1_000)], 'InvalidMessage'],
    ['with an asynchronous indicator of version 2', [enumeration(tags.AsynchronousIndicator, 1)], 'InvalidMessage'],
    ['with an unknown continuation option', [enumeration(tags.BatchErrorContinuationOption, 4)], 'InvalidMessage'],
    ['with a field of an item', [text(tags.UniqueIdentifier, 'uid')], 'InvalidField'],
    ['with a field of a vendor', [text(0x540001, 'x')], 'InvalidField'],
    [
      'with a correlation value of a kilobyte and one',
      [text(tags.ClientCorrelationValue, 'c'.repeat(1_025))],
      'InvalidField',
    ],
  ])('%s is refused', (_, fields, reason) => {
    expect(() => parseRequest(message({ fields }))).toThrow(expect.objectContaining({ reason }))
  })

  test.each<[number, Item]>([
    [3, text(tags.ClientCorrelationValue, 'client')],
    [3, text(tags.ServerCorrelationValue, 'server')],
    [1, boolean(tags.AttestationCapableIndicator, false)],
    [1, enumeration(tags.AttestationType, 1)],
  ])('of version 1.%i does not know what came later', (minor, field) => {
    expect(() => parseRequest(message({ minor, fields: [field] }))).toThrow(
      expect.objectContaining({ reason: 'InvalidField' }),
    )
    expect(() => parseRequest(message({ minor: minor + 1, fields: [field] }))).not.toThrow()
  })

  test('without a batch count is refused', () => {
    const header = structure(tags.RequestHeader, [protocolVersion({ major: 1, minor: 4 })])
    expect(() => parseRequest(structure(tags.RequestMessage, [header, batchItem(10)]))).toThrow(
      invalidMessage('BatchCount is missing.'),
    )
  })
})

describe('the version', () => {
  test.each([0, 1, 2, 3, 4])('1.%i is answered in itself', (minor) => {
    const version = { major: 1, minor }
    expect(parseRequest(message({ minor }))).toMatchObject({ version, answerVersion: version })
    expect(versionOf(message({ minor }))).toEqual(version)
  })

  test('1.9 is answered in 1.4, and its unknown fields are skipped', () => {
    const items = [batchItem(Operation.DiscoverVersions, '1', text(0x540001, 'new')), batchItem(Operation.Query, '2')]
    const request = message({ minor: 9, fields: [text(0x4201ff, 'new')], items })
    expect(parseRequest(request)).toMatchObject({
      version: { major: 1, minor: 9 },
      answerVersion: { major: 1, minor: 4 },
      items: [{ operation: Operation.DiscoverVersions }, { operation: Operation.Query }],
    })
    expect(versionOf(request)).toEqual({ major: 1, minor: 4 })
  })

  test('1.9 is refused anything but Discover Versions and Query', () => {
    const items = [batchItem(Operation.Query, '1'), batchItem(Operation.Get, '2')]
    expect(() => parseRequest(message({ minor: 9, items }))).toThrow(
      invalidMessage('In this protocol version only Discover Versions and Query are answered.'),
    )
  })

  test.each([
    [3, 0],
    [2, 1],
    [0, 9],
    [1, -1],
  ])('%i.%i is not spoken', (major, minor) => {
    expect(() => parseRequest(message({ major, minor }))).toThrow(
      invalidMessage('The protocol version is not supported.'),
    )
    expect(versionOf(message({ major, minor }))).toBeUndefined()
  })

  test('is known even when nothing else of a message is good', () => {
    const header = structure(tags.RequestHeader, [protocolVersion({ major: 1, minor: 2 }), text(0x540001, 'x')])
    expect(versionOf(structure(tags.RequestMessage, [header]))).toEqual({ major: 1, minor: 2 })
  })
})

test.each<[string, Item]>([
  ['a text', text(tags.RequestMessage, 'request')],
  ['a response', structure(tags.ResponseMessage, [])],
  ['nothing', structure(tags.RequestMessage, [])],
  ['an item before the header', structure(tags.RequestMessage, [batchItem(10), structure(tags.RequestHeader, [])])],
  ['an empty header', structure(tags.RequestMessage, [structure(tags.RequestHeader, [])])],
  [
    'a header whose version comes second',
    structure(tags.RequestMessage, [
      structure(tags.RequestHeader, [integer(tags.BatchCount, 1), protocolVersion({ major: 1, minor: 4 })]),
      batchItem(10),
    ]),
  ],
  [
    'a version without a minor number',
    structure(tags.RequestMessage, [
      structure(tags.RequestHeader, [structure(tags.ProtocolVersion, [integer(tags.ProtocolVersionMajor, 1)])]),
    ]),
  ],
])('a message of %s has no version, and is refused', (_, request) => {
  expect(versionOf(request)).toBeUndefined()
  expect(() => parseRequest(request)).toThrow(expect.objectContaining({ reason: 'InvalidMessage' }))
})

test('a version with more fields than two is refused, and answered in itself', () => {
  const version = structure(tags.ProtocolVersion, [
    integer(tags.ProtocolVersionMajor, 1),
    integer(tags.ProtocolVersionMinor, 3),
    integer(tags.ProtocolVersionMinor, 4),
  ])
  const header = structure(tags.RequestHeader, [version, integer(tags.BatchCount, 1)])
  const request = structure(tags.RequestMessage, [header, batchItem(10)])
  expect(versionOf(request)).toEqual({ major: 1, minor: 3 })
  expect(() => parseRequest(request)).toThrow(invalidMessage('ProtocolVersionMinor is given twice.'))
})

test('what follows the batch items is refused, and so is what stands between them', () => {
  const stray = text(tags.UniqueIdentifier, 'uid')
  for (const items of [
    [batchItem(10, '1'), stray],
    [batchItem(10, '1'), stray, batchItem(10, '2')],
  ]) {
    expect(() => parseRequest(message({ items, count: items.length }))).toThrow(
      expect.objectContaining<Partial<KmipError>>({ name: 'KmipError' }),
    )
  }
})
