/** What Add, Modify and Delete Attribute share: which attribute, whether a client may, and what the event says of it. */
import { Refusal } from '../../errors.ts'
import { type Attributes, dateOf, instancesOf } from '../attributes/attribute-set.ts'
import { type AttributeSpec, attributeSpec, isCustomName, isServersName } from '../attributes/attribute-spec.ts'
import { checkRoom } from '../attributes/attribute-values.ts'
import { isDestroyed, type KmipObject } from '../objects/kmip-object.ts'
import { asOf, checkDates, orderedDates } from '../objects/states.ts'
import type { Item } from '../ttlv/item.ts'
import type { KmipItem } from './item.ts'
import { changed, note } from './object-of-item.ts'
import { takenName, takenText } from './names.ts'
import { namesOf } from './new-object.ts'

/**
 * The attribute that is to be changed.
 * @param value that the client wants it to have, not yet checked; undefined: it is to go
 * @param unknown what to throw for what is no attribute at all
 * @throws Refusal `KMIP_NOT_PERMITTED` for what is no attribute of such an object, or not the client's to change;
 *   `KMIP_WRONG_STATE` once the object is destroyed
 */
export function requireChangeable(
  name: string,
  value: Item | undefined,
  object: KmipObject,
  item: KmipItem,
  unknown: Refusal,
): AttributeSpec {
  const { seen, call } = item
  seen.request.attributeNames = namesOf([{ name }])
  const spec = attributeSpec(name, call.version.minor, value?.type)
  if (spec === undefined) throw unknown
  seen.request.attributeEffect = spec.decidesUse ? 'use' : 'description'
  if (value?.type === 'Boolean' && spec.name === 'Sensitive') seen.request.sensitive = value.value
  if (value?.type === 'Boolean' && spec.name === 'Extractable') seen.request.extractable = value.value
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
  const hasNewDate = orderedDates.some((name) => dateOf(attributes, name) !== dateOf(object.attributes, name))
  if (hasNewDate) checkDates(attributes)
  checkRoom(attributes)
  const taken = takenName(attributes, item, object.id)
  // Another reason than of a new object (KMIP 1.4, sections 11.13 and 11.14).
  if (taken !== undefined) throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: takenText(taken) })
  const after = asOf(changed(object, item, { attributes }), call.now)
  workspace.replace(after)
  note(after, seen, call)
  if (after.state !== object.state) {
    seen.response['initialValue.kmipState'] = object.state
    seen.response['newValue.kmipState'] = after.state
  }
  return after
}

/**
 * What keeps a key from leaving protects it from its own client too: it is set, and never taken back. So Always Sensitive and
 * Never Extractable stay what they were when the key was made (KMIP 1.4, sections 3.46 to 3.49).
 * @throws Refusal `KMIP_NOT_PERMITTED`
 */
export function requireClosing({ name }: AttributeSpec, before: Item, after: Item): void {
  const closed = closedValues[name]
  if (closed === undefined || before.value !== closed || after.value === closed) return
  throw notPermitted(`${name} is ${String(closed)}, and stays so.`)
}

/** The value that closes a key. */
const closedValues: Readonly<Record<string, boolean | undefined>> = { Sensitive: true, Extractable: false }

/** Whether an attribute cannot be had twice, and is there. */
export function isTaken(attributes: Attributes, { name, hasInstances }: AttributeSpec): boolean {
  return !hasInstances && !isCustomName(name) && instancesOf(attributes, name).length > 0
}
