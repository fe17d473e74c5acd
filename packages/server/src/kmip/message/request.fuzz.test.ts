/** Whatever stands in a request message: it is read, or refused as a whole by the one error that says why. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode } from '../ttlv/decode.ts'
import { encode } from '../ttlv/encode.ts'
import {
  bigInteger,
  boolean,
  bytes,
  dateTime,
  enumeration,
  integer,
  interval,
  type Item,
  type ItemType,
  itemTypes,
  longInteger,
  structure,
  text,
} from '../ttlv/item.ts'
import { tags, tagType } from '../ttlv/tags.ts'
import { Fields } from './fields.ts'
import { KmipError } from './kmip-error.ts'
import { parseRequest, type RequestMessage, versionOf } from './request.ts'
import { protocolVersion } from './response.ts'
import { supportedVersions } from './version.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const told = { seed, verbose: true }
const oneFour = { major: 1, minor: 4 }

/** The fields of a header between its version and its batch count, in their order. */
const optionalFields: readonly Item[] = [
  integer(tags.MaximumResponseSize, 4_096),
  text(tags.ClientCorrelationValue, 'client'),
  text(tags.ServerCorrelationValue, 'server'),
  boolean(tags.AsynchronousIndicator, false),
  boolean(tags.AttestationCapableIndicator, false),
  enumeration(tags.AttestationType, 1),
  structure(tags.Authentication, [
    structure(tags.Credential, [
      enumeration(tags.CredentialType, 1),
      structure(tags.CredentialValue, [text(tags.Username, 'user')]),
    ]),
  ]),
  enumeration(tags.BatchErrorContinuationOption, 1),
  boolean(tags.BatchOrderOption, true),
  dateTime(tags.TimeStamp, 1),
]

const payload = structure(tags.RequestPayload, [])
const batchItem = structure(tags.BatchItem, [enumeration(tags.Operation, 10), payload])

/** One item of each type, under a tag. */
const ofEachType = (tag: number): readonly Item[] => [
  structure(tag, []),
  integer(tag, 1),
  longInteger(tag, 1n),
  bigInteger(tag, Buffer.alloc(8, 1)),
  enumeration(tag, 1),
  boolean(tag, true),
  text(tag, 'one'),
  bytes(tag, Buffer.of(1)),
  dateTime(tag, 1),
  interval(tag, 1),
]

function message(header: readonly Item[], items: readonly Item[] = [batchItem]): Item {
  return structure(tags.RequestMessage, [structure(tags.RequestHeader, header), ...items])
}

function headerWith(fields: readonly Item[], count = 1): readonly Item[] {
  return [protocolVersion(oneFour), ...fields, integer(tags.BatchCount, count)]
}

/** The request as it comes from the wire, or the reason why there is none. */
function outcome(request: Item): RequestMessage | string {
  try {
    return parseRequest(decode(encode(request)))
  } catch (error) {
    if (error instanceof KmipError) return error.reason
    throw error
  }
}

const verdictOf = (read: RequestMessage | string): string => (typeof read === 'string' ? read : 'read')

