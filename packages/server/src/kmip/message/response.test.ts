/** Response messages: what stands in them, and that nothing of them is newer than the client's version. */
import { expect, test } from 'vitest'
import { decode } from '../ttlv/decode.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { boolean, bytes, dateTime, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { newerThan } from './gating.ts'
import { KmipError, reasonFor, type ResultReason } from './kmip-error.ts'
import { encodeResponse, messageFailure, protocolVersion, type ResponseItem } from './response.ts'
import { atLeast, compareVersions, newestVersion, oldestVersion, supportedVersions, type Version } from './version.ts'

const { Operation, ResultStatus, ResultReason: reasons } = enumerations
const oneFour = { major: 1, minor: 4 }
const oneThree = { major: 1, minor: 3 }

function batchItemOf(item: ResponseItem, version: Version = oneFour): readonly Item[] {
  const message = decode(encodeResponse({ version, timeStamp: 1n, items: [item] }))
  return (message.value as readonly Item[])[1]?.value as readonly Item[]
}

test('a server correlation value is sent from version 1.4 on, and before it there is no such field', () => {
  const headerIn = (version: Version): Item | undefined =>
    (decode(encodeResponse({ version, timeStamp: 7n, serverCorrelationValue: 'corr', items: [] })).value as Item[])[0]
  const rest = [dateTime(tags.TimeStamp, 7n), integer(tags.BatchCount, 0)] as const
  expect(headerIn(oneFour)).toEqual(
    structure(tags.ResponseHeader, [
      protocolVersion(oneFour),
      rest[0],
      text(tags.ServerCorrelationValue, 'corr'),
      rest[1],
    ]),
  )
  expect(headerIn(oneThree)).toEqual(structure(tags.ResponseHeader, [protocolVersion(oneThree), ...rest]))
})

test('a success has a payload, even an empty one, and neither a reason nor a text', () => {
  const item: ResponseItem = { operation: Operation.Locate, status: 'Success', reason: 'InvalidField', message: 'no' }
  expect(batchItemOf(item)).toEqual([
    enumeration(tags.Operation, Operation.Locate),
    enumeration(tags.ResultStatus, ResultStatus.Success),
    structure(tags.ResponsePayload, []),
  ])
})

test('a failure has a reason, a text and no payload', () => {
  const id = Buffer.of(1, 2, 3)
  const payload = structure(tags.ResponsePayload, [text(tags.UniqueIdentifier, 'uid')])
  const message = 'Denied.'
  const status = 'OperationFailed'
  expect(batchItemOf({ operation: 20, id, status, reason: 'PermissionDenied', message, payload })).toEqual([
    enumeration(tags.Operation, Operation.Destroy),
    bytes(tags.UniqueBatchItemID, id),
    enumeration(tags.ResultStatus, ResultStatus.OperationFailed),
    enumeration(tags.ResultReason, reasons.PermissionDenied),
    text(tags.ResultMessage, message),
  ])
  expect(batchItemOf({ status })).toEqual([
    enumeration(tags.ResultStatus, ResultStatus.OperationFailed),
    enumeration(tags.ResultReason, reasons.GeneralFailure),
  ])
})

test('an operation that was undone keeps its payload', () => {
  const payload = structure(tags.ResponsePayload, [text(tags.UniqueIdentifier, 'uid')])
  expect(batchItemOf({ operation: Operation.Create, status: 'OperationUndone', payload })).toEqual([
    enumeration(tags.Operation, Operation.Create),
    enumeration(tags.ResultStatus, ResultStatus.OperationUndone),
    payload,
  ])
})

test('a text is cut off after 200 bytes, between two characters', () => {
  const cut = batchItemOf({ status: 'OperationFailed', message: 'x' + '€'.repeat(100) }).at(-1)
  expect(cut).toEqual(text(tags.ResultMessage, 'x' + '€'.repeat(66)))
})

test('the failure of a message is one item without an operation', () => {
  const message = decode(messageFailure(oneFour, 5n, 'AuthenticationNotSuccessful', 'Not registered.'))
  expect(message).toEqual(
    structure(tags.ResponseMessage, [
      structure(tags.ResponseHeader, [
        protocolVersion(oneFour),
        dateTime(tags.TimeStamp, 5),
        integer(tags.BatchCount, 1),
      ]),
      structure(tags.BatchItem, [
        enumeration(tags.ResultStatus, ResultStatus.OperationFailed),
        enumeration(tags.ResultReason, reasons.AuthenticationNotSuccessful),
        text(tags.ResultMessage, 'Not registered.'),
      ]),
    ]),
  )
})

test.each<[ResultReason, readonly ResultReason[]]>([
  ['EncodingOptionError', ['InvalidField', 'EncodingOptionError', 'EncodingOptionError']],
  ['KeyValueNotPresent', ['IllegalOperation', 'IllegalOperation', 'KeyValueNotPresent']],
  ['Sensitive', ['PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'Sensitive']],
  [
    'NotExtractable',
    ['PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'NotExtractable'],
  ],
  ['ObjectAlreadyExists', ['InvalidField', 'InvalidField', 'InvalidField', 'InvalidField', 'ObjectAlreadyExists']],
  ['GeneralFailure', ['GeneralFailure']],
])('the reason %s is told to each version in its own words', (reason, told) => {
  for (const [minor, expected] of told.entries()) expect(reasonFor(reason, { major: 1, minor })).toBe(expected)
})

test('no reason is ever told to a version that does not have it', () => {
  for (const version of supportedVersions) {
    for (const reason of Object.keys(reasons) as ResultReason[]) {
      const response = decode(messageFailure(version, 1n, reason, 'no'))
      expect(newerThan(response, version)).toEqual([])
    }
  }
})

test('what is newer than a version is found wherever it stands', () => {
  const attribute = (name: string, value: Item): Item =>
    structure(tags.Attribute, [text(tags.AttributeName, name), value])
  const response = structure(tags.ResponsePayload, [
    integer(tags.LocatedItems, 0),
    enumeration(tags.Operation, Operation.Import),
    attribute('Sensitive', boolean(tags.AttributeValue, true)),
    attribute('Object Type', enumeration(tags.AttributeValue, enumerations.ObjectType.PGPKey)),
    text(tags.AttributeName, 'x-Sensitive'),
    text(0x420141, 'of version 2'),
    text(0x540001, 'of a vendor'),
  ])
  expect(newerThan(response, oneFour)).toEqual([0x420141])
  expect(newerThan(response, oneThree)).toEqual([tags.Operation, tags.Sensitive, 0x420141])
  expect(newerThan(response, { major: 1, minor: 1 })).toEqual([
    tags.LocatedItems,
    tags.Operation,
    tags.Sensitive,
    tags.ObjectType,
    0x420141,
  ])
})

test('versions are compared by both of their numbers', () => {
  expect(supportedVersions[0]).toEqual(newestVersion)
  expect(supportedVersions.at(-1)).toEqual(oldestVersion)
  expect(supportedVersions.map(({ minor }) => atLeast({ major: 1, minor }, 2))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  expect(atLeast({ major: 2, minor: 0 }, 4)).toBe(true)
  expect(compareVersions({ major: 1, minor: 9 }, { major: 2, minor: 0 })).toBeLessThan(0)
  expect(compareVersions(oneThree, { major: 1, minor: 3 })).toBe(0)
})

test('an error says whether the bytes were KMIP at all', () => {
  expect(new KmipError('InvalidMessage', 'no')).toMatchObject({ name: 'KmipError', notKmip: false })
  expect(new KmipError('InvalidMessage', 'no', { notKmip: true }).notKmip).toBe(true)
})
