/** The guide to the EP11 client, as a reader would follow it: its package is made and installed, its programs run, with OpenSSL and a real product. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ceremonyAdministrators, Client, newDataFolder, type Product, startProduct, TkeCommands } from '../src/index.ts'
import { bringAll, rotationAt } from '../src/rotation-keys.ts'

const root = join(import.meta.dirname, '../../..')
const guide = readFileSync(join(root, 'docs/guides/ep11-client.md'), 'utf8')
const data = newDataFolder()
const folder = mkdtempSync(join(tmpdir(), 'keywitness-ep11-client-'))
const run = promisify(execFile)
let product: Product
let client: Client
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  product = await startProduct({ data })
  client = await new Client(product).signIn()
  await install()
  for (const [, name, text] of guide.matchAll(/```js\n\/\/ ([\w.-]+\.mjs)\n(.*?)```/gs)) {
    writeFileSync(join(folder, name as string), text as string)
  }
  env = {
    PATH: process.env['PATH'],
    EP11_ADDRESS: product.ep11.replace('127.0.0.1', 'localhost'),
    EP11_CA: join(data, 'tls/ca.pem'),
    API_KEY: product.apiKey,
    IDENTITY_URL: product.url,
  }
}, 120_000)
afterAll(async () => {
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** The commands of the guide's section, which say folders beside each other. */
async function install(): Promise<void> {
  const [, pack = '', place = '', words = ''] =
    /npx node (tools\S+) (\S+)\n(?:.*\n)*?cd \.\.\/my-program && npm (install .*)\n/.exec(guide) ?? []
  expect([place, words]).toEqual(['..', 'install ../keywitness-ep11-client-0.1.0.tgz'])
  await run(process.execPath, [join(root, pack), folder])
  const own = join(folder, 'keywitness-ep11-client-0.1.0.tgz')
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', own, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
}

const program = async (...words: string[]): Promise<string> =>
  (await run(process.execPath, words, { cwd: folder, env })).stdout
const openssl = async (...words: string[]): Promise<string> => (await run('openssl', words, { cwd: folder })).stdout
const at = (name: string): string => join(folder, name)

async function sign(document: string): Promise<void> {
  expect(await program('sign.mjs', document)).toBe('signed\n')
  expect(await openssl('dgst', '-sha256', '-verify', 'signing.pem', '-signature', `${document}.sig`, document)).toBe(
    'Verified OK\n',
  )
}

test('a document is signed with the first key, in one call and in parts, and OpenSSL verifies it', async () => {
  await program('first-key.mjs')
  writeFileSync(at('contract.pdf'), 'We agree.')
  await sign('contract.pdf')
  writeFileSync(at('film.mp4'), randomBytes(5_000_001))
  await sign('film.mp4')
  writeFileSync(at('contract.pdf'), 'We agree not.')
  await expect(
    openssl('dgst', '-sha256', '-verify', 'signing.pem', '-signature', 'contract.pdf.sig', 'contract.pdf'),
  ).rejects.toThrow('Command failed')
}, 60_000)

test('a file is encrypted and decrypted piece by piece', async () => {
  await program('encrypt.mjs', 'film.mp4')
  const [plain, encrypted, decrypted] = ['film.mp4', 'film.mp4.enc', 'film.mp4.dec'].map((name) =>
    readFileSync(at(name)),
  )
  expect(encrypted).toHaveLength(5_000_016)
  expect(encrypted?.subarray(0, 64)).not.toEqual(plain?.subarray(0, 64))
  expect(decrypted?.equals(plain as Buffer)).toBe(true)
}, 60_000)

test('a TLS server serves with a key of which only the blob lies on a disk', async () => {
  const [pipe] = /^node tls-pem.mjs .*$/m.exec(guide) ?? []
  await run('sh', ['-c', pipe as string], {
    cwd: folder,
    env: { ...env, PATH: `${dirname(process.execPath)}:${env['PATH']}` },
  })
  const [authorityKey, authority] = ['authority-key.pem', 'authority.pem']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await openssl('req', '-x509', ...curve, '-keyout', authorityKey, '-out', authority, '-subj', '/CN=Test', '-days', '2')
  const signing = ['-CA', authority, '-CAkey', authorityKey, '-copy_extensions', 'copy', '-days', '2']
  await openssl('x509', '-req', '-in', 'tls.csr', ...signing, '-out', 'tls.pem')
  const server = spawn(process.execPath, ['tls-server.mjs', '0'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const port = await firstLine(server)
    expect(await fetched(Number(port), readFileSync(at(authority)))).toBe('served with a key that lies on no disk\n')
  } finally {
    server.kill()
  }
}, 60_000)

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

function fetched(port: number, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: 'localhost', port, ca }, (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.on('end', () => resolve(text))
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('each call tells its event, which is found by its correlation id', async () => {
  const [method, eventId = '', outcome] = (await program('witnessed.mjs')).trim().split(' ')
  expect([method, outcome]).toEqual(['GenerateRandom', 'success'])
  const event = await client.event(eventId)
  expect(event).toMatchObject({
    action: 'hs-crypto.ep11.use',
    correlationId: 'order-4711',
    requestData: { method: 'GenerateRandom' },
  })
}, 60_000)

test('a keystore keeps a key, and finds it by its label', async () => {
  expect(await program('keystore.mjs')).toBe('CKK_AES 0\n')
}, 60_000)

test('keys that are rewrapped while a new master key waits are used under it', async () => {
  await expect(program('rewrap.mjs')).rejects.toThrow('CKR_IBM_WK_NOT_INITIALIZED')
  const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
  const pattern = await bringAll(tke, [randomBytes(32), randomBytes(32)])
  await program('rewrap.mjs')
  await sign('contract.pdf')
  await tke.rotation('PUT')
  await rotationAt(tke, 'rewrapped')
  for (const unit of await tke.units()) await tke.activate(unit, pattern)
  await rotationAt(tke, 'finished')
  await expect(program('sign.mjs', 'contract.pdf')).rejects.toThrow('CKR_IBM_WKID_MISMATCH')
  await program('use-next.mjs')
  await sign('contract.pdf')
}, 120_000)
