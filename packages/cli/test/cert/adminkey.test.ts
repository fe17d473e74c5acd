/** `keywitness cert adminkey`: the key is on the disk before anybody hears of it, and is lost in no break after that. */
import { execFile } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from '../in-process.ts'
import { administrator, CertServer, crn, instance } from './cert-server.ts'

const passphrase = 'correct horse battery staple'
let server: CertServer
let terminal: Terminal

beforeEach(async () => {
  server = await CertServer.start()
  terminal = terminalAt(server.http)
  terminal.environment['KEYWITNESS_INSTANCE'] = instance
})
afterEach(async () => {
  await server.http.stop()
  rmSync(terminal.folder, { recursive: true })
})

const folder = (): string => join(terminal.folder, 'home', 'certs')
const files = (): string[] => readdirSync(folder()).toSorted()
const run = (words: string) => terminal.keywitness(`cert adminkey ${words}`)

/** Beside the server of this process, which must not stand still meanwhile. */
const openssl = async (...words: readonly string[]): Promise<string> =>
  (await promisify(execFile)('openssl', words)).stdout

function fileOf(name: string, text: string): string {
  const file = join(terminal.folder, name)
  writeFileSync(file, text)
  return file
}

async function good(words: string) {
  const ran = await run(words)
  expect(ran.exitCode, ran.out + ran.err).toBe(0)
  return ran
}

test('a new key is in two files of this user alone, and the server has the public one', async () => {
  const { out, err } = await good('set --yes')
  expect(files()).toHaveLength(2)
  const [privateFile = '', publicFile = ''] = files().map((name) => join(folder(), name))
  expect(out).toBe(`KeyId       ${server.keyId}\nPrivateKey  ${privateFile}\nPublicKey   ${publicFile}\n`)
  expect(err).toContain(`billing ${instance}`)
  expect(err).toContain(administrator)
  expect(err).toContain('Without a passphrase whoever reads')
  expect(statSync(privateFile).mode & 0o777).toBe(0o600)
  expect(statSync(folder()).mode & 0o777).toBe(0o700)
  expect(readFileSync(publicFile, 'utf8')).toContain(`Instance: ${crn}\nAdministrator: ${administrator}\n`)
  expect(await openssl('pkey', '-pubin', '-in', publicFile, '-noout', '-text')).toContain('P-521')
  expect((await good('get')).out).toContain(privateFile)
})

test('a passphrase is asked for twice, and encrypts the file in a form that OpenSSL opens', async () => {
  terminal.columns = 80
  terminal.typed = ['yes', passphrase, passphrase]
  await good('set')
  const file = join(folder(), files()[0] ?? '')
  const pem = readFileSync(file, 'utf8')
  expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
  // Of 256 wrong passphrases one yields padding that looks right: then what comes out is no key.
  expect(() => createPrivateKey({ key: pem, passphrase: 'another' })).toThrow(/decrypt|unsupported/)
  const source = `file:${fileOf('passphrase', passphrase)}`
  expect(await openssl('pkey', '-in', file, '-passin', source, '-noout', '-text')).toContain('P-521')
  // What signs next wants it, and a wrong one signs nothing.
  terminal.typed = ['another passphrase']
  const wrong = await run('update')
  expect([wrong.exitCode, wrong.err]).toEqual([2, expect.stringContaining('the passphrase does not open')])
  expect(wrong.err).not.toContain('Do it?')
  expect(server.commands).toEqual(['POST adminkey'])
  terminal.typed = [passphrase, 'yes', '', '']
  await good('update')
  expect(files()).toHaveLength(4)
})

test('two passphrases that differ, or one too easily guessed, make nothing', async () => {
  terminal.typed = ['yes', passphrase, `${passphrase}r`]
  expect((await run('set')).err).toContain('the passphrases differ')
  terminal.typed = ['yes', 'short']
  const short = await run('set')
  expect(short.err).toContain('Passphrase for the new private key (at least 12 characters; empty: none): ')
  expect(short.err).toMatch(/the passphrase is not accepted: .*; nothing was done; begin again\n$/)
  // From a file it is looked at before anybody is asked.
  terminal.typed = []
  const filed = await run(`set --passphrase-file ${fileOf('passphrase', 'short')}`)
  expect([filed.exitCode, filed.err]).toEqual([2, expect.stringMatching(/^error: the passphrase is not accepted/)])
  expect(files()).toEqual([])
  expect(server.commands).toEqual([])
})

