/** What Add, Modify and Delete Attribute share: which attribute, whether a client may, and what the event says of it. */
import { Refusal } from '../../errors.ts'
import { type Attributes, instancesOf } from '../attributes/attribute-set.ts'
import { type AttributeSpec, attributeSpec, isCustomName, isServersName } from '../attributes/attribute-spec.ts'
import { checkRoom } from '../attributes/attribute-values.ts'
import { isDestroyed, type KmipObject } from '../objects/kmip-object.ts'
import { checkDates, transitionsBy } from '../objects/states.ts'
import type { ItemType } from '../ttlv/item.ts'
import type { KmipItem } from './item.ts'
import { changed, note } from './object-of-item.ts'
import { namesOf, requireFreeNames } from './template.ts'

/**
 * The attribute that is to be changed.
 * @throws Refusal `KMIP_NOT_PERMITTED` for what is no attribute of such an object, or not the client's to change;
 *   `KMIP_WRONG_STATE` once the object is destroyed
 */
export function requireChangeable(
  name: string,
  type: ItemType | undefined,
  object: KmipObject,
  item: KmipItem,
): AttributeSpec {
  const { seen, call } = item
  seen.request.attributeNames = namesOf([{ name }])
  const spec = attributeSpec(name, call.version.minor, type)
  if (spec === undefined) throw notPermitted('There is no such attribute.')
  seen.request.attributeEffect = spec.decidesUse ? 'use' : 'description'
  if (isServersName(name)) throw notPermitted('The attribute is the server’s to set.')
  if (!spec.appliesTo(object.type)) throw notPermitted('The attribute does not apply to this type of object.')
  if (isDestroyed(object)) throw new Refusal('KMIP_WRONG_STATE', { message: 'The object is destroyed.' })
  return spec
}

export function notPermitted(message: string): Refusal {
  return new Refusal('KMIP_NOT_PERMITTED', { message })
}

/** Puts the changed list in place, with what new dates bring at once; the event tells a state that changed by it. */
export function withAttributes(object: KmipObject, attributes: Attributes, item: KmipItem): KmipObject {
  const { seen, call, workspace } = item
  checkDates(attributes)
  checkRoom(attributes)
  requireFreeNames(attributes, item, object.id)
  const described = changed(object, item, { attributes })
  const after = transitionsBy(described, call.now).at(-1)?.after ?? described
  workspace.replace(after)
  note(after, seen, call)
  if (after.state !== object.state) {
    seen.response['initialValue.kmipState'] = object.state
    seen.response['newValue.kmipState'] = after.state
  }
  return after
}

/** Whether an attribute cannot be had twice, and is there. */
export function isTaken(attributes: Attributes, { name, hasInstances }: AttributeSpec): boolean {
  return !hasInstances && !isCustomName(name) && instancesOf(attributes, name).length > 0
}
