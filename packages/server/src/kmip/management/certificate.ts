/** Which client certificates KMIP adapters take. */
import { badField } from '../../keys/refusals.ts'
import { fingerprintOf, readCertificate } from '../../tls/certificate-pem.ts'

export interface ClientCertificate {
  readonly der: Uint8Array
  /** SHA-256 of the DER form, lower-case hexadecimal without separators. */
  readonly fingerprint: string
}

/**
 * Reads a certificate. It may be self-signed: the handshake proves that a client has its private key, and being
 * registered is what makes it known.
 *
 * @param now milliseconds since the epoch: a certificate that has expired is refused, for nobody could sign in with it
 * @throws Refusal `INVALID_FIELD_ERR` naming the member; its text holds nothing of what was sent
 */
export function parseCertificate(pem: string, now: number): ClientCertificate {
  const certificate = readCertificate(pem)
  if (certificate === undefined) {
    throw badField('certificate', 'The certificate must be one X.509 certificate in PEM, with its begin and end lines.')
  }
  if (certificate.validToDate.getTime() <= now) throw badField('certificate', 'The certificate has expired.')
  return { der: certificate.raw, fingerprint: fingerprintOf(certificate.raw) }
}
