/**
 * Signatures of ECDSA as clients have them: ECDSA-Sig-Value in DER (RFC 3279, section 2.2.3), which the signature algorithms
 * of KMIP mean. The crypto unit has them as r ‖ s.
 */
import { takeUnsigned, unsignedInteger } from '@keywitness/crypto-unit/ep11/der'
import { membersOf, sequence } from '@keywitness/crypto-unit/tke/der'

/** @param joined r ‖ s, of the same length each */
export function encodeSignature(joined: Uint8Array): Buffer {
  const half = joined.length / 2
  return sequence(unsignedInteger(joined.subarray(0, half)), unsignedInteger(joined.subarray(half)))
}

/**
 * r ‖ s, of so many bytes each; undefined for what is no such signature. Only the one encoding of DER is taken, so that
 * nobody makes another signature of one that is right.
 */
export function decodeSignature(der: Uint8Array, numberBytes: number): Buffer | undefined {
  try {
    const members = membersOf(der)
    const numbers = [takeUnsigned(members), takeUnsigned(members)].map((number) => fitted(number, numberBytes))
    members.end()
    const joined = Buffer.concat(numbers)
    return encodeSignature(joined).equals(der) ? joined : undefined
  } catch {
    return undefined
  }
}

/** @throws RangeError for a number that is longer */
function fitted(number: Uint8Array, bytes: number): Buffer {
  const significant = number[0] === 0 ? number.subarray(1) : number
  const whole = Buffer.alloc(bytes)
  whole.set(significant, bytes - significant.length)
  return whole
}
