/** Decrypt: what Encrypt made, with the same key (KMIP 1.4, section 4.30). */
import { objectTypes } from '../objects/kmip-object.ts'
import { usageMask } from '../ttlv/enumerations.ts'
import { bytes } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { cipherOf } from './ciphers.ts'
import type { KmipOperation } from './item.ts'
import { admitKeyUse, fromKeyUse, keyToUse, requireData, requireOnePart, requireShort } from './key-use.ts'
import { identifier } from './object-of-item.ts'
import { decryptWithKey } from './rsa-ciphers.ts'

const { SymmetricKey, PrivateKey } = objectTypes

export const decrypt: KmipOperation = async (payload, item, parts) => {
  const key = keyToUse(payload, item, [SymmetricKey, PrivateKey])
  if (key.object.type === PrivateKey) return await decryptWithKey(key, payload, item, parts)
  const data = payload.required(tags.Data, 'ByteString', 'MissingData')
  const iv = payload.optional(tags.IVCounterNonce, 'ByteString')
  requireOnePart(payload)
  const additional = payload.optional(tags.AuthenticatedEncryptionAdditionalData, 'ByteString')
  const tag = payload.optional(tags.AuthenticatedEncryptionTag, 'ByteString')
  payload.end()
  const { mechanism, ...cipher } = cipherOf(key, item.call.version)
  item.seen.request.mechanism = mechanism
  requireData(data, true)
  requireData(additional ?? new Uint8Array())
  requireShort(iv, tag)
  const stored = admitKeyUse(key, 'process', usageMask.Decrypt, item, parts)
  const answer = await fromKeyUse(
    parts.unit.apply(stored, {
      what: 'decrypt',
      ...cipher,
      data,
      ...(iv === undefined ? {} : { iv }),
      ...(additional === undefined ? {} : { additional }),
      ...(tag === undefined ? {} : { tag }),
    }),
  )
  return [identifier(key.object.id), bytes(tags.Data, answer.data)]
}
