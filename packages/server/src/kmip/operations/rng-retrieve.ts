/** RNG Retrieve: random bytes of the crypto unit (KMIP 1.4, section 4.35). */
import { fromUnit } from '../../keys/refusals.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { bytes } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipOperation } from './item.ts'
import { instanceTarget } from './object-of-item.ts'

/** Bytes at once; a client may ask again. */
const bytesMax = 4_096

export const rngRetrieve: KmipOperation = async (payload, item, parts) => {
  item.seen.target = instanceTarget(item.call)
  const length = payload.required(tags.DataLength, 'Integer', 'MissingData')
  payload.end()
  if (length < 1 || length > bytesMax) throw invalid('1 to 4096 random bytes are given at once.')
  item.seen.request.mechanism = 'DRBG'
  return [bytes(tags.Data, await fromUnit(parts.unit.random(length)))]
}
