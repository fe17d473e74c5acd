/** Delete Attribute: takes an instance of an attribute away (KMIP 1.4, section 4.16). */
import { Refusal } from '../../errors.ts'
import { find, remove } from '../attributes/attribute-set.ts'
import { tags } from '../ttlv/tags.ts'
import { notPermitted, requireChangeable, withAttributes } from './attribute-change.ts'
import type { KmipOperation } from './item.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { attributeItem } from './shown-attributes.ts'

export const deleteAttribute: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const name = payload.required(tags.AttributeName, 'TextString', 'InvalidField')
  const sentIndex = payload.optional(tags.AttributeIndex, 'Integer')
  payload.end()
  const index = sentIndex ?? 0
  const spec = requireChangeable(name, undefined, object, item)
  if (!spec.isDeletable) throw notPermitted('The attribute cannot be deleted.')
  const deleted = find(object.attributes, name, index)
  if (deleted === undefined) {
    throw new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'The object has no such attribute.' })
  }
  withAttributes(object, remove(object.attributes, name, index), item)
  return [identifier(object.id), attributeItem(deleted, sentIndex === 0)]
}
