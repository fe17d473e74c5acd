/** Destroy: erases the material; what is known about the object stays (KMIP 1.4, section 4.21). */
import { Refusal } from '../../errors.ts'
import { formatDate } from '../../keys/date.ts'
import { attributeValue, put } from '../attributes/attribute-set.ts'
import { DESTROYED, DESTROYED_COMPROMISED, hasState, isDestroyed, type KmipObject } from '../objects/kmip-object.ts'
import { ACTIVE, COMPROMISED } from '../objects/states.ts'
import { type KmipOperation, secondsOf } from './item.ts'
import { changed, identifier, objectOfItem, stampOf } from './object-of-item.ts'

export const destroy: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  payload.end()
  if (isDestroyed(object)) throw new Refusal('KMIP_WRONG_STATE', { message: 'The object is destroyed already.' })
  if (object.state === ACTIVE && hasState(object)) {
    throw new Refusal('KMIP_WRONG_STATE', { message: 'An active object must be revoked before it is destroyed.' })
  }
  const { call, seen, workspace } = item
  // That it was compromised stays known (section 3.22).
  const state = object.state === COMPROMISED ? DESTROYED_COMPROMISED : DESTROYED
  const attributes = put(object.attributes, 'Destroy Date', attributeValue.date(secondsOf(call)))
  const gone: KmipObject = {
    ...changed(object, item, { attributes, state }),
    material: undefined,
    destroyed: stampOf(call),
  }
  workspace.replace(gone)
  if (hasState(object)) {
    seen.response['initialValue.kmipState'] = object.state
    seen.response['newValue.kmipState'] = state
  }
  seen.response.destroyDate = formatDate(call.now)
  return [identifier(object.id)]
}
