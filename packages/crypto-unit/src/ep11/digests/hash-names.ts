/** The digests by the CKM_ value that names them, as OpenSSL calls them, with what an HMAC and a signature need of them. */
import { mechanisms, type MechanismName } from '../mechanisms.ts'

export interface Hash {
  /** For node:crypto. */
  readonly name: string
  /** Of the digest. */
  readonly bytes: number
  /** Of what the hash compresses or absorbs at a time. */
  readonly blockBytes: number
}

const hashes: Partial<Record<MechanismName, Hash>> = {
  CKM_SHA_1: { name: 'sha1', bytes: 20, blockBytes: 64 },
  CKM_SHA224: { name: 'sha224', bytes: 28, blockBytes: 64 },
  CKM_SHA256: { name: 'sha256', bytes: 32, blockBytes: 64 },
  CKM_SHA384: { name: 'sha384', bytes: 48, blockBytes: 128 },
  CKM_SHA512: { name: 'sha512', bytes: 64, blockBytes: 128 },
  CKM_SHA512_224: { name: 'sha512-224', bytes: 28, blockBytes: 128 },
  CKM_IBM_SHA512_224: { name: 'sha512-224', bytes: 28, blockBytes: 128 },
  CKM_SHA512_256: { name: 'sha512-256', bytes: 32, blockBytes: 128 },
  CKM_IBM_SHA512_256: { name: 'sha512-256', bytes: 32, blockBytes: 128 },
  CKM_IBM_SHA3_224: { name: 'sha3-224', bytes: 28, blockBytes: 144 },
  CKM_IBM_SHA3_256: { name: 'sha3-256', bytes: 32, blockBytes: 136 },
  CKM_IBM_SHA3_384: { name: 'sha3-384', bytes: 48, blockBytes: 104 },
  CKM_IBM_SHA3_512: { name: 'sha3-512', bytes: 64, blockBytes: 72 },
}

const byValue = new Map<number, Hash>(
  (Object.entries(hashes) as [MechanismName, Hash][]).map(([name, hash]) => [mechanisms[name].value, hash]),
)

/** Undefined for what is no digest. */
export function hashOf(ckm: number): Hash | undefined {
  return byValue.get(ckm)
}
