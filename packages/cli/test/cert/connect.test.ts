/** `keywitness cert connect` against a listener of gRPC over TLS: who is let in, and what is said of who is not. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factsOf } from '../../src/tls/certificate-facts.ts'
import { newAuthority, newClientOf } from '../../src/tls/new-certificate.ts'
import { type Terminal, terminalAt } from '../in-process.ts'
import { serverPair } from '../server-pair.ts'
import { CertServer, instance } from './cert-server.ts'

/** Of the terminal's clock. */
const now = Date.UTC(2026, 10, 25, 20)
const authority = newAuthority({ commonName: 'Clients', isRsa: false, days: 30, now })
const issuer = { certificate: authority.certificate, key: createPrivateKey(authority.keyPem) }
const client = newClientOf(issuer, { commonName: 'trial', isRsa: false, days: 30, now })

const own = serverPair('EP11')

let manager: CertServer
let server: Http2SecureServer
let terminal: Terminal
let port: number
let onCall: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, message: Buffer, socket: TLSSocket) => void

beforeEach(async () => {
  manager = await CertServer.start()
  terminal = terminalAt(manager.http)
  terminal.environment['KEYWITNESS_INSTANCE'] = instance
  server = createSecureServer({ ...own, requestCert: true, rejectUnauthorized: false })
  server.on('stream', (stream, headers) => {
    const pieces: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => onCall(stream, headers, Buffer.concat(pieces), stream.session?.socket as TLSSocket))
  })
  port = await listening(server)
  for (const [name, text] of [
    ['ca.pem', own.cert],
    ['trial.pem', client.certificatePem],
    ['trial.key', client.keyPem],
    ['authority.pem', authority.certificatePem],
    ['authority.key', authority.keyPem],
  ] as const) {
    writeFileSync(at(name), text)
  }
})
afterEach(async () => {
  server.close()
  await manager.http.stop()
  rmSync(terminal.folder, { recursive: true })
})

const at = (name: string): string => join(terminal.folder, name)

async function listening(one: Server | Http2SecureServer): Promise<number> {
  await new Promise<void>((resolve) => {
    one.listen(0, '127.0.0.1', resolve)
  })
  return (one.address() as AddressInfo).port
}

const connect = (...words: readonly string[]) =>
  terminal.keywitness(['cert', 'connect', '--ep11', `localhost:${port}`, '--ca', at('ca.pem'), ...words])
const asTrial = (...words: readonly string[]) =>
  connect('--certificate', at('trial.pem'), '--key', at('trial.key'), ...words)

/** As a service refuses before it has begun an answer. */
function refuse(stream: ServerHttp2Stream, status: number, message: string): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-status': String(status),
      'grpc-message': encodeURIComponent(message),
      'keywitness-event-id': '0190a2b4-5f6a-7c3d-8e9f-001122334455',
    },
    { endStream: true },
  )
}

function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.from('00000000030a0142', 'hex'))
}

test('a client is let in with this certificate, and its call is one that the service knows', async () => {
  let seen: unknown
  onCall = (stream, headers, message, socket) => {
    seen = {
      path: headers[':path'],
      type: headers['content-type'],
      instance: headers['bluemix-instance'],
      message: message.toString('hex'),
      certificate: new X509Certificate(socket.getPeerCertificate().raw).subject,
    }
    answer(stream)
  }
  manager.others = 1
  const { exitCode, out, err } = await asTrial()
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
  expect(out).toContain('  let in with this certificate\n')
  expect(out).toContain('  issuer   CN=Clients\n')
  expect(out).toContain(`  SHA-256  ${factsOf(client.certificate).fingerprint}\n`)
  expect(seen).toEqual({
    path: '/grep11.Crypto/GenerateRandom',
    type: 'application/grpc',
    instance,
    message: '00000000020801',
    certificate: 'CN=trial',
  })
})

test('a client without a certificate is told what the service wants, with its event', async () => {
  onCall = (stream) => refuse(stream, 16, 'CKR_GREP11_NOT_AUTHENTICATED: A client certificate is needed — ask for one.')
  const { exitCode, out, err } = await connect()
  expect(exitCode).toBe(1)
  expect(out).toContain('  refused without a certificate\n')
  expect(out).toContain('A client certificate is needed — ask for one.\n')
  expect(out).toContain('witnessed by event 0190a2b4')
  expect(err).toMatch(/^FAILED: refused without a certificate; the client needs a certificate of an authority/)
  const { client: shown, call, isLetIn } = JSON.parse((await connect('--json')).out) as Record<string, unknown>
  expect({ shown, call, isLetIn }).toMatchObject({ shown: null, call: { status: 16 }, isLetIn: false })
})

test('where mutual TLS is off, or nobody tells, it is said that the certificate was not, or perhaps not, checked', async () => {
  onCall = (stream) => answer(stream)
  const off = await asTrial()
  expect([off.exitCode, off.out]).toEqual([
    0,
    expect.stringContaining('  let in; mutual TLS is off, so the certificate was not checked\n'),
  ])
  manager.tells = false
  const { out } = await asTrial()
  expect(out).toContain('  let in; it is not known whether the certificate was checked\n')
  const { call, mtlsEnabled } = JSON.parse((await asTrial('--json')).out) as Record<string, unknown>
  expect([call, mtlsEnabled]).toEqual([expect.objectContaining({ status: 0, returnValue: 'CKR_OK' }), null])
})

