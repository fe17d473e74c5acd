/** Attribute values as they come: whether one is of its attribute's type, and within the bounds of an object. */
import { Refusal } from '../../errors.ts'
import { encodedLength } from '../ttlv/encode.ts'
import { type EnumerationName, enumerationName } from '../ttlv/enumerations.ts'
import type { Item, StructureItem } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { Fields } from '../message/fields.ts'
import { newerThan } from '../message/gating.ts'
import type { Version } from '../message/version.ts'
import type { Attributes } from './attribute-set.ts'
import { type AttributeField, type AttributeSpec, isCustomName } from './attribute-spec.ts'

/** An attribute as a request has it (KMIP 1.4, section 2.1.1). */
export interface SentAttribute {
  readonly name: string
  readonly index: number | undefined
  readonly value: Item
}

/** What one object may carry. */
export const attributeLimits = {
  instances: 256,
  customInstances: 64,
  nameBytes: 256,
  valueBytes: 8 * 1024,
  totalBytes: 64 * 1024,
  structureDepth: 4,
} as const

/** Values of enumerations from here on are a vendor's own. */
const vendorValues = 0x8000_0000

/** @throws Refusal `KMIP_INVALID_FIELD`; what the codec refuses */
export function readAttribute(structure: StructureItem, version: Version): SentAttribute {
  const fields = new Fields(structure, version, { anyOrder: true })
  const name = fields.required(tags.AttributeName, 'TextString', 'InvalidField')
  const index = fields.optional(tags.AttributeIndex, 'Integer')
  const value = fields.one(tags.AttributeValue)
  fields.end()
  if (value === undefined) throw invalid('An attribute lacks its value.')
  if (name === '' || Buffer.byteLength(name) > attributeLimits.nameBytes) {
    throw invalid('The name of an attribute has 1 to 256 bytes.')
  }
  if (index !== undefined && index < 0) throw invalid('An attribute index is not negative.')
  return { name, index, value }
}

/**
 * The value under its tag of an Attribute structure.
 * @throws Refusal `KMIP_INVALID_FIELD` for what is none of the attribute's, and for what came with a later version
 */
export function checkValue(spec: AttributeSpec, value: Item, version: Version): Item {
  if (encodedLength(value) > attributeLimits.valueBytes) throw invalid('The value of an attribute is too long.')
  if (newerThan({ ...value, tag: spec.tag }, version).length > 0) throw invalid('The value is of a later version.')
  if (isCustomName(spec.name)) {
    if (depthOf(value) > attributeLimits.structureDepth)
      throw invalid('The value of an attribute is nested too deeply.')
    return value
  }
  if (value.type !== spec.type) throw invalid('The value of an attribute has another type than the attribute.')
  checkPlain(spec, value)
  if (value.type === 'Structure') return { ...value, value: inOrder(value.value, spec.fields ?? []) }
  return value
}

/**
 * Data that the server is to make for an application: there are none it knows how to make (KMIP 1.4, section 3.36).
 * @throws Refusal `KMIP_NAMESPACE_NOT_SUPPORTED`
 */
export function requireApplicationData({ name }: AttributeSpec, value: Item): void {
  if (name !== 'Application Specific Information' || value.type !== 'Structure') return
  if (!value.value.some(({ tag }) => tag === tags.ApplicationData)) throw new Refusal('KMIP_NAMESPACE_NOT_SUPPORTED')
}

/** A value that Locate looks for: of a structure, only the fields to compare. @throws Refusal `KMIP_INVALID_FIELD` */
export function checkWanted(spec: AttributeSpec, value: Item, version: Version): Item {
  if (value.type !== 'Structure' || isCustomName(spec.name)) return checkValue(spec, value, version)
  const some = (spec.fields ?? []).map((field) => ({ ...field, isRequired: false }))
  return checkValue({ ...spec, fields: some }, value, version)
}

/** The fields of a structure in the order of the standard: some clients send another (reference section 3). */
function inOrder(items: readonly Item[], fields: readonly AttributeField[]): Item[] {
  const ordered: Item[] = []
  for (const { tag, type, isRequired, enumeration } of fields) {
    const [found, ...more] = items.filter((item) => item.tag === tag)
    if (more.length > 0) throw invalid('A field of an attribute is there twice.')
    if (found === undefined) {
      if (isRequired === true) throw invalid('An attribute lacks a field.')
      continue
    }
    if (found.type !== type) throw invalid('A field of an attribute has another type.')
    checkPlain({ enumeration }, found)
    ordered.push(found)
  }
  if (ordered.length !== items.length) throw invalid('An attribute has a field that it cannot have.')
  return ordered
}

/** Numbers count something, and enumerations have the values of the standard or a vendor's. */
function checkPlain({ enumeration }: { readonly enumeration?: EnumerationName | undefined }, item: Item): void {
  if ((item.type === 'Integer' || item.type === 'LongInteger') && item.value < 0) {
    throw invalid('The value of an attribute is negative.')
  }
  if (item.type !== 'Enumeration' || enumeration === undefined || item.value >= vendorValues) return
  if (enumerationName(enumeration, item.value) === undefined)
    throw invalid('An enumeration has a value that is not defined.')
}

function depthOf(item: Item): number {
  return item.type === 'Structure' ? 1 + Math.max(0, ...item.value.map(depthOf)) : 0
}

/** @throws Refusal `KMIP_INDEX_OUT_OF_BOUNDS` when the object would carry more than it may */
export function checkRoom(attributes: Attributes): void {
  const custom = attributes.filter(({ name }) => isCustomName(name)).length
  const bytes = attributes.reduce((sum, { name, value }) => sum + name.length + encodedLength(value), 0)
  const isTooMuch =
    attributes.length > attributeLimits.instances ||
    custom > attributeLimits.customInstances ||
    bytes > attributeLimits.totalBytes
  if (isTooMuch) throw new Refusal('KMIP_INDEX_OUT_OF_BOUNDS')
}

export function invalid(message: string): Refusal {
  return new Refusal('KMIP_INVALID_FIELD', { message })
}
