/** Hash functions by the CKM_ value of their digest mechanism: what OpenSSL calls them, and their sizes. */
import { mechanisms, type MechanismName } from '../mechanisms.ts'

export interface HashName {
  /** For `createHash`, `createHmac`, `sign` and `privateDecrypt` of node:crypto. */
  readonly name: string
  /** Of the digest. */
  readonly bytes: number
  /** B of HMAC (FIPS 198-1): of SHA-3 it is the rate (FIPS 202, section 7). */
  readonly blockBytes: number
}

const sha512Of224 = { name: 'sha512-224', bytes: 28, blockBytes: 128 }
const sha512Of256 = { name: 'sha512-256', bytes: 32, blockBytes: 128 }

/** FIPS 180-4, figure 1; FIPS 202, table 3. */
const hashes = {
  CKM_SHA_1: { name: 'sha1', bytes: 20, blockBytes: 64 },
  CKM_SHA224: { name: 'sha224', bytes: 28, blockBytes: 64 },
  CKM_SHA256: { name: 'sha256', bytes: 32, blockBytes: 64 },
  CKM_SHA384: { name: 'sha384', bytes: 48, blockBytes: 128 },
  CKM_SHA512: { name: 'sha512', bytes: 64, blockBytes: 128 },
  CKM_SHA512_224: sha512Of224,
  CKM_IBM_SHA512_224: sha512Of224,
  CKM_SHA512_256: sha512Of256,
  CKM_IBM_SHA512_256: sha512Of256,
  CKM_IBM_SHA3_224: { name: 'sha3-224', bytes: 28, blockBytes: 144 },
  CKM_IBM_SHA3_256: { name: 'sha3-256', bytes: 32, blockBytes: 136 },
  CKM_IBM_SHA3_384: { name: 'sha3-384', bytes: 48, blockBytes: 104 },
  CKM_IBM_SHA3_512: { name: 'sha3-512', bytes: 64, blockBytes: 72 },
} as const satisfies Partial<Record<MechanismName, HashName>>

export type DigestName = keyof typeof hashes

export const hashNames: ReadonlyMap<number, HashName> = new Map(
  (Object.keys(hashes) as DigestName[]).map((name) => [mechanisms[name].value, hashes[name]]),
)

/** By the CKM_ value of a digest mechanism, as it also stands in the parameters of OAEP and PSS; undefined of any other. */
export function hashOf(ckm: number): HashName | undefined {
  return hashNames.get(ckm)
}
