/** X.509 certificates for people: whose, until when, and the fingerprint that is compared out of band. */
import { createHash, X509Certificate } from 'node:crypto'
import { CliError } from '../cli-error.ts'
import { inputName, readInput } from '../input-file.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Row, rowLines, timeText } from '../text-lines.ts'

export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** Names and addresses it is for; empty when it has none. */
  readonly names: string
  /** Such as `EC prime256v1` or `RSA 2048`. */
  readonly key: string
  /** RFC 3339. */
  readonly validFrom: string
  readonly validTo: string
  /** SHA-256 of the DER form, lower-case hexadecimal: what stands in events after `CertificateID-`. */
  readonly fingerprint: string
}

/** @param der one certificate; @throws Error when it is none */
export function factsOf(der: Uint8Array): CertificateFacts {
  const certificate = new X509Certificate(der)
  const { asymmetricKeyType = '', asymmetricKeyDetails: details } = certificate.publicKey
  const size = details?.namedCurve ?? details?.modulusLength
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: certificate.subjectAltName ?? '',
    key: `${asymmetricKeyType.toUpperCase()}${size === undefined ? '' : ` ${size}`}`,
    validFrom: dateText(certificate.validFromDate),
    validTo: dateText(certificate.validToDate),
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
  }
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}

function dateText(date: Date): string {
  return date.toISOString().replace('.000', '')
}

/** The fingerprint as other programs print it: upper case, with colons. */
export function withColons(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':')
}

/** Names and values, without the fingerprint; some are empty. */
function factRows(facts: CertificateFacts): [name: string, value: string][] {
  const { subject, issuer, names, key, validFrom, validTo } = facts
  return [
    ['subject', subject],
    ['issuer', issuer === subject ? 'itself' : issuer],
    ['names', names],
    ['key', key],
    ['valid', `${validFrom} to ${validTo}`],
  ]
}

/** Lines of name and value, safe to print; what is empty is left out. */
export function factLines(facts: CertificateFacts): string {
  return [...factRows(facts), ['SHA-256', withColons(facts.fingerprint)] as const]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `  ${name.padEnd(9)}${printable(value)}\n`)
    .join('')
}

/** The same for the certificates of EP11's clients: the fingerprint as events have it, times as people read them. */
export function certificateLines(io: Surroundings, facts: CertificateFacts): string[] {
  return rowLines(io, certificateRows(io, facts))
}

export function certificateRows(io: Surroundings, facts: CertificateFacts): Row[] {
  const { validFrom, validTo, fingerprint } = facts
  const valid: Row = ['valid', `${timeText(io, validFrom)} to ${timeText(io, validTo)}`]
  return [...factRows(facts).filter(([name]) => name !== 'valid'), valid, ['SHA-256', fingerprint]]
}

const pem = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g

interface ReadCertificate {
  readonly pem: string
  readonly facts: CertificateFacts
}

/**
 * The one certificate that a file holds, in PEM or DER. What else a PEM file holds, such as a private key, is left where
 * it is.
 *
 * @param onlyOne what to do when it holds several
 * @throws CliError `BAD_INPUT` naming the file, never what is in it
 */
export async function readCertificate(
  file: string,
  onlyOne = 'give only the certificate that the client shows, not those of its authorities',
): Promise<ReadCertificate> {
  const [first, ...others] = await readCertificates(file)
  if (others.length === 0) return first
  throw new CliError('BAD_INPUT', `${printable(inputName(file))} holds ${others.length + 1} certificates`, onlyOne)
}

/** All that a file holds, at least one: what a client shows first, and then those that lead from it to an authority. */
export async function readCertificates(file: string): Promise<[ReadCertificate, ...ReadCertificate[]]> {
  const bytes = await readInput(file)
  const name = printable(inputName(file))
  const blocks = [...bytes.toString('latin1').matchAll(pem)]
  const found = blocks.filter(([, label]) => label === 'CERTIFICATE').map(([block]) => derOf(block))
  try {
    const read = (der: Buffer): ReadCertificate => ({ pem: pemOf('CERTIFICATE', der), facts: factsOf(der) })
    const [first = bytes, ...others] = found
    return [read(first), ...others.map(read)]
  } catch {
    const labels = [...new Set(blocks.map(([, label = '']) => label))].join(', ')
    const isOther = blocks.length > 0 && found.length === 0
    throw new CliError('BAD_INPUT', `${name} holds no X.509 certificate${isOther ? `, but: ${labels}` : ''}`)
  }
}

function derOf(block: string): Buffer {
  return Buffer.from(block.replaceAll(/-----[^-]+-----/g, ''), 'base64')
}

/** PEM with lines of 64 characters (RFC 7468, section 2). */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** @throws CliError `BAD_INPUT` when nobody could use the certificate any more */
export function demandUnexpired(io: Surroundings, { validTo }: CertificateFacts): void {
  if (Date.parse(validTo) > io.now()) return
  throw new CliError('BAD_INPUT', `the certificate has expired: it was valid to ${validTo}`, 'make a new one')
}
