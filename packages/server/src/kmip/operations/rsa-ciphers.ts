/** Encrypt and Decrypt with RSA keys: PKCS #1 v1.5 and OAEP, in the words of the crypto unit (RFC 8017, section 7). */
import type { MechanismUse } from '@keywitness/crypto-unit/ep11/calls'
import { mechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
import { Refusal } from '../../errors.ts'
import type { Fields } from '../message/fields.ts'
import { encodingOf } from '../objects/asymmetric-formats.ts'
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { bytes, type Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { hashFacts, hashOfNumber } from './hashes.ts'
import type { KmipItem, KmipOperationParts } from './item.ts'
import { admitKeyUse, fromKeyUse, parameterOf, requireData, requireOnePart, type UsableObject } from './key-use.ts'
import { identifier } from './object-of-item.ts'
import { maskHashOf } from './signature-schemes.ts'
import { countUse } from './usage-limits.ts'

const { CryptographicAlgorithm: algorithms, PaddingMethod: paddings } = enumerations

/** The rest of an Encrypt request whose key is a public one. */
export async function encryptForKey(
  key: UsableObject,
  payload: Fields,
  item: KmipItem,
  parts: KmipOperationParts,
): Promise<Item[]> {
  const { data, encoding, mechanism } = readUse(key, payload, item)
  const stored = admitKeyUse(key, 'protect', usageMask.Encrypt, item, parts)
  const use = { what: 'public-encrypt', encoding, mechanism, data } as const
  const answer = await fromKeyUse(parts.unit.apply(stored, use))
  countUse(key.object, data.length, item)
  return [identifier(key.object.id), bytes(tags.Data, answer.data)]
}

/** The rest of a Decrypt request whose key is a private one. */
export async function decryptWithKey(
  key: UsableObject,
  payload: Fields,
  item: KmipItem,
  parts: KmipOperationParts,
): Promise<Item[]> {
  const { data, encoding, mechanism } = readUse(key, payload, item)
  const stored = admitKeyUse(key, 'process', usageMask.Decrypt, item, parts)
  const use = { what: 'private-decrypt', encoding, mechanism, data } as const
  const answer = await fromKeyUse(parts.unit.apply(stored, use))
  return [identifier(key.object.id), bytes(tags.Data, answer.data)]
}

function readUse(key: UsableObject, payload: Fields, { seen }: KmipItem) {
  const data = payload.required(tags.Data, 'ByteString', 'MissingData')
  requireOnePart(payload)
  payload.end()
  const { mechanism, name } = cipherOf(key)
  seen.request.mechanism = name
  requireData(data)
  return { data, mechanism, encoding: encodingOf(key.object.type, key.object.form.format ?? 0) }
}

function cipherOf({ algorithm, parameters }: UsableObject): { mechanism: MechanismUse; name: string } {
  const asked = parameterOf(parameters, tags.CryptographicAlgorithm) ?? algorithm
  if (algorithm !== algorithms.RSA || asked !== algorithm) throw unsupported('The key does not encrypt so.')
  const padding = parameterOf(parameters, tags.PaddingMethod)
  if (padding === undefined) throw missing('Neither the request nor the key says which padding.')
  if (padding === paddings.PKCS1V1_5) {
    return { mechanism: { value: mechanisms.CKM_RSA_PKCS.value, parameter: { kind: 'none' } }, name: 'RSA-PKCS1' }
  }
  if (padding !== paddings.OAEP) throw unsupported('RSA keys encrypt with the padding of PKCS #1 v1.5 or OAEP.')
  const number = parameterOf(parameters, tags.HashingAlgorithm)
  if (number === undefined) throw missing('Neither the request nor the key says which hash.')
  const hash = hashOfNumber(number)
  if (hash === undefined || (maskHashOf(parameters) ?? hash) !== hash) {
    throw unsupported('The hash of OAEP is one of SHA-1, SHA-2 and SHA-3, and its mask has the same one.')
  }
  const source = parameters.get(tags.PSource)
  const label = source?.type === 'ByteString' && source.value.length > 0 ? Buffer.from(source.value) : undefined
  const { digest, mask } = hashFacts[hash]
  return {
    mechanism: {
      value: mechanisms.CKM_RSA_PKCS_OAEP.value,
      parameter: { kind: 'oaep', hash: digest, mgf: mask, label },
    },
    name: `RSA-OAEP-${hash}`,
  }
}

function unsupported(message: string): Refusal {
  return new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message })
}

function missing(message: string): Refusal {
  return new Refusal('KMIP_MISSING_DATA', { message })
}
