/** Modify Attribute: another value of an instance that is there (KMIP 1.4, section 4.15). */
import { Refusal } from '../../errors.ts'
import { attributeValue, find, flagOf, instancesOf, isSameValue, put, replace } from '../attributes/attribute-set.ts'
import { checkValue, invalid, readAttribute, requireApplicationData } from '../attributes/attribute-values.ts'
import type { Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { notPermitted, requireChangeable, withAttributes } from './attribute-change.ts'
import type { KmipOperation } from './item.ts'
import { requireMovable } from './movable-dates.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { attributeItem } from './shown-attributes.ts'
import { withUsageCount } from './template.ts'

export const modifyAttribute: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const structure = payload.required(tags.Attribute, 'Structure', 'InvalidField')
  payload.end()
  const { name, index: sentIndex, value: sent } = readAttribute(structure, item.call.version)
  const index = sentIndex ?? 0
  const spec = requireChangeable(name, sent.type, object, item)
  if (!spec.isModifiable) throw notPermitted('The attribute cannot be modified.')
  if (instancesOf(object.attributes, name).length === 0) throw invalid('The object does not have this attribute.')
  const before = find(object.attributes, name, index)
  if (before === undefined) {
    throw new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'The object has no such instance of the attribute.' })
  }
  const value = checkValue(spec, sent)
  requireApplicationData(spec, value)
  if (name === 'Usage Limits') requireUntouchedLimits(before.value, value)
  requireMovable(spec, before.value, value, object, item)
  const isElsewhere = instancesOf(object.attributes, name).some(
    (other) => other.index !== index && isSameValue(other.value, value),
  )
  if (isElsewhere) throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'The object has this attribute already.' })
  const modified = { name, index, value }
  let attributes = withUsageCount(replace(object.attributes, modified))
  // Once a key was not sensitive, or was extractable, that is never unsaid (sections 3.47 and 3.49).
  if (flagOf(attributes, 'Sensitive') === false) {
    attributes = put(attributes, 'Always Sensitive', attributeValue.boolean(false))
  }
  if (flagOf(attributes, 'Extractable') === true) {
    attributes = put(attributes, 'Never Extractable', attributeValue.boolean(false))
  }
  const after = withAttributes(object, attributes, item)
  const shown = find(after.attributes, name, index) ?? modified
  return [identifier(object.id), attributeItem(shown, sentIndex === 0)]
}

/** Until something was counted against them (section 3.21). @throws Refusal `KMIP_NOT_PERMITTED` */
function requireUntouchedLimits(before: Item, after: Item): void {
  if (longOf(after, tags.UsageLimitsCount) !== undefined) throw invalid('Usage Limits Count is the server’s to set.')
  if (longOf(before, tags.UsageLimitsCount) !== longOf(before, tags.UsageLimitsTotal)) {
    throw notPermitted('Usage Limits cannot be changed once the key was used.')
  }
}

function longOf(limits: Item, tag: number): bigint | undefined {
  const field = limits.type === 'Structure' ? limits.value.find((one) => one.tag === tag) : undefined
  return field?.type === 'LongInteger' ? field.value : undefined
}
