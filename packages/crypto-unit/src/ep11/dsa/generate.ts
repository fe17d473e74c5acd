/** Makes DSA key pairs of given domain parameters, which no interface of Node does. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { sequence } from '../../tke/der.ts'
import { algorithmIdentifier, privateKeyInfo, unsignedInteger } from '../der.ts'
import { integerBytes, randomBelow } from '../integers.ts'
import type { KeyPair } from '../key-pair.ts'
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
  const secret = unsignedInteger(integerBytes(randomBelow(q)))
  const info = privateKeyInfo(algorithmIdentifier(ID_DSA, sequence(...members)), secret)
  try {
    const privateKey = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' })
    return { privateKey, publicKey: createPublicKey(privateKey) }
  } finally {
    secret.fill(0)
    info.fill(0)
  }
}
