/** A self-signed client certificate for tests, made by OpenSSL. */
import { execFileSync } from 'node:child_process'

/** PEM; a new key each time. The private key is thrown away. */
export function newCertificate(commonName: string): string {
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-keyout', '-']
  const output = execFileSync('openssl', ['req', '-x509', ...options, '-subj', `/CN=${commonName}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const from = output.indexOf('-----BEGIN CERTIFICATE-----')
  if (from < 0) throw new Error('OpenSSL made no certificate')
  return output.slice(from)
}
