/** Which dates of an object may still be set or moved, and from when on they may not (KMIP 1.4, sections 3.24 to 3.27). */
import { Refusal } from '../../errors.ts'
import type { AttributeSpec } from '../attributes/attribute-spec.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { ACTIVE, PRE_ACTIVE } from '../objects/states.ts'
import type { Item } from '../ttlv/item.ts'
import { type KmipItem, secondsOf } from './item.ts'

/**
 * @param before its value so far
 * @throws Refusal `KMIP_WRONG_STATE` when the state does not allow it any more, or the date is reached
 */
export function requireMovable(
  { name, type }: AttributeSpec,
  before: Item | undefined,
  after: Item,
  object: KmipObject,
  { call }: KmipItem,
): void {
  if (type !== 'DateTime' || after.type !== 'DateTime' || name === 'Original Creation Date') return
  const { state } = object
  const isReached = before?.type === 'DateTime' && before.value <= secondsOf(call)
  const isAllowed =
    name === 'Activation Date'
      ? state === PRE_ACTIVE
      : (state === PRE_ACTIVE || state === ACTIVE) && !(name !== 'Deactivation Date' && isReached)
  if (!isAllowed) {
    throw new Refusal('KMIP_WRONG_STATE', { message: 'The state of the object does not allow this date to change.' })
  }
}
