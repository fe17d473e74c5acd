/** `keywitness kmip connect` against TLS listeners: certificates as clients see them, who is let in, and what is behind. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factsOf, withColons } from '../src/tls/certificate-facts.ts'
import { newSelfSigned } from '../src/tls/new-certificate.ts'
import { type Terminal, terminalAt } from './in-process.ts'
import { apiKey, json, LogServer } from './log-server.ts'
import { serverPair } from './server-pair.ts'
import { WitnessedLog } from './witnessed-log.ts'

/** The clock of `terminalAt`. */
const now = Date.UTC(2026, 10, 25, 20)
const pair = (commonName: string) => newSelfSigned({ commonName, isRsa: false, days: 30, now })
const client = pair('trial')

const own = serverPair('Keywitness KMIP')
const { fingerprint } = factsOf(Buffer.from(own.cert))

/** Answers to Query: success with a vendor's name; and a message that fails, its reason Authentication Not Successful. */
const known = `42007b01000000a042007a0100000048420069010000002042006a0200000004000000010000000042006b02000000040000000000000000
4200920900000008000000006b02c7ec42000d0200000004000000010000000042000f010000004842005c0500000004000000180000000042007f05
00000004000000000000000042007c010000002042009d07000000124b65797769746e657373206279204b65797300000000000000`
const unknown = `42007b010000008842007a0100000048420069010000002042006a0200000004000000010000000042006b02000000040000000000000000
4200920900000008000000006b02c7ec42000d0200000004000000010000000042000f010000003042007f05000000040000000100000000
42007e0500000004000000030000000042007d070000000250210000000000000000`

let server: Server
let onRequest: (request: Buffer, socket: TLSSocket) => void
let terminal: Terminal
let port: number

beforeEach(async () => {
  onRequest = (_request, socket) => socket.write(bytesOf(known))
  server = createServer({ cert: own.cert, key: own.key, requestCert: true, rejectUnauthorized: false })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => onRequest(request, socket))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
  terminal = terminalAt(undefined)
  mkdirSync(join(terminal.folder, 'data', 'tls'), { recursive: true })
  writeFileSync(join(terminal.folder, 'data', 'tls', 'ca.pem'), own.cert)
  writeFileSync(join(terminal.folder, 'trial.pem'), client.certificatePem)
  writeFileSync(join(terminal.folder, 'trial.key'), client.keyPem)
})

afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve)
  })
})

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
}

function connect(...words: readonly string[]) {
  return terminal.keywitness(['kmip', 'connect', '--kmip', `localhost:${port}`, ...words])
}

function asTrial(...words: readonly string[]) {
  const { folder } = terminal
  return connect('--certificate', join(folder, 'trial.pem'), '--key', join(folder, 'trial.key'), ...words)
}

test('it shows the certificate that clients will see, its authority, and what to type in vCenter', async () => {
  const { exitCode, out, err } = await connect()
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
  expect(out).toContain(`TLS at localhost:${port}, TLSv1.3, `)
  expect(out).toContain('Only TLS was tried')
  expect(out).toContain(`SHA-256  ${withColons(fingerprint)}`)
  expect(out).toContain(join(terminal.folder, 'data', 'tls', 'ca.pem'))
  expect(out).toContain(`Port      ${port}\n`)
  expect(out).not.toContain('It is not for')
  expect(out).toContain('! Only this machine reaches localhost; no vCenter does.')
})

test('a server on this machine is found by what it wrote about itself', async () => {
  const file = join(terminal.folder, 'data', 'run.json')
  writeFileSync(file, JSON.stringify({ http: '127.0.0.1:8080', kmip: `0.0.0.0:${port}` }))
  const { exitCode, out } = await terminal.keywitness('kmip connect')
  expect(exitCode).toBe(0)
  expect(out).toContain(`TLS at 127.0.0.1:${port}, `)
  expect(out).toContain('It is not for 127.0.0.1: clients that compare names will refuse it.')
})

test('a server that the authority does not vouch for is told apart', async () => {
  writeFileSync(join(terminal.folder, 'data', 'tls', 'ca.pem'), serverPair('Keywitness KMIP').cert)
  const { exitCode, err } = await connect()
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: .*ca\.pem does not vouch for the server's certificate: \w+; it may be another server/)
})

test.each(['h2', 'http/1.1'])('a listener that speaks %s is none for KMIP', async (protocol) => {
  const { cert, key } = own
  const other = createServer({ cert, key, ALPNProtocols: [protocol] })
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve)
  })
  const { port: otherPort } = other.address() as AddressInfo
  const { exitCode, out, err } = await terminal.keywitness(`kmip connect --kmip localhost:${otherPort}`)
  other.close()
  expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
  expect(err).toContain(`speaks HTTP (${protocol}), not KMIP; check the port`)
})

