/** The authority of a data folder: made once, kept, and what it signs for listeners, renewed when that is due. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StartError } from '../start-error.ts'
import { selfSigned } from '../testing/self-signed.ts'
import { certificateTimes, openAuthority, serverNames } from './authority.ts'

const dayMs = 86_400_000
const born = Date.parse('2026-03-01T12:00:00.750Z')
let folder: string
let now: number
const clock = { now: () => now, monotonic: () => 0 }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'authority-'))
  now = born
})
afterEach(() => rmSync(folder, { recursive: true }))

const inTls = (name: string): string => join(folder, 'tls', name)
const read = (name: string): string => readFileSync(inTls(name), 'utf8')
const names = serverNames('127.0.0.1')
const kept = (name: string) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) })
const certify = async (listener = 'kmip', wanted = names) => {
  const { cert } = await (await openAuthority(folder, clock)).certify(listener, wanted)
  return cert.toString()
}
const endOf = (pem: string): number => new X509Certificate(pem).validToDate.getTime()

test('the first start makes an authority for ten years, whose key only its owner can read; the next ones keep it', async () => {
  const first = await openAuthority(folder, clock)
  expect(first.file).toBe(inTls('ca.pem'))
  const before = [read('ca.pem'), read('ca.key')]
  const authority = new X509Certificate(before[0] as string)
  expect([authority.ca, authority.subject]).toEqual([true, 'CN=Keywitness certificate authority'])
  expect(authority.validToDate.getTime()).toBe(Math.floor(born / 1_000) * 1_000 + 3_650 * dayMs)
  expect(authority.validFromDate.getTime()).toBeLessThan(born)
  expect(statSync(inTls('ca.key')).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'tls')).mode & 0o777).toBe(0o700)
  now += 400 * dayMs
  await openAuthority(folder, clock)
  expect([read('ca.pem'), read('ca.key')]).toEqual(before)
})

test('a certificate is good for this machine and the host of the setting, by the strict rules of OpenSSL', async () => {
  const pem = await certify('kmip', serverNames('kms.example'))
  const certificate = new X509Certificate(pem)
  for (const host of ['localhost', 'kms.example']) expect(certificate.checkHost(host)).toBe(host)
  for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address)
  expect(certificate.checkHost('other.example')).toBeUndefined()
  const at = String(Math.floor(born / 1_000))
  const strictly = ['-x509_strict', '-purpose', 'sslserver', '-attime', at, '-CAfile', inTls('ca.pem')]
  expect(execFileSync('openssl', ['verify', ...strictly, inTls('kmip.pem')], { encoding: 'utf8' })).toContain('OK')
})

test('wildcard addresses are no names, and none is there twice', () => {
  expect(serverNames('0.0.0.0')).toEqual(['localhost', '127.0.0.1', '::1'])
  expect(serverNames('::1')).toEqual(['localhost', '127.0.0.1', '::1'])
  expect(serverNames('127.0.0.5')).toEqual(['localhost', '127.0.0.1', '::1', '127.0.0.5'])
})

test('a certificate is used again until less than thirty days remain', async () => {
  const first = await certify()
  now = endOf(first) - certificateTimes.renewMs - 1
  expect(await certify()).toBe(first)
  now += 1
  const second = await certify()
  expect(endOf(second)).toBeGreaterThan(endOf(first))
  expect(() => createSecureContext({ cert: second, key: read('kmip.key') })).not.toThrow()
})

test('other names make another certificate, more of them as well as fewer', async () => {
  const first = await certify()
  const second = await certify('kmip', [...names, 'kms.example'])
  expect(second).not.toBe(first)
  expect(new X509Certificate(await certify()).checkHost('kms.example')).toBeUndefined()
})

test('each listener has its own certificate, and its own key', async () => {
  await certify('kmip')
  await certify('ep11')
  expect(readdirSync(join(folder, 'tls')).toSorted()).toEqual([
    'ca.key',
    'ca.pem',
    'ep11.key',
    'ep11.pem',
    'kmip.key',
    'kmip.pem',
  ])
  expect(read('ep11.key')).not.toBe(read('kmip.key'))
})

test.each([
  ['a key of another certificate, as a crash leaves it', () => writeFileSync(inTls('kmip.key'), selfSigned('x').key)],
  ['a damaged certificate', () => writeFileSync(inTls('kmip.pem'), 'nothing')],
  ['a certificate of somebody else', () => put('kmip', selfSigned('localhost'))],
  ['no key', () => rmSync(inTls('kmip.key'))],
])('%s is replaced', async (_what, damage) => {
  await certify()
  damage()
  const pem = await certify()
  expect(new X509Certificate(pem).verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true)
  expect(() => createSecureContext({ cert: pem, key: read('kmip.key') })).not.toThrow()
})

function put(name: string, { cert, key }: { readonly cert: string; readonly key: string }): void {
  writeFileSync(inTls(`${name}.pem`), cert)
  writeFileSync(inTls(`${name}.key`), key)
}

test('no certificate outlives its authority, and an authority that has expired is replaced', async () => {
  await openAuthority(folder, clock)
  const first = read('ca.pem')
  now = endOf(first) - 40 * dayMs
  expect(endOf(await certify())).toBe(endOf(first))
  expect(read('ca.pem')).toBe(first)
  now = endOf(first)
  const pem = await certify()
  expect(read('ca.pem')).not.toBe(first)
  expect(new X509Certificate(pem).verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true)
})

test('the key of the authority may lie elsewhere until a certificate must be renewed', async () => {
  const first = await certify()
  renameSync(inTls('ca.key'), join(folder, 'away'))
  expect(await certify()).toBe(first)
  now += 720 * dayMs
  await expect(certify()).rejects.toThrow(/must be renewed, and the key of its authority is not there/)
  renameSync(join(folder, 'away'), inTls('ca.key'))
  expect(endOf(await certify())).toBeGreaterThan(endOf(first))
})

test.each([
  ['a damaged certificate', () => writeFileSync(inTls('ca.pem'), 'nothing')],
  ['another key', () => writeFileSync(inTls('ca.key'), selfSigned('x').key)],
  ['a certificate that is of no authority', () => put('ca', kept('kmip'))],
])('an authority with %s stops the start, and nothing is replaced', async (_what, damage) => {
  await certify()
  damage()
  const before = [read('ca.pem'), read('ca.key')]
  const error = await openAuthority(folder, clock).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(StartError)
  expect((error as StartError).message).toMatch(/ca\.pem and .*ca\.key cannot be used/)
  expect((error as StartError).message).not.toContain('PRIVATE KEY')
  expect([read('ca.pem'), read('ca.key')]).toEqual(before)
})
