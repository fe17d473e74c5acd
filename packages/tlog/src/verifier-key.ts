/** Verifier keys of signed notes in their text form (c2sp.org/signed-note, "Verifier keys"), Ed25519 only. */
import { fromBase64, isNoteSafe, toBase64, toHex } from './bytes.ts'
import { NoteError } from './errors.ts'
import { sha256 } from './sha256.ts'

/** Signature type byte of plain Ed25519 (c2sp.org/signed-note, "Signature types"). */
export const ED25519 = 0x01

/** The longest key text taken, in characters. */
const KEY_TEXT_MAX = 1000

/** Something that can say whether a signature of a note is this key's. */
export interface NoteVerifier {
  /** The key's name; a log's is its origin. */
  readonly name: string
  /** The key id: name and id together find the signature lines that are this key's. */
  readonly keyId: number
  verify(message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** Whether a text may be the name of a key: no spaces, no plus, no control characters, well-formed, not empty. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && isNoteSafe(name) && !/[\s\u0085+]/u.test(name)
}

/**
 * The first four bytes, big-endian, of SHA-256(name ‖ newline ‖ type ‖ public key).
 *
 * @example
 * keyId('example.com/foo', ED25519, publicKey) // 0x530d903a
 */
export function keyId(name: string, type: number, publicKey: Uint8Array): number {
  const prefix = new TextEncoder().encode(`${name}\n`)
  const preimage = new Uint8Array(prefix.length + 1 + publicKey.length)
  preimage.set(prefix)
  preimage[prefix.length] = type
  preimage.set(publicKey, prefix.length + 1)
  const digest = sha256(preimage)
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}

/** A key id as the eight hexadecimal digits of a verifier key. */
export function formatKeyId(id: number): string {
  return id.toString(16).padStart(8, '0')
}

/**
 * The one-line text of an Ed25519 public key of 32 bytes.
 *
 * @throws NoteError `KEY_FORMAT`
 */
export function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  if (!isKeyName(name)) throw new NoteError('KEY_FORMAT', `not a key name: ${JSON.stringify(name.slice(0, 100))}`)
  if (publicKey.length !== 32) throw new NoteError('KEY_FORMAT', `an Ed25519 key has 32 bytes, not ${publicKey.length}`)
  return `${name}+${formatKeyId(keyId(name, ED25519, publicKey))}+${toBase64(Uint8Array.of(ED25519, ...publicKey))}`
}

/**
 * Reads a verifier key, without or with a final newline.
 *
 * @throws NoteError `KEY_FORMAT` when it is not well-formed or its id is not that of its key, `KEY_TYPE` when it is no
 *   Ed25519 key
 */
export function parseVerifierKey(text: string): NoteVerifier & { readonly publicKey: Uint8Array } {
  const refuse = (why: string): never => {
    throw new NoteError('KEY_FORMAT', `not a verifier key: ${why}`)
  }
  if (text.length > KEY_TEXT_MAX) return refuse(`over ${KEY_TEXT_MAX} characters`)
  const line = text.endsWith('\n') ? text.slice(0, -1) : text
  // The base64 part may hold further pluses: only the first two divide.
  const [name = '', id = ''] = line.split('+', 2)
  if (!isKeyName(name)) return refuse('the name is empty or has a space or control character')
  if (!/^[0-9a-f]{8}$/.test(id)) return refuse('the key id is not eight hexadecimal digits')
  const key = fromBase64(line.slice(name.length + id.length + 2))
  if (key === undefined || key.length === 0) return refuse('the key is not base64')
  if (key[0] !== ED25519) {
    throw new NoteError('KEY_TYPE', `a verifier key of type 0x${toHex(key.subarray(0, 1))}, not Ed25519`)
  }
  if (key.length !== 33) return refuse(`an Ed25519 key has 32 bytes, not ${key.length - 1}`)
  const publicKey = key.slice(1)
  const expected = keyId(name, ED25519, publicKey)
  if (formatKeyId(expected) !== id) return refuse('the key id is not the one of this name and key')
  return { name, keyId: expected, publicKey, verify: (message, signature) => verify(publicKey, message, signature) }
}

/** RFC 8032 Ed25519 through the platform's own implementation, the same call in Node and browsers. */
async function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false
  const { subtle } = globalThis.crypto
  const key = await subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify'])
  return subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message))
}
