/** Makes RSA key pairs, on the threads of OpenSSL: a large one takes seconds. */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { Ep11Error } from '../ep11-error.ts'
import type { KeyPair } from '../key-pair.ts'
import { MODULUS_BITS_MAX, MODULUS_BITS_MIN } from './rsa-key.ts'

const generate = promisify(generateKeyPair)

/** Moduli are 512 + 256·n bits: those of X9.31 and FIPS 186, and the two smaller ones that the device takes as well. */
const STEP_BITS = 256

/** Reference grep11, section 7. */
const EXPONENT_MIN = 17n
/** What Node can ask OpenSSL for. */
const EXPONENT_MAX = 0xffff_ffffn

/**
 * Also stands in for CKM_RSA_X9_31_KEY_PAIR_GEN, whose primes satisfy more than any use of the keys can show.
 * @throws Ep11Error `CKR_KEY_SIZE_RANGE`; `CKR_ATTRIBUTE_VALUE_INVALID` for an exponent that is even or out of 17 … 2³² − 1
 */
export async function generateRsa(modulusBits: number, publicExponent: bigint): Promise<KeyPair> {
  const isStep = Number.isInteger(modulusBits) && (modulusBits - MODULUS_BITS_MIN) % STEP_BITS === 0
  if (!isStep || modulusBits < MODULUS_BITS_MIN || modulusBits > MODULUS_BITS_MAX) {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'A modulus has 512 to 4096 bits, in steps of 256.')
  }
  if (publicExponent < EXPONENT_MIN || publicExponent > EXPONENT_MAX || publicExponent % 2n === 0n) {
    throw new Ep11Error(
      'CKR_ATTRIBUTE_VALUE_INVALID',
      'A public exponent is odd, at least 17, and has at most 32 bits.',
    )
  }
  return generate('rsa', { modulusLength: modulusBits, publicExponent: Number(publicExponent) })
}
