/** The certificate of the HTTP listeners: files that cannot be used stop the start, and how long it is good is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { httpCertificate } from './http-certificate.ts'
import { selfSigned } from './testing/self-signed.ts'

let folder: string
let logged: string[]
let registry: Registry
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'http-'))
  logged = []
  registry = new Registry()
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(cert: string, key: string) {
  const files = { cert: join(folder, 'c.pem'), key: join(folder, 'k.pem') }
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key)
  const now = Date.parse('2026-03-01T00:00:00Z')
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(line) })
  return httpCertificate(files, { clock: { now: () => now, monotonic: () => now }, log, registry })
}

test('a key of another type than the certificate stops the start with a sentence that names the settings', () => {
  const [one, other] = [selfSigned('one', 'rsa'), selfSigned('other')]
  expect(() => open(one.cert, other.key)).toThrow(
    expect.objectContaining({
      code: 'CONFIG',
      exitCode: 78,
      message: expect.stringMatching(/^KEYWITNESS_TLS_CERT and/),
    }),
  )
})

test('one that has expired is told, with when, and by a metric', async () => {
  const { cert, key } = selfSigned('one', 'ec', { to: '260228000000Z' })
  expect(open(cert, key).options.tls?.cert.toString()).toBe(cert)
  expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 40, notAfter: '2026-02-28T00:00:00.000Z' }),
  ])
  expect(await registry.getSingleMetricAsString('keywitness_http_certificate_end_seconds')).toMatch(/ -86400$/)
})
