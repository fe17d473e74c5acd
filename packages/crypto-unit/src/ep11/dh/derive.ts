/** The secret of two Diffie-Hellman keys (PKCS #3, section 8; CKM_DH_PKCS_DERIVE). */
import { createPublicKey, diffieHellman } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { parametersOf, publicKeyInfo, readPublicKeyInfo, unsignedInteger } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { bitLength, integerBytes, integerOf } from '../integers.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { readDhDomain } from './domain.ts'

/**
 * As long as the prime, filled up on the left; whoever asked zeroes it. `peer` is the other public value, big-endian and
 * without a sign, in no more bytes than the prime has and one for the sign.
 * @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT`, `CKR_KEY_SIZE_RANGE`; `CKR_MECHANISM_PARAM_INVALID` for a peer that is not in
 * 2 … P − 2, or that leads to a secret anybody knows
 */
export function dhDerive({ keyType, key }: AsymmetricKey, peer: Buffer): Buffer {
  if (keyType !== keyTypes.CKK_DH || key.asymmetricKeyType !== 'dh' || key.type !== 'private') {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The mechanism needs a private DH key.')
  }
  const { algorithm } = readPublicKeyInfo(createPublicKey(key).export({ format: 'der', type: 'spki' }))
  const p = primeOf(algorithm)
  if (peer.length > Math.ceil(bitLength(p) / 8) + 1) throw wrongPeer()
  const y = integerOf(peer)
  if (y <= 1n || y >= p - 1n) throw wrongPeer()
  const spki = publicKeyInfo(algorithm, unsignedInteger(integerBytes(y)))
  try {
    // OpenSSL refuses 1 and P − 1, which a peer of small order leads to, and in groups it knows whatever is outside of them.
    return diffieHellman({ privateKey: key, publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }) })
  } catch {
    throw wrongPeer()
  }
}

function primeOf(algorithm: Uint8Array): bigint {
  try {
    return readDhDomain(parametersOf(algorithm)).p
  } catch {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'The prime must have 1024 to 3072 bits.')
  }
}

function wrongPeer(): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', 'The public value of the peer is not usable with this key.')
}
