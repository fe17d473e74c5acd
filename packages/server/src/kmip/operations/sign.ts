/** Sign: with a private key that never leaves the crypto unit (KMIP 1.4, section 4.31). */
import { usageMask } from '../ttlv/enumerations.ts'
import { encodingOf } from '../objects/asymmetric-formats.ts'
import { objectTypes } from '../objects/kmip-object.ts'
import { bytes } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { encodeSignature } from './ecdsa-signature.ts'
import { hashFacts } from './hashes.ts'
import type { KmipOperation } from './item.ts'
import { admitKeyUse, fromKeyUse, keyToUse, requireOnePart } from './key-use.ts'
import { identifier } from './object-of-item.ts'
import { readSignable } from './signable.ts'
import { signatureName, signatureSchemeOf, signatureUse } from './signature-schemes.ts'
import { countUse } from './usage-limits.ts'

export const sign: KmipOperation = async (payload, item, parts) => {
  const key = keyToUse(payload, item, [objectTypes.PrivateKey])
  const signable = readSignable(payload)
  requireOnePart(payload)
  payload.end()
  const scheme = signatureSchemeOf(key)
  item.seen.request.mechanism = signatureName(scheme)
  const saltBytes = (scheme.kind === 'RSA-PSS' ? scheme.saltBytes : undefined) ?? hashFacts[scheme.hash].bytes
  const use = signatureUse(scheme, signable, saltBytes)
  const stored = admitKeyUse(key, 'protect', usageMask.Sign, item, parts)
  const encoding = encodingOf(key.object.type, key.object.form.format ?? 0)
  const answer = await fromKeyUse(parts.unit.apply(stored, { what: 'sign', encoding, ...use }))
  countUse(key.object, (signable.data ?? signable.digest)?.length ?? 0, item)
  const signature = scheme.kind === 'ECDSA' ? encodeSignature(answer.data) : answer.data
  return [identifier(key.object.id), bytes(tags.SignatureData, signature)]
}
