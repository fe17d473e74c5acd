/** What a sealed key is asked to do, and what comes of it, as both sides of the pipe read and write it. */
import {
  asymmetricUses,
  isAsymmetricUse,
  putAsymmetricUse,
  readAsymmetricUse,
  type AsymmetricUse,
} from './asymmetric-use.ts'
import { ProtocolError, type Fields, type FrameBatch } from './frames.ts'
import { ADDITIONAL_BYTES_MAX, CIPHERTEXT_BYTES_MAX, PLAINTEXT_BYTES_MAX } from './protocol.ts'

/** `des`: each byte of the material has odd parity. */
export const materialForms = ['any', 'des'] as const
export type MaterialForm = (typeof materialForms)[number]

/** Cryptographic Algorithm, as KMIP spells it. */
const cipherAlgorithms = ['AES', '3DES', 'ChaCha20Poly1305'] as const
export type CipherAlgorithm = (typeof cipherAlgorithms)[number]

/**
 * Block Cipher Mode, as KMIP spells it. CFB has the width of a block; `NISTKeyWrap` is RFC 3394,
 * `AESKeyWrapPadding` RFC 5649; `AEAD` is the one mode of ChaCha20-Poly1305.
 */
const cipherModes = [
  'ECB',
  'CBC',
  'CFB',
  'OFB',
  'CTR',
  'GCM',
  'XTS',
  'NISTKeyWrap',
  'AESKeyWrapPadding',
  'AEAD',
] as const
export type CipherMode = (typeof cipherModes)[number]

const paddings = ['None', 'PKCS5'] as const

/** Hashing Algorithm, as KMIP spells it: the hash of an HMAC. */
export const macHashes = [
  'SHA-1',
  'SHA-224',
  'SHA-256',
  'SHA-384',
  'SHA-512',
  'SHA3-224',
  'SHA3-256',
  'SHA3-384',
  'SHA3-512',
] as const
export type MacHash = (typeof macHashes)[number]

interface CipherUse {
  readonly algorithm: CipherAlgorithm
  readonly mode: CipherMode
  /** PKCS5 with ECB and CBC only. */
  readonly padding: (typeof paddings)[number]
  /** Authenticated with the data: GCM and AEAD only. */
  readonly additional?: Uint8Array
  readonly data: Uint8Array
}

export interface EncryptUse extends CipherUse {
  readonly what: 'encrypt'
  /** Drawn by the unit, and answered, when absent and the mode has one. */
  readonly iv?: Uint8Array
  /** Length of the tag, 12 to 16, or 16 when absent: GCM and AEAD only. */
  readonly tagBytes?: number
}

export interface DecryptUse extends CipherUse {
  readonly what: 'decrypt'
  /** Absent only where the mode has none: ECB and key wrapping. */
  readonly iv?: Uint8Array
  /** GCM and AEAD only, and there it must be. */
  readonly tag?: Uint8Array
}

/** HMAC (FIPS 198-1) with a key of any length. */
export interface MacUse {
  readonly what: 'mac'
  readonly hash: MacHash
  readonly data: Uint8Array
}

export interface MacVerifyUse {
  readonly what: 'mac-verify'
  readonly hash: MacHash
  readonly data: Uint8Array
  /** Of the hash's whole length: a shorter one is not right. */
  readonly mac: Uint8Array
}

export type KeyUse = EncryptUse | DecryptUse | MacUse | MacVerifyUse | AsymmetricUse

/** What comes of each use. */
export interface KeyUseResults {
  /** `iv` when the unit drew it; `tag` with GCM and AEAD. */
  readonly encrypt: { readonly data: Uint8Array; readonly iv?: Uint8Array; readonly tag?: Uint8Array }
  readonly decrypt: { readonly data: Uint8Array }
  readonly mac: { readonly data: Uint8Array }
  readonly 'mac-verify': { readonly ok: boolean }
  readonly sign: { readonly data: Uint8Array }
  readonly 'signature-verify': { readonly ok: boolean }
  readonly 'public-encrypt': { readonly data: Uint8Array }
  readonly 'private-decrypt': { readonly data: Uint8Array }
}

