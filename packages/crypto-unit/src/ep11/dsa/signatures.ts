/** DSA signatures over a caller's digest and over SHA-1 (FIPS 186-4, section 4): r, then s, each as long as Q. */
import { createHash, randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import { DerReader, membersOf } from '../../tke/der.ts'
import { keyTypes } from '../attributes.ts'
import { parametersOf, readPrivateKeyInfo, readPublicKeyInfo, takeUnsigned } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { integerOf, inverse, power, randomBelow, unsignedBytes } from '../integers.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { areDsaSizes, type DsaDomain } from './domain.ts'

interface DsaNumbers extends DsaDomain {
  /** X of a private, Y of a public key. */
  readonly own: bigint
}

/** How often a signature is tried before the key is held to be none: chance takes two for less than one in 2¹⁵⁰. */
const ATTEMPTS_MAX = 4

/** Bytes of Q. @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT`, `CKR_KEY_SIZE_RANGE`, `CKR_MECHANISM_PARAM_INVALID` */
function orderBytes({ keyType, key }: AsymmetricKey, parameter: MechanismParameter): number {
  demandNoParameter(parameter)
  const { modulusLength, divisorLength } = key.asymmetricKeyDetails ?? {}
  const isDsa = keyType === keyTypes.CKK_DSA && key.asymmetricKeyType === 'dsa'
  if (!isDsa || modulusLength === undefined || divisorLength === undefined) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The mechanism needs a DSA key.')
  }
  if (!areDsaSizes(modulusLength, divisorLength)) {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'P must have 1024 to 3072 bits, Q 160, 224 or 256.')
  }
  return divisorLength / 8
}

/**
 * OpenSSL signs something of ours, with a nonce k that is never seen here; as s = k⁻¹(h + xr), the same nonce signs z with
 * s(z + xr)(h + xr)⁻¹. The first signature is not given away, so that k has been used once. The arithmetic is blinded, as
 * the time of BigInt's depends on its numbers. X cannot be zeroed in that form; it lives as long as this call.
 */
function signDigest(key: AsymmetricKey, parameter: MechanismParameter, digest: Uint8Array): Buffer {
  const length = orderBytes(key, parameter)
  demandPrivate(key)
  const { q, own: x } = privateNumbers(key.key)
  const z = leftmost(demandData(digest), length)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const challenge = randomBytes(32)
    const other = signNatively('sha256', key.key, challenge)
    const [r, s] = [integerOf(other.subarray(0, length)), integerOf(other.subarray(length))]
    const h = leftmost(createHash('sha256').update(challenge).digest(), length)
    const blind = randomBelow(q)
    const blindedXr = (((blind * x) % q) * r) % q
    const divisor = inverse((blind * h + blindedXr) % q, q)
    if (divisor === undefined) continue
    const own = (((s * ((blind * z + blindedXr) % q)) % q) * divisor) % q
    if (own > 0n) return Buffer.concat([other.subarray(0, length), unsignedBytes(own, length)])
  }
  throw cannotSign()
}

function verifyDigest(
  key: AsymmetricKey,
  parameter: MechanismParameter,
  digest: Uint8Array,
  signature: Uint8Array,
): void {
  const length = orderBytes(key, parameter)
  const z = leftmost(demandData(digest), length)
  demandSignatureLength(signature, length)
  const { p, q, g, own: y } = publicNumbers(key.key)
  const [r, s] = [integerOf(signature.subarray(0, length)), integerOf(signature.subarray(length))]
  if (r <= 0n || r >= q || s <= 0n || s >= q) throw wrongSignature()
  const w = inverse(s, q)
  if (w === undefined) throw wrongSignature()
  const v = ((power(g, (z * w) % q, p) * power(y, (r * w) % q, p)) % p) % q
  if (v !== r) throw wrongSignature()
}

const overDigest: SignatureMechanism = {
  check: (key, parameter) => void orderBytes(key, parameter),
  sign: signDigest,
  verify: verifyDigest,
}

const overSha1: SignatureMechanism = {
  check: (key, parameter) => void orderBytes(key, parameter),
  sign(key, parameter, data) {
    orderBytes(key, parameter)
    demandPrivate(key)
    return signNatively('sha1', key.key, data)
  },
  verify(key, parameter, data, signature) {
    demandSignatureLength(signature, orderBytes(key, parameter))
    if (!isSignature(key.key, data, signature)) throw wrongSignature()
  },
  digested: { digest: mechanisms.CKM_SHA_1.value, sign: signDigest, verify: verifyDigest },
}

/** As many of the leftmost bits as Q has (FIPS 186-4, section 4.6), whose bits are whole bytes. */
function leftmost(digest: Uint8Array, length: number): bigint {
  return integerOf(digest.subarray(0, length))
}

function signNatively(hash: 'sha1' | 'sha256', key: KeyObject, data: Uint8Array): Buffer {
  try {
    return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
  } catch {
    throw cannotSign()
  }
}

function isSignature(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify('sha1', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

function privateNumbers(key: KeyObject): DsaNumbers {
  const der = key.export({ format: 'der', type: 'pkcs8' })
  try {
    const info = readPrivateKeyInfo(der)
    return numbers(info.algorithm, info.key)
  } finally {
    der.fill(0)
  }
}

function publicNumbers(key: KeyObject): DsaNumbers {
  const info = readPublicKeyInfo(key.export({ format: 'der', type: 'spki' }))
  return numbers(info.algorithm, info.key)
}

function numbers(algorithm: Uint8Array, key: Uint8Array): DsaNumbers {
  const members = membersOf(parametersOf(algorithm))
  const [p, q, g] = [takeUnsigned(members), takeUnsigned(members), takeUnsigned(members)].map(integerOf) as [
    bigint,
    bigint,
    bigint,
  ]
  return { p, q, g, own: integerOf(takeUnsigned(new DerReader(key))) }
}

function demandPrivate({ key }: AsymmetricKey): void {
  if (key.type !== 'private') throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'This needs a private key.')
}

function demandData(digest: Uint8Array): Uint8Array {
  if (digest.length === 0) throw new Ep11Error('CKR_DATA_LEN_RANGE', 'There must be a digest.')
  return digest
}

function demandSignatureLength(signature: Uint8Array, length: number): void {
  if (signature.length === 2 * length) return
  throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', 'A signature is twice as long as Q.')
}

function wrongSignature(): Ep11Error {
  return new Ep11Error('CKR_SIGNATURE_INVALID', 'The signature does not verify.')
}

function cannotSign(): Ep11Error {
  return new Ep11Error('CKR_FUNCTION_FAILED', 'The key cannot sign.')
}

/** By CKM_ value. */
export const dsaSignatures: ReadonlyMap<number, SignatureMechanism> = new Map([
  [mechanisms.CKM_DSA.value, overDigest],
  [mechanisms.CKM_DSA_SHA1.value, overSha1],
])
