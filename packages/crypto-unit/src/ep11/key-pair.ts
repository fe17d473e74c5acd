/** Both halves of a key, as OpenSSL holds them. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { privateKeyInfo, unsignedInteger } from './der.ts'
import { integerBytes } from './integers.ts'

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Of a private value in a group that the algorithm's parameters name; OpenSSL computes the public one as it reads it. */
export function keyPairOfValue(algorithm: Uint8Array, value: bigint): KeyPair {
  const secret = unsignedInteger(integerBytes(value))
  const info = privateKeyInfo(algorithm, secret)
  try {
    const privateKey = createPrivateKey({ key: info, format: 'der', type: 'pkcs8' })
    return { privateKey, publicKey: createPublicKey(privateKey) }
  } finally {
    secret.fill(0)
    info.fill(0)
  }
}
