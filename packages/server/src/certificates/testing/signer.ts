/** An administrator's key, and commands signed with it as a client signs them. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  certificateCommandHeaders as headers,
  certificateCommandText,
  type CommandPlace,
  keyProofText,
} from '@keywitness/cadf'

export interface Signer {
  readonly id: string
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string
  readonly key: KeyObject
}

export function newSigner(): Signer {
  const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  return { id: createHash('sha256').update(spki).digest('hex'), publicKey: spki.toString('base64'), key }
}

/** What a command's text is made of; each part may be another one than is sent. */
export interface CommandParts extends CommandPlace {
  /** As it is sent. */
  readonly body: string | Uint8Array
}

export function signCommand(signer: Signer, parts: CommandParts): Record<string, string> {
  const text = certificateCommandText(parts, createHash('sha256').update(parts.body).digest('hex'))
  return {
    [headers.keyId]: signer.id,
    [headers.timestamp]: parts.timestamp,
    [headers.nonce]: parts.nonce,
    [headers.signature]: sign('sha512', Buffer.from(text), signer.key).toString('base64'),
  }
}

export function proofOf(signer: Signer, place: CommandPlace): string {
  return sign('sha512', Buffer.from(keyProofText(place, signer.id)), signer.key).toString('base64')
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url')
}
