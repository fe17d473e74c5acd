/** The vectors of RSA, and the parameters of OAEP and PSS as clients give them. */
import type { JsonWebKey } from 'node:crypto'
import type { OaepParameter, PssParameter } from '../ep11/parameter.ts'
import { ckm, vectors } from './asymmetric-keys.ts'

interface Signed {
  readonly tcId?: number
  readonly comment?: string
  readonly why?: string
  readonly hash: string
  readonly message: string
  readonly signature: string
  readonly saltBytes?: number
}

export type Scheme = 'PKCS' | 'X9_31' | 'PKCS_PSS'

interface CavpFile {
  readonly signatureGeneration: readonly {
    readonly scheme: Scheme
    readonly privateKey: JsonWebKey
    readonly tests: readonly Signed[]
  }[]
  readonly signatureVerification: readonly {
    readonly scheme: Scheme
    readonly tests: readonly (Signed & { readonly publicKey: JsonWebKey; readonly isValid: boolean })[]
  }[]
}

interface WycheproofFile {
  readonly signatureVerification: readonly {
    readonly file: string
    readonly scheme: Scheme
    readonly hash: string
    readonly mask?: string
    readonly saltBytes?: number
    readonly publicKey: string
    readonly tests: readonly (Omit<Signed, 'hash'> & { readonly isValid: boolean })[]
  }[]
  readonly decryption: readonly {
    readonly file: string
    readonly scheme: 'PKCS' | 'PKCS_OAEP'
    readonly hash?: string
    readonly privateKey: string
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly message: string
      readonly ciphertext: string
      readonly label?: string
      readonly isValid: boolean
    }[]
  }[]
}

export const rsaCavp = vectors<CavpFile>('rsa/cavp.json')
export const rsaWycheproof = vectors<WycheproofFile>('rsa/wycheproof.json')

/** MGF of the schema by the digest's CKM_ name without its prefix. */
export const mgfs: Readonly<Record<string, number>> = {
  SHA_1: 1,
  SHA256: 2,
  SHA384: 3,
  SHA512: 4,
  SHA224: 5,
  IBM_SHA3_224: 0x800001,
  IBM_SHA3_256: 0x800002,
  IBM_SHA3_384: 0x800003,
  IBM_SHA3_512: 0x800004,
}

export function pssParameter(hash: string, saltBytes: number, mask = hash): PssParameter {
  return { kind: 'pss', hash: ckm(hash), mgf: mgfs[mask] ?? 0, saltBytes }
}

export function oaepParameter(hash: string, label?: Buffer): OaepParameter {
  return { kind: 'oaep', hash: ckm(hash), mgf: mgfs[hash] ?? 0, label }
}
