/** Signature Verify: whether a signature is of these data and this public key (KMIP 1.4, section 4.32). */
import { SIGNATURE_BYTES_MAX } from '@keywitness/crypto-unit/protocol'
import { encodingOf } from '../objects/asymmetric-formats.ts'
import { curveOfNumber } from '../objects/curves.ts'
import { objectTypes } from '../objects/kmip-object.ts'
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { enumeration } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { numberOf } from '../attributes/attribute-set.ts'
import { decodeSignature } from './ecdsa-signature.ts'
import { hashFacts } from './hashes.ts'
import type { KmipOperation } from './item.ts'
import { curveGiven } from './key-halves.ts'
import { admitKeyUse, fromKeyUse, keyToUse, requireOnePart, type UsableObject } from './key-use.ts'
import { identifier } from './object-of-item.ts'
import { readSignable } from './signable.ts'
import { signatureName, signatureSchemeOf, signatureUse, type SignatureScheme } from './signature-schemes.ts'

const { Valid, Invalid } = enumerations.ValidityIndicator

/** Of SHA-1, which PSS has unless something else is said (RFC 8017, appendix A.2.3). */
const defaultSaltBytes = 20

export const signatureVerify: KmipOperation = async (payload, item, parts) => {
  const { seen } = item
  const key = keyToUse(payload, item, [objectTypes.PublicKey])
  const signable = readSignable(payload)
  const sent = payload.required(tags.SignatureData, 'ByteString', 'MissingData')
  requireOnePart(payload)
  payload.end()
  const scheme = signatureSchemeOf(key)
  seen.request.mechanism = signatureName(scheme)
  const salts = saltsOf(scheme, key)
  const uses = salts.map((saltBytes) => signatureUse(scheme, signable, saltBytes))
  const stored = admitKeyUse(key, 'process', usageMask.Verify, item, parts)
  const encoding = encodingOf(key.object.type, key.object.form.format ?? 0)
  const signature = scheme.kind === 'ECDSA' ? decodeSignature(sent, numberBytesOf(key)) : sent
  let isValid = false
  for (const use of signature === undefined || signature.length > SIGNATURE_BYTES_MAX ? [] : uses) {
    const asked = { what: 'signature-verify', encoding, ...use, signature: signature ?? sent } as const
    isValid ||= (await fromKeyUse(parts.unit.apply(stored, asked))).ok
  }
  seen.response.validity = isValid ? 'Valid' : 'Invalid'
  return [identifier(key.object.id), enumeration(tags.ValidityIndicator, isValid ? Valid : Invalid)]
}

/**
 * Salt lengths that a signature may have. Before KMIP 1.4 nobody can say it: then it is one of those that signers choose by
 * themselves, that of the hash, the longest one, or the default of PKCS #1.
 */
function saltsOf(scheme: SignatureScheme, { object }: UsableObject): readonly number[] {
  if (scheme.kind !== 'RSA-PSS') return [0]
  if (scheme.saltBytes !== undefined) return [scheme.saltBytes]
  const { bytes } = hashFacts[scheme.hash]
  const modulusBits = numberOf(object.attributes, 'Cryptographic Length') ?? 0
  const longest = Math.ceil((modulusBits - 1) / 8) - bytes - 2
  return [...new Set([bytes, longest, defaultSaltBytes])].filter((salt) => salt <= longest)
}

function numberBytesOf({ object }: UsableObject): number {
  return curveOfNumber(curveGiven(object.attributes) ?? 0)?.bytes ?? 0
}
