/** Self-signed client certificates for tests, made by OpenSSL. */
import { execFileSync } from 'node:child_process'

export interface Identity {
  /** PEM. */
  readonly certificate: string
  /** PKCS #8 in PEM. */
  readonly key: string
}

const keys = {
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['rsa:2048'],
} as const

/** A new key, P-256 or RSA with 2048 bits, and a certificate for it, valid for thirty days. */
export function newIdentity(commonName: string, kind: keyof typeof keys = 'ec'): Identity {
  const options = ['-newkey', ...keys[kind], '-nodes', '-days', '30', '-keyout', '-']
  const output = execFileSync('openssl', ['req', '-x509', ...options, '-subj', `/CN=${commonName}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const from = output.indexOf('-----BEGIN CERTIFICATE-----')
  if (from < 0) throw new Error('OpenSSL made no certificate')
  return { certificate: output.slice(from), key: output.slice(0, from) }
}

/** PEM; a new key each time, which is thrown away. */
export function newCertificate(commonName: string): string {
  return newIdentity(commonName).certificate
}
