/** MAC: a message authentication code with an HMAC key (KMIP 1.4, section 4.33). */
import { usageMask } from '../ttlv/enumerations.ts'
import { bytes } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { hashOf } from './hashes.ts'
import type { KmipOperation } from './item.ts'
import { admitKeyUse, fromKeyUse, keyToUse, requireData, requireOnePart } from './key-use.ts'
import { identifier } from './object-of-item.ts'
import { countUse } from './usage-limits.ts'

export const mac: KmipOperation = async (payload, item, parts) => {
  const key = keyToUse(payload, item)
  const data = payload.required(tags.Data, 'ByteString', 'MissingData')
  requireOnePart(payload)
  payload.end()
  const hash = hashOf(key)
  item.seen.request.mechanism = `HMAC-${hash}`
  requireData(data)
  const stored = admitKeyUse(key, 'protect', usageMask.MACGenerate, item, parts)
  const answer = await fromKeyUse(parts.unit.apply(stored, { what: 'mac', hash, data }))
  countUse(key.object, data.length, item)
  return [identifier(key.object.id), bytes(tags.MACData, answer.data)]
}
