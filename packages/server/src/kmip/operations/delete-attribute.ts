/** Delete Attribute: takes an instance of an attribute away (KMIP 1.4, section 4.16). */
import { Refusal } from '../../errors.ts'
import { find, remove } from '../attributes/attribute-set.ts'
import { tags } from '../ttlv/tags.ts'
import { notPermitted, requireChangeable, withAttributes } from './attribute-change.ts'
import type { KmipOperation } from './item.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { attributeItem, isKnown } from './shown-attributes.ts'
import { requireUnusedLimits } from './usage-limits.ts'

export const deleteAttribute: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const name = payload.required(tags.AttributeName, 'TextString', 'InvalidField')
  const sentIndex = payload.optional(tags.AttributeIndex, 'Integer')
  payload.end()
  const index = sentIndex ?? 0
  const unset = new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'The object has no such attribute.' })
  const spec = requireChangeable(name, undefined, object, item, unset)
  if (!spec.isDeletable) throw notPermitted('The attribute cannot be deleted.')
  const deleted = find(object.attributes, name, index)
  if (deleted === undefined || !isKnown(deleted, item.call.version)) throw unset
  requireUnusedLimits(deleted)
  withAttributes(object, remove(object.attributes, name, index), item)
  return [identifier(object.id), attributeItem(deleted, item.call.version, sentIndex === 0)]
}
