/** MAC Verify: whether a message authentication code is of these data and this key (KMIP 1.4, section 4.34). */
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { enumeration } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { hashOf } from './hashes.ts'
import type { KmipOperation } from './item.ts'
import { admitKeyUse, fromKeyUse, keyToUse, requireData, requireOnePart } from './key-use.ts'
import { identifier } from './object-of-item.ts'

const { Valid, Invalid } = enumerations.ValidityIndicator

/** Longest code that any hash makes. */
const macBytesMax = 64

export const macVerify: KmipOperation = async (payload, item, parts) => {
  const key = keyToUse(payload, item)
  const data = payload.required(tags.Data, 'ByteString', 'MissingData')
  const code = payload.required(tags.MACData, 'ByteString', 'MissingData')
  requireOnePart(payload)
  payload.end()
  const hash = hashOf(key)
  item.seen.request.mechanism = `HMAC-${hash}`
  requireData(data)
  const stored = admitKeyUse(key, 'process', usageMask.MACVerify, item, parts)
  const isWhole = code.length > 0 && code.length <= macBytesMax
  const { ok } = isWhole
    ? await fromKeyUse(parts.unit.apply(stored, { what: 'mac-verify', hash, data, mac: code }))
    : { ok: false }
  item.seen.response.validity = ok ? 'Valid' : 'Invalid'
  return [identifier(key.object.id), enumeration(tags.ValidityIndicator, ok ? Valid : Invalid)]
}
