/** Makes Diffie-Hellman key pairs of given domain parameters (PKCS #3, section 7). */
import { algorithmIdentifier } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { bitLength, randomBelow } from '../integers.ts'
import { type KeyPair, keyPairOfValue } from '../key-pair.ts'
import { demandPrime, domainDer, readDhDomain } from './domain.ts'

/** dhKeyAgreement, 1.2.840.113549.1.3.1: what clients look for in the public key, whatever X9.42 says. */
const DH_KEY_AGREEMENT = Buffer.from('2a864886f70d010301', 'hex')

/** Twice the strength of the smallest prime that is allowed. */
const VALUE_BITS_MIN = 160

/**
 * Of DER {P, G}. `valueBits` is the length of the private value, which has its highest bit set then; without it the value
 * is any below (P − 1) / 2, the order of the group where P is safe. OpenSSL computes the public value as it reads the key.
 * @throws Ep11Error `CKR_DOMAIN_PARAMS_INVALID`; `CKR_ATTRIBUTE_VALUE_INVALID` for a length under 160 or not under P's
 */
export async function generateDh(parameters: Uint8Array, valueBits?: number): Promise<KeyPair> {
  const domain = readDhDomain(parameters)
  if (valueBits !== undefined && !isLength(valueBits, bitLength(domain.p))) {
    throw new Ep11Error(
      'CKR_ATTRIBUTE_VALUE_INVALID',
      'A private value has at least 160 bits and fewer than the prime.',
    )
  }
  await demandPrime(domain)
  const drawn = valueBits === undefined ? randomBelow(domain.p >> 1n) : ofLength(valueBits)
  return keyPairOfValue(algorithmIdentifier(DH_KEY_AGREEMENT, domainDer(domain)), drawn)
}

function isLength(valueBits: number, primeBits: number): boolean {
  return Number.isInteger(valueBits) && valueBits >= VALUE_BITS_MIN && valueBits < primeBits
}

function ofLength(bits: number): bigint {
  const highest = 1n << BigInt(bits - 1)
  return highest + randomBelow(highest)
}
