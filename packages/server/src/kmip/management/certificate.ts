/** Client certificates in PEM: read, told apart by their fingerprint, and printed again. */
import { createHash, X509Certificate } from 'node:crypto'
import { badField } from '../../keys/refusals.ts'
import { kmipLimits } from './limits.ts'

export interface ClientCertificate {
  readonly der: Uint8Array
  /** SHA-256 of the DER form, lower-case hexadecimal without separators. */
  readonly fingerprint: string
}

/** One block and nothing around it (RFC 7468, section 5): a chain or a private key beside it was sent by mistake. */
const onePem = /^\s*-----BEGIN CERTIFICATE-----[ \t]*\r?\n([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/

/**
 * Reads a certificate. It may be self-signed: the handshake proves that a client has its private key, and being
 * registered is what makes it known.
 *
 * @param now milliseconds since the epoch: a certificate that has expired is refused, for nobody could sign in with it
 * @throws Refusal `INVALID_FIELD_ERR` naming the member; its text holds nothing of what was sent
 */
export function parseCertificate(pem: string, now: number): ClientCertificate {
  const certificate = pem.length > kmipLimits.certificateLength ? undefined : x509Of(pem)
  if (certificate === undefined) {
    throw badField('certificate', 'The certificate must be one X.509 certificate in PEM, with its begin and end lines.')
  }
  if (certificate.validToDate.getTime() <= now) throw badField('certificate', 'The certificate has expired.')
  return { der: certificate.raw, fingerprint: createHash('sha256').update(certificate.raw).digest('hex') }
}

function x509Of(pem: string): X509Certificate | undefined {
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

/** PEM with lines of 64 characters (RFC 7468, section 2). */
export function printCertificate(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
