/** The attributes of one object as a list: read, put, added with an index, taken away; each answers a new list. */
import { boolean, dateTime, enumeration, integer, type Item, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { StoredAttribute } from '../objects/kmip-object.ts'

export type Attributes = readonly StoredAttribute[]

/** Values of attributes, under the tag they have in an Attribute structure of KMIP 1.x. */
export const attributeValue = {
  date: (seconds: number | bigint): Item => dateTime(tags.AttributeValue, BigInt(seconds)),
  integer: (value: number): Item => integer(tags.AttributeValue, value),
  text: (value: string): Item => text(tags.AttributeValue, value),
  enumeration: (value: number): Item => enumeration(tags.AttributeValue, value),
  boolean: (value: boolean): Item => boolean(tags.AttributeValue, value),
  structure: (items: readonly Item[]): Item => ({ tag: tags.AttributeValue, type: 'Structure', value: items }),
} as const

export function instancesOf(attributes: Attributes, name: string): Attributes {
  return attributes.filter((attribute) => attribute.name === name)
}

/** The value of an attribute that has one instance, or the first of several. */
export function valueOf(attributes: Attributes, name: string): Item | undefined {
  return attributes.find((attribute) => attribute.name === name)?.value
}

/** Seconds since the epoch, or undefined when the date is not set. */
export function dateOf(attributes: Attributes, name: string): bigint | undefined {
  const value = valueOf(attributes, name)
  return value?.type === 'DateTime' ? value.value : undefined
}

export function numberOf(attributes: Attributes, name: string): number | undefined {
  const value = valueOf(attributes, name)
  return value?.type === 'Integer' || value?.type === 'Enumeration' ? value.value : undefined
}

export function flagOf(attributes: Attributes, name: string): boolean | undefined {
  const value = valueOf(attributes, name)
  return value?.type === 'Boolean' ? value.value : undefined
}

/** In place of all instances of the attribute there were; undefined takes them away. */
export function put(attributes: Attributes, name: string, value: Item | undefined): Attributes {
  const others = attributes.filter((attribute) => attribute.name !== name)
  return value === undefined ? others : [...others, { name, index: 0, value }]
}

/** Several single-valued attributes at once. */
export function putAll(attributes: Attributes, values: Readonly<Record<string, Item | undefined>>): Attributes {
  return Object.entries(values).reduce((list, [name, value]) => put(list, name, value), attributes)
}

/** One more instance, with the next index; indices of others do not move (KMIP 1.4, section 2.1.4). */
export function append(
  attributes: Attributes,
  name: string,
  value: Item,
): { attributes: Attributes; added: StoredAttribute } {
  const last = Math.max(-1, ...instancesOf(attributes, name).map(({ index }) => index))
  const added = { name, index: last + 1, value }
  return { attributes: [...attributes, added], added }
}

export function find(attributes: Attributes, name: string, index: number): StoredAttribute | undefined {
  return attributes.find((attribute) => attribute.name === name && attribute.index === index)
}

export function replace(attributes: Attributes, { name, index, value }: StoredAttribute): Attributes {
  return attributes.map((one) => (one.name === name && one.index === index ? { name, index, value } : one))
}

export function remove(attributes: Attributes, name: string, index: number): Attributes {
  return attributes.filter((one) => one.name !== name || one.index !== index)
}

/** Whether two values are the same: type and bytes, whatever tag they stand under. */
export function isSameValue(one: Item, other: Item): boolean {
  if (one.type !== other.type) return false
  if (one.type === 'Structure' && other.type === 'Structure') {
    const { value } = other
    return (
      one.value.length === value.length &&
      one.value.every((field, place) => {
        const against = value[place]
        return against !== undefined && field.tag === against.tag && isSameValue(field, against)
      })
    )
  }
  if (one.value instanceof Uint8Array && other.value instanceof Uint8Array) {
    return Buffer.compare(one.value, other.value) === 0
  }
  return one.value === other.value
}
