/** Makes DSA key pairs of given domain parameters, which no interface of Node does. */
import { sequence } from '../../tke/der.ts'
import { algorithmIdentifier, unsignedInteger } from '../der.ts'
import { integerBytes, randomBelow } from '../integers.ts'
import { type KeyPair, keyPairOfValue } from '../key-pair.ts'
import { demandPrimes, readDsaDomain } from './domain.ts'

/** id-dsa, 1.2.840.10040.4.1 (RFC 3279, section 2.3.2). */
const ID_DSA = Buffer.from('2a8648ce380401', 'hex')

/**
 * Of DER {P, Q, G}. X is drawn here (FIPS 186-4, section B.1.2); OpenSSL computes Y as it reads the private key.
 * @throws Ep11Error `CKR_DOMAIN_PARAMS_INVALID`
 */
export async function generateDsa(parameters: Uint8Array): Promise<KeyPair> {
  const domain = readDsaDomain(parameters)
  await demandPrimes(domain)
  const { p, q, g } = domain
  // Written anew: what came may have had longer lengths than DER has.
  const members = [p, q, g].map((number) => unsignedInteger(integerBytes(number)))
  return keyPairOfValue(algorithmIdentifier(ID_DSA, sequence(...members)), randomBelow(q))
}
