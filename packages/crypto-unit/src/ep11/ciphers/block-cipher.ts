/** The block ciphers behind ciphers and MACs: which keys they take, and what OpenSSL calls them with a key. */
import type { KeyObject } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import { keyObjectOf, type SecretKey } from '../usable-key.ts'

/** FIPS 197; NIST SP 800-67. */
export type BlockCipherFamily = 'AES' | 'DES3'

/** A block cipher with its key, under OpenSSL's names of its modes. */
export interface BlockCipher {
  readonly key: KeyObject
  readonly ecb: string
  readonly cbc: string
  readonly blockBytes: number
}

/** By key type: key sizes in bytes, the family, the beginning of OpenSSL's name. */
const ciphers: ReadonlyMap<
  number,
  {
    readonly family: BlockCipherFamily
    readonly blockBytes: number
    readonly names: ReadonlyMap<number, string>
  }
> = new Map([
  [
    keyTypes.CKK_AES,
    {
      family: 'AES',
      blockBytes: 16,
      names: new Map([
        [16, 'aes-128'],
        [24, 'aes-192'],
        [32, 'aes-256'],
      ]),
    },
  ],
  [keyTypes.CKK_DES2, { family: 'DES3', blockBytes: 8, names: new Map([[16, 'des-ede']]) }],
  [keyTypes.CKK_DES3, { family: 'DES3', blockBytes: 8, names: new Map([[24, 'des-ede3']]) }],
])

/** @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` for a key of none of these families, `CKR_KEY_SIZE_RANGE` */
export function blockCipherOf(key: SecretKey, families: readonly BlockCipherFamily[]): BlockCipher {
  const cipher = ciphers.get(key.keyType)
  if (cipher === undefined || !families.includes(cipher.family)) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The mechanism does not take keys of this type.')
  }
  const name = cipher.names.get(key.value.length)
  if (name === undefined) throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'The key has no length of its type.')
  return { key: keyObjectOf(key), ecb: `${name}-ecb`, cbc: `${name}-cbc`, blockBytes: cipher.blockBytes }
}
