/** What TLS the listeners of EP11 speak: what HTTP/2 may be spoken over (RFC 9113, section 9.2). */
import { constants } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import type { TlsMaterial } from '../tls/files.ts'

/** Of TLS 1.2 those with forward secrecy and authenticated encryption: the others are forbidden with HTTP/2. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const

/**
 * Options of the server and, whole, of each new certificate it is given. Each client is asked for a certificate, and let in
 * with whatever it shows, or with none: which instance it is for, its calls say. Nothing is resumed: a session that went on
 * would bring a client in that shows nothing.
 */
export function tlsOptions(material: TlsMaterial): TlsOptions {
  return {
    ...material,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: ciphers.join(':'),
    honorCipherOrder: true,
    ALPNProtocols: ['h2'],
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: false,
    // Otherwise OpenSSL would look for what a client showed among the authorities of the web.
    ca: [],
  }
}
