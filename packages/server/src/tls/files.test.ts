/** TLS of the listener: what it answers over it, and a certificate that is replaced while it runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { replaceCertificate } from '../http/listener.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { selfSigned } from '../testing/self-signed.ts'
import { readTls, reloadTls } from './files.ts'

const logged: string[] = []
const log = pino({ level: 'info' }, { write: (line) => void logged.push(line) })
let folder: string
let house: HttpHouse
let port: number

const one = selfSigned('one.test')
const two = selfSigned('two.test')
const files = () => ({ cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') })

function put(cert: string, key: string): void {
  writeFileSync(files().cert, cert)
  writeFileSync(files().key, key)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'))
  put(one.cert, one.key)
  house = await openHttpHouse({ listener: { tls: readTls(files()) } })
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  port = (house.app.server.address() as AddressInfo).port
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true })
})

/** Connects, asks for the published keys, and returns the answer with the name the certificate is for. */
function ask(version?: 'TLSv1.1'): Promise<{ name: string; answer: string }> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false, ...(version ? { maxVersion: version } : {}) }
    const socket: TLSSocket = connect(options, () => {
      const name = String(socket.getPeerCertificate().subject.CN)
      let answer = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk) => (answer += String(chunk)))
      socket.on('end', () => resolve({ name, answer }))
      socket.write('GET /identity/keys HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    })
    socket.on('error', reject)
  })
}

test('over TLS browsers are told to stay there', async () => {
  const { name, answer } = await ask()
  expect([name, answer]).toEqual(['one.test', expect.stringMatching(/^HTTP\/1\.1 200 /)])
  expect(answer).toContain('strict-transport-security: max-age=31536000; includeSubDomains')
})

test('an old version of TLS is refused', async () => {
  await expect(ask('TLSv1.1')).rejects.toThrow(/protocol|version|handshake/i)
})

test('a new certificate serves new connections, one that does not fit its key changes nothing', async () => {
  put(two.cert, two.key)
  reloadTls(files(), (material) => replaceCertificate(house.app, material), log)
  expect((await ask()).name).toBe('two.test')
  put(one.cert, two.key)
  reloadTls(files(), (material) => replaceCertificate(house.app, material), log)
  expect((await ask()).name).toBe('two.test')
  expect(logged.at(-1)).toContain('keeps its certificate')
  expect(logged.join('')).not.toContain('PRIVATE KEY')
})

test('files that do not belong together are refused at the start', () => {
  put(one.cert, two.key)
  expect(() => readTls(files())).toThrow(/key values mismatch/i)
})

test('a key of another type than the certificate is refused at the start, and when it is put there later', async () => {
  const rsa = selfSigned('rsa.test', 'rsa')
  put(two.cert, two.key)
  reloadTls(files(), (material) => replaceCertificate(house.app, material), log)
  for (const [cert, key] of [
    [one.cert, rsa.key],
    [rsa.cert, one.key],
  ] as const) {
    put(cert, key)
    expect(() => readTls(files())).toThrow(/key types mismatch: the certificate is for (EC|RSA), the key is (EC|RSA)$/)
    expect(() => readTls(files())).not.toThrow(/PRIVATE/)
    reloadTls(files(), (material) => replaceCertificate(house.app, material), log)
    expect((await ask()).name).toBe('two.test')
    expect(logged.at(-1)).toContain('keeps its certificate')
  }
  put(rsa.cert, rsa.key)
  reloadTls(files(), (material) => replaceCertificate(house.app, material), log)
  expect((await ask()).name).toBe('rsa.test')
})
