/** The symmetric ciphers that sealed keys are used with: which key, vector, tag and data each mode takes. */
import { timingSafeEqual } from 'node:crypto'
import type { CipherMode, DecryptUse, EncryptUse } from './key-use.ts'
import { UnitError } from './unit-error.ts'

interface Span {
  readonly least: number
  readonly most: number
}

interface Lengths {
  readonly least: number
  readonly multiple: number
}

interface Mode {
  /** What OpenSSL's name of it ends with. */
  readonly suffix: string
  /** Bytes of the initialisation vector: when the unit draws it, and what a caller may give. */
  readonly iv?: Span & { readonly drawn: number }
  /** Bytes of the tag of a mode that has one. */
  readonly tag?: Span
  /** The constant that key wrapping recognises its own by (RFC 3394, section 2.2.3.1; RFC 5649, section 3). */
  readonly integrity?: Buffer
  /** Bytes of data that are encrypted, where they are not padded, and of data that are decrypted. */
  readonly plaintext: Lengths
  readonly ciphertext: Lengths
  readonly isPadded?: true
}

/** A mode with a key, under OpenSSL's name. */
export interface Cipher extends Omit<Mode, 'suffix' | 'isPadded'> {
  readonly name: string
}

const anyLength = both({ least: 0, multiple: 1 })

/** NIST SP 800-38A, D and E, with vectors of 64 to 512 bits for GCM; RFC 3394 and 5649. */
const aesModes: Partial<Record<CipherMode, Mode>> = {
  ECB: { suffix: 'ecb', isPadded: true, ...both({ least: 0, multiple: 16 }) },
  CBC: { suffix: 'cbc', isPadded: true, iv: exactly(16), ...both({ least: 0, multiple: 16 }) },
  CFB: { suffix: 'cfb', iv: exactly(16), ...anyLength },
  OFB: { suffix: 'ofb', iv: exactly(16), ...anyLength },
  CTR: { suffix: 'ctr', iv: exactly(16), ...anyLength },
  GCM: { suffix: 'gcm', iv: { drawn: 12, least: 8, most: 64 }, tag: { least: 12, most: 16 }, ...anyLength },
  XTS: { suffix: 'xts', iv: exactly(16), ...both({ least: 16, multiple: 1 }) },
  NISTKeyWrap: {
    suffix: 'wrap',
    integrity: Buffer.from('a6a6a6a6a6a6a6a6', 'hex'),
    plaintext: { least: 16, multiple: 8 },
    ciphertext: { least: 24, multiple: 8 },
  },
  AESKeyWrapPadding: {
    suffix: 'wrap-pad',
    integrity: Buffer.from('a65959a6', 'hex'),
    plaintext: { least: 1, multiple: 1 },
    ciphertext: { least: 16, multiple: 8 },
  },
}

/** NIST SP 800-67 with the modes of SP 800-38A. */
const tripleDesModes: Partial<Record<CipherMode, Mode>> = {
  ECB: { suffix: '', isPadded: true, ...both({ least: 0, multiple: 8 }) },
  CBC: { suffix: '-cbc', isPadded: true, iv: exactly(8), ...both({ least: 0, multiple: 8 }) },
}

/** RFC 8439. */
const chachaModes: Partial<Record<CipherMode, Mode>> = {
  AEAD: { suffix: '', iv: exactly(12), tag: { least: 16, most: 16 }, ...anyLength },
}

/**
 * The cipher that is asked for, once it is certain that the key is one of its keys and nothing is asked that it has not.
 * @throws UnitError `INVALID`
 */
export function cipherOf(use: EncryptUse | DecryptUse, material: Uint8Array): Cipher {
  const { mode, named } = namedOf(use, material)
  if (use.padding === 'PKCS5' && mode.isPadded !== true) throw new UnitError('INVALID', 'The mode has no padding.')
  if (use.additional !== undefined && mode.tag === undefined) {
    throw new UnitError('INVALID', 'The mode authenticates no additional data.')
  }
  return { ...mode, name: named + mode.suffix }
}

function namedOf({ algorithm, mode }: EncryptUse | DecryptUse, material: Uint8Array): { mode: Mode; named: string } {
  const count = material.length
  switch (algorithm) {
    case 'AES': {
      const found = demanded(aesModes[mode])
      if (mode === 'XTS') return { mode: found, named: `aes-${xtsBits(material)}-` }
      demandKey(count === 16 || count === 24 || count === 32)
      const isWrapping = found.integrity !== undefined
      return { mode: found, named: `${isWrapping ? 'id-aes' : 'aes-'}${count * 8}-` }
    }
    case '3DES': {
      const found = demanded(tripleDesModes[mode])
      demandKey(count === 16 || count === 24)
      return { mode: found, named: count === 16 ? 'des-ede' : 'des-ede3' }
    }
    case 'ChaCha20Poly1305': {
      const found = demanded(chachaModes[mode])
      demandKey(count === 32)
      return { mode: found, named: 'chacha20-poly1305' }
    }
  }
}

/** Two keys in one, which must differ: alike, they would void the tweak (FIPS 140-3 IG, C.I). */
function xtsBits(material: Uint8Array): number {
  demandKey(material.length === 32 || material.length === 64)
  const half = material.length / 2
  demandKey(!timingSafeEqual(material.subarray(0, half), material.subarray(half)))
  return half * 8
}

function demanded(mode: Mode | undefined): Mode {
  if (mode === undefined) throw new UnitError('INVALID', 'The algorithm is not used in this mode.')
  return mode
}

function demandKey(fits: boolean): void {
  if (!fits) throw new UnitError('INVALID', 'The key is no key of this algorithm and mode.')
}

function exactly(count: number): Span & { readonly drawn: number } {
  return { drawn: count, least: count, most: count }
}

function both(lengths: Lengths): Pick<Mode, 'plaintext' | 'ciphertext'> {
  return { plaintext: lengths, ciphertext: lengths }
}
