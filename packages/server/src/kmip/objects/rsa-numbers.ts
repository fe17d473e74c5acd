/** Whether the numbers of an RSA private key belong together (RFC 8017, section 3.2). */
import { constants, createPublicKey, type KeyObject, privateEncrypt, publicDecrypt } from 'node:crypto'
import { exportAsymmetric } from '@keywitness/crypto-unit/asymmetric-key'
import { takeUnsigned } from '@keywitness/crypto-unit/ep11/der'
import { integerOf } from '@keywitness/crypto-unit/ep11/integers'
import { membersOf } from '@keywitness/crypto-unit/tke/der'

/** Version, and the eight numbers of RSAPrivateKey. */
const MEMBERS = 9

/** OpenSSL looks at some of them only; a client that gets the key back may look at others. */
export function areOneKey(key: KeyObject): boolean {
  const der = exportAsymmetric(key, 'pkcs1-private')
  try {
    return areConsistent(der) && goesThereAndBack(key)
  } finally {
    der.fill(0)
  }
}

function areConsistent(der: Buffer): boolean {
  const members = membersOf(der)
  const numbers = Array.from({ length: MEMBERS }, () => integerOf(takeUnsigned(members)))
  const [, n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dp = 0n, dq = 0n, qi = 0n] = numbers
  if (p < 3n || q < 3n || p * q !== n) return false
  const isInverse = (prime: bigint, exponent: bigint): boolean =>
    d % (prime - 1n) === exponent && (e * exponent) % (prime - 1n) === 1n
  return isInverse(p, dp) && isInverse(q, dq) && (qi * q) % p === 1n
}

/** That the factors are prime numbers shows in this only: what the private exponent makes, the public one takes back. */
function goesThereAndBack(key: KeyObject): boolean {
  const padding = constants.RSA_NO_PADDING
  const block = Buffer.alloc(Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8), 0x5a)
  block[0] = 0
  try {
    return publicDecrypt({ key: createPublicKey(key), padding }, privateEncrypt({ key, padding }, block)).equals(block)
  } catch {
    return false
  }
}
