/** TLS on the HTTP listeners: served, and a renewed certificate taken up without a restart. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { startProduct } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'keywitness-tls-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A self-signed pair with the name given, made by OpenSSL. */
function makePair(name: string): { cert: string; key: string } {
  const pair = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      pair.key,
      '-out',
      pair.cert,
    ],
    { stdio: 'ignore' },
  )
  return pair
}

function namePresented(address: string): Promise<string> {
  const [host, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host ?? '', port: Number(port), rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject
      socket.destroy()
      resolve(String(CN))
    })
    socket.once('error', reject)
  })
}

test('the listeners serve the certificate given, and its successor once the files change', async () => {
  const pair = makePair('first')
  const product = await startProduct({ env: { KEYWITNESS_TLS_CERT: pair.cert, KEYWITNESS_TLS_KEY: pair.key } })
  expect(await namePresented(product.http)).toBe('first')
  expect(await namePresented(product.httpPrivate)).toBe('first')
  makePair('second')
  const deadline = performance.now() + 25_000
  let name = 'first'
  while (name !== 'second' && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    name = await namePresented(product.http)
  }
  expect(name).toBe('second')
  await product.stop()
  product.remove()
}, 60_000)
