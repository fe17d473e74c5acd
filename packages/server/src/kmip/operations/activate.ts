/** Activate: from now on the object may be used (KMIP 1.4, section 4.19). */
import { Refusal } from '../../errors.ts'
import { attributeValue, put } from '../attributes/attribute-set.ts'
import { formatDate } from '../../keys/date.ts'
import { hasState } from '../objects/kmip-object.ts'
import { ACTIVE, areInOrder, asOf, PRE_ACTIVE } from '../objects/states.ts'
import { type KmipOperation, secondsOf } from './item.ts'
import { changed, identifier, objectOfItem } from './object-of-item.ts'

export const activate: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  payload.end()
  if (!hasState(object)) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'An object of this type has no state to change.' })
  }
  if (object.state !== PRE_ACTIVE)
    throw new Refusal('KMIP_WRONG_STATE', { message: 'Only a pre-active object is activated.' })
  const { call, seen, workspace } = item
  const attributes = put(object.attributes, 'Activation Date', attributeValue.date(secondsOf(call)))
  if (!areInOrder(attributes)) {
    throw new Refusal('KMIP_WRONG_STATE', { message: 'A date that follows the activation of the object is past.' })
  }
  // Its deactivation date may be now.
  const after = asOf(changed(object, item, { attributes, state: ACTIVE }), call.now)
  workspace.replace(after)
  seen.response['initialValue.kmipState'] = object.state
  seen.response['newValue.kmipState'] = after.state
  seen.response.activationDate = formatDate(call.now)
  return [identifier(object.id)]
}
