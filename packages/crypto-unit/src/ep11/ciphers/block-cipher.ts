/** The block ciphers behind ciphers and MACs: which keys they take, and what OpenSSL calls them with a key. */
import type { KeyObject } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import { keyObjectOf, type SecretKey } from '../usable-key.ts'

/** FIPS 197; NIST SP 800-67. */
export type BlockCipherFamily = 'AES' | 'DES3'

/** OpenSSL's names of a block cipher's modes. */
interface CipherNames {
  readonly ecb: string
  readonly cbc: string
}

/** A block cipher with its key. */
export interface BlockCipher extends CipherNames {
  readonly key: KeyObject
  readonly blockBytes: number
}

/** By key type: the family, and the names by key sizes in bytes. */
const ciphers: ReadonlyMap<
  number,
  {
    readonly family: BlockCipherFamily
    readonly blockBytes: number
    readonly names: ReadonlyMap<number, CipherNames>
  }
> = new Map([
  [
    keyTypes.CKK_AES,
    {
      family: 'AES',
      blockBytes: 16,
      names: new Map([
        [16, { ecb: 'aes-128-ecb', cbc: 'aes-128-cbc' }],
        [24, { ecb: 'aes-192-ecb', cbc: 'aes-192-cbc' }],
        [32, { ecb: 'aes-256-ecb', cbc: 'aes-256-cbc' }],
      ]),
    },
  ],
  [
    keyTypes.CKK_DES2,
    { family: 'DES3', blockBytes: 8, names: new Map([[16, { ecb: 'des-ede-ecb', cbc: 'des-ede-cbc' }]]) },
  ],
  [
    keyTypes.CKK_DES3,
    { family: 'DES3', blockBytes: 8, names: new Map([[24, { ecb: 'des-ede3-ecb', cbc: 'des-ede3-cbc' }]]) },
  ],
])

/** @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` for a key of none of these families, `CKR_KEY_SIZE_RANGE` */
export function blockCipherOf(key: SecretKey, families: readonly BlockCipherFamily[]): BlockCipher {
  const cipher = ciphers.get(key.keyType)
  if (cipher === undefined || !families.includes(cipher.family)) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The mechanism does not take keys of this type.')
  }
  const names = cipher.names.get(key.value.length)
  if (names === undefined) throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'The key has no length of its type.')
  return { key: keyObjectOf(key), ecb: names.ecb, cbc: names.cbc, blockBytes: cipher.blockBytes }
}
