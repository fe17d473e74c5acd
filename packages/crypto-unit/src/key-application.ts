/** One use of a sealed key, by OpenSSL: what is asked is held against key and mode before any cipher sees it. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomFillSync,
  timingSafeEqual,
  type CipherGCMTypes,
} from 'node:crypto'
import { applyAsymmetric } from './asymmetric-application.ts'
import { cipherOf, type Cipher } from './ciphers.ts'
import type { DecryptUse, EncryptUse, KeyUse, KeyUseResults, MacHash } from './key-use.ts'
import { UnitError } from './unit-error.ts'

/** OpenSSL's names of the hashes of an HMAC. */
export const hashNames: Readonly<Record<MacHash, string>> = {
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA3-224': 'sha3-224',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
}

/**
 * Does what is asked with opened material. The caller zeroes the material, and the result's data once they are answered.
 * @throws UnitError `INVALID` when what is asked does not fit the key or the mode; `TAMPERED` when data do not decrypt, with
 *   one text for a wrong tag, a wrong padding and a wrong wrapping
 */
export function applyKey<What extends KeyUse['what']>(
  material: Uint8Array,
  use: KeyUse & { readonly what: What },
): KeyUseResults[What]
export function applyKey(material: Uint8Array, use: KeyUse): KeyUseResults[KeyUse['what']] {
  if (material.length === 0) throw new UnitError('INVALID', 'The key is empty.')
  switch (use.what) {
    case 'encrypt':
      return encrypt(material, use)
    case 'decrypt':
      return decrypt(material, use)
    case 'mac':
      return { data: macOf(material, use) }
    case 'mac-verify': {
      const right = macOf(material, use)
      return { ok: use.mac.length === right.length && timingSafeEqual(use.mac, right) }
    }
    default:
      return applyAsymmetric(material, use)
  }
}

function encrypt(material: Uint8Array, use: EncryptUse): KeyUseResults['encrypt'] {
  const cipher = cipherOf(use, material)
  demandLength(use.data, use.padding === 'PKCS5' ? { least: 0, multiple: 1 } : cipher.plaintext)
  const tagBytes = use.tagBytes ?? cipher.tag?.most
  demandTag(cipher, tagBytes)
  const iv = use.iv ?? (cipher.iv === undefined ? undefined : randomFillSync(Buffer.alloc(cipher.iv.drawn)))
  demandIv(cipher, iv)
  const drawn = use.iv === undefined && iv !== undefined ? { iv } : {}
  const vector = iv ?? cipher.integrity ?? new Uint8Array()
  if (tagBytes === undefined) {
    const running = createCipheriv(cipher.name, material, vector).setAutoPadding(use.padding === 'PKCS5')
    return { data: Buffer.concat([running.update(use.data), running.final()]), ...drawn }
  }
  const running = createCipheriv(cipher.name as CipherGCMTypes, material, vector, { authTagLength: tagBytes })
  running.setAAD(use.additional ?? new Uint8Array())
  const data = Buffer.concat([running.update(use.data), running.final()])
  return { data, tag: running.getAuthTag(), ...drawn }
}

function decrypt(material: Uint8Array, use: DecryptUse): KeyUseResults['decrypt'] {
  const cipher = cipherOf(use, material)
  const { least, multiple } = cipher.ciphertext
  demandLength(use.data, { least: use.padding === 'PKCS5' ? multiple : least, multiple })
  demandTag(cipher, use.tag?.length)
  demandIv(cipher, use.iv)
  const vector = use.iv ?? cipher.integrity ?? new Uint8Array()
  if (use.tag === undefined) {
    return finished(createDecipheriv(cipher.name, material, vector).setAutoPadding(use.padding === 'PKCS5'), use.data)
  }
  const authTagLength = use.tag.length
  const running = createDecipheriv(cipher.name as CipherGCMTypes, material, vector, { authTagLength })
  running.setAAD(use.additional ?? new Uint8Array()).setAuthTag(use.tag)
  return finished(running, use.data)
}

/** Decrypts to the end; what was decrypted before an end that does not fit is zeroed, and nothing says what did not fit. */
function finished(running: ReturnType<typeof createDecipheriv>, data: Uint8Array): { readonly data: Buffer } {
  const pieces: Buffer[] = []
  try {
    pieces.push(running.update(data))
    pieces.push(running.final())
    return { data: Buffer.concat(pieces) }
  } catch {
    throw new UnitError('TAMPERED', 'The data do not decrypt with this key and these parameters.')
  } finally {
    for (const piece of pieces) piece.fill(0)
  }
}

function macOf(material: Uint8Array, { hash, data }: { readonly hash: MacHash; readonly data: Uint8Array }): Buffer {
  return createHmac(hashNames[hash], material).update(data).digest()
}

function demandLength(data: Uint8Array, { least, multiple }: Cipher['plaintext']): void {
  if (data.length < least || data.length % multiple !== 0) {
    throw new UnitError('INVALID', 'The data do not have a length that the mode takes.')
  }
}

function demandIv({ iv }: Cipher, given: Uint8Array | undefined): void {
  if (iv === undefined && given === undefined) return
  if (iv === undefined) throw new UnitError('INVALID', 'The mode has no initialisation vector.')
  if (given === undefined) throw new UnitError('INVALID', 'The initialisation vector is missing.')
  if (given.length < iv.least || given.length > iv.most) {
    throw new UnitError('INVALID', 'The initialisation vector does not have a length that the mode takes.')
  }
}

function demandTag({ tag }: Cipher, bytes: number | undefined): void {
  if (tag === undefined && bytes === undefined) return
  if (tag === undefined) throw new UnitError('INVALID', 'The mode has no tag.')
  if (bytes === undefined) throw new UnitError('INVALID', 'The tag is missing.')
  if (bytes < tag.least || bytes > tag.most) {
    throw new UnitError('INVALID', 'The tag does not have a length that the mode takes.')
  }
}
