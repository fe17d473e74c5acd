/** Which hash an HMAC key and its parameters mean, in the words of the crypto unit. */
import type { MacHash } from '@keywitness/crypto-unit/key-use'
import { Refusal } from '../../errors.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import { parameterOf, type UsableObject } from './key-use.ts'

const { CryptographicAlgorithm: algorithms, HashingAlgorithm: hashes } = enumerations

const ofAlgorithm: ReadonlyMap<number, MacHash> = new Map([
  [algorithms.HMAC_SHA1, 'SHA-1'],
  [algorithms.HMAC_SHA224, 'SHA-224'],
  [algorithms.HMAC_SHA256, 'SHA-256'],
  [algorithms.HMAC_SHA384, 'SHA-384'],
  [algorithms.HMAC_SHA512, 'SHA-512'],
  [algorithms.HMAC_SHA3_224, 'SHA3-224'],
  [algorithms.HMAC_SHA3_256, 'SHA3-256'],
  [algorithms.HMAC_SHA3_384, 'SHA3-384'],
  [algorithms.HMAC_SHA3_512, 'SHA3-512'],
])

const ofHash: ReadonlyMap<number, MacHash> = new Map([
  [hashes.SHA_1, 'SHA-1'],
  [hashes.SHA_224, 'SHA-224'],
  [hashes.SHA_256, 'SHA-256'],
  [hashes.SHA_384, 'SHA-384'],
  [hashes.SHA_512, 'SHA-512'],
  [hashes.SHA3_224, 'SHA3-224'],
  [hashes.SHA3_256, 'SHA3-256'],
  [hashes.SHA3_384, 'SHA3-384'],
  [hashes.SHA3_512, 'SHA3-512'],
])

/**
 * The key's own algorithm says the hash; a client may repeat it as an algorithm or as a hash, and no more.
 * @throws Refusal `KMIP_FEATURE_NOT_SUPPORTED`
 */
export function hashOf({ algorithm, parameters }: UsableObject): MacHash {
  const own = ofAlgorithm.get(algorithm)
  const asked = parameterOf(parameters, tags.CryptographicAlgorithm)
  const hash = parameterOf(parameters, tags.HashingAlgorithm)
  const isSame = (asked === undefined || asked === algorithm) && (hash === undefined || ofHash.get(hash) === own)
  if (own !== undefined && isSame) return own
  throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'The key does not make message authentication codes so.' })
}