test('an empty passphrase is asked for once more', async () => {
  terminal.typed = ['yes', '', passphrase, passphrase]
  const { err } = await good('set')
  expect(err).toContain('Without one, whoever reads the file can sign.')
  expect(readFileSync(join(folder(), files()[0] ?? ''), 'utf8')).toContain('ENCRYPTED PRIVATE KEY')
})

test('the key is on the disk, whole, before the server hears of it', async () => {
  const onDisk: (readonly string[])[] = []
  server.onCommand = () => {
    const [named = ''] = files().filter((name) => name.endsWith('.priv'))
    onDisk.push([createPrivateKey(readFileSync(join(folder(), named), 'utf8')).type, ...files()])
  }
  server.fate = 'refused'
  expect((await run('set --yes')).exitCode).toBe(3)
  expect(onDisk).toEqual([['private', expect.stringMatching(/\.priv$/), expect.stringMatching(/\.pub$/)]])
})

test('what is not agreed to is not done', async () => {
  expect((await run('set')).err).toContain('add --yes')
  terminal.typed = ['no']
  expect((await run('set')).exitCode).toBe(2)
  expect(files()).toEqual([])
})

test('a key that was refused leaves no file, and a second one is not made beside the first', async () => {
  server.fate = 'refused'
  const refused = await run('set --yes')
  expect([refused.exitCode, refused.err]).toEqual([3, expect.stringContaining('; nothing was done')])
  expect(files()).toEqual([])
  server.fate = 'answered'
  await good('set --yes')
  const again = await run('set --yes')
  expect([again.exitCode, again.err]).toEqual([2, expect.stringContaining('you have a signature key already')])
  expect(files()).toHaveLength(2)
})

test.each(['lost-after', 'failed', 'repeated'] as const)(
  'an answer that is %s leaves nobody without the key',
  async (fate) => {
    server.fate = fate
    const { out } = await good('set --yes')
    expect(out).toContain(`KeyId       ${server.keyId}`)
    const first = server.keyId
    const updated = await good('update --yes')
    expect(server.keyId).not.toBe(first)
    expect(updated.out).toContain(`KeyId       ${server.keyId}`)
    server.fate = 'answered'
    expect((await good('get')).out).toContain('PrivateKey')
  },
)

test('a command that did not arrive keeps the file, since it may still arrive, and says so', async () => {
  server.fate = 'lost-before'
  const lost = await run('set --yes')
  expect([lost.exitCode, lost.err]).toEqual([3, expect.stringContaining('so far it was not done')])
  expect(lost.err).toContain(`The new private key stays in ${folder()}`)
  expect(files()).toHaveLength(2)
  server.fate = 'answered'
  await good('set --yes')
  const before = server.keyId
  server.fate = 'lost-before'
  expect((await run('update --yes')).exitCode).toBe(3)
  // The old one signs as before.
  server.fate = 'answered'
  await good('update --yes')
  expect(server.keyId).not.toBe(before)
})

test('where the server cannot be asked either, that is said, and the file stays', async () => {
  server.onCommand = () => void server.http.stop()
  server.fate = 'lost-after'
  const { exitCode, err } = await run('set --yes')
  expect(exitCode).toBe(3)
  expect(err).toContain('whether it was done is not known; keywitness cert adminkey get tells')
  expect(files()).toHaveLength(2)
})

test('a key is given up by its own signature, and what stays in force is told', async () => {
  await good('set --yes')
  server.others = 1
  const { out, err } = await good('delete --yes')
  expect(out).toMatch(/^deleted [0-9a-f]{64}\n$/)
  expect(err).toContain('those of other administrators stay in force')
  expect(err).toMatch(/The private key stays in \S+\.priv: it signs nothing here any more\.\n$/)
  expect(files()).toHaveLength(2)
  expect(JSON.parse((await good('get --json')).out)).toEqual({ publicKey: '', files: null })
  expect((await good('get')).out).toBe('You have no signature key: keywitness cert adminkey set makes one.\n')
  expect((await run('delete --yes')).err).toContain('you have no administrator key here yet')
})

