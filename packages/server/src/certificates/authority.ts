/** Certificates that clients may be issued by, as an administrator uploads them: which are taken, and what they say. */
import { X509Certificate } from 'node:crypto'
import { certificateLength, oneLine, readCertificate } from '../tls/certificate-pem.ts'
import { type CertificateFacts, factsOf, keyUsages } from './certificate-facts.ts'
import { certificateLimits } from './limits.ts'
import { badMember } from './request.ts'

export interface Authority {
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
  readonly der: Uint8Array
  /** First and last moment, milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
}

/**
 * Reads the certificate of an authority: a root, or the intermediate that signs the certificates of clients. What is taken
 * here, the path of a client may end at (client-path.ts). Version 1, which cannot say that somebody is an authority, is
 * taken when it is self-signed: such are made by hand (reference, section 7).
 *
 * @param now milliseconds since the epoch
 * @throws Refusal `INVALID_FIELD_ERR` naming the member; its text holds nothing of what was sent
 */
export function readAuthority(pem: string, now: number): Authority {
  if (/PRIVATE KEY-----/.test(pem)) {
    throw bad('A private key was sent. It is not kept, but it has left the machine it belongs to: replace it.')
  }
  if (pem.length > certificateLength) throw bad(`The certificate has more than ${certificateLength} characters.`)
  if ((pem.match(/-----BEGIN /g)?.length ?? 0) > 1) {
    throw bad(
      'There is more than one certificate: of a chain send only the one that signs the certificates of clients.',
    )
  }
  const certificate = readCertificate(pem)
  const facts = certificate && factsOf(certificate.raw)
  if (facts === undefined) {
    throw bad('The certificate must be one X.509 certificate in PEM, with its begin and end lines.')
  }
  const fault = faultOf(facts, now)
  if (fault !== undefined) throw bad(fault)
  return {
    fingerprint: facts.fingerprint,
    der: facts.certificate.raw,
    notBefore: facts.from,
    notAfter: facts.to,
  }
}

function bad(message: string): Error {
  return badMember('certificate', message)
}

/** Why no client's path may end at it. */
function faultOf(facts: CertificateFacts, now: number): string | undefined {
  const { isAuthority, keyUsage, key } = facts
  // What is no authority was issued by one, unless it says that it issued itself.
  const instead = facts.isSelfIssued ? '' : ' Give the certificate of its issuer.'
  const maySign = keyUsage === undefined || (keyUsage & keyUsages.keyCertSign) !== 0
  if (isAuthority === false)
    return `The certificate is not one of an authority: its basic constraints say so.${instead}`
  if (!maySign) return `The key usage of the certificate does not permit to sign certificates.${instead}`
  if (!facts.hasStrongKey || (key.asymmetricKeyDetails?.modulusLength ?? 0) > certificateLimits.rsaBits) {
    return `The key of the certificate must be RSA of 2048 to ${certificateLimits.rsaBits} bits, a named curve of NIST or Brainpool of at least 256 bits, Ed25519 or Ed448.`
  }
  const isSelfSigned = facts.isSelfIssued && facts.certificate.verify(key)
  if (isAuthority === undefined && keyUsage === undefined && (facts.version > 1 || !isSelfSigned)) {
    return `The certificate is not one of an authority: it has neither basic constraints nor a key usage that say so, and is no self-signed one of version 1.${instead}`
  }
  if (!facts.hasStrongSignature && !isSelfSigned) return 'The certificate is signed with a hash that is too weak.'
  if (!facts.isForClients) return 'The extended key usage of the certificate does not permit to authenticate clients.'
  if (facts.hasNameConstraints)
    return 'The certificate has name constraints, and no name of a client is evaluated here.'
  if (facts.hasUnknownCritical) return 'The certificate has a critical extension that is not known here.'
  if (facts.to <= facts.from) return 'The certificate ends before it begins.'
  return facts.to <= now ? 'The certificate has expired.' : undefined
}

/** Whose authority it is, as far as an event has room for it (catalogue: `subject`); undefined when it does not say. */
export function subjectOf(der: Uint8Array): string | undefined {
  const subject = oneLine(new X509Certificate(der).subject).toWellFormed()
  if (subject.length <= subjectLength) return subject || undefined
  return `${subject.slice(0, subjectLength - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** UTF-16 code units. */
const subjectLength = 256