const uses = ['encrypt', 'decrypt', 'mac', 'mac-verify', ...asymmetricUses] as const

/** Puts a use whose short fields have at most 255 bytes; an empty vector is the same as none. */
export function putKeyUse(request: FrameBatch, use: KeyUse): void {
  request.u8(uses.indexOf(use.what))
  if (isAsymmetricUse(use)) {
    putAsymmetricUse(request, use)
    return
  }
  if (use.what === 'mac' || use.what === 'mac-verify') {
    request.u8(macHashes.indexOf(use.hash))
    if (use.what === 'mac-verify') putShort(request, use.mac)
  } else {
    request.u8(cipherAlgorithms.indexOf(use.algorithm))
    request.u8(cipherModes.indexOf(use.mode))
    request.u8(paddings.indexOf(use.padding))
    putShort(request, use.iv)
    request.bytes(use.additional ?? new Uint8Array())
    if (use.what === 'encrypt') request.u8(use.tagBytes ?? 0)
    else putShort(request, use.tag)
  }
  request.bytes(use.data)
}

/** @throws ProtocolError `MALFORMED` */
export function readKeyUse(request: Fields): KeyUse {
  const what = named(uses, request)
  if (what === 'mac') return { what, hash: named(macHashes, request), data: request.bytes(PLAINTEXT_BYTES_MAX) }
  if (what === 'mac-verify') {
    const hash = named(macHashes, request)
    return { what, hash, mac: request.raw(request.u8()), data: request.bytes(PLAINTEXT_BYTES_MAX) }
  }
  if (what !== 'encrypt' && what !== 'decrypt') return readAsymmetricUse(what, request)
  const algorithm = named(cipherAlgorithms, request)
  const mode = named(cipherModes, request)
  const padding = named(paddings, request)
  const iv = readShort(request)
  const additional = request.bytes(ADDITIONAL_BYTES_MAX)
  const cipher = { algorithm, mode, padding, ...(iv && { iv }), ...(additional.length > 0 && { additional }) }
  if (what === 'encrypt') {
    const tagBytes = request.u8()
    const data = request.bytes(PLAINTEXT_BYTES_MAX)
    return { what, ...cipher, ...(tagBytes > 0 && { tagBytes }), data }
  }
  const tag = readShort(request)
  return { what, ...cipher, ...(tag && { tag }), data: request.bytes(CIPHERTEXT_BYTES_MAX) }
}

/** The answer, which the server knows how to read from what it asked. */
export function putOutcome(answer: FrameBatch, outcome: KeyUseResults['encrypt'] | KeyUseResults['mac-verify']): void {
  if ('ok' in outcome) {
    answer.u8(outcome.ok ? 1 : 0)
    return
  }
  putShort(answer, outcome.iv)
  putShort(answer, outcome.tag)
  answer.bytes(outcome.data)
}

/** @throws ProtocolError `MALFORMED` */
export function readOutcome<What extends KeyUse['what']>(answer: Fields, what: What): KeyUseResults[What]
export function readOutcome(answer: Fields, what: KeyUse['what']): KeyUseResults[KeyUse['what']] {
  if (what === 'mac-verify' || what === 'signature-verify') {
    const ok = answer.u8() === 1
    answer.end()
    return { ok }
  }
  const iv = readShort(answer)
  const tag = readShort(answer)
  // What is kept is copied: the pipe's buffer is zeroed once the answer is read.
  const data = new Uint8Array(answer.bytes(CIPHERTEXT_BYTES_MAX))
  answer.end()
  return { data, ...(iv && { iv: new Uint8Array(iv) }), ...(tag && { tag: new Uint8Array(tag) }) }
}

function putShort(batch: FrameBatch, value: Uint8Array | undefined): void {
  batch.u8(value?.length ?? 0)
  if (value !== undefined) batch.raw(value)
}

function readShort(fields: Fields): Buffer | undefined {
  const count = fields.u8()
  return count === 0 ? undefined : fields.raw(count)
}

function named<Name extends string>(names: readonly Name[], fields: Fields): Name {
  const name = names[fields.u8()]
  if (name === undefined) throw new ProtocolError('MALFORMED', 'A name is not known.')
  return name
}
