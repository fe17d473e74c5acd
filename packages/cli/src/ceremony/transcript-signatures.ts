/** Signatures of those present under a transcript: over its text, by the keys that units know them by. */
import { createHash } from 'node:crypto'
import { type Person, personText } from '@keywitness/cadf/transcripts'
import { parseAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { decodeSignerInfos, verifySignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { CliError } from '../cli-error.ts'

const FORMAT = 'keywitness-transcript-signatures/1'
/** Nobody needs more, and a file that has more is none. */
const SIGNATURES_MAX = 64
export const SIGNATURE_FILE_BYTES_MAX = 256 * 1024

interface TranscriptSignature {
  /** The signer's administrator certificate, base64: it has the public key, and so its identifier. */
  readonly certificate: string
  /** SignerInfo over the text, base64 (TKE reference, section 4.1). */
  readonly signerInfo: string
}

export interface TranscriptSignatures {
  readonly format: typeof FORMAT
  /** SHA-256 of the transcript's text, 64 hex digits. */
  readonly transcript: string
  readonly signatures: readonly TranscriptSignature[]
}

/** Whoever has signed: the key is proved, and the name is what the one who signed says of it. */
export interface TranscriptSigner {
  readonly ski: string
  readonly claimedName: string
}

export function noSignatures(text: string): TranscriptSignatures {
  return { format: FORMAT, transcript: sha256(text), signatures: [] }
}

/** With one more; whoever signs again replaces the signature given before. */
export function withSignature(
  file: TranscriptSignatures,
  certificate: Uint8Array,
  signerInfo: Uint8Array,
): TranscriptSignatures {
  const added = { certificate: base64(certificate), signerInfo: base64(signerInfo) }
  const { ski } = parseAdministratorCertificate(certificate)
  const others = file.signatures.filter((one) => skiOf(one) !== ski)
  if (others.length >= SIGNATURES_MAX) throw new CliError('BAD_INPUT', 'too many have signed this transcript')
  return { ...file, signatures: [...others, added] }
}

/** @throws CliError `BAD_INPUT` when it is no file of signatures */
export function parseSignatures(json: string): TranscriptSignatures {
  try {
    const file = JSON.parse(json) as TranscriptSignatures
    const isSound =
      file.format === FORMAT &&
      typeof file.transcript === 'string' &&
      Array.isArray(file.signatures) &&
      file.signatures.length <= SIGNATURES_MAX &&
      file.signatures.every((one) => typeof one?.certificate === 'string' && typeof one?.signerInfo === 'string')
    if (isSound) return file
  } catch {
    // Told below: it is no such file.
  }
  throw new CliError('BAD_INPUT', 'this is no file of signatures of a transcript')
}

/**
 * Who has signed this text.
 * @throws CliError `VERIFICATION_FAILED` when the signatures are of another transcript, or one does not verify
 */
export function verifySignatures({ transcript, signatures }: TranscriptSignatures, text: string): TranscriptSigner[] {
  if (transcript !== sha256(text)) {
    throw new CliError('VERIFICATION_FAILED', 'the signatures are of another transcript', 'rely on none of them')
  }
  const message = Buffer.from(text, 'utf8')
  return signatures.map((one, at) => {
    const person = holds(one, message)
    if (person !== undefined) return person
    throw new CliError('VERIFICATION_FAILED', `signature ${at + 1} does not verify`, 'rely on none of them')
  })
}

/** How a signer is told: by the names that the events know, since the certificate beside a signature is its maker's own. */
export function signerText({ ski, claimedName }: TranscriptSigner, people: readonly Person[]): string {
  const known = people.find((person) => person.ski === ski)
  if (known === undefined) return `${ski}, unknown to these events, who claims to be "${claimedName}"`
  if (known.names.length > 0) return personText(known)
  return `${ski}, whose name these events do not tell, who claims to be "${claimedName}"`
}

function holds({ certificate, signerInfo }: TranscriptSignature, message: Uint8Array): TranscriptSigner | undefined {
  try {
    const { name, ski, publicKey } = parseAdministratorCertificate(Buffer.from(certificate, 'base64'))
    const [info, ...others] = decodeSignerInfos(Buffer.from(signerInfo, 'base64'))
    const isGood =
      info !== undefined && others.length === 0 && info.ski === ski && verifySignerInfo(message, info, publicKey)
    return isGood ? { ski, claimedName: name } : undefined
  } catch {
    return undefined
  }
}

function skiOf({ certificate }: TranscriptSignature): string | undefined {
  try {
    return parseAdministratorCertificate(Buffer.from(certificate, 'base64')).ski
  } catch {
    return undefined
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
