/** The KMIP listener as the settings open it: the certificate it shows, and how that is kept up; what stops a start. */
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KmipConfig } from '../kmip-settings.ts'
import { loadConfig } from '../config.ts'
import { selfSigned } from '../testing/self-signed.ts'
import type { KmipListener } from './listen.ts'
import { openKmip } from './open.ts'
import { StandingTime } from '../listening/testing/standing-time.ts'
import { FakeService, openClient } from './testing/listener-house.ts'

const dayMs = 86_400_000
let folder: string
let time: StandingTime
let registry: Registry
let logged: string[]
let opened: KmipListener[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kmip-'))
  time = new StandingTime()
  time.now = Date.parse('2026-03-01T12:00:00.000Z')
  registry = new Registry()
  logged = []
  opened = []
})
afterEach(async () => {
  for (const listener of opened) await listener.stop()
  rmSync(folder, { recursive: true })
})

function configOf(settings: Record<string, string> = {}): KmipConfig {
  const { kmip } = loadConfig({ KEYWITNESS_KMIP: '127.0.0.1:0', ...settings }).config
  if (kmip === undefined) throw new Error('KMIP is off')
  return kmip
}

async function open(config = configOf()): Promise<KmipListener> {
  const listener = await openKmip({
    config,
    dataFolder: folder,
    service: new FakeService(),
    clock: { now: () => time.now, monotonic: () => time.now },
    later: time.later,
    registry,
    log: pino({ level: 'info' }, { write: (line) => void logged.push(line) }),
  })
  opened.push(listener)
  return listener
}

const portOf = ({ address }: KmipListener): number => Number(address.split(':').at(-1))

/** Fingerprint of the certificate that a new connection is shown. */
async function shown(listener: KmipListener): Promise<string> {
  const client = await openClient(portOf(listener))
  await client.secured
  const { fingerprint256 } = client.socket.getPeerCertificate()
  client.socket.destroy()
  return fingerprint256
}

const inTls = (name: string): string => join(folder, 'tls', name)

test('without files the authority of the data folder vouches for the listener', async () => {
  time.now = Date.now()
  const listener = await open()
  const ca = readFileSync(inTls('ca.pem'), 'utf8')
  const port = portOf(listener)
  const client = await openClient(port, { ca, servername: 'localhost', rejectUnauthorized: true })
  await client.secured
  expect(await client.ask('trusted')).toBe('trusted')
  expect(await registry.getSingleMetricAsString('keywitness_kmip_connections')).toMatch(
    /keywitness_kmip_connections 1$/,
  )
  client.socket.destroy()
  await expect(openClient(port, { rejectUnauthorized: true }).then(({ secured }) => secured)).rejects.toThrow(
    /verify|self-signed/,
  )
})

test('the next start shows the same certificate', async () => {
  const first = await shown(await open())
  await opened.pop()?.stop()
  registry = new Registry()
  expect(await shown(await open())).toBe(first)
})

test('a certificate that comes to its end is renewed while the server runs, and open connections stay', async () => {
  const listener = await open()
  const first = await shown(listener)
  time.pass(dayMs)
  await expect.poll(() => time.left()).toContain(dayMs)
  expect(await shown(listener)).toBe(first)
  const client = await openClient(portOf(listener))
  await client.ask('before')
  time.now += 705 * dayMs
  time.pass(dayMs)
  await expect.poll(() => logged.join('')).toContain('the certificate of the KMIP listener was renewed')
  expect(await shown(listener)).not.toBe(first)
  expect(logged.join('')).not.toContain('PRIVATE KEY')
})

test('a renewal that fails is told, tried again, and keeps nobody from being served', async () => {
  const listener = await open()
  const first = await shown(listener)
  renameSync(inTls('ca.key'), join(folder, 'away'))
  time.now += 710 * dayMs
  time.pass(0)
  await expect.poll(() => logged.join('')).toContain('cannot be renewed')
  expect(await shown(listener)).toBe(first)
  renameSync(join(folder, 'away'), inTls('ca.key'))
  await expect.poll(() => time.left()).toContain(dayMs)
  time.pass(dayMs)
  await expect.poll(() => logged.join('')).toContain('was renewed')
  expect(await shown(listener)).not.toBe(first)
})

test('files of the operator are shown instead, and no authority is made', async () => {
  const { files, certificate } = ownFiles()
  const listener = await open(configOf(files))
  expect(await shown(listener)).toBe(new X509Certificate(certificate).fingerprint256)
  expect(existsSync(join(folder, 'tls'))).toBe(false)
})

test('files that do not belong together stop the start with a sentence that names their settings', async () => {
  const { files } = ownFiles()
  writeFileSync(files.KEYWITNESS_KMIP_TLS_KEY, selfSigned('another').key)
  const error = await open(configOf(files)).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'CONFIG', message: expect.stringContaining('KEYWITNESS_KMIP_TLS_CERT and') })
  expect((error as Error).message).not.toContain('PRIVATE')
  writeFileSync(files.KEYWITNESS_KMIP_TLS_KEY, selfSigned('another', 'rsa').key)
  await expect(open(configOf(files))).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('the certificate is for EC, the key is RSA'),
  })
})

test.each([
  ['has expired', { from: '240101000000Z', to: '250101000000Z' }, -424.5],
  ['is not valid yet', { from: '270101000000Z', to: '280101000000Z' }, 670.5],
])('a certificate that %s is shown, and told loudly; a metric says how long it is good', async (what, dates, days) => {
  const { files } = ownFiles(selfSigned('kms.example', 'ec', dates))
  await shown(await open(configOf(files)))
  expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 40, msg: `the certificate of the KMIP listener ${what}: clients refuse it` }),
  ])
  const metric = await registry.getSingleMetricAsString('keywitness_kmip_certificate_end_seconds')
  expect(metric).toMatch(new RegExp(`keywitness_kmip_certificate_end_seconds ${days * 86_400}$`))
})

test('a port that is taken stops the start with a sentence that names the setting', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(open(configOf({ KEYWITNESS_KMIP: `127.0.0.1:${port}` }))).rejects.toMatchObject({
    code: 'PORT_BUSY',
    message: expect.stringContaining('KEYWITNESS_KMIP'),
  })
  other.close()
})

test.each([
  ['rsa', 'is on: '],
  ['ec', 'is on to no effect: '],
] as const)('legacy cipher suites are told loudly at each start, and that they need RSA: %s', async (kind, what) => {
  const { files } = ownFiles(selfSigned('kms.example', kind))
  await open(configOf(files))
  expect(logged).toEqual([])
  registry = new Registry()
  await open(configOf({ ...files, KEYWITNESS_KMIP_LEGACY_CIPHERS: 'yes' }))
  expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      level: 40,
      msg: expect.stringContaining(`KEYWITNESS_KMIP_LEGACY_CIPHERS ${what}`),
    }),
  ])
})

function ownFiles({ cert: certificate, key } = selfSigned('kms.example')) {
  const files = { KEYWITNESS_KMIP_TLS_CERT: join(folder, 'c.pem'), KEYWITNESS_KMIP_TLS_KEY: join(folder, 'k.pem') }
  writeFileSync(files.KEYWITNESS_KMIP_TLS_CERT, certificate)
  writeFileSync(files.KEYWITNESS_KMIP_TLS_KEY, key)
  return { files, certificate }
}
