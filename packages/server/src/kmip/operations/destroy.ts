/** Destroy: erases the material; what is known about the object stays (KMIP 1.4, section 4.21). */
import { Refusal } from '../../errors.ts'
import { formatDate } from '../../keys/date.ts'
import { destroyedObject } from '../objects/destroy-object.ts'
import { hasState, isDestroyed } from '../objects/kmip-object.ts'
import { ACTIVE } from '../objects/states.ts'
import type { KmipOperation } from './item.ts'
import { identifier, objectOfItem, stampOf } from './object-of-item.ts'

export const destroy: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  payload.end()
  if (isDestroyed(object)) throw new Refusal('KMIP_WRONG_STATE', { message: 'The object is destroyed already.' })
  if (object.state === ACTIVE && hasState(object)) {
    throw new Refusal('KMIP_WRONG_STATE', { message: 'An active object must be revoked before it is destroyed.' })
  }
  const { call, seen, workspace } = item
  const gone = destroyedObject(object, stampOf(call))
  workspace.replace(gone)
  if (hasState(object)) {
    seen.response['initialValue.kmipState'] = object.state
    seen.response['newValue.kmipState'] = gone.state
  }
  seen.response.destroyDate = formatDate(call.now)
  return [identifier(object.id)]
}
