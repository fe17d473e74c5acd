/** The certificate and key that a client shows itself with: what is wrong with them is told apart, and never quoted. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'

/** PEM. */
export interface ClientPair {
  /** The client's own first, then those that lead to its authority. */
  readonly cert: string | Uint8Array
  /** Not encrypted. */
  readonly key: string | Uint8Array
}

/** @throws TypeError saying which of the two cannot be used, and why */
export function checkClientPair({ cert, key }: ClientPair): void {
  const [certText, keyText] = [cert, key].map((pem) => Buffer.from(pem).toString('latin1'))
  const isKey = (text = ''): boolean => text.includes('PRIVATE KEY-----')
  const isCertificate = (text = ''): boolean => text.includes('-----BEGIN CERTIFICATE-----')
  if (isKey(certText) && !isCertificate(certText) && isCertificate(keyText) && !isKey(keyText)) {
    throw new TypeError('clientCertificate has cert and key the wrong way round.')
  }
  const own = certificateIn(cert)
  if (own === undefined) throw new TypeError('clientCertificate.cert is not a certificate in PEM.')
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(keyText ?? '')) {
    throw new TypeError('clientCertificate.key is encrypted: give it without a passphrase.')
  }
  const privateKey = privateKeyIn(key)
  if (privateKey === undefined) throw new TypeError('clientCertificate.key is not a private key in PEM.')
  if (own.checkPrivateKey(privateKey)) return
  throw new TypeError('clientCertificate.key is not the key of clientCertificate.cert.')
}

/** The first certificate; undefined where there is none. */
export function certificateIn(pem: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(pem))
  } catch {
    // The library's text may quote what it was given.
    return undefined
  }
}

function privateKeyIn(pem: string | Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey(Buffer.from(pem))
  } catch {
    return undefined
  }
}
