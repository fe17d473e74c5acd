/** What TLS the KMIP listener speaks: versions, cipher suites, and all that is switched off (reference: kmip.md, section 2). */
import { constants } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import type { TlsMaterial } from '../tls/files.ts'

const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
] as const

/** For appliances of the time of KMIP 1.0 to 1.2: CBC, and of the first two no forward secrecy. */
const legacyCiphers = ['AES256-SHA256', 'AES128-SHA256', 'ECDHE-RSA-AES256-SHA384', 'ECDHE-RSA-AES128-SHA256'] as const

/**
 * Options of the server and, whole, of each new certificate it is given.
 *
 * Any client certificate is taken: the handshake proves that its private key is there, and whether it is registered is
 * asked for each request. So no session is ever resumed, which would show the certificate of another time, and none is
 * renegotiated, which could change it in between.
 */
export function tlsOptions(material: TlsMaterial, hasLegacyCiphers: boolean): TlsOptions {
  return {
    ...material,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: [...ciphers, ...(hasLegacyCiphers ? legacyCiphers : [])].join(':'),
    honorCipherOrder: true,
    dhparam: 'auto',
    requestCert: true,
    rejectUnauthorized: false,
    // No roots: no names of authorities are sent, and clients offer whatever certificate they have. OpenSSL checks the
    // signatures in what they show all the same, to no end: what that may cost is bounded in listening/handshake-input.ts.
    ca: [],
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  }
}
