/** Which signature a key and its parameters mean, in the words of the crypto unit (KMIP 1.4, sections 3.6 and 9.1.3.2.7). */
import { hash as hashOfData } from 'node:crypto'
import type { MechanismUse } from '@keywitness/crypto-unit/ep11/calls'
import { algorithmIdentifier } from '@keywitness/crypto-unit/ep11/der'
import { mechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
import type { MacHash } from '@keywitness/crypto-unit/key-use'
import { octets, sequence } from '@keywitness/crypto-unit/tke/der'
import { Refusal } from '../../errors.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { familyOf } from '../objects/asymmetric-formats.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import { hashOfNumber, hashFacts } from './hashes.ts'
import { parameterOf, type Parameters, type UsableObject } from './key-use.ts'

const {
  CryptographicAlgorithm: algorithms,
  DigitalSignatureAlgorithm: signatures,
  PaddingMethod: paddings,
} = enumerations

/** Scheme and hash of a signature; of PSS also the hash of its mask, and the salt where one is said, bytes. */
export type SignatureScheme =
  | { readonly kind: 'RSA-PKCS1'; readonly hash: MacHash }
  | {
      readonly kind: 'RSA-PSS'
      readonly hash: MacHash
      readonly maskHash: MacHash
      readonly saltBytes: number | undefined
    }
  | { readonly kind: 'ECDSA'; readonly hash: MacHash }

/** What is signed: data, or their digest made elsewhere. */
export interface Signable {
  readonly data: Uint8Array | undefined
  readonly digest: Uint8Array | undefined
}

const ofRsa: ReadonlyMap<number, MacHash> = new Map([
  [signatures.SHA_1WithRSAEncryption, 'SHA-1'],
  [signatures.SHA_224WithRSAEncryption, 'SHA-224'],
  [signatures.SHA_256WithRSAEncryption, 'SHA-256'],
  [signatures.SHA_384WithRSAEncryption, 'SHA-384'],
  [signatures.SHA_512WithRSAEncryption, 'SHA-512'],
  [signatures.SHA3_256WithRSAEncryption, 'SHA3-256'],
  [signatures.SHA3_384WithRSAEncryption, 'SHA3-384'],
  [signatures.SHA3_512WithRSAEncryption, 'SHA3-512'],
])

const ofEcdsa: ReadonlyMap<number, MacHash> = new Map([
  [signatures.ECDSAWithSHA_1, 'SHA-1'],
  [signatures.ECDSAWithSHA224, 'SHA-224'],
  [signatures.ECDSAWithSHA256, 'SHA-256'],
  [signatures.ECDSAWithSHA384, 'SHA-384'],
  [signatures.ECDSAWithSHA512, 'SHA-512'],
])

/** Mechanisms of ECDSA that hash by themselves, and so are OpenSSL's alone. */
const hashingEcdsa: ReadonlyMap<MacHash, number> = new Map([
  ['SHA-1', mechanisms.CKM_ECDSA_SHA1.value],
  ['SHA-224', mechanisms.CKM_ECDSA_SHA224.value],
  ['SHA-256', mechanisms.CKM_ECDSA_SHA256.value],
  ['SHA-384', mechanisms.CKM_ECDSA_SHA384.value],
  ['SHA-512', mechanisms.CKM_ECDSA_SHA512.value],
])

/**
 * Digital Signature Algorithm says all at once; padding and hash by themselves say it too, and may repeat it.
 * @throws Refusal `KMIP_FEATURE_NOT_SUPPORTED`, `KMIP_MISSING_DATA` when nobody says which hash or padding,
 *   `KMIP_INVALID_FIELD`
 */
export function signatureSchemeOf({ algorithm, parameters }: UsableObject): SignatureScheme {
  const family = algorithm === algorithms.ECDH ? undefined : familyOf(algorithm)
  const asked = parameterOf(parameters, tags.CryptographicAlgorithm)
  if (family === undefined || (asked !== undefined && familyOf(asked) !== family)) {
    throw unsupported('The algorithm of the key does not sign so.')
  }
  const named = parameterOf(parameters, tags.DigitalSignatureAlgorithm)
  return family === 'EC' ? ecdsaOf(named, parameters) : rsaOf(named, parameters)
}

function ecdsaOf(named: number | undefined, parameters: Parameters): SignatureScheme {
  if (named !== undefined && !ofEcdsa.has(named)) throw unsupported('The key does not sign by this algorithm.')
  if (parameterOf(parameters, tags.PaddingMethod) !== undefined) throw unsupported('Keys on curves have no padding.')
  return { kind: 'ECDSA', hash: oneHash(named === undefined ? undefined : ofEcdsa.get(named), parameters) }
}

function rsaOf(named: number | undefined, parameters: Parameters): SignatureScheme {
  const isPssNamed = named === signatures.RSASSA_PSS
  if (named !== undefined && !isPssNamed && !ofRsa.has(named)) {
    throw unsupported('The key does not sign by this algorithm.')
  }
  const hash = oneHash(named === undefined ? undefined : ofRsa.get(named), parameters)
  // Clients of versions before 1.4 name an algorithm for its hash, and the padding beside it.
  const padding = parameterOf(parameters, tags.PaddingMethod) ?? paddingOf(named, isPssNamed)
  if (padding === paddings.PKCS1V1_5 && !isPssNamed) return { kind: 'RSA-PKCS1', hash }
  if (padding !== paddings.PSS) throw unsupported('Signatures have the padding of PKCS #1 v1.5 or of PSS.')
  const maskHash = maskHashOf(parameters) ?? hash
  const saltBytes = parameterOf(parameters, tags.SaltLength)
  const trailer = parameterOf(parameters, tags.TrailerField)
  if (trailer !== undefined && trailer !== 1) throw unsupported('The trailer field of PSS is 1.')
  return { kind: 'RSA-PSS', hash, maskHash, saltBytes }
}

function paddingOf(named: number | undefined, isPss: boolean): number {
  if (named === undefined) {
    throw new Refusal('KMIP_MISSING_DATA', { message: 'Neither the request nor the key says which padding.' })
  }
  return isPss ? paddings.PSS : paddings.PKCS1V1_5
}

function oneHash(named: MacHash | undefined, parameters: Parameters): MacHash {
  const number = parameterOf(parameters, tags.HashingAlgorithm)
  const asked = number === undefined ? undefined : hashOfNumber(number)
  if (number !== undefined && asked === undefined) throw unsupported('The hashing algorithm is not supported.')
  if (named !== undefined && asked !== undefined && named !== asked) {
    throw invalid('The hashing algorithm is another one than that of the signature.')
  }
  const hash = named ?? asked
  if (hash === undefined) {
    throw new Refusal('KMIP_MISSING_DATA', { message: 'Neither the request nor the key says which hash.' })
  }
  return hash
}

/** Hash of MGF1; undefined where none is said. @throws Refusal `KMIP_FEATURE_NOT_SUPPORTED` */
export function maskHashOf(parameters: Parameters): MacHash | undefined {
  const generator = parameterOf(parameters, tags.MaskGenerator)
  if (generator !== undefined && generator !== enumerations.MaskGenerator.MGF1) {
    throw unsupported('The mask generator is not supported.')
  }
  const number = parameterOf(parameters, tags.MaskGeneratorHashingAlgorithm)
  const hash = number === undefined ? undefined : hashOfNumber(number)
  if (number !== undefined && hash === undefined) throw unsupported('The hash of the mask is not supported.')
  return hash
}

/** As an event tells it. */
export function signatureName({ kind, hash }: SignatureScheme): string {
  return `${kind}-${hash}`
}

/**
 * What the crypto unit signs, or holds a signature against.
 * @param saltBytes of PSS
 * @throws Refusal `KMIP_INVALID_FIELD` for a digest that is none of the hash
 */
export function signatureUse(
  scheme: SignatureScheme,
  { data, digest }: Signable,
  saltBytes: number,
): { readonly mechanism: MechanismUse; readonly data: Uint8Array } {
  const none = { kind: 'none' } as const
  if (digest !== undefined && digest.length !== hashFacts[scheme.hash].bytes) {
    throw invalid('The digested data are no digest of the hash.')
  }
  const hashing = scheme.kind === 'ECDSA' ? hashingEcdsa.get(scheme.hash) : undefined
  if (hashing !== undefined && data !== undefined) return { mechanism: { value: hashing, parameter: none }, data }
  const made = digest ?? hashOfData(hashFacts[scheme.hash].node, data ?? new Uint8Array(), 'buffer')
  switch (scheme.kind) {
    case 'ECDSA':
      return { mechanism: { value: mechanisms.CKM_ECDSA.value, parameter: none }, data: made }
    case 'RSA-PKCS1':
      return {
        mechanism: { value: mechanisms.CKM_RSA_PKCS.value, parameter: none },
        data: digestInfo(scheme.hash, made),
      }
    case 'RSA-PSS': {
      const { digest: hash } = hashFacts[scheme.hash]
      const { mask: mgf } = hashFacts[scheme.maskHash]
      const parameter = { kind: 'pss', hash, mgf, saltBytes } as const
      return { mechanism: { value: mechanisms.CKM_RSA_PKCS_PSS.value, parameter }, data: made }
    }
  }
}

/** DigestInfo (RFC 8017, section 9.2). */
function digestInfo(hash: MacHash, digest: Uint8Array): Buffer {
  const none = Buffer.from('0500', 'hex')
  return sequence(algorithmIdentifier(Buffer.from(hashFacts[hash].oid, 'hex'), none), octets(digest))
}

function unsupported(message: string): Refusal {
  return new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message })
}
