/** `keywitness cert set`, `list`, `get`, `delete` and `status`: what is shown before a change, what is sent, and what is told after. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newSignatureKey } from '../../src/cert/command-signer.ts'
import { privateKeyPem } from '../../src/cert/encrypted-key.ts'
import { newAuthority, newClientOf } from '../../src/tls/new-certificate.ts'
import { type Terminal, terminalAt } from '../in-process.ts'
import { administrator, CertServer, gone as departed, instance } from './cert-server.ts'

/** Of the terminal's clock. */
const now = Date.UTC(2026, 10, 25, 20)
const authority = (commonName: string, days = 365) => newAuthority({ commonName, isRsa: false, days, now })
const first = authority('First CA')
const other = authority('Second CA')

let server: CertServer
let terminal: Terminal

beforeEach(async () => {
  server = await CertServer.start()
  terminal = terminalAt(server.http)
  terminal.environment['KEYWITNESS_INSTANCE'] = instance
  writeFileSync(join(terminal.folder, 'first.pem'), first.certificatePem)
  writeFileSync(join(terminal.folder, 'other.pem'), other.certificatePem)
  await good('adminkey set --yes')
})
afterEach(async () => {
  await server.http.stop()
  rmSync(terminal.folder, { recursive: true })
})

const run = (words: string) => terminal.keywitness(`cert ${words.replaceAll('@', `${terminal.folder}/`)}`)

async function good(words: string) {
  const ran = await run(words)
  expect(ran.exitCode, ran.out + ran.err).toBe(0)
  return ran
}

