/** Fields of a structure: taken in order, and everything that is not as it must be named for what it is. */
import { describe, expect, test } from 'vitest'
import { bytes, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { Fields, type FieldsOptions } from './fields.ts'
import type { Version } from './version.ts'

const oneFour = { major: 1, minor: 4 }
const uniqueIdentifier = text(tags.UniqueIdentifier, 'uid')
const state = text(tags.AttributeName, 'State')
const name = text(tags.AttributeName, 'Name')
const maximum = integer(tags.MaximumItems, 2)
const offset = integer(tags.OffsetItems, 1)
const vendor = text(0x540001, 'of a vendor')

function fieldsOf(items: readonly Item[], version: Version = oneFour, options?: FieldsOptions): Fields {
  return new Fields(structure(tags.RequestPayload, items), version, options)
}

const invalidMessage = (message: string) => expect.objectContaining({ reason: 'InvalidMessage', message })
const invalidField = expect.objectContaining({ reason: 'InvalidField', message: 'A field is unknown where it stands.' })

test('fields are read in their order: values, items of structures, and those that are left', () => {
  const payload = structure(tags.TemplateAttribute, [name])
  const fields = fieldsOf([uniqueIdentifier, state, name, payload, vendor])
  expect(fields.required(tags.UniqueIdentifier, 'TextString')).toBe('uid')
  expect(fields.optional(tags.MaximumItems, 'Integer')).toBeUndefined()
  expect(fields.many(tags.AttributeName, 'TextString')).toEqual(['State', 'Name'])
  expect(fields.optional(tags.TemplateAttribute, 'Structure')).toEqual(payload)
  expect(fields.rest()).toEqual([vendor])
  fields.end()
})

test('structures are read on within the same version', () => {
  const fields = fieldsOf([structure(tags.TemplateAttribute, [name])], { major: 1, minor: 2 })
  const inner = fields.structure(tags.TemplateAttribute)
  expect(inner.version).toEqual({ major: 1, minor: 2 })
  expect(inner.required(tags.AttributeName, 'TextString')).toBe('Name')
  inner.end()
  expect(fields.optionalStructure(tags.KeyBlock)).toBeUndefined()
  expect(() => fields.structure(tags.KeyBlock)).toThrow(invalidMessage('KeyBlock is missing.'))
  expect(() => fields.structure(tags.KeyBlock, { missing: 'InvalidField' })).toThrow(
    expect.objectContaining({ reason: 'InvalidField' }),
  )
})

test('the one object that is there is read, whatever its tag is', () => {
  const secret = structure(tags.SecretData, [])
  const fields = fieldsOf([uniqueIdentifier, secret])
  fields.required(tags.UniqueIdentifier, 'TextString')
  expect(fields.one(tags.SymmetricKey, tags.SecretData)).toEqual(secret)
  expect(fields.one(tags.SymmetricKey, tags.SecretData)).toBeUndefined()
  fields.end()
})

test('a second object is one too many', () => {
  const fields = fieldsOf([structure(tags.SecretData, []), structure(tags.SymmetricKey, [])])
  fields.one(tags.SymmetricKey, tags.SecretData)
  expect(() => fields.end()).toThrow(invalidMessage('SymmetricKey is given twice.'))
})

describe('a message is invalid', () => {
  test('without a field that must be there, unless the caller has another reason', () => {
    const fields = fieldsOf([])
    expect(() => fields.required(tags.UniqueIdentifier, 'TextString')).toThrow(
      invalidMessage('UniqueIdentifier is missing.'),
    )
    expect(() => fields.required(tags.UniqueIdentifier, 'TextString', 'MissingData')).toThrow(
      expect.objectContaining({ reason: 'MissingData' }),
    )
  })

  test('with a field of another type', () => {
    for (const wrong of [bytes(tags.MaximumItems, Buffer.alloc(4)), enumeration(tags.MaximumItems, 2)]) {
      const other = invalidMessage('MaximumItems is of another type.')
      expect(() => fieldsOf([wrong]).required(tags.MaximumItems, 'Integer')).toThrow(other)
      expect(() => fieldsOf([wrong]).optional(tags.MaximumItems, 'Integer')).toThrow(other)
      expect(() => fieldsOf([maximum, wrong]).many(tags.MaximumItems, 'Integer')).toThrow(other)
      expect(() => fieldsOf([wrong]).structure(tags.MaximumItems)).toThrow(other)
    }
  })

  test('with a field twice, wherever the second one stands', () => {
    const twice = invalidMessage('MaximumItems is given twice.')
    expect(() => fieldsOf([maximum, maximum]).optional(tags.MaximumItems, 'Integer')).toThrow(twice)
    expect(() => fieldsOf([maximum, name, maximum]).required(tags.MaximumItems, 'Integer')).toThrow(twice)
    const anyOrder = fieldsOf([maximum, name, maximum], oneFour, { anyOrder: true })
    expect(() => anyOrder.optional(tags.MaximumItems, 'Integer')).toThrow(twice)
  })

  test('with a field in the wrong place, whether it must be there or not', () => {
    const fields = fieldsOf([uniqueIdentifier, maximum])
    expect(fields.required(tags.MaximumItems, 'Integer')).toBe(2)
    const misplaced = invalidMessage('UniqueIdentifier stands in the wrong place.')
    expect(() => fields.optional(tags.UniqueIdentifier, 'TextString')).toThrow(misplaced)
    expect(() => fields.required(tags.UniqueIdentifier, 'TextString', 'MissingData')).toThrow(misplaced)
    expect(() => fields.many(tags.UniqueIdentifier, 'TextString')).toThrow(misplaced)
    expect(() => fields.one(tags.UniqueIdentifier)).toThrow(misplaced)
  })

  test('with a repeated field that another one interrupts', () => {
    expect(() => fieldsOf([state, maximum, name]).many(tags.AttributeName, 'TextString')).toThrow(
      invalidMessage('AttributeName stands in the wrong place.'),
    )
  })
})

test('in any order means that no place is the wrong one', () => {
  const fields = fieldsOf([state, maximum, name, uniqueIdentifier], oneFour, { anyOrder: true })
  expect(fields.required(tags.UniqueIdentifier, 'TextString')).toBe('uid')
  expect(fields.many(tags.AttributeName, 'TextString')).toEqual(['State', 'Name'])
  expect(fields.required(tags.MaximumItems, 'Integer')).toBe(2)
  fields.end()
  const within = fieldsOf([structure(tags.Name, [maximum, state])]).structure(tags.Name, { anyOrder: true })
  expect(within.required(tags.AttributeName, 'TextString')).toBe('State')
  expect(within.required(tags.MaximumItems, 'Integer')).toBe(2)
})

describe('a field that nobody asked for', () => {
  test('is an invalid field, at the end and before others', () => {
    const after = fieldsOf([uniqueIdentifier, vendor])
    after.required(tags.UniqueIdentifier, 'TextString')
    expect(() => after.end()).toThrow(invalidField)
    const before = fieldsOf([vendor, uniqueIdentifier])
    expect(before.required(tags.UniqueIdentifier, 'TextString')).toBe('uid')
    expect(() => before.end()).toThrow(invalidField)
  })

  test('is skipped when the version is newer than ours', () => {
    const fields = fieldsOf([vendor, uniqueIdentifier, vendor, maximum], { major: 1, minor: 5 })
    expect(fields.required(tags.UniqueIdentifier, 'TextString')).toBe('uid')
    expect(fields.optional(tags.MaximumItems, 'Integer')).toBe(2)
    fields.end()
  })
})

test('a field that came with a later version than the message has is unknown to it', () => {
  const older = fieldsOf([maximum, offset], { major: 1, minor: 2 })
  older.optional(tags.MaximumItems, 'Integer')
  expect(older.optional(tags.OffsetItems, 'Integer')).toBeUndefined()
  expect(() => older.end()).toThrow(invalidField)
  const newer = fieldsOf([maximum, offset], { major: 1, minor: 3 })
  newer.optional(tags.MaximumItems, 'Integer')
  expect(newer.optional(tags.OffsetItems, 'Integer')).toBe(1)
  newer.end()
})