test('a client that is registered is let in', async () => {
  let request: Buffer = Buffer.alloc(0)
  onRequest = (bytes, socket) => {
    request = bytes
    expect(Buffer.from(client.certificate).equals(socket.getPeerCertificate().raw)).toBe(true)
    // In two pieces, as the network may deliver it.
    socket.write(bytesOf(known).subarray(0, 20))
    setImmediate(() => socket.write(bytesOf(known).subarray(20)))
  }
  const { exitCode, out } = await asTrial('--for', 'pykmip')
  expect(exitCode).toBe(0)
  expect(out).toContain(`KMIP at localhost:${port}, `)
  expect(out).toContain(
    'the server lets it in\n  only the API tells whether the root key behind it is active, and it did not: no server is running',
  )
  expect(out).toContain(`certfile=${join(terminal.folder, 'trial.pem')}\n`)
  expect(request.toString('hex')).toBe(
    '4200780100000070' +
      '4200770100000038420069010000002042006a0200000004000000010000000042006b02000000040000000000000000' +
      '42000d02000000040000000100000000' +
      '42000f010000002842005c0500000004000000180000000042007901000000104200740500000004000000030000000' +
      '0',
  )
})

test('a client that is not registered is told so, with the reason of the server', async () => {
  onRequest = (_request, socket) => socket.end(bytesOf(unknown))
  const { exitCode, out, err } = await asTrial('--json')
  expect(exitCode).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    host: 'localhost',
    port,
    isNamed: true,
    distrust: null,
    chain: [{ fingerprint }],
    client: { isKnown: false, reason: 'Authentication Not Successful', subject: 'CN=trial' },
  })
  expect(err).toContain('keywitness kmip certificates add')
})

/** The answer to a stranger, with a sentence. */
function refusal(sentence: string): Buffer {
  const text = Buffer.alloc(Math.ceil(sentence.length / 8) * 8)
  text.write(sentence)
  const bytes = Buffer.concat([bytesOf(unknown).subarray(0, 128), bytesOf('42007d0700000000'), text])
  bytes.writeUInt32BE(bytes.length - 8, 4)
  bytes.writeUInt32BE(0x20 + 8 + text.length, 92)
  bytes.writeUInt32BE(sentence.length, 132)
  return bytes
}

const ends = 'The client certificate has expired, or is not valid yet.'
const dayMs = 86_400_000

test.each([
  ['has expired', -9, ends, 'kmip certificates create <name> --adapter <adapter> makes and registers one'],
  ['is not valid yet', 9, ends, 'or compare the clocks'],
  ['has expired by the clock of the server', 0, ends, 'it has not, by the clock of this machine: compare the clocks'],
  ['has a weak key', 0, 'Its key is too weak: RSA needs 2048 bits.', 'makes and registers one'],
  [
    'belongs nowhere',
    0,
    'It belongs to no adapter.',
    'keywitness kmip certificates add <adapter> <file> registers its certificate',
  ],
])('of a certificate that %s the sentence of the server is told, and what to do', async (_what, away, said, advice) => {
  const made = newSelfSigned({ commonName: 'trial', isRsa: false, days: 3, now: now + away * dayMs })
  writeFileSync(join(terminal.folder, 'trial.pem'), made.certificatePem)
  writeFileSync(join(terminal.folder, 'trial.key'), made.keyPem)
  onRequest = (_request, socket) => socket.end(refusal(said))
  const { exitCode, out, err } = await asTrial()
  expect(exitCode).toBe(1)
  expect(out).toContain(`the server does not let it in: Authentication Not Successful: ${said}\n`)
  expect(err).toContain(`Authentication Not Successful: ${said.slice(0, -1)}; `)
  expect(err).toContain(advice)
})

test.each([
  [1, 0, 'active', ''],
  [
    2,
    1,
    'suspended',
    'its root key is suspended (disabled): keys are neither made nor given out; keywitness keys enable k',
  ],
  [3, 1, 'deactivated', 'its root key has expired: keys that are there are given out, and no new ones are made'],
  [5, 1, 'destroyed', 'its root key is destroyed'],
])('a client that is let in by a root key in state %d can, or cannot, work', async (state, code, word, said) => {
  const api = await LogServer.start(new WitnessedLog(1))
  const answers: Record<string, object[]> = {
    kmip_adapters: [
      { id: 'b', name: 'other', profile_data: { crk_id: 'j' } },
      { id: 'a', name: 'vcenter', profile_data: { crk_id: 'k' } },
    ],
    'kmip_adapters/b/certificates': [{ id: 'd', fingerprint: '00' }],
    'kmip_adapters/a/certificates': [{ id: 'c', fingerprint: factsOf(client.certificate).fingerprint }],
    'keys/k/metadata': [{ id: 'k', name: 'billing', state }],
  }
  for (const [path, resources] of Object.entries(answers)) {
    api.instead.set(`GET /api/v2/${path}`, (_seen, response) => json(response, { resources }))
  }
  Object.assign(terminal.environment, {
    KEYWITNESS_URL: `http://${api.address}`,
    KEYWITNESS_API_KEY: apiKey,
    KEYWITNESS_INSTANCE: 'the-instance',
  })
  const { exitCode, out, err } = await asTrial()
  const asJson = JSON.parse((await asTrial('--json')).out) as object
  await api.stop()
  expect(exitCode).toBe(code)
  expect(out).toContain(`the server lets it in\n  adapter  vcenter\n  root key billing (k), ${word}\n`)
  expect(err).toContain(said)
  expect(asJson).toMatchObject({ rootKey: { adapter: 'vcenter', id: 'k', state: word } })
})

