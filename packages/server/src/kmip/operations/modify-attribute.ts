/** Modify Attribute: another value of an instance that is there (KMIP 1.4, section 4.15). */
import { Refusal } from '../../errors.ts'
import { find, instancesOf, isSameValue, replace } from '../attributes/attribute-set.ts'
import { checkValue, invalid, readAttribute, requireApplicationData } from '../attributes/attribute-values.ts'
import { tags } from '../ttlv/tags.ts'
import { notPermitted, requireChangeable, requireClosing, withAttributes } from './attribute-change.ts'
import type { KmipOperation } from './item.ts'
import { requireMovable } from './movable-dates.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { attributeItem } from './shown-attributes.ts'
import { limitsToSet, requireUnusedLimits } from './usage-limits.ts'

export const modifyAttribute: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const structure = payload.required(tags.Attribute, 'Structure', 'InvalidField')
  payload.end()
  const { name, index: sentIndex, value: sent } = readAttribute(structure, item.call.version)
  const index = sentIndex ?? 0
  const unset = invalid('The object does not have this attribute.')
  const spec = requireChangeable(name, sent, object, item, unset)
  if (!spec.isModifiable) throw notPermitted('The attribute cannot be modified.')
  if (instancesOf(object.attributes, name).length === 0) throw unset
  const before = find(object.attributes, name, index)
  if (before === undefined) {
    throw new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'The object has no such instance of the attribute.' })
  }
  requireUnusedLimits(before)
  const value = limitsToSet(spec, checkValue(spec, sent, item.call.version))
  requireApplicationData(spec, value)
  requireMovable(spec, before.value, value, object, item)
  requireClosing(spec, before.value, value)
  const isElsewhere = instancesOf(object.attributes, name).some(
    (other) => other.index !== index && isSameValue(other.value, value),
  )
  if (isElsewhere) throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'The object has this attribute already.' })
  const modified = { name, index, value }
  withAttributes(object, replace(object.attributes, modified), item)
  return [identifier(object.id), attributeItem(modified, item.call.version, sentIndex === 0)]
}