describe('the header', () => {
  test('is read in its own order only, whichever fields it has', () => {
    const indexes = fc.shuffledSubarray(optionalFields.map((_, index) => index))
    fc.assert(
      fc.property(indexes, (order) => {
        const read = outcome(message(headerWith(order.map((index) => optionalFields[index] as Item))))
        const isSorted = order.every((index, place) => place === 0 || index > (order[place - 1] as number))
        expect(verdictOf(read)).toBe(isSorted ? 'read' : 'InvalidMessage')
      }),
      { ...told, numRuns: 2_000 },
    )
  })

  test('is refused with any field twice, next to each other or not', () => {
    const single = optionalFields.filter(({ tag }) => tag !== tags.AttestationType)
    fc.assert(
      fc.property(fc.constantFrom(...single), fc.nat(optionalFields.length), (field, place) => {
        expect(outcome(message(headerWith(optionalFields.toSpliced(place, 0, field))))).toBe('InvalidMessage')
      }),
      { ...told, numRuns: 300 },
    )
  })

  test('is refused with any count that is not that of the items', () => {
    const counts = fc.oneof(fc.constantFrom(-1, 0, 2 ** 31 - 1, -(2 ** 31)), fc.integer())
    fc.assert(
      fc.property(counts, fc.nat(3), (count, given) => {
        const items = Array.from({ length: given }, (_, index) =>
          structure(tags.BatchItem, [
            enumeration(tags.Operation, 10),
            bytes(tags.UniqueBatchItemID, Buffer.of(index)),
            payload,
          ]),
        )
        const read = outcome(message(headerWith([], count), items))
        expect(verdictOf(read)).toBe(count === given && given > 0 ? 'read' : 'InvalidMessage')
      }),
      { ...told, numRuns: 500 },
    )
  })

  test.each([...optionalFields, integer(tags.BatchCount, 1)])(
    'is refused with field $tag of any other type',
    ({ tag, type }) => {
      const others = ofEachType(tag).filter((item) => item.type !== type)
      expect(others).toHaveLength(9)
      for (const other of others) {
        const fields = headerWith(optionalFields).map((field) => (field.tag === tag ? other : field))
        expect(outcome(message(fields))).toBe('InvalidMessage')
      }
    },
  )
})

test.each([tags.Operation, tags.UniqueBatchItemID, tags.RequestPayload, tags.MessageExtension])(
  'a batch item is refused with field %i of any other type',
  (tag) => {
    const fields: readonly Item[] = [
      enumeration(tags.Operation, 10),
      bytes(tags.UniqueBatchItemID, Buffer.of(1)),
      payload,
      structure(tags.MessageExtension, [
        text(tags.VendorIdentification, 'Example'),
        boolean(tags.CriticalityIndicator, false),
        structure(tags.VendorExtension, []),
      ]),
    ]
    expect(outcome(message(headerWith([]), [structure(tags.BatchItem, fields)]))).toMatchObject({ items: [{}] })
    for (const other of ofEachType(tag).filter(({ type }) => type !== tagType(tag))) {
      const mixed = fields.map((field) => (field.tag === tag ? other : field))
      expect(outcome(message(headerWith([]), [structure(tags.BatchItem, mixed)]))).toBe('InvalidMessage')
    }
  },
)

test.each(Object.keys(itemTypes) as ItemType[])('a field that must be a %s is never read as another type', (type) => {
  const read = (item: Item): unknown =>
    new Fields(structure(tags.Attribute, [item]), oneFour).required(tags.AttributeValue, type)
  const items = ofEachType(tags.AttributeValue)
  const own = items.find((item) => item.type === type) as Item
  const others = items.filter((item) => item.type !== type)
  expect(read(own)).toEqual(type === 'Structure' ? own : own.value)
  expect(others).toHaveLength(9)
  for (const other of others) {
    expect(() => read(other)).toThrow(expect.objectContaining({ reason: 'InvalidMessage' }))
  }
})

test('any items in any place are read or refused, and the version to answer in is one of ours', () => {
  const known = [
    ...optionalFields,
    protocolVersion(oneFour),
    integer(tags.BatchCount, 1),
    batchItem,
    payload,
    text(0x540001, 'x'),
  ]
  const part = fc.oneof(
    fc.constantFrom(...known),
    fc.constantFrom(...known.map(({ tag }) => tag)).chain((tag) => fc.constantFrom(...ofEachType(tag))),
  )
  const version = fc.record({ major: fc.constantFrom(1, 1, 1, 2), minor: fc.integer({ min: -1, max: 6 }) })
  fc.assert(
    fc.property(version, fc.array(part, { maxLength: 8 }), fc.array(part, { maxLength: 4 }), (sent, header, items) => {
      const request = message([protocolVersion(sent), ...header], items)
      const answered = versionOf(request)
      expect([undefined, ...supportedVersions]).toContainEqual(answered)
      const read = outcome(request)
      expect(['InvalidMessage', 'InvalidField', 'read']).toContain(verdictOf(read))
      expect(typeof read === 'string' ? answered : read.answerVersion).toEqual(answered)
    }),
    { ...told, numRuns: 3_000 },
  )
})
