/** The hashes of KMIP in the words of the crypto unit, and which of them an HMAC key and its parameters mean. */
import { mechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
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

export interface HashFacts {
  /** Of a digest. */
  readonly bytes: number
  /** As node:crypto calls it. */
  readonly node: string
  /** The contents of its object identifier, hexadecimal (RFC 8017, appendix B.1; NIST's registry for SHA-3). */
  readonly oid: string
  /** CKM_ value of the digest. */
  readonly digest: number
  /** MGF1 with it, in the parameters of PSS and OAEP (reference grep11, section 3). */
  readonly mask: number
}

const nistHashes = '6086480165030402'

const facts = (bytes: number, node: string, oid: string, digest: number, mask: number): HashFacts => ({
  bytes,
  node,
  oid,
  digest,
  mask,
})

export const hashFacts: Readonly<Record<MacHash, HashFacts>> = {
  'SHA-1': facts(20, 'sha1', '2b0e03021a', mechanisms.CKM_SHA_1.value, 1),
  'SHA-224': facts(28, 'sha224', `${nistHashes}04`, mechanisms.CKM_SHA224.value, 5),
  'SHA-256': facts(32, 'sha256', `${nistHashes}01`, mechanisms.CKM_SHA256.value, 2),
  'SHA-384': facts(48, 'sha384', `${nistHashes}02`, mechanisms.CKM_SHA384.value, 3),
  'SHA-512': facts(64, 'sha512', `${nistHashes}03`, mechanisms.CKM_SHA512.value, 4),
  'SHA3-224': facts(28, 'sha3-224', `${nistHashes}07`, mechanisms.CKM_IBM_SHA3_224.value, 0x80_0001),
  'SHA3-256': facts(32, 'sha3-256', `${nistHashes}08`, mechanisms.CKM_IBM_SHA3_256.value, 0x80_0002),
  'SHA3-384': facts(48, 'sha3-384', `${nistHashes}09`, mechanisms.CKM_IBM_SHA3_384.value, 0x80_0003),
  'SHA3-512': facts(64, 'sha3-512', `${nistHashes}0a`, mechanisms.CKM_IBM_SHA3_512.value, 0x80_0004),
}

/** Of a Hashing Algorithm; undefined for one that is not served. */
export function hashOfNumber(number: number): MacHash | undefined {
  return ofHash.get(number)
}

/** The hash of an HMAC algorithm. */
export function hashOfAlgorithm(algorithm: number): MacHash | undefined {
  return ofAlgorithm.get(algorithm)
}

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
