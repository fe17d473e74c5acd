/** Signatures of administrators' commands, checked by the platform's own cryptography: the same calls in Node and in browsers. */
import { isOfType } from '../field-types.ts'

/** A key as this platform holds it. */
export type VerifyingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** A public key that an event brings. */
export interface BroughtKey {
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly id: string
  readonly key: VerifyingKey
}

/** Bytes of a coordinate, and of each number of a signature. */
const NUMBER_BYTES = 66
const INTEGER = 0x02
const algorithm = { name: 'ECDSA', namedCurve: 'P-521' }

/** SHA-256, lower-case hexadecimal. */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * @param publicKey base64 of a SubjectPublicKeyInfo
 * @returns undefined when it is none of P-521 in the one form that commands have
 * @throws DOMException `NotSupportedError` where the platform does not know the curve
 */
export async function broughtKey(publicKey: string): Promise<BroughtKey | undefined> {
  if (!isOfType('p521-public-key', publicKey)) return undefined
  const spki = bytesOf(publicKey)
  try {
    return { id: await hashOf(spki), key: await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']) }
  } catch (error) {
    // Where the platform does not know the curve, nothing may be said of the key.
    if (error instanceof DOMException && error.name === 'NotSupportedError') throw error
    return undefined
  }
}

/** @param signature DER, base64, of ECDSA with SHA-512 */
export async function verifies(text: string, key: VerifyingKey, signature: string): Promise<boolean> {
  const numbers = isOfType('p521-signature', signature) ? numbersIn(bytesOf(signature)) : undefined
  if (numbers === undefined) return false
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-512' }, key, numbers, new TextEncoder().encode(text))
}

/** Both numbers side by side, as Web Cryptography takes them; undefined for what is not DER of a signature, in its one form. */
function numbersIn(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  // The sequence's length is written in one byte, or in a second one from 128 on.
  const start = der[1] === 0x81 ? 3 : 2
  const length = der[start - 1] ?? 0
  if (der[0] !== 0x30 || (start === 3) !== length >= 0x80 || der.length !== start + length) return undefined
  const numbers = new Uint8Array(2 * NUMBER_BYTES)
  let at = start
  for (const end of [NUMBER_BYTES, 2 * NUMBER_BYTES]) {
    const size = der[at + 1] ?? 0
    const digits = der.subarray(at + 2, at + 2 + size)
    if (der[at] !== INTEGER || digits.length !== size || !isShortest(digits)) return undefined
    const value = digits[0] === 0 ? digits.subarray(1) : digits
    if (value.length > NUMBER_BYTES) return undefined
    numbers.set(value, end - value.length)
    at += 2 + size
  }
  return at === der.length ? numbers : undefined
}

/** A number above zero without a byte too many. */
function isShortest([first, second]: Uint8Array): boolean {
  if (first === undefined || first >= 0x80) return false
  return first > 0 || (second !== undefined && second >= 0x80)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}
