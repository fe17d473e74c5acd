/** Add Attribute: an attribute that the object does not have, or one more instance of it (KMIP 1.4, section 4.14). */
import { Refusal } from '../../errors.ts'
import { append, instancesOf, isSameValue } from '../attributes/attribute-set.ts'
import { isCustomName } from '../attributes/attribute-spec.ts'
import { checkValue, invalid, readAttribute, requireApplicationData } from '../attributes/attribute-values.ts'
import { tags } from '../ttlv/tags.ts'
import { isTaken, notPermitted, requireChangeable, withAttributes } from './attribute-change.ts'
import type { KmipOperation } from './item.ts'
import { requireMovable } from './movable-dates.ts'
import { identifier, note, objectOfItem } from './object-of-item.ts'
import { attributeItem } from './shown-attributes.ts'
import { limitsToSet } from './usage-limits.ts'

export const addAttribute: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const structure = payload.required(tags.Attribute, 'Structure', 'InvalidField')
  payload.end()
  const { name, index, value: sent } = readAttribute(structure, item.call.version)
  const spec = requireChangeable(name, sent, object, item, notPermitted('There is no such attribute.'))
  if (!spec.isGivenByClient) throw notPermitted('The attribute is the server’s to set.')
  // The next index is the server's to choose; an explicit 0 is what some clients always send.
  if (index !== undefined && index !== 0) throw invalid('A new attribute has no index yet.')
  const value = checkValue(spec, sent, item.call.version)
  requireApplicationData(spec, value)
  if (isTaken(object.attributes, spec)) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'The object has this attribute already.' })
  }
  if (spec.name === 'Cryptographic Algorithm' || spec.name === 'Cryptographic Length') {
    throw notPermitted('The attribute is set when the object is made.')
  }
  requireMovable(spec, undefined, value, object, item)
  const same = instancesOf(object.attributes, name).find((other) => isSameValue(other.value, value))
  if (same !== undefined) {
    // Clients repeat themselves after a lost answer (reference section 18, 9).
    if (!isCustomName(name)) {
      throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'The object has this attribute already.' })
    }
    note(object, item.seen, item.call)
    return [identifier(object.id), attributeItem(same, item.call.version, index === 0)]
  }
  const { attributes, added } = append(object.attributes, name, limitsToSet(spec, value))
  withAttributes(object, attributes, item)
  return [identifier(object.id), attributeItem(added, item.call.version, index === 0)]
}
