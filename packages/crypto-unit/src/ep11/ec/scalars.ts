/** Numbers modulo the order of a curve, as signatures and wallets need them. */
import { randomBytes } from 'node:crypto'
import { integerOf, inverse } from '../integers.ts'
import type { WeierstrassCurve } from './curves.ts'

/** Of additive blinding: so many bytes more has a secret factor while it is multiplied. */
const BLIND_BYTES = 16

/** In 0 to modulus − 1, whatever the sign of the number. */
export function modulo(number: bigint, modulus: bigint): bigint {
  const rest = number % modulus
  return rest < 0n ? rest + modulus : rest
}

/**
 * Modulo a prime. How long it takes depends on the divisor: a secret one must come blinded.
 * @throws RangeError when the divisor is zero
 */
export function quotient(dividend: bigint, divisor: bigint, prime: bigint): bigint {
  const factor = inverse(divisor, prime)
  if (factor === undefined) throw new RangeError('Nothing can be divided by zero.')
  return modulo(dividend * factor, prime)
}

/** The same number modulo the order, as one that differs each time: what a multiplication lasts says nothing of it. */
export function blinded(secret: bigint, order: bigint): bigint {
  return secret + order * integerOf(randomBytes(BLIND_BYTES))
}

/** The leftmost bits of the order's size (FIPS 186-5, 6.4.1, step 2): not yet reduced. */
export function leftmostBits(data: Uint8Array, curve: WeierstrassCurve): bigint {
  const surplus = data.length < curve.bytes ? 0 : 8 * curve.bytes - curve.bits
  return integerOf(data.subarray(0, curve.bytes)) >> BigInt(surplus)
}
