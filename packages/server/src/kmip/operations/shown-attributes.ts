/** The attributes of an object as a client of some version is shown them. */
import { attributeOrder, attributeSpec } from '../attributes/attribute-spec.ts'
import { isNewer, newerThan } from '../message/gating.ts'
import type { Version } from '../message/version.ts'
import { hasState, type KmipObject, type StoredAttribute } from '../objects/kmip-object.ts'
import { columnAttribute, columnNames } from '../objects/object-row.ts'
import { type Item, integer, structure, text } from '../ttlv/item.ts'
import { tags, tagVersion } from '../ttlv/tags.ts'

/** All that are set and that the version knows, in the order of the standard, a client's own last. */
export function attributesFor(object: KmipObject, version: Version): StoredAttribute[] {
  const columns = columnNames
    // An opaque object has no state that clients of 1.x see (reference section 18, 33).
    .filter((name) => name !== 'State' || hasState(object))
    .flatMap((name) => {
      const value = columnAttribute(object, name)
      return value === undefined ? [] : [{ name, index: 0, value }]
    })
  return [...columns, ...object.attributes]
    .filter((attribute) => isKnown(attribute, version))
    .toSorted((one, other) => placeOf(one) - placeOf(other) || compare(one, other))
}

/**
 * Of an object's attributes those that are told to who asks for all. Original Creation Date, which came with 1.2, is told
 * unasked from 1.4 on: PyKMIP, which speaks 1.2 by itself, cannot read an answer that holds it.
 */
export function toldUnasked(attributes: readonly StoredAttribute[], { minor }: Version): StoredAttribute[] {
  return attributes.filter(({ name }) => name !== 'Original Creation Date' || minor >= 4)
}

/** Whether a version has the attribute, and a name for its value. */
export function isKnown(attribute: StoredAttribute, version: Version): boolean {
  const isServed = attributeSpec(attribute.name, version.minor) !== undefined
  return isServed && newerThan(attributeItem(attribute, version), version).length === 0
}

function placeOf({ name }: StoredAttribute): number {
  return attributeOrder.get(name) ?? attributeOrder.size
}

function compare(one: StoredAttribute, other: StoredAttribute): number {
  if (one.name === other.name) return one.index - other.index
  return one.name < other.name ? -1 : 1
}

/**
 * An Attribute structure (KMIP 1.4, section 2.1.1), without fields that came with a later version.
 * @param saysZero index 0 is told too: where the request did (reference section 18, 10)
 */
export function attributeItem({ name, index, value }: StoredAttribute, version: Version, saysZero = false): Item {
  return structure(tags.Attribute, [
    text(tags.AttributeName, name),
    ...(index > 0 || saysZero ? [integer(tags.AttributeIndex, index)] : []),
    { ...withoutNewer(name, value, version), tag: tags.AttributeValue },
  ])
}

function withoutNewer(name: string, value: Item, version: Version): Item {
  const fields = attributeSpec(name, version.minor)?.fields
  if (fields === undefined || value.type !== 'Structure') return value
  const known = fields.filter(({ tag, since = 0 }) => since <= version.minor && !isNewer(tagVersion(tag), version))
  return { ...value, value: value.value.filter(({ tag }) => known.some((field) => field.tag === tag)) }
}