test('a private key that is kept apart is not claimed to be here', async () => {
  await good('set --yes')
  rmSync(join(folder(), files()[0] ?? ''))
  expect((await good('get')).err).toContain('Its private key is not among those of this machine.')
  expect((await run('update --yes')).err).toContain('name its file with --admin-priv-key')
  // Each names what is left to whoever has lost the key, and not only the other.
  for (const words of ['set --yes', 'update --yes', 'delete --yes']) {
    expect((await run(words)).err).toContain(`keywitness cert recover propose ${administrator}`)
  }
})

test('a file with the key serves wherever it lies, and one of another kind does not', async () => {
  await good('set --yes')
  const [name = ''] = files()
  const file = fileOf('elsewhere.priv', readFileSync(join(folder(), name), 'utf8'))
  rmSync(folder(), { recursive: true })
  expect((await run('update --yes')).err).toContain('is not on this machine')
  const ran = await good(`update --yes --admin-priv-key ${file}`)
  expect(ran.err).toContain(`Others may use ${file}`)
  const old = fileOf('old.priv', readFileSync(file, 'utf8'))
  const replaced = await run(`delete --yes --admin-priv-key ${old}`)
  expect([replaced.exitCode, replaced.err]).toEqual([2, expect.stringContaining('is not your administrator key')])
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' })
  const other = await run(`update --yes --admin-priv-key ${fileOf('p256.pem', p256.toString())}`)
  expect(other.err).toContain('is no key of P-521')
  const none = await run(`update --yes --admin-priv-key ${fileOf('none.pem', 'secret words')}`)
  expect(none.err).toMatch(/none\.pem holds no private key in PEM\n$/)
})

test('a server that names another instance gets no signature', async () => {
  server.crn = crn.replace(instance, '2f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a')
  const { exitCode, err } = await run('set --yes')
  expect([exitCode, err]).toEqual([3, expect.stringContaining('another instance than the one that was asked for')])
  expect(server.commands).toEqual([])
})

test('a key of the signing service signs, and its token is shown nowhere', async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const service = await signingService(pair)
  const { port } = service.address() as AddressInfo
  terminal.environment['TKE_SIGNSERV_URL'] = `http://127.0.0.1:${port}`
  mkdirSync(join(terminal.folder, 'home', 'tke'), { recursive: true, mode: 0o700 })
  const keys = [{ key: 'ana', token: 'a-secret-token' }]
  writeFileSync(join(terminal.folder, 'home', 'tke', 'SIGNSERVKEYS'), JSON.stringify(keys), { mode: 0o600 })
  const made = await good('set --signing-key ana --yes')
  expect(made.out).toBe(`KeyId       ${server.keyId}\nSigningKey  ana (signing service)\n`)
  const gone = await good('delete --signing-key ana --yes')
  expect(made.out + made.err + gone.out + gone.err).not.toContain('a-secret-token')
  expect(server.commands).toEqual(['POST adminkey', 'DELETE adminkey'])
  // From a file to the service, and back: each signs for its successor.
  await good('set --yes')
  expect((await good('update --new-signing-key ana --yes')).out).toContain('SigningKey  ana (signing service)')
  expect((await good('update --signing-key ana --yes')).out).toContain('PrivateKey')
  service.close()
})

/** In the form of TKE's (TKE reference, section 4.6). */
async function signingService({ publicKey, privateKey }: KeyPairKeyObjectResult): Promise<Server> {
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-132)
  const integer = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([2, bytes.length]), bytes])
  const numbers = Buffer.concat([integer(point.subarray(0, 66)), integer(point.subarray(66))])
  const publickey = Buffer.concat([Buffer.from([0x30, 0x81, numbers.length]), numbers]).toString('base64')
  const service = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      if (request.method === 'GET') return response.end(JSON.stringify({ publickey }))
      const { input } = JSON.parse(Buffer.concat(pieces).toString()) as { input: string }
      const signature = sign('sha512', Buffer.from(input, 'base64'), privateKey).toString('base64')
      return response.end(JSON.stringify({ signature }))
    })
  })
  await new Promise<void>((resolve) => {
    service.listen(0, '127.0.0.1', resolve)
  })
  return service
}
