/** `keywitness cert make-ca` and `make-client`: what they write is taken by OpenSSL, and their keys stay where they are. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from '../in-process.ts'

let terminal: Terminal

beforeEach(() => {
  terminal = terminalAt(undefined)
})
afterEach(() => rmSync(terminal.folder, { recursive: true }))

const at = (name: string): string => join(terminal.folder, name)
const openssl = (...words: readonly string[]): string =>
  execFileSync('openssl', words, { cwd: terminal.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

async function good(...words: readonly string[]) {
  const ran = await terminal.keywitness(['cert', ...words])
  expect(ran.exitCode, ran.out + ran.err).toBe(0)
  return ran
}

const issue = (...words: readonly string[]) =>
  good('make-client', 'trial', '--files', at('trial'), '--ca', at('ca.pem'), '--ca-key', at('ca.key'), ...words)

test.each([
  [['--rsa'], []],
  [[], ['--rsa']],
  [[], []],
] as const)('a client of an authority (%j, %j) is verified by OpenSSL, strictly', async (ofAuthority, ofClient) => {
  const { out, err } = await good('make-ca', 'Trial CA', '--files', at('ca'), ...ofAuthority)
  expect(out).toContain('subject  CN=Trial CA')
  expect(err).toContain(`keywitness cert set --cert-id Trial-CA --cert ${at('ca.pem')}`)
  expect(err).toContain('For trying it out')
  await issue(...ofClient)
  const verified = openssl(
    'verify',
    '-no_check_time',
    '-x509_strict',
    '-purpose',
    'sslclient',
    '-CAfile',
    'ca.pem',
    'trial.pem',
  )
  expect(verified).toBe('trial.pem: OK\n')
  for (const name of ['ca.key', 'trial.key']) expect(statSync(at(name)).mode & 0o777).toBe(0o600)
  expect(() => openssl('verify', '-no_check_time', '-purpose', 'sslserver', '-CAfile', 'ca.pem', 'trial.pem')).toThrow(
    'unsuitable certificate purpose',
  )
})

test('an authority of version 1 issues clients', async () => {
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Old', '-keyout', 'ca.key', '-out', 'ca.csr')
  openssl('x509', '-req', '-in', 'ca.csr', '-signkey', 'ca.key', '-days', '730', '-out', 'ca.pem')
  expect(openssl('x509', '-in', 'ca.pem', '-noout', '-text')).toContain('Version: 1')
  await issue()
})

test('an authority of IBM’s recipe and an intermediate one issue clients, too, whatever their names are written in', async () => {
  const subject = ['-subj', '/O=Ünïcode AG/CN=IBM recipe', '-utf8', '-nodes']
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-days', '730', '-keyout', 'ca.key', '-out', 'ca.pem', ...subject)
  await issue()
  expect(openssl('verify', '-no_check_time', '-CAfile', 'ca.pem', 'trial.pem')).toBe('trial.pem: OK\n')
})

test('a client ends with its authority at the latest', async () => {
  await good('make-ca', 'ca', '--files', at('ca'), '--days', '3')
  await issue('--days', '365')
  const [authority, client] = ['ca.pem', 'trial.pem'].map((name) => new X509Certificate(readFileSync(at(name))))
  expect(client?.validTo).toBe(authority?.validTo)
})

test('what is no pair, is encrypted or has ended issues nothing', async () => {
  await good('make-ca', 'ca', '--files', at('ca'))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(at('stranger.key'), privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'words' }
  writeFileSync(at('sealed.key'), privateKey.export({ format: 'pem', type: 'pkcs8', ...cipher }))
  const refused = (key: string) =>
    terminal.keywitness(['cert', 'make-client', 'x', '--files', at('x'), '--ca', at('ca.pem'), '--ca-key', at(key)])
  expect((await refused('stranger.key')).err).toContain('is not the key of')
  expect((await refused('sealed.key')).err).toContain('opens without a passphrase')
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=Leaf',
    '-addext',
    'basicConstraints=CA:FALSE',
    '-keyout',
    'leaf.key',
    '-out',
    'leaf.pem',
  )
  const leaf = await terminal.keywitness([
    'cert',
    'make-client',
    'x',
    '--files',
    at('x'),
    '--ca',
    at('leaf.pem'),
    '--ca-key',
    at('leaf.key'),
  ])
  expect([leaf.exitCode, leaf.err]).toEqual([2, expect.stringContaining('is not the certificate of an authority')])
  const twice = await terminal.keywitness(['cert', 'make-ca', 'ca', '--files', at('ca')])
  expect([twice.exitCode, twice.err]).toEqual([2, expect.stringContaining('is there already')])
})
