/** A certificate of a TLS server, for localhost only, signed by itself, and its key: for tests of commands that connect to one. */
import { execFileSync } from 'node:child_process'

/** PEM. */
export function serverPair(commonName: string): { readonly cert: string; readonly key: string } {
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-keyout', '-']
  const names = ['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=DNS:localhost']
  const output = execFileSync('openssl', ['req', '-x509', ...options, ...names], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const from = output.indexOf('-----BEGIN CERTIFICATE-----')
  return { cert: output.slice(from), key: output.slice(0, from) }
}
