/** What the import token operations receive. */
import type { KeyParts } from '../keys/parts.ts'
import type { Sealer } from '../seal.ts'
import type { Reader } from '../store/store.ts'
import type { MakeKeyPair } from './key-pairs.ts'

export interface ImportTokenParts extends Pick<KeyParts, 'access' | 'clock' | 'random'> {
  readonly reader: Reader
  readonly sealer: Sealer
  readonly makeKeyPair: MakeKeyPair
}
