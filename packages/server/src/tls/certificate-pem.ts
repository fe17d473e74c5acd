/** Single certificates in PEM: read, told apart by their fingerprint, and printed again. */
import { createHash, X509Certificate } from 'node:crypto'

/** Characters of a certificate in PEM: those of authorities with long names and many extensions have about 4,000. */
export const certificateLength = 16_384

/** One block and nothing around it (RFC 7468, section 5): a chain or a private key beside it was sent by mistake. */
const onePem = /^\s*-----BEGIN CERTIFICATE-----[ \t]*\r?\n([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/

/** Undefined for what is not exactly one X.509 certificate in PEM of at most `certificateLength` characters. */
export function readCertificate(pem: string): X509Certificate | undefined {
  if (pem.length > certificateLength) return undefined
  const base64 = onePem.exec(pem)?.[1]
  if (base64 === undefined) return undefined
  const der = Buffer.from(base64, 'base64')
  try {
    const certificate = new X509Certificate(der)
    // Bytes after the certificate would make one certificate look like two.
    return certificate.raw.equals(der) ? certificate : undefined
  } catch {
    return undefined
  }
}

/** SHA-256 of the DER form, lower-case hexadecimal without separators. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

/** PEM with lines of 64 characters (RFC 7468, section 2). */
export function printCertificate(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** What a certificate says, for people. */
interface CertificateNames {
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal. */
  readonly serialNumber: string
  readonly notBefore: number
  readonly notAfter: number
}

/** @param certificate read already, or its bytes: reading it costs most of this */
export function describeCertificate(certificate: X509Certificate | Uint8Array): CertificateNames {
  const read = certificate instanceof X509Certificate ? certificate : new X509Certificate(certificate)
  const { subject, issuer, serialNumber, validFromDate, validToDate } = read
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    serialNumber: serialNumber.toLowerCase(),
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
  }
}

/** How a certificate stands by its dates. */
export type DateStanding = 'valid' | 'expired' | 'not_yet_valid'

/** @param now as the dates, milliseconds since the epoch; a date that is none says nothing */
export function dateStanding(
  { notBefore, notAfter }: { readonly notBefore: number; readonly notAfter: number },
  now: number,
): DateStanding {
  if (now >= notAfter) return 'expired'
  return now < notBefore ? 'not_yet_valid' : 'valid'
}

/**
 * OpenSSL writes one attribute a line, and escapes what in a value is a control character or a comma (RFC 2253); but not
 * what turns the direction of text around.
 */
export function oneLine(name: string | undefined): string {
  const line = (name ?? '').split('\n').join(', ')
  return line.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
