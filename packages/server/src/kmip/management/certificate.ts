/** Which client certificates KMIP adapters take. */
import type { X509Certificate } from 'node:crypto'
import { badField } from '../../keys/refusals.ts'
import { fingerprintOf, readCertificate } from '../../tls/certificate-pem.ts'
import { weaknessOf } from '../../tls/key-strength.ts'

export interface ClientCertificate {
  readonly der: Uint8Array
  /** SHA-256 of the DER form, lower-case hexadecimal without separators. */
  readonly fingerprint: string
}

/** What decides whether a registered certificate lets its owner in. */
export interface Validity {
  /** Milliseconds since the epoch; NaN for a time that no date can tell. */
  readonly from: number
  readonly to: number
  /** Its key is too weak: an earlier version registered such ones. */
  readonly isWeak: boolean
}

/** How it stands; only a `valid` one lets its owner in. */
export type Standing = 'valid' | 'expired' | 'not_yet_valid' | 'weak'

export function validityOf(certificate: X509Certificate): Validity {
  return {
    from: certificate.validFromDate.getTime(),
    to: certificate.validToDate.getTime(),
    isWeak: weaknessOf(certificate) !== undefined,
  }
}

export function standingOf({ from, to, isWeak }: Validity, now: number): Standing {
  if (now >= to) return 'expired'
  if (isWeak) return 'weak'
  return now < from ? 'not_yet_valid' : 'valid'
}

/**
 * Reads a certificate. It may be self-signed: the handshake proves that a client has its private key, and being
 * registered is what makes it known.
 *
 * @param now milliseconds since the epoch: a certificate that has expired is refused, for nobody could sign in with it, and so is one whose key is too weak
 * @throws Refusal `INVALID_FIELD_ERR` naming the member; its text holds nothing of what was sent
 */
export function parseCertificate(pem: string, now: number): ClientCertificate {
  const certificate = readCertificate(pem)
  if (certificate === undefined) {
    throw badField('certificate', 'The certificate must be one X.509 certificate in PEM, with its begin and end lines.')
  }
  if (certificate.validToDate.getTime() <= now) throw badField('certificate', 'The certificate has expired.')
  const weakness = weaknessOf(certificate)
  if (weakness !== undefined) throw badField('certificate', weakness)
  return { der: certificate.raw, fingerprint: fingerprintOf(certificate.raw) }
}
