/** Check: whether a use would be allowed (KMIP 1.4, section 4.10). */
import { Refusal } from '../../errors.ts'
import { numberOf } from '../attributes/attribute-set.ts'
import { hasState, isDestroyed } from '../objects/kmip-object.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipOperation } from './item.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { usageLeft } from './usage-limits.ts'

export const check: KmipOperation = (payload, item) => {
  const object = objectOfItem(payload, item)
  const count = payload.optional(tags.UsageLimitsCount, 'LongInteger')
  const mask = payload.optional(tags.CryptographicUsageMask, 'Integer')
  // No lease ends here: any time is granted.
  payload.optional(tags.LeaseTime, 'Interval')
  payload.end()
  if (isDestroyed(object)) throw new Refusal('KMIP_WRONG_STATE', { message: 'The object is destroyed.' })
  if (!hasState(object) && (count !== undefined || mask !== undefined)) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'An object of this type has no use that could be checked.' })
  }
  const own = numberOf(object.attributes, 'Cryptographic Usage Mask') ?? 0
  const left = usageLeft(object.attributes)
  const isDenied =
    (mask !== undefined && (own & mask) !== mask) || (count !== undefined && left !== undefined && count > left)
  if (isDenied) {
    item.batch.placeholder = undefined
    throw new Refusal('KMIP_NOT_PERMITTED', { message: 'The key may not be used so.' })
  }
  item.batch.placeholder = object.id
  return [identifier(object.id)]
}