test('a key that is too small for TLS is told so', async () => {
  const { folder } = terminal
  const files = ['-keyout', join(folder, 'trial.key'), '-out', join(folder, 'trial.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=trial', ...files], {
    stdio: 'ignore',
  })
  const { exitCode, err } = await asTrial()
  expect(exitCode).toBe(2)
  expect(err).toContain('the key is too small; have a pair made with RSA 2048 or P-256')
})

test('a server that hangs up on an unknown client has refused it', async () => {
  onRequest = (_request, socket) => socket.destroy()
  const { exitCode, out, err } = await asTrial()
  expect(exitCode).toBe(1)
  expect(out).toContain(`TLS at localhost:${port}, `)
  expect(err).toContain('check the port; or else let its certificate in')
  expect(out).toContain('does not let it in: the connection was closed without an answer')
})

test.each([
  ['no KMIP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['more than an answer may have', Buffer.alloc(80_000, 0x42)],
])('%s is no answer', async (_what, bytes) => {
  onRequest = (_request, socket) => socket.end(bytes)
  const { exitCode, err } = await asTrial()
  expect(exitCode).not.toBe(0)
  expect(err).toMatch(/not KMIP|closed without an answer/)
})

test('a server that takes no such certificate, already in the handshake, is told apart from none', async () => {
  const { cert, key } = own
  const strict = createServer({
    cert,
    key,
    ca: cert,
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: 'TLSv1.2',
  })
  strict.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => {
    strict.listen(0, '127.0.0.1', resolve)
  })
  port = (strict.address() as AddressInfo).port
  const { exitCode, err } = await asTrial()
  strict.close()
  expect(exitCode).toBe(3)
  expect(err).toMatch(/cannot reach KMIP at localhost:\d+: .*(SSL|TLS|ECONNRESET|closed)/)
})

test('where nobody listens that is said', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve)
  })
  const free = (other.address() as AddressInfo).port
  await new Promise((resolve) => {
    other.close(resolve)
  })
  const { exitCode, err } = await terminal.keywitness(`kmip connect --kmip 127.0.0.1:${free}`)
  expect(exitCode).toBe(3)
  expect(err).toContain(`cannot reach KMIP at 127.0.0.1:${free}: ECONNREFUSED`)
})

test.each([
  ['--certificate alone', ['--certificate', 'trial.pem'], '--certificate and --key go together'],
  ['a key that is none', ['--certificate', 'trial.pem', '--key', 'trial.pem'], 'holds no private key in PEM'],
  ['no address', ['--kmip', 'a/b'], 'not an address: a/b'],
  [
    'a client there is not',
    ['--for', 'abacus'],
    'Allowed choices are vcenter, pykmip, mongodb, mysql, percona, openssl',
  ],
])('%s is refused before anything is sent', async (_what, words, said) => {
  const inFolder = words.map((word) => (word.startsWith('trial') ? join(terminal.folder, word) : word))
  const { exitCode, err } = await connect(...inFolder)
  expect(exitCode).toBe(2)
  expect(err).toContain(said)
})

test('key and certificate of two pairs are refused', async () => {
  writeFileSync(join(terminal.folder, 'trial.key'), own.key)
  const { exitCode, err } = await asTrial()
  expect(exitCode).toBe(2)
  expect(err).toContain('check that both are one pair')
})

test.each([
  ['mysql', ['SERVER=localhost:', 'trial.pem ssl/cert.pem\n', 'trial.key ssl/key.pem\n']],
  ['percona', ['"server_addr": "localhost"', '"client_ca": "', '"server_ca": "']],
  ['mongodb', ['--kmipServerName localhost']],
  ['openssl', ['s_client -connect localhost:']],
])('what to tell %s holds address and files', async (name, parts) => {
  const { exitCode, out } = await asTrial('--for', name)
  expect(exitCode).toBe(0)
  for (const part of parts) expect(out).toContain(part)
  expect(out).not.toContain('no vCenter does')
})
