/** Both halves of a key, as OpenSSL holds them. */
import type { KeyObject } from 'node:crypto'

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}
