/** The text that an administrator of client certificates signs: the same for who signs, who checks, and who audits years later. */

/** Header fields of a signed command, in the spelling of HTTP/2. */
export const certificateCommandHeaders = {
  keyId: 'x-cert-mgr-key-id',
  timestamp: 'x-cert-mgr-timestamp',
  nonce: 'x-cert-mgr-nonce',
  signature: 'x-cert-mgr-signature',
} as const

/** What a command is about and what makes it this one command; each part as it was sent. */
export interface CommandPlace {
  /** Upper case. */
  readonly method: string
  /** Path of the request, with its query if it has one. */
  readonly path: string
  /** CRN of the instance. */
  readonly instance: string
  /** IAM id of the caller. */
  readonly caller: string
  /** Milliseconds since the epoch, decimal. */
  readonly timestamp: string
  /** 128 random bits, base64url: 22 characters. */
  readonly nonce: string
}

/**
 * What the administrator's key signs (ECDSA over P-521 with SHA-512, in DER): UTF-8, lines joined with LF, none at the end.
 * The first line keeps a signature from meaning anything elsewhere; each other one from being used for another verb,
 * certificate, instance, user, moment or content.
 *
 * @param place what the command is about
 * @param contentHash SHA-256 of the bytes of the body as they were sent (of none, when there is no body), lower-case
 *   hexadecimal
 * @throws RangeError when a part holds a line break: the text would be that of another command
 */
export function certificateCommandText(place: CommandPlace, contentHash: string): string {
  return textOf('keywitness-cert-v1', place, contentHash)
}

/**
 * What a new key signs when it takes the place of another: that whoever names it, has it.
 *
 * @param place of the command that the old key signs
 * @param newKeyId SHA-256 of the new public key (SubjectPublicKeyInfo), lower-case hexadecimal
 * @throws RangeError as above
 */
export function keyProofText(place: CommandPlace, newKeyId: string): string {
  return textOf('keywitness-cert-v1-proof', place, newKeyId)
}

/**
 * The one body of a command that brings a key. Its event holds the members but not the body: were there two ways to write it,
 * the hash in the signed text would not tell which key was signed for.
 *
 * @param publicKey base64 of the SubjectPublicKeyInfo
 * @param proof base64 of the new key's signature; undefined for the first key
 */
export function keyCommandBody(publicKey: string, proof?: string): string {
  return JSON.stringify(proof === undefined ? { publicKey } : { publicKey, proof })
}

function textOf(purpose: string, place: CommandPlace, last: string): string {
  const { method, path, instance, caller, timestamp, nonce } = place
  const lines = [purpose, method, path, instance, caller, timestamp, nonce, last]
  if (lines.some((line) => /[\r\n]/.test(line))) throw new RangeError('a part of a signed command holds a line break')
  return lines.join('\n')
}
