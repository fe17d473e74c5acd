/** Poll and Cancel: of operations that go on after their answer, which there are none of here (KMIP 1.4, section 5). */
import { Refusal } from '../../errors.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipOperation } from './item.ts'

export const poll: KmipOperation = (payload) => {
  payload.required(tags.AsynchronousCorrelationValue, 'ByteString')
  payload.end()
  throw new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'No operation goes on under this value.' })
}
