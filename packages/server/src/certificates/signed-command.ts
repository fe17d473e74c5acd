/** Commands that an administrator signed with the key on their own machine: read, verified, and good for once. */
import { createHash, type KeyObject, verify } from 'node:crypto'
import {
  certificateCommandHeaders as headers,
  certificateCommandText,
  type CommandPlace,
  isOfType,
  keyProofText,
} from '@keywitness/cadf'
import type { Done } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { headerOf } from '../http/request-facts.ts'
import { certificateLimits } from './limits.ts'
import type { CertificateParts } from './parts.ts'
import { spendNonce } from './store.ts'

export interface SignedCommand {
  /** Of the key that it says it is signed by. */
  readonly keyId: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly place: CommandPlace
  /** SHA-256 of the body as it was sent, lower-case hexadecimal. */
  readonly contentHash: string
  /** ECDSA-Sig-Value. */
  readonly signature: Uint8Array
}

/** What an event tells of a command, so that its signature can be checked from the trail alone. */
export interface SeenCommand {
  timestamp?: string | undefined
  commandNonce?: string | undefined
  contentHash?: string | undefined
  signature?: string | undefined
}

/** What an event tells of a command that names a key in force of somebody else. */
export interface SeenSigner {
  keyOwner?: string | undefined
}

/** Exactly as many digits as times have from 2001 to 2286: each has one spelling. */
const timePattern = /^[1-9]\d{12}$/
/** 128 bits: of the last digit only two count. */
const noncePattern = /^[A-Za-z0-9_-]{21}[AQgw]$/

/**
 * Reads the headers of a signed command, and notes them.
 * @throws Refusal `CERT_SIGNATURE_MISSING`; `INVALID_FIELD_ERR` for a header in another form; `INVALID_QUERY_PARAM_ERR` for
 *   a query: no event would hold all of it, and nobody could check the signature later; `BODY_TOO_LARGE`
 */
export function readCommand(request: OwnInstanceRequest, seen: SeenCommand): SignedCommand {
  const { method, path, body } = request.sent()
  const valueOf = (name: keyof typeof headers): string | undefined => headerOf(request.headers, headers[name])
  const [keyId, timestamp] = [valueOf('keyId'), valueOf('timestamp')]
  const [nonce, signature] = [valueOf('nonce'), valueOf('signature')]
  if (keyId === undefined || timestamp === undefined || nonce === undefined || signature === undefined) {
    throw new Refusal('CERT_SIGNATURE_MISSING')
  }
  if (!isOfType('sha256', keyId)) throw badHeader(headers.keyId, '64 hexadecimal digits, lower-case')
  if (!timePattern.test(timestamp)) throw badHeader(headers.timestamp, 'milliseconds since the epoch')
  if (!noncePattern.test(nonce)) throw badHeader(headers.nonce, '128 bits in base64url')
  const bytes = bytesOfSignature(signature)
  const contentHash = createHash('sha256').update(body).digest('hex')
  Object.assign(seen, {
    timestamp: new Date(Number(timestamp)).toISOString(),
    commandNonce: nonce,
    contentHash,
    signature,
  } satisfies SeenCommand)
  if (/[?#]/.test(path)) {
    throw new Refusal('INVALID_QUERY_PARAM_ERR', { message: 'A signed command has no query.' })
  }
  return {
    keyId,
    time: Number(timestamp),
    place: { method, path, instance: request.instance.crn, caller: request.caller.id, timestamp, nonce },
    contentHash,
    signature: bytes,
  }
}

function badHeader(name: string, form: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message: `The header ${name} must be ${form}.` })
}

/** @throws Refusal `INVALID_FIELD_ERR` */
function bytesOfSignature(base64: string): Uint8Array {
  const bytes = readSignature(base64)
  if (bytes === undefined) throw badHeader(headers.signature, 'base64 of an ECDSA signature in DER')
  return bytes
}

/** The bytes of a signature in base64; undefined for what cannot be one. */
export function readSignature(base64: string): Uint8Array | undefined {
  const bytes = Buffer.from(base64, 'base64')
  return isOfType('p521-signature', base64) && bytes.toString('base64') === base64 ? bytes : undefined
}

/**
 * Verifies a command.
 * @param key the one that the command names
 * @throws Refusal `CERT_COMMAND_STALE`, `CERT_SIGNATURE_WRONG`, `CERT_COMMAND_REUSED`
 */
export function verifyCommand(command: SignedCommand, key: KeyObject, parts: CertificateParts): void {
  const { keyId, time, place, contentHash, signature } = command
  if (Math.abs(parts.clock.now() - time) > certificateLimits.freshMs) throw new Refusal('CERT_COMMAND_STALE')
  if (!isSigned(certificateCommandText(place, contentHash), key, signature)) throw new Refusal('CERT_SIGNATURE_WRONG')
  if (parts.certificates.isSpent(keyId, place.nonce)) throw new Refusal('CERT_COMMAND_REUSED')
}

/**
 * What a key's event holds must be all that was signed: the body in its one spelling.
 * @throws Refusal `INVALID_FIELD_ERR`
 */
export function requireBody({ contentHash }: SignedCommand, body: string): void {
  if (createHash('sha256').update(body).digest('hex') === contentHash) return
  const message = 'The body must be JSON without blanks or escapes, its members in the order publicKey, proof.'
  throw new Refusal('INVALID_FIELD_ERR', { message })
}

/** Verifies that a new key was there when the old one signed. @throws Refusal `CERT_SIGNATURE_WRONG` */
export function verifyProof({ place }: SignedCommand, key: KeyObject, keyId: string, proof: Uint8Array): void {
  if (isSigned(keyProofText(place, keyId), key, proof)) return
  throw new Refusal('CERT_SIGNATURE_WRONG', { message: 'The proof is not a signature of this command by the new key.' })
}

/** OpenSSL takes a signature in its one DER form only. */
function isSigned(text: string, key: KeyObject, signature: Uint8Array): boolean {
  return verify('sha512', Buffer.from(text), key, signature)
}

/** Decides on a verified command. Whatever comes of it, it is not to be sent again: its nonce is spent. */
export function spending<R>({ keyId, time, place }: SignedCommand, decide: () => Done<R>): Done<R> {
  const spent = spendNonce(keyId, place.nonce, time)
  try {
    const done = decide()
    return { ...done, changes: [spent, ...(done.changes ?? [])] }
  } catch (error) {
    if (error instanceof Refusal) error.spends = [spent]
    throw error
  }
}
