/**
 * ECDSA (FIPS 186-5, section 6.4), signatures as r ‖ s of the order's size. Node hashes whatever it signs with such a key,
 * so a digest of the caller's is signed and verified here, in terms of signatures by OpenSSL over other data.
 */
import { createHash, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { membersOf, sequence } from '../../tke/der.ts'
import { takeUnsigned, unsignedInteger } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { integerOf, randomBelow, unsignedBytes } from '../integers.ts'
import type { DigestedSignature, SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { curveOfUsable, type WeierstrassCurve } from './curves.ts'
import { pointOf, publicKeyOfPoint, secretOf } from './ec-keys.ts'
import { bytesOfPoint, plusBaseMultiple, pointOfBytes } from './points.ts'
import { blinded, leftmostBits, modulo, quotient } from './scalars.ts'

/** Of what OpenSSL signs and verifies in place of a digest. */
const anchorHash = 'sha512'
const CHALLENGE_BYTES = 32

/** CKM_ECDSA: any bytes but none, of which the leftmost as many bits as the order has are signed. */
const ecdsaOfDigest: SignatureMechanism = {
  check,
  sign: (key, _parameter, data) => signDigest(key, data),
  verify: (key, _parameter, data, signature) => verifyDigest(key, data, signature),
}

/** CKM_ECDSA_SHA…: `digest` is the mechanism that hashes, `hash` the same as Node calls it. */
function ecdsaWith(digest: number, hash: string): SignatureMechanism {
  const digested: DigestedSignature = {
    digest,
    sign: (key, _parameter, bytes) => signDigest(key, bytes),
    verify: (key, _parameter, bytes, signature) => verifyDigest(key, bytes, signature),
  }
  return {
    check,
    sign: (key, _parameter, data) => signData(hash, data, key.key, curveOfUsable(key, 'weierstrass')),
    verify: (key, _parameter, data, signature) => {
      const curve = curveOfUsable(key, 'weierstrass')
      demandLength(curve, signature)
      if (!isSignature(hash, data, key.key, curve, signature)) throw signatureInvalid()
    },
    digested,
  }
}

/** By CKM_ value, with the older aliases. */
export const ecdsaMechanisms: readonly (readonly [number, SignatureMechanism])[] = [
  [mechanisms.CKM_ECDSA.value, ecdsaOfDigest],
  [mechanisms.CKM_ECDSA_SHA1.value, ecdsaWith(mechanisms.CKM_SHA_1.value, 'sha1')],
  [mechanisms.CKM_ECDSA_SHA224.value, ecdsaWith(mechanisms.CKM_SHA224.value, 'sha224')],
  [mechanisms.CKM_IBM_ECDSA_SHA224.value, ecdsaWith(mechanisms.CKM_SHA224.value, 'sha224')],
  [mechanisms.CKM_ECDSA_SHA256.value, ecdsaWith(mechanisms.CKM_SHA256.value, 'sha256')],
  [mechanisms.CKM_IBM_ECDSA_SHA256.value, ecdsaWith(mechanisms.CKM_SHA256.value, 'sha256')],
  [mechanisms.CKM_ECDSA_SHA384.value, ecdsaWith(mechanisms.CKM_SHA384.value, 'sha384')],
  [mechanisms.CKM_IBM_ECDSA_SHA384.value, ecdsaWith(mechanisms.CKM_SHA384.value, 'sha384')],
  [mechanisms.CKM_ECDSA_SHA512.value, ecdsaWith(mechanisms.CKM_SHA512.value, 'sha512')],
  [mechanisms.CKM_IBM_ECDSA_SHA512.value, ecdsaWith(mechanisms.CKM_SHA512.value, 'sha512')],
]

function check(key: AsymmetricKey, parameter: MechanismParameter): void {
  curveOfUsable(key, 'weierstrass')
  demandNoParameter(parameter)
}

/**
 * OpenSSL signs random bytes of ours, with a nonce k that is never seen here: s = (h + rd) / k. The same nonce signs the
 * digest z with s(z + rd) / (h + rd), and as the first signature is not given away, it has been used once. The time that
 * arithmetic takes may tell its numbers: so the key enters it blinded. It cannot be zeroed in that form; it lives as long
 * as this call.
 */
function signDigest(key: AsymmetricKey, data: Uint8Array): Buffer {
  const curve = curveOfUsable(key, 'weierstrass')
  const { order, bytes } = curve
  if (data.length === 0) throw new Ep11Error('CKR_DATA_LEN_RANGE', 'There is nothing to sign.')
  const secret = secretOf(key.key)
  try {
    for (;;) {
      const challenge = randomBytes(CHALLENGE_BYTES)
      const first = signData(anchorHash, challenge, key.key, curve)
      const r = integerOf(first.subarray(0, bytes))
      const mask = randomBelow(order)
      const maskedProduct = modulo(r * modulo(blinded(integerOf(secret), order) * mask, order), order)
      const dividend = modulo(leftmostBits(data, curve) * mask + maskedProduct, order)
      const divisor = modulo(hashOf(challenge, curve) * mask + maskedProduct, order)
      // By chance neither is zero; a signature of zero would be none.
      if (dividend === 0n || divisor === 0n) continue
      const s = quotient(integerOf(first.subarray(bytes)) * dividend, divisor, order)
      return Buffer.concat([first.subarray(0, bytes), unsignedBytes(s, bytes)])
    }
  } finally {
    secret.fill(0)
  }
}

/** Texts whose hash OpenSSL verifies in place of the digest; that there are two, `verifyDigest` says why. */
const anchors = [Buffer.from('keywitness 0'), Buffer.from('keywitness 1')] as const

/**
 * (r, s) is a signature of the digest e under Q if and only if it is one of any other digest h under
 * Q + ((e − h) / r)·G, because (h/s)·G + (r/s)·(Q + ((e − h)/r)·G) = (e/s)·G + (r/s)·Q. So OpenSSL verifies it for a text
 * whose hash is h. For one h only, the other key would be the point at infinity: then the other text is taken.
 */
function verifyDigest(key: AsymmetricKey, data: Uint8Array, signature: Uint8Array): void {
  const curve = curveOfUsable(key, 'weierstrass')
  if (data.length === 0) throw new Ep11Error('CKR_DATA_LEN_RANGE', 'There is nothing to verify.')
  demandLength(curve, signature)
  const r = integerOf(signature.subarray(0, curve.bytes))
  if (r === 0n || r >= curve.order) throw signatureInvalid()
  const point = pointOfBytes(curve, pointOf(key.key))
  for (const anchor of anchors) {
    const shift = quotient(leftmostBits(data, curve) - hashOf(anchor, curve), r, curve.order)
    const other = plusBaseMultiple(curve, point, shift)
    if (other === undefined) continue
    const otherKey = publicKeyOfPoint(curve, bytesOfPoint(curve, other))
    if (isSignature(anchorHash, anchor, otherKey, curve, signature)) return
    break
  }
  throw signatureInvalid()
}

/** r ‖ s. Node makes it of DER too, and with what that takes a signature on P-256 costs twice as much. */
function signData(hash: string, data: Uint8Array, key: KeyObject, { bytes }: WeierstrassCurve): Buffer {
  const integers = membersOf(sign(hash, data, key))
  const signature = Buffer.alloc(2 * bytes)
  for (const end of [bytes, 2 * bytes]) {
    const integer = takeUnsigned(integers)
    const significant = integer.subarray(Math.max(0, integer.length - bytes))
    significant.copy(signature, end - significant.length)
  }
  return signature
}

/** `signature`: r ‖ s. */
function isSignature(
  hash: string,
  data: Uint8Array,
  key: KeyObject,
  { bytes }: WeierstrassCurve,
  signature: Uint8Array,
): boolean {
  const [r, s] = [signature.subarray(0, bytes), signature.subarray(bytes)]
  return verify(hash, data, key, sequence(unsignedInteger(r), unsignedInteger(s)))
}

function hashOf(text: Uint8Array, curve: WeierstrassCurve): bigint {
  return leftmostBits(createHash(anchorHash).update(text).digest(), curve)
}

function demandLength({ bytes }: WeierstrassCurve, signature: Uint8Array): void {
  if (signature.length === 2 * bytes) return
  throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', `A signature with this key has ${2 * bytes} bytes.`)
}

function signatureInvalid(): Ep11Error {
  return new Ep11Error('CKR_SIGNATURE_INVALID', 'The signature is not one of these data with this key.')
}
