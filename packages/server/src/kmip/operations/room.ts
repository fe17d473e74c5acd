/** How many objects an adapter may hold. */
import { quotaReached } from '../../keys/refusals.ts'
import type { KmipItem, KmipOperationParts } from './item.ts'

/** All types, and all states that are not destroyed, as bits. */
const everyType = 0xffff
const livingStates = 0b11110

/** For so many more. @throws Refusal `QUOTA_EXCEEDED` */
export function requireRoom(
  { call, workspace }: KmipItem,
  { objects, limits }: Pick<KmipOperationParts, 'objects' | 'limits'>,
  more = 1,
): void {
  const place = { instance: call.instance.guid, adapter: call.adapter.id }
  const made = workspace.changed().filter(({ number }) => number === undefined).length
  if (objects.count(place, everyType, livingStates) + made + more > limits.objectsPerAdapter) {
    throw quotaReached('The KMIP adapter holds as many objects as it may.')
  }
}
