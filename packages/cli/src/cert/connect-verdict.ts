/** What one call of EP11 says of the client that made it, in words, and what to do where it was refused. */
import type { CertificateFacts } from '../tls/certificate-facts.ts'
import type { Ended } from './ep11-call.ts'

/** Of the certificate that the client showed. */
type ShownCertificate = Pick<CertificateFacts, 'issuer'>

export interface Verdict {
  /** Undefined where the call failed before, or for, something else. */
  readonly isLetIn: boolean | undefined
  readonly text: string
  /** What to do; undefined where nothing is known, or nothing need be done. */
  readonly advice: string | undefined
}

const UNAUTHENTICATED = 16
const PERMISSION_DENIED = 7

/**
 * @param certificate undefined: the client showed none
 * @param isOn whether clients of the instance need a certificate; undefined where that is not known
 */
export function verdictOf(
  { status, message }: Ended,
  certificate: ShownCertificate | undefined,
  isOn: boolean | undefined,
): Verdict {
  if (status === 0) return { isLetIn: true, text: letIn(certificate, isOn), advice: undefined }
  const other = (text: string): Verdict => ({ isLetIn: undefined, text, advice: undefined })
  if (status === PERMISSION_DENIED) return other('this API key may not use keys of the instance, or not from here')
  if (status !== UNAUTHENTICATED) return other('the call failed')
  if (!/certificate/i.test(message)) return other('the token was not taken')
  const text = certificate === undefined ? 'refused without a certificate' : 'refused with this certificate'
  return { isLetIn: false, text, advice: adviceFor(message, certificate) }
}

function letIn(certificate: ShownCertificate | undefined, isOn: boolean | undefined): string {
  if (certificate === undefined) return 'let in without a certificate'
  if (isOn === undefined) return 'let in; it is not known whether the certificate was checked'
  return isOn ? 'let in with this certificate' : 'let in; mutual TLS is off, so the certificate was not checked'
}

function adviceFor(message: string, certificate: ShownCertificate | undefined): string {
  if (certificate === undefined) {
    return 'the client needs a certificate of an authority that is let in: show one with --certificate and --key'
  }
  if (/expired/i.test(message)) return 'have a new one issued, or a new authority set, whichever has ended'
  if (/not valid yet/i.test(message)) return 'compare the clocks, or wait until it is'
  if (/another instance|for another/i.test(message))
    return 'show one for this instance, or name the other with --instance'
  if (/does not lead/i.test(message)) {
    return `${certificate.issuer} issued it and is not let in: keywitness cert list shows your authorities that are`
  }
  // The server's sentence, or ours above it, tells what is wrong with it.
  return 'have another one issued; keywitness cert make-client makes one to compare with'
}
