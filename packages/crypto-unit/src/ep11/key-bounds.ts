/**
 * Bounds on keys that come from outside, read from their DER before OpenSSL sees them. OpenSSL computes the public value of a
 * DSA or DH key while it reads the private one, whatever the length of its numbers, in a time that grows with its cube; and
 * it reads one kind of key where another was asked for.
 */
import { DerReader, malformed, membersOf, tags } from '../tke/der.ts'
import { keyTypes } from './attributes.ts'
import { parametersOf, readPrivateKeyInfo, readPublicKeyInfo, type PublicKeyInfo } from './der.ts'
import { curveOfParameters, type Curve } from './ec/curves.ts'

/** Longest modulus or prime that is taken from outside. */
export const MODULUS_BITS_MAX = 4096

/** Longest Q that there is (FIPS 186-4, section 4.2). */
const SUBPRIME_BITS_MAX = 256

interface Algorithm {
  /** A CKK_ value. */
  readonly keyType: number
  /** Undefined where the parameter set fixes every length. @throws of many kinds */
  readonly demand: ((info: PublicKeyInfo) => void) | undefined
}

const { CKK_RSA, CKK_EC, CKK_DSA, CKK_DH, CKK_ML_KEM, CKK_ML_DSA } = keyTypes
const mlKem: Algorithm = { keyType: CKK_ML_KEM, demand: undefined }
const mlDsa: Algorithm = { keyType: CKK_ML_DSA, demand: undefined }

/** By the contents of the object identifier. The names of RFC 8410 are not here: such keys are built anew, never handed on. */
const privateAlgorithms: ReadonlyMap<string, Algorithm> = new Map([
  // rsaEncryption (RFC 8017, appendix A.1).
  ['2a864886f70d010101', { keyType: CKK_RSA, demand: ({ key }) => demandRsaPrivateKey(key) }],
  // id-ecPublicKey (RFC 5480, section 2.1.1).
  [
    '2a8648ce3d0201',
    { keyType: CKK_EC, demand: ({ algorithm, key }) => demandEcPrivateKey(key, namedCurve(algorithm)) },
  ],
  // id-dsa (RFC 3279, section 2.3.2).
  ['2a8648ce380401', { keyType: CKK_DSA, demand: demandDsaPrivateKey }],
  // dhKeyAgreement (PKCS #3, section 9).
  ['2a864886f70d010301', { keyType: CKK_DH, demand: demandDhPrivateKey }],
  // ML-KEM-512, 768 and 1024 (FIPS 203), ML-DSA-44, 65 and 87 (FIPS 204), below NIST's arc 2.16.840.1.101.3.4.
  ['608648016503040401', mlKem],
  ['608648016503040402', mlKem],
  ['608648016503040403', mlKem],
  ['608648016503040311', mlDsa],
  ['608648016503040312', mlDsa],
  ['608648016503040313', mlDsa],
])

const publicAlgorithms: ReadonlyMap<string, Algorithm> = new Map([
  ['2a864886f70d010101', { keyType: CKK_RSA, demand: ({ key }) => demandRsaPublicKey(key) }],
  ['2a8648ce3d0201', { keyType: CKK_EC, demand: ({ algorithm }) => void namedCurve(algorithm) }],
])

/** PrivateKeyInfo of one of these CKK_ types. @throws of many kinds, for what is none or has longer numbers than any here */
export function demandPrivateKeyInfo(der: Uint8Array, types: readonly number[]): void {
  demandAlgorithm(readPrivateKeyInfo(der), privateAlgorithms, types)
}

/** SubjectPublicKeyInfo of an RSA key or one on a Weierstrass curve. @throws as `demandPrivateKeyInfo` */
export function demandPublicKeyInfo(der: Uint8Array): void {
  demandAlgorithm(readPublicKeyInfo(der), publicAlgorithms, [CKK_RSA, CKK_EC])
}

/** RSAPrivateKey of two primes (RFC 8017, appendix A.1.2). @throws as `demandPrivateKeyInfo` */
export function demandRsaPrivateKey(der: Uint8Array): void {
  const members = membersOf(der)
  members.take(tags.INTEGER)
  const modulus = boundedInteger(members, MODULUS_BITS_MAX)
  // Both exponents, both primes, their exponents, and the coefficient.
  for (let left = 7; left > 0; left--) boundedInteger(members, modulus)
  members.end()
}

/** RSAPublicKey (RFC 8017, appendix A.1.1). @throws as `demandPrivateKeyInfo` */
export function demandRsaPublicKey(der: Uint8Array): void {
  const members = membersOf(der)
  boundedInteger(members, boundedInteger(members, MODULUS_BITS_MAX))
  members.end()
}

/**
 * ECPrivateKey (RFC 5915, section 3) on the curve that stands around it, or on the one that it names itself.
 * @throws as `demandPrivateKeyInfo`
 */
export function demandEcPrivateKey(der: Uint8Array, around?: Curve): void {
  const members = membersOf(der)
  members.take(tags.INTEGER)
  const number = members.take(tags.OCTET_STRING)
  const parameters = members.optional(tags.CONSTRUCTED_0) ?? around?.oid
  if (parameters === undefined) throw malformed()
  const curve = around ?? curveOfParameters(parameters)
  // A curve is named, and never given by its numbers.
  if (!parameters.equals(curve.oid) || unsignedBits(number) > curve.bits) throw malformed()
}

/** Bits of a big-endian number without a sign, as OpenSSL reads an INTEGER. */
export function unsignedBits(contents: Uint8Array): number {
  const first = contents.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (contents.length - first) * 8 - Math.clz32(contents[first] as number) + 24
}

function demandAlgorithm(
  info: PublicKeyInfo,
  algorithms: ReadonlyMap<string, Algorithm>,
  types: readonly number[],
): void {
  const identifier = membersOf(info.algorithm).take(tags.OBJECT_IDENTIFIER).toString('hex')
  const algorithm = algorithms.get(identifier)
  if (algorithm === undefined || !types.includes(algorithm.keyType)) throw malformed()
  algorithm.demand?.(info)
}

function namedCurve(algorithm: Buffer): Curve {
  const members = membersOf(algorithm)
  members.take(tags.OBJECT_IDENTIFIER)
  const curve = curveOfParameters(members.whole(tags.OBJECT_IDENTIFIER))
  members.end()
  if (curve.kind !== 'weierstrass') throw malformed()
  return curve
}

/** Dss-Parms {P, Q, G} (RFC 3279, section 2.3.2), and X. */
function demandDsaPrivateKey({ algorithm, key }: PublicKeyInfo): void {
  const members = membersOf(parametersOf(algorithm))
  const prime = boundedInteger(members, MODULUS_BITS_MAX)
  const subprime = boundedInteger(members, SUBPRIME_BITS_MAX)
  boundedInteger(members, prime)
  members.end()
  boundedInteger(new DerReader(key), subprime)
}

/** DHParameter {P, G, privateValueLength} (PKCS #3, section 9), and X. */
function demandDhPrivateKey({ algorithm, key }: PublicKeyInfo): void {
  const members = membersOf(parametersOf(algorithm))
  const prime = boundedInteger(members, MODULUS_BITS_MAX)
  boundedInteger(members, prime)
  boundedInteger(new DerReader(key), prime)
}

/** The bits of the next INTEGER. */
function boundedInteger(members: DerReader, bitsMax: number): number {
  const bits = unsignedBits(members.take(tags.INTEGER))
  if (bits > bitsMax) throw malformed()
  return bits
}
