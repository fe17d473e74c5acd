/** Get Attribute List: the names of the attributes that an object has (KMIP 1.4, section 4.13). */
import { text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipOperation } from './item.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { attributesFor } from './shown-attributes.ts'
import { hasDigest } from './with-digest.ts'

export const getAttributeList: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  payload.end()
  const names = new Set(attributesFor(object, item.call.version).map(({ name }) => name))
  if (hasDigest(object)) names.add('Digest')
  return [identifier(object.id), ...[...names].map((name) => text(tags.AttributeName, name))]
}