/** What stands in lines of a terminal, as one line. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

test('the first certificate is said to shut out everybody without one, before and after', async () => {
  const { out, err } = await good('set --cert-id clients --cert @first.pem --yes')
  expect(err).toContain('subject    CN=First CA')
  expect(err).toContain('mutual TLS goes ON. From now on every client of EP11 without a certificate issued by it')
  expect(out).toBe(
    'clients  set\nMutual TLS is ON from now on: clients of EP11 without a certificate are refused (generation 1).\n',
  )
  expect(server.certs.get('clients')?.pem).toBe(first.certificatePem)
})

test('what is not agreed to is not sent', async () => {
  expect((await run('set --cert-id clients --cert @first.pem')).err).toContain('add --yes')
  terminal.typed = ['no']
  expect((await run('set --cert-id clients --cert @first.pem')).exitCode).toBe(2)
  expect(server.commands).toEqual(['POST adminkey'])
})

test('another certificate cuts nobody off, and one in the place of another does', async () => {
  await good('set --cert-id clients --cert @first.pem --yes')
  const second = await good('set --cert-id second --cert @other.pem --yes')
  expect(second.err).toContain('Nobody is cut off; mutual TLS stays on.')
  const { length } = server.commands
  const same = await good('set --cert-id second --cert @other.pem --yes')
  expect(same.out).toBe('second  nothing to do: the same certificate is in force there\n')
  expect(server.commands).toHaveLength(length)
  const replaced = await good('set --cert-id clients --cert @other.pem --yes')
  expect(replaced.err).toContain('It takes the place of CN=First CA')
  expect(replaced.err).toContain('cut off at once')
  expect(replaced.out).toContain('clients  replaced\nMutual TLS is on:')
})

test('what is wrong with id, certificate, key or passphrase is told before anybody is asked', async () => {
  terminal.typed = []
  const leaf = newClientOf(
    { certificate: first.certificate, key: createPrivateKey(first.keyPem) },
    { commonName: 'leaf', isRsa: false, days: 30, now },
  )
  writeFileSync(join(terminal.folder, 'leaf.pem'), leaf.certificatePem)
  writeFileSync(join(terminal.folder, 'stranger.priv'), await privateKeyPem(newSignatureKey(), undefined))
  writeFileSync(join(terminal.folder, 'sealed.priv'), await privateKeyPem(newSignatureKey(), 'some passphrase'))
  for (const [words, said] of [
    ['--cert-id a/b --cert @first.pem', 'a/b is no id for a certificate; it has 1 to 64 letters'],
    ['--cert-id clients --cert @leaf.pem', 'but that of CN=leaf; give the certificate of its issuer: CN=First CA'],
    ['--cert-id clients --cert @first.pem --admin-priv-key @stranger.priv', 'is not your administrator key'],
    ['--cert-id clients --cert @first.pem --admin-priv-key @sealed.priv', 'the passphrase does not open'],
  ] as const) {
    const { exitCode, err } = await run(`set ${words}`)
    expect([exitCode, err]).toEqual([2, expect.stringContaining(said)])
    expect(err).not.toContain('Do it?')
  }
  expect(server.commands).toEqual(['POST adminkey'])
})

test('a command reads no more than it needs: each read is an event', async () => {
  const reads = async (words: string): Promise<string[]> => {
    server.http.seen.length = 0
    await good(words)
    return server.http.seen.filter(({ method }) => method === 'GET').map(({ path }) => path.replace(/.*\//, ''))
  }
  expect(await reads('set --cert-id clients --cert @first.pem --yes')).toEqual([instance, 'certs', 'adminkey'])
  expect(await reads('status')).toEqual([instance, 'certs', 'adminkey'])
  expect(await reads('list')).toEqual([instance, 'certs'])
  expect(await reads('delete --cert-id clients --yes')).toEqual([instance, 'certs', 'adminkey'])
  expect(await reads('adminkey update --yes')).toEqual([instance, 'adminkey'])
  expect(await reads('adminkey delete --yes')).toEqual([instance, 'adminkey', 'certs'])
})

test('the last certificate is said to let everybody in, and whether it did is told after', async () => {
  await good('set --cert-id clients --cert @first.pem --yes')
  await good('set --cert-id second --cert @other.pem --yes')
  const one = await good('delete --cert-id clients --yes')
  expect(one.err).toContain('Mutual TLS stays on: you keep 1 certificate in force.')
  server.others = 1
  const last = await good('delete --cert-id second --yes')
  expect(last.err).toContain('If no other administrator has one, mutual TLS goes OFF')
  expect(last.out).toContain('second  deleted\nMutual TLS is on:')
  server.others = 0
  await good('set --cert-id clients --cert @first.pem --yes')
  const off = await good('delete --cert-id clients --yes')
  expect(off.out).toContain('Mutual TLS is OFF from now on: clients of EP11 need no certificate')
  expect((await run('delete --cert-id clients --yes')).err).toContain('you have no certificate clients')
})

test('the key in force is found by itself, and none signs for it', async () => {
  rmSync(join(terminal.folder, 'home', 'certs'), { recursive: true })
  const { exitCode, err } = await run('set --cert-id clients --cert @first.pem --yes')
  expect([exitCode, err]).toEqual([2, expect.stringContaining('--admin-priv-key')])
  expect(server.commands).toEqual(['POST adminkey'])
})

test('an answer that is lost is asked for, and a command that did not arrive is said not to have been done', async () => {
  server.fate = 'lost-after'
  const set = await good('set --cert-id clients --cert @first.pem --yes')
  expect(set.out).toContain('clients  set\nMutual TLS is ON from now on')
  const gone = await good('delete --cert-id clients --yes')
  expect(gone.out).toContain('OFF from now on')
  server.fate = 'lost-before'
  const lost = await run('set --cert-id clients --cert @first.pem --yes')
  expect([lost.exitCode, lost.err]).toEqual([3, expect.stringContaining('so far it was not done')])
})

test('whatever else somebody has changed meanwhile is told', async () => {
  server.onCommand = () => void (server.generation += 1)
  expect((await good('set --cert-id clients --cert @first.pem --yes')).err).toContain('Somebody else has changed')
})

test('of a file with a private key only the certificate is sent; several, none, or an expired one are not sent at all', async () => {
  const file = (name: string, text: string): void => writeFileSync(join(terminal.folder, name), text)
  file('both.pem', first.keyPem + first.certificatePem)
  await good('set --cert-id clients --cert @both.pem --yes')
  expect(JSON.stringify(server.http.seen)).not.toContain('PRIVATE KEY')
  server.commands.length = 0
  file('two.pem', first.certificatePem + other.certificatePem)
  file('key.pem', first.keyPem)
  file('old.pem', authority('Old CA', -1).certificatePem)
  for (const [name, said] of [
    ['two', 'holds 2 certificates'],
    ['key', 'holds no X.509 certificate, but: PRIVATE KEY'],
    ['old', 'the certificate has expired'],
  ] as const) {
    const { exitCode, err } = await run(`set --cert-id clients --cert @${name}.pem --yes`)
    expect([exitCode, err]).toEqual([2, expect.stringContaining(said)])
  }
  expect(server.commands).toEqual([])
})

test('a certificate that ends soon is warned of when it is set, and in lists', async () => {
  writeFileSync(join(terminal.folder, 'soon.pem'), authority('Soon CA', 12).certificatePem)
  const { err } = await good('set --cert-id clients --cert @soon.pem --yes')
  expect(err).toContain('Mind that it ends in 12 days')
  const status = JSON.parse((await good('status --json')).out) as { warnings: string[]; certs: { daysLeft: number }[] }
  expect(status.warnings[0]).toBe('Certificate clients: it ends in 12 days: from then on no client gets in by it.')
  expect(status.certs[0]?.daysLeft).toBe(12)
  expect(JSON.stringify(status)).not.toContain('BEGIN CERTIFICATE')
})

test.each([80, 120])('lists and the status fit a terminal of %i columns', async (columns) => {
  await good('set --cert-id clients --cert @first.pem --yes')
  terminal.columns = columns
  terminal.environment['NO_COLOR'] = '1'
  const list = await good('list')
  expect(list.out).toMatch(/^id +subject +ends +days/)
  expect(list.out).toMatch(/clients +CN=First CA +2027-11-25 +36\d +[0-9a-f]{16}/)
  expect(flat(list.err)).toContain('clients of EP11 without a certificate are refused (generation 1).')
  const status = await good('status')
  expect(flat(status.out)).toContain('clients CN=First CA, ends in 36')
  const all = [await good('list --all'), await good('status --all')]
  expect(all[0]?.out).toMatch(/^id +administrator +subject +ends +days .*frozen/)
  const lines = [list, status, ...all].flatMap(({ out, err }) => `${out}${err}`.split('\n'))
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
  await good('delete --cert-id clients --yes')
  expect((await good('list')).out).toBe('none\n')
})

test('a certificate comes back as PEM, on the screen or into a file that was not there', async () => {
  await good('set --cert-id clients --cert @first.pem --yes')
  const { out } = await good('get --cert-id clients')
  expect(new X509Certificate(out).subject).toBe('CN=First CA')
  await good('get --cert-id clients --cert-store-file @stored.pem')
  expect(readFileSync(join(terminal.folder, 'stored.pem'), 'utf8')).toBe(first.certificatePem)
  expect(statSync(join(terminal.folder, 'stored.pem')).mode & 0o777).toBe(0o644)
  expect((await run('get --cert-id clients --cert-store-file @stored.pem')).err).toContain('is there already')
  expect((await good('list --pem')).out).toBe(`clients\n${first.certificatePem}`)
  expect((await run('get --cert-id second')).exitCode).toBe(3)
})

test('with --all it is told whose each certificate is, and which nobody can change', async () => {
  await good('set --cert-id clients --cert @first.pem --yes')
  server.http.seen.length = 0
  const { certs } = JSON.parse((await good('list --all --json')).out) as { certs: Record<string, unknown>[] }
  expect(certs.map(({ certId, administrator: whose, frozen }) => [certId, whose, frozen])).toEqual([
    ['clients', { id: administrator, name: 'Ana' }, false],
    ['clients', { id: departed, name: '' }, true],
  ])
  // Who reads the trail alone may not see the instance, nor has a key of it.
  const paths = server.http.seen.filter(({ method }) => method === 'GET').map(({ path }) => path)
  expect(paths).toEqual([`/v1/certs/${instance}/certs`])
  const list = await good('list --all')
  expect(flat(list.out)).toMatch(/^clients Ana CN=First CA .*clients IBMid-DAN0000001 CN=First CA .* yes $/)
  const pem = await good('list --all --pem')
  expect(pem.out).toContain(`clients  Ana (${administrator})\n-----BEGIN CERTIFICATE-----`)
  const status = flat((await good('status --all')).out)
  expect(status).toContain('Mutual TLS is on')
  expect(status).toContain(`Certificates of Ana (${administrator}) clients CN=First CA, ends in 365 days`)
  expect(status).toContain(`Certificates of ${departed} clients CN=First CA, ends in 365 days, frozen`)
  expect(status).toContain(`Frozen, because their administrators have no key: clients of ${departed}.`)
  expect(JSON.parse((await good('status --all --json')).out)).toMatchObject({
    instance,
    mtlsEnabled: true,
    certs: [{ frozen: false, daysLeft: 365 }, { frozen: true }],
    warnings: [expect.stringContaining('Frozen')],
  })
})
