/**
 * CKM_IBM_ECDSA_OTHER: Schnorr signatures over SHA-256 on curves of 256 bits, 64 bytes r ‖ s with s = k − r·d (reference
 * grep11, section 12). `COMPR_MULTI` is Zilliqa's: r of the compressed nonce point, the compressed key and the message.
 * `ECDSA_S256` is BSI TR-03111 (2012), 4.2.3: r of the message and the x-coordinate of the nonce point, not reduced.
 */
import { createHash } from 'node:crypto'
import { Ep11Error } from '../ep11-error.ts'
import { integerOf, randomBelow, unsignedBytes } from '../integers.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import type { MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { curveNotSupported, curveOfUsable, type WeierstrassCurve } from './curves.ts'
import { pointOf, secretOf } from './ec-keys.ts'
import { baseMultipleBytes, compressedBytes, multipleOf, plusBaseMultiple, pointOfBytes, type Point } from './points.ts'
import { blinded, modulo } from './scalars.ts'

const ECDSA_S256 = 3
const COMPR_MULTI = 5
/** Of a curve, of SHA-256, and so of each half of a signature. */
const BYTES = 32
/** What a Crypto Express 7S takes at most. */
const MESSAGE_BYTES_MAX = 12 * 1024

/** The first half of a signature, as it is written, by what the nonce point is. */
type Challenge = (noncePoint: Point, message: Uint8Array) => Buffer

export const schnorr: SignatureMechanism = {
  check(key, parameter) {
    challengeOf(parameter, schnorrCurve(key), { x: 0n, y: 0n })
  },
  sign(key, parameter, data) {
    const curve = schnorrCurve(key)
    demandLength(data)
    return signWith(curve, key, challengeOf(parameter, curve, publicPoint(curve, key)), data)
  },
  verify(key, parameter, data, signature) {
    const curve = schnorrCurve(key)
    demandLength(data)
    if (signature.length !== 2 * BYTES) {
      throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', `A signature with this key has ${2 * BYTES} bytes.`)
    }
    const point = publicPoint(curve, key)
    const challenge = challengeOf(parameter, curve, point)
    if (!isSignature(curve, point, challenge, data, signature)) {
      throw new Ep11Error('CKR_SIGNATURE_INVALID', 'The signature is not one of these data with this key.')
    }
  },
}

function signWith(curve: WeierstrassCurve, { key }: AsymmetricKey, challenge: Challenge, data: Uint8Array): Buffer {
  const { order } = curve
  const secret = secretOf(key)
  try {
    for (;;) {
      const nonce = randomBelow(order)
      const nonceBytes = unsignedBytes(nonce, BYTES)
      const first = challenge(pointOfBytes(curve, baseMultipleBytes(curve, nonceBytes)), data)
      nonceBytes.fill(0)
      const r = modulo(integerOf(first), order)
      const s = modulo(blinded(nonce, order) - r * blinded(integerOf(secret), order), order)
      if (r !== 0n && s !== 0n) return Buffer.concat([first, unsignedBytes(s, BYTES)])
    }
  } finally {
    secret.fill(0)
  }
}

/** Whether r is that of s·G + r·P, the nonce point of whoever knew the key. */
function isSignature(
  curve: WeierstrassCurve,
  point: Point,
  challenge: Challenge,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const first = signature.subarray(0, BYTES)
  const r = modulo(integerOf(first), curve.order)
  const s = integerOf(signature.subarray(BYTES))
  if (r === 0n || s === 0n || s >= curve.order) return false
  const noncePoint = plusBaseMultiple(curve, multipleOf(curve, point, r), s)
  // A reduced r of another writing than its own is no match either.
  return noncePoint !== undefined && challenge(noncePoint, data).equals(first)
}

function challengeOf(parameter: MechanismParameter, curve: WeierstrassCurve, publicKey: Point): Challenge {
  const type = parameter.kind === 'ecsg' ? parameter.type : 0
  switch (type) {
    case ECDSA_S256:
      return ({ x }, message) => sha256(message, unsignedBytes(x, BYTES))
    case COMPR_MULTI:
      return (noncePoint, message) => {
        const hash = sha256(compressedBytes(curve, noncePoint), compressedBytes(curve, publicKey), message)
        return unsignedBytes(modulo(integerOf(hash), curve.order), BYTES)
      }
    default:
      throw new Ep11Error('CKR_MECHANISM_PARAM_INVALID', 'The mechanism takes ECDSA_S256 or COMPR_MULTI as parameter.')
  }
}

function schnorrCurve(key: AsymmetricKey): WeierstrassCurve {
  const curve = curveOfUsable(key, 'weierstrass')
  if (curve.bytes !== BYTES) throw curveNotSupported()
  return curve
}

function publicPoint(curve: WeierstrassCurve, { key }: AsymmetricKey): Point {
  return pointOfBytes(curve, pointOf(key))
}

/** That longer data end so is documented. */
function demandLength(data: Uint8Array): void {
  if (data.length <= MESSAGE_BYTES_MAX) return
  throw new Ep11Error('CKR_MECHANISM_INVALID', `The mechanism signs ${MESSAGE_BYTES_MAX} bytes at most.`)
}

function sha256(...pieces: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}
