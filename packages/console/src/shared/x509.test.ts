/** Certificates read in the browser, compared with what OpenSSL and Node make and say. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { readPem } from './x509.ts'

function certificate(subject: string, ...key: string[]): string {
  const options = ['req', '-x509', '-nodes', '-days', '30', '-keyout', '/dev/null', '-utf8', '-subj', subject]
  return execFileSync('openssl', [...options, '-newkey', ...key], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

const p256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']

test.each([
  ['P-256', p256],
  ['P-521', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ['RSA 2048', ['rsa:2048']],
  ['RSA 1024', ['rsa:1024']],
  ['Ed25519', ['ed25519']],
])('a certificate of %s is read as Node reads it', (kind, key) => {
  const pem = certificate('/C=DE/O=Beispiel GmbH/CN=vcenter-1 für alle', ...key)
  const x509 = new X509Certificate(pem)
  expect(readPem(`\n${pem}\n`)).toEqual({
    subject: 'C=DE, O=Beispiel GmbH, CN=vcenter-1 für alle',
    issuer: 'C=DE, O=Beispiel GmbH, CN=vcenter-1 für alle',
    notBefore: x509.validFromDate.getTime(),
    notAfter: x509.validToDate.getTime(),
    key: kind,
    isKeyShort: kind === 'RSA 1024',
    fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
  })
})

test('what is no single certificate is told apart', () => {
  const pem = certificate('/CN=one', ...p256)
  expect(readPem('  ')).toBe('empty')
  expect(readPem(`-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${pem}`)).toBe('private-key')
  expect(readPem(pem + pem)).toBe('several')
  expect(readPem('certificate')).toBe('broken')
  const { raw } = new X509Certificate(pem)
  for (let length = 0; length < raw.length; length += 7) {
    const cut = raw.subarray(0, length).toString('base64')
    expect(readPem(`-----BEGIN CERTIFICATE-----\n${cut}\n-----END CERTIFICATE-----`)).toBe('broken')
  }
})

test('a name that would turn text around is shown with marks in place of what does', () => {
  const read = readPem(certificate('/CN=a\u202eb\u2066<img src=x>', ...p256))
  expect(typeof read === 'string' ? read : read.subject).toBe('CN=a\ufffdb\ufffd<img src=x>')
})
