/** What Locate finds an object by without reading it: hashes over its adapter, an attribute and a value of it. */
import { createHash } from 'node:crypto'
import { type Item, itemTypes } from '../ttlv/item.ts'
import { encode } from '../ttlv/encode.ts'
import { tags } from '../ttlv/tags.ts'
import { isCustomName } from '../attributes/attribute-spec.ts'
import { isDestroyed, type KmipObject } from './kmip-object.ts'

/** Sixteen bytes are enough that two values do not meet by chance; whoever is found by one is compared whole. */
const KEY_BYTES = 16

/** Attributes that name single objects or few: the field of a structure that is looked for, or the value itself. */
const fieldOf: Readonly<Record<string, number | undefined>> = {
  Name: tags.NameValue,
  Link: tags.LinkedObjectIdentifier,
  'Application Specific Information': tags.ApplicationData,
  'Alternative Name': tags.AlternativeNameValue,
}
const plain: ReadonlySet<string> = new Set(['Object Group', 'Contact Information', 'Description', 'Comment'])

type Place = Pick<KmipObject, 'instance' | 'adapter'>

/** The key under which an object with such an attribute is found; undefined where the attribute does not lead to objects. */
export function keyFor(place: Place, name: string, value: Item): Buffer | undefined {
  const sought = soughtOf(name, value)
  return sought === undefined ? undefined : hashOf(place, name, sought)
}

/** Whether all objects under the key of such a value have it, and no others: it is hashed as a whole. */
export function isToldByKey(name: string): boolean {
  return plain.has(name) || isCustomName(name)
}

/** The key of a name in use; names are unique by their text, whatever their type (reference section 18, 11). */
export function nameKey(place: Place, name: string): Buffer {
  return hashOf(place, 'Name', { tag: tags.NameValue, type: 'TextString', value: name })
}

/** The names that an object holds, and the other values that it is found by, as distinct keys. */
export function keysOf(object: KmipObject): { names: Buffer[]; values: Buffer[] } {
  // What is destroyed is not found any more, and its names are free.
  if (isDestroyed(object)) return { names: [], values: [] }
  const names = new Map<string, Buffer>()
  const values = new Map<string, Buffer>()
  for (const { name, value } of object.attributes) {
    const key = keyFor(object, name, value)
    if (key !== undefined) (name === 'Name' ? names : values).set(key.toString('hex'), key)
  }
  return { names: [...names.values()], values: [...values.values()] }
}

function soughtOf(name: string, value: Item): Item | undefined {
  const field = fieldOf[name]
  if (field !== undefined) {
    return value.type === 'Structure' ? value.value.find(({ tag }) => tag === field) : undefined
  }
  return isToldByKey(name) ? value : undefined
}

function hashOf({ instance, adapter }: Place, name: string, value: Item): Buffer {
  // Each part is of fixed length, or its length is in the TTLV: no two places, names or values run into each other.
  const header = `${instance}\0${adapter}\0${name}\0${itemTypes[value.type]}\0`
  return createHash('sha256')
    .update(header)
    .update(encode({ ...value, tag: tags.AttributeValue }))
    .digest()
    .subarray(0, KEY_BYTES)
}
