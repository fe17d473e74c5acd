/** What a client showed in its handshake, kept as long as its connection, so that it can be judged again. */
import type { X509Certificate } from 'node:crypto'
import { fingerprintOf } from '../tls/certificate-pem.ts'

export interface ClientChain {
  /** SHA-256 of the client's own certificate, lower-case hexadecimal. */
  readonly fingerprint: string
  /** DER, the client's own first, then as it sent them. Undefined: they were too many or too long to be kept. */
  readonly certificates: readonly Uint8Array[] | undefined
}

/** Of one connection; a handshake brings little more than that (`limits.handshakeBytes`). */
export const chainLimits = { certificates: 8, bytes: 16 * 1024 } as const

interface Handshake {
  getPeerX509Certificate(): X509Certificate | undefined
}

/**
 * Undefined when the client showed none. To be called once, and first: Node gives the certificates after the client's
 * own to whoever asks first.
 */
export function clientChainOf(socket: Handshake): ClientChain | undefined {
  const first = socket.getPeerX509Certificate()
  if (first === undefined) return undefined
  const certificates: Uint8Array[] = []
  let bytes = 0
  for (let sent: X509Certificate | undefined = first; sent !== undefined; sent = sent.issuerCertificate) {
    bytes += sent.raw.length
    if (certificates.length === chainLimits.certificates || bytes > chainLimits.bytes) {
      return { fingerprint: fingerprintOf(first.raw), certificates: undefined }
    }
    certificates.push(sent.raw)
  }
  return { fingerprint: fingerprintOf(first.raw), certificates }
}
