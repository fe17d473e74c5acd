/** The EP11 listeners as the settings open them: which there are, what they show, and that a stop answers what runs. */
import { createServer, type AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { selfSigned } from '../testing/self-signed.ts'
import { type Ep11Listeners, openEp11 } from './open.ts'
import { configOf, openEp11House } from './testing/ep11-house.ts'
import { ClientCertificates } from './client-certificates.ts'
import type { Ep11Door } from './door.ts'

let folder: string
let opened: Ep11Listeners[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ep11-'))
  opened = []
})
afterEach(async () => {
  for (const listeners of opened) await listeners.stop()
  rmSync(folder, { recursive: true })
})

const nobody: Ep11Door = { admit: () => Promise.reject(new Error('no')), answer: () => Promise.reject(new Error('no')) }

const certificates = new ClientCertificates({
  accepted: () => ({ generation: 0, anchors: [], condition: { sql: '', params: [] } }),
  instances: { list: () => [] },
  clock: { now: () => 0 },
})

async function open(settings: Parameters<typeof configOf>[0] = {}): Promise<Ep11Listeners> {
  const listeners = await openEp11({
    config: configOf(settings),
    dataFolder: folder,
    ep11: { door: nobody, metrics: { ended: () => undefined }, certificates, whenChanged: () => undefined },
    clock: { now: () => Date.now(), monotonic: () => 0 },
    registry: new Registry(),
    log: pino({ level: 'silent' }),
  })
  opened.push(listeners)
  return listeners
}

const portOf = (address: string | undefined): number => Number(address?.split(':').at(-1))

/** What a client that trusts this authority gets: the protocol, and the fingerprint of the certificate. */
async function secured(port: number, ca: Buffer | string, servername = 'localhost'): Promise<[unknown, string]> {
  const socket = connectTls({ port, host: '127.0.0.1', ca, servername, ALPNProtocols: ['h2', 'http/1.1'] })
  await new Promise<void>((resolve, reject) => {
    socket.on('secureConnect', resolve)
    socket.on('error', reject)
  })
  const result: [unknown, string] = [socket.alpnProtocol, socket.getPeerCertificate().fingerprint256]
  socket.destroy()
  return result
}

test('both listeners show one certificate of the data folder’s authority, good for names of instances too', async () => {
  const { addresses } = await open()
  const ca = readFileSync(join(folder, 'tls', 'ca.pem'))
  const name = '11111111-1111-4111-8111-111111111111.ep11.localhost'
  const shown = await secured(portOf(addresses.public), ca)
  expect(shown[0]).toBe('h2')
  expect(await secured(portOf(addresses.private), ca, name)).toEqual(shown)
  await expect(secured(portOf(addresses.public), ca, 'elsewhere.example')).rejects.toThrow(/altnames/)
})

test('the next start shows the same certificate', async () => {
  const first = await open()
  const ca = readFileSync(join(folder, 'tls', 'ca.pem'))
  const shown = await secured(portOf(first.addresses.public), ca)
  await opened.pop()?.stop()
  expect(await secured(portOf((await open()).addresses.public), ca)).toEqual(shown)
})

test('files of the operator are shown instead', async () => {
  const { cert, key } = selfSigned('ep11.example')
  const files = { KEYWITNESS_EP11_TLS_CERT: join(folder, 'c.pem'), KEYWITNESS_EP11_TLS_KEY: join(folder, 'k.pem') }
  writeFileSync(files.KEYWITNESS_EP11_TLS_CERT, cert)
  writeFileSync(files.KEYWITNESS_EP11_TLS_KEY, key)
  const { addresses } = await open(files)
  expect((await secured(portOf(addresses.public), cert, 'ep11.example'))[0]).toBe('h2')
  writeFileSync(files.KEYWITNESS_EP11_TLS_KEY, selfSigned('another').key)
  await expect(open(files)).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('EP11_TLS_CERT and'),
  })
})

test('each listener can be off', async () => {
  const { addresses } = await open({ KEYWITNESS_EP11: 'off' })
  expect([addresses.public, portOf(addresses.private)]).toEqual([undefined, expect.any(Number)])
  expect((await open({ KEYWITNESS_EP11: 'off', KEYWITNESS_EP11_PRIVATE: 'off' })).addresses).toEqual({})
})

test('a port that is taken stops the start with a sentence that names the setting, and leaves nothing open', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const taken = open({ KEYWITNESS_EP11_PRIVATE: `127.0.0.1:${port}` })
  await expect(taken).rejects.toMatchObject({
    code: 'PORT_BUSY',
    message: expect.stringContaining('KEYWITNESS_EP11_PRIVATE'),
  })
  other.close()
})

test('a stop answers the call that runs, and takes no other', async () => {
  const house = await openEp11House()
  const [running, late] = [await house.client(), await house.client()]
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  house.unit.respond = async () => {
    await released
    return {}
  }
  const call = running.ask('GenerateRandom', { Len: 1 })
  await expect.poll(() => house.unit.asked.length).toBe(1)
  const stopped = house.listeners.stop()
  const { error } = await late.ends('Logout', {})
  expect(error?.code).toBe(14)
  release()
  expect(await call).toEqual({ Rnd: Buffer.from('GenerateRandom.random') })
  await stopped
  expect(house.uses()).toHaveLength(1)
  await house.close()
})
