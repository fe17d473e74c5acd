/** TLS of the KMIP listener: versions, suites, no session of before, no certificate that changes, a new one of its own. */
import { execFile } from 'node:child_process'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { selfSigned } from '../testing/self-signed.ts'
import {
  clientCertificate,
  fingerprintOf,
  type ListenerHouse,
  openListenerHouse,
  request,
} from './testing/listener-house.ts'

let house: ListenerHouse
afterEach(() => house.close())

const only = (version: SecureVersion): ConnectionOptions => ({ minVersion: version, maxVersion: version })
const material = ({ cert, key }: { cert: string; key: string }) => ({ cert: Buffer.from(cert), key: Buffer.from(key) })

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken, with a suite of forward secrecy', async (version) => {
  house = await openListenerHouse()
  const client = await house.client(only(version))
  expect(client.socket.getProtocol()).toBe(version)
  expect(client.socket.getCipher().standardName).toMatch(/^TLS_(ECDHE_ECDSA_WITH_)?AES_256_GCM_SHA384$/)
  expect(await client.ask('served?')).toBe('served?')
})

test('an older version is refused', async () => {
  house = await openListenerHouse()
  const old = { ...only('TLSv1.1'), ciphers: 'DEFAULT@SECLEVEL=0' }
  await expect(house.client(old)).rejects.toThrow(/version|handshake/i)
})

const legacy = { ...only('TLSv1.2'), ciphers: 'AES256-SHA256' }

test.each(['AES256-SHA256', 'AES128-SHA256', 'ECDHE-RSA-AES256-SHA384', 'ECDHE-RSA-AES128-SHA256'])(
  'an appliance that knows %s only is refused, unless legacy suites are on',
  async (ciphers) => {
    const tls = material(rsa)
    house = await openListenerHouse({ tls })
    await expect(house.client({ ...legacy, ciphers })).rejects.toThrow(/handshake/i)
    await house.close()
    house = await openListenerHouse({ tls, hasLegacyCiphers: true })
    const client = await house.client({ ...legacy, ciphers })
    expect(client.socket.getCipher().name).toBe(ciphers)
    // Others still get the better ones.
    expect((await house.client(only('TLSv1.2'))).socket.getCipher().name).toBe('ECDHE-RSA-AES256-GCM-SHA384')
  },
)

const rsa = selfSigned('localhost', 'rsa')

test('DHE is there for clients without elliptic curves', async () => {
  house = await openListenerHouse({ tls: material(rsa) })
  const client = await house.client({ ...only('TLSv1.2'), ciphers: 'DHE-RSA-AES256-GCM-SHA384' })
  expect(await client.ask('served?')).toBe('served?')
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a session of before is not resumed in %s: each shows its certificate anew',
  async (version) => {
    house = await openListenerHouse()
    const first = await house.client(only(version))
    const sessions: Buffer[] = []
    first.socket.on('session', (session: Buffer) => sessions.push(session))
    await first.ask('first')
    const session = sessions.at(-1) ?? first.socket.getSession()
    first.socket.end()
    await first.closed
    expect(session?.length).toBeGreaterThan(0)
    const offered = { ...only(version), ...(session === undefined ? {} : { session }) }
    const second = await house.client({ ...offered, ...selfSigned('somebody else') })
    expect(second.socket.isSessionReused()).toBe(false)
    await second.ask('second')
    const bare = await house.client({ ...offered, cert: undefined, key: undefined })
    expect(bare.socket.isSessionReused()).toBe(false)
    await bare.ask('third')
    const own = fingerprintOf(clientCertificate.cert)
    const [one, two, three] = house.service.peers.map(({ fingerprint }) => fingerprint)
    expect([one, three]).toEqual([own, undefined])
    expect(two).toMatch(/^[0-9a-f]{64}$/)
    expect(two).not.toBe(own)
  },
)

test('renegotiation is refused: the certificate of a connection stays what it was', async () => {
  house = await openListenerHouse()
  const client = await house.client(only('TLSv1.2'))
  await client.ask('before')
  let isDone = false
  client.socket.renegotiate({ rejectUnauthorized: false }, (error) => (isDone = error === null))
  client.socket.write(request('after'))
  // Whichever of the two ends says so first.
  expect(await client.closed).toMatch(/^(ERR_SSL_NO_RENEGOTIATION|EPROTO)$/)
  expect(isDone).toBe(false)
  expect(house.logged.filter(({ level }) => level > 20)).toEqual([])
})

test('no names of authorities are sent, so that clients offer whatever certificate they have', async () => {
  house = await openListenerHouse()
  const asking = promisify(execFile)('openssl', ['s_client', '-connect', house.listener.address, '-tls1_2'])
  asking.child.stdin?.end()
  const { stdout } = await asking
  expect(stdout).toContain('No client certificate CA names sent')
  expect(stdout).toContain('Client Certificate Types:')
})

test('a new certificate of the listener is shown to new connections, with all else as it was', async () => {
  house = await openListenerHouse()
  const before = await house.client()
  house.listener.replaceCertificate(material(selfSigned('renewed')))
  const after = await house.client()
  expect(after.socket.getPeerCertificate().subject.CN).toBe('renewed')
  expect([await before.ask('one'), await after.ask('two')]).toEqual(['one', 'two'])
  expect(house.service.peers[1]?.fingerprint).toBe(fingerprintOf(clientCertificate.cert))
  const session = after.socket.getSession()
  const again = await house.client(session === undefined ? {} : { session })
  expect(again.socket.isSessionReused()).toBe(false)
  const cbc = { ...only('TLSv1.2'), ciphers: 'ECDHE-ECDSA-AES256-SHA384' }
  await expect(house.client(cbc)).rejects.toThrow(/handshake/i)
})
