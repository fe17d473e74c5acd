/** Encrypt: with a key that never leaves the crypto unit (KMIP 1.4, section 4.29). */
import { objectTypes } from '../objects/kmip-object.ts'
import { usageMask } from '../ttlv/enumerations.ts'
import { bytes } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { cipherOf, tagBytesOf } from './ciphers.ts'
import type { KmipOperation } from './item.ts'
import { admitKeyUse, fromKeyUse, keyToUse, requireData, requireOnePart, requireShort } from './key-use.ts'
import { identifier } from './object-of-item.ts'
import { encryptForKey } from './rsa-ciphers.ts'
import { countUse } from './usage-limits.ts'

const { SymmetricKey, PublicKey } = objectTypes

export const encrypt: KmipOperation = async (payload, item, parts) => {
  const key = keyToUse(payload, item, [SymmetricKey, PublicKey])
  if (key.object.type === PublicKey) return await encryptForKey(key, payload, item, parts)
  const data = payload.required(tags.Data, 'ByteString', 'MissingData')
  const iv = payload.optional(tags.IVCounterNonce, 'ByteString')
  requireOnePart(payload)
  const additional = payload.optional(tags.AuthenticatedEncryptionAdditionalData, 'ByteString')
  payload.end()
  const { mechanism, ...cipher } = cipherOf(key, item.call.version)
  item.seen.request.mechanism = mechanism
  const tagBytes = tagBytesOf(cipher, key.parameters)
  requireData(data)
  requireData(additional ?? new Uint8Array())
  requireShort(iv, tagBytes)
  const stored = admitKeyUse(key, 'protect', usageMask.Encrypt, item, parts)
  const answer = await fromKeyUse(
    parts.unit.apply(stored, {
      what: 'encrypt',
      ...cipher,
      data,
      ...(iv === undefined ? {} : { iv }),
      ...(additional === undefined ? {} : { additional }),
      ...(tagBytes === undefined ? {} : { tagBytes }),
    }),
  )
  countUse(key.object, data.length, item)
  return [
    identifier(key.object.id),
    bytes(tags.Data, answer.data),
    // One that the client did not send, which it needs to decrypt.
    ...(answer.iv === undefined ? [] : [bytes(tags.IVCounterNonce, answer.iv)]),
    ...(answer.tag === undefined ? [] : [bytes(tags.AuthenticatedEncryptionTag, answer.tag)]),
  ]
}