test('a certificate is compared with an authority before that is set', async () => {
  onCall = (stream) => answer(stream)
  const good = await asTrial('--against', at('authority.pem'))
  expect([good.exitCode, good.out]).toEqual([
    0,
    expect.stringContaining('\n  clients with this certificate are let in once that authority is set\n'),
  ])
  const file = (name: string, text: string): void => writeFileSync(at(name), text)
  const other = (name: string, days: number): void =>
    file(name, newAuthority({ commonName: 'Clients', isRsa: false, days, now }).certificatePem)
  other('other.pem', 30)
  const wrong = await asTrial('--against', at('other.pem'))
  expect([wrong.exitCode, wrong.out]).toEqual([1, expect.stringContaining('  It did not issue this certificate')])
  expect(wrong.err).toMatch(
    /^FAILED: \S+other\.pem would not let this certificate in; set the authority that issued it/,
  )
  // By itself: who issued nothing.
  const leaf = await asTrial('--against', at('trial.pem'))
  expect(leaf.out).toContain('  That is not the certificate of an authority.\n')
  const { against } = JSON.parse((await asTrial('--against', at('other.pem'), '--json')).out) as {
    against: { faults: string[] }
  }
  expect(against.faults).toHaveLength(1)
  expect((await connect('--against', at('other.pem'))).err).toContain('--against wants --certificate and --key')
})

test.each([
  ['does not lead to one that this instance accepts', 'CN=Clients issued it and is not let in'],
  ['has expired, or one has that it leads to', 'have a new one issued, or a new authority set'],
  ['is not valid yet', 'compare the clocks'],
  ['is one for another instance of its account', 'show one for this instance, or name the other'],
  ['is signed with a hash that is too weak', 'have another one issued'],
])('what to do about a certificate that %s fits that', async (said, advice) => {
  onCall = (stream) => refuse(stream, 16, `CKR_GREP11_NOT_AUTHENTICATED: The certificate of the client ${said}.`)
  expect((await asTrial()).err).toContain(`FAILED: refused with this certificate; ${advice}`)
  expect(JSON.parse((await asTrial('--json')).out)).toMatchObject({
    call: { returnValue: 'CKR_GREP11_NOT_AUTHENTICATED' },
  })
})

test.each([
  [16, 'The token has expired.', 'the token was not taken'],
  [7, 'The caller may not do this here.', 'this API key may not use keys of the instance'],
  [14, 'No crypto unit can do it now.', 'the call failed'],
] as const)('status %i is not blamed on the certificate', async (status, message, said) => {
  onCall = (stream) => refuse(stream, status, message)
  const { exitCode, err } = await asTrial()
  expect([exitCode, err]).toEqual([3, expect.stringContaining(said)])
})

test('what can be seen to be wrong with a certificate is said, whatever the service says', async () => {
  onCall = (stream) => refuse(stream, 16, 'The certificate is not taken.')
  const old = newClientOf(issuer, { commonName: 'old', isRsa: false, days: -1, now })
  writeFileSync(at('trial.pem'), old.certificatePem)
  writeFileSync(at('trial.key'), old.keyPem)
  expect((await asTrial()).out).toContain('  It has expired: have a new one issued.\n')
  const { out } = await connect('--certificate', at('authority.pem'), '--key', at('authority.key'))
  expect(out).toContain("  It is an authority's certificate: a client shows one that it issued.\n")
})

test('a token goes to nobody that the authority does not vouch for', async () => {
  let calls = 0
  onCall = () => (calls += 1)
  writeFileSync(at('ca.pem'), serverPair('EP11').cert)
  const { exitCode, err } = await asTrial()
  expect([exitCode, err]).toEqual([1, expect.stringContaining('does not vouch for')])
  expect(calls).toBe(0)
})

test('a service that hangs up, speaks no gRPC or no HTTP/2 is told apart', async () => {
  onCall = (stream) => stream.session?.destroy()
  const ended = await asTrial()
  expect([ended.exitCode, ended.err]).toEqual([3, expect.stringContaining('EP11 gave this client no answer')])
  onCall = (stream) => {
    stream.respond({ ':status': 404 })
    stream.end('nothing here')
  }
  expect((await asTrial()).err).toContain('the answer is not gRPC')
  const other = createServer(own)
  port = await listening(other)
  const { exitCode, err } = await asTrial()
  other.close()
  expect([exitCode, err]).toEqual([3, expect.stringMatching(/does not speak HTTP\/2|cannot reach EP11/)])
})

test.each([
  [
    'a key of another pair',
    ['--certificate', 'trial.pem', '--key', 'authority.key'],
    'is not the key of this certificate',
  ],
  ['a certificate alone', ['--certificate', 'trial.pem'], '--certificate and --key go together'],
])('%s is refused before anything is sent', async (_what, words, said) => {
  const { exitCode, err } = await connect(...words.map((word) => (word.includes('.') ? at(word) : word)))
  expect([exitCode, err]).toEqual([2, expect.stringContaining(said)])
})
