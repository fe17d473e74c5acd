/** Client certificates of EP11 with a real product: IBM's recipe, all generations of clients, changes, restarts, kill -9. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type ClientHttp2Session } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { detailOf, type Generation, type Grep11Client } from '@keywitness/server/ep11/testing/grep11-client'
import { endOf, framed, openStream } from '@keywitness/server/ep11/testing/raw-stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CertificateAdministrator,
  Client,
  connectEp11,
  covered,
  type LoggedEntry,
  type Product,
  startProduct,
  verifiedLog,
} from '../src/index.ts'
import { answeredCalls } from '../src/crash-round.ts'
import { secondAdministrator } from './second-person.ts'

interface Pair {
  readonly cert: string
  readonly key: string
}

let product: Product
let client: Client
let ana: CertificateAdministrator
let folder: string
/** Made by IBM's recipe, RSA and of version 1, and by another authority. */
const authorities: Record<string, string> = {}
const identities: Record<string, Pair> = {}
const opened: { close(): void }[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-recipe-'))
  recipe('one', 'rsa:2048')
  recipe('two', 'ec -pkeyopt ec_paramgen_curve:P-256')
  product = await startProduct()
  client = await new Client(product).signIn()
  ana = await CertificateAdministrator.make(client, product)
}, 60_000)
afterAll(async () => {
  for (const one of opened) one.close()
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true })
})

function recipe(name: string, kind: string): void {
  const openssl = (line: string): unknown => execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'pipe' })
  openssl(`req -x509 -newkey ${kind} -nodes -keyout ${name}-ca.key -out ${name}-ca.pem -days 730 -subj /CN=${name}-ca`)
  openssl(`req -newkey ${kind} -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`)
  openssl(
    `x509 -req -in ${name}.csr -CA ${name}-ca.pem -CAkey ${name}-ca.key -CAcreateserial -out ${name}.pem -days 730`,
  )
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
  authorities[name] = read(`${name}-ca.pem`)
  identities[name] = { cert: read(`${name}.pem`), key: read(`${name}.key`) }
}

function open(identity?: Pair, generation: Generation = 'c'): Grep11Client {
  const made = connectEp11(product, client, generation, identity === undefined ? {} : { identity })
  opened.push(made)
  return made
}

/** `served`, or the return value of a refusal for a certificate. */
async function outcome(by: Grep11Client, correlationId = 'any'): Promise<unknown> {
  const { error } = await by.ends('GenerateRandom', { Len: 8 }, { 'x-correlation-id': correlationId })
  return error === undefined ? 'served' : [error.code, detailOf(error).ckr]
}
const refused = [16, 0x8004_0001]

const secret = (name: string): string => authorities[name] ?? ''
const identity = (name: string): Pair => identities[name] as Pair

async function session(options: ConnectionOptions = {}): Promise<ClientHttp2Session> {
  const [host = '', port] = product.ep11.split(':')
  const ca = readFileSync(join(product.data, 'tls/ca.pem'))
  const socket = connectTls({
    host,
    port: Number(port),
    servername: 'localhost',
    ca,
    ALPNProtocols: ['h2'],
    ...options,
  })
  await once(socket, 'secureConnect')
  const made = connect('https://localhost', { createConnection: () => socket })
  made.on('error', () => undefined)
  opened.push(made)
  return made
}

async function statusOn(made: ClientHttp2Session): Promise<number | undefined> {
  const stream = openStream(made, client.token, '/grep11.Crypto/GetMechanismList')
  stream.end(framed(Buffer.alloc(0)))
  return (await endOf(stream)).status
}

async function log(): Promise<LoggedEntry[]> {
  await covered(client, product.location)
  return verifiedLog(client, product.location)
}

test('clients of all generations are served without a certificate until the first is set, and then by IBM’s recipe', async () => {
  const generations = ['a', 'b', 'c'] as const
  const bare = generations.map((generation) => open(undefined, generation))
  const good = generations.map((generation) => open(identity('one'), generation))
  for (const by of [...bare, ...good]) expect(await outcome(by)).toBe('served')
  const idle = await session()
  expect(await statusOn(idle)).toBe(0)
  const ended = once(idle, 'close')
  expect((await ana.set('ca', secret('one'))).json).toMatchObject({ mtlsEnabled: true, generation: 1 })
  await ended
  for (const [index, by] of good.entries())
    expect([index, await outcome(by, `good-${index}`)]).toEqual([index, 'served'])
  for (const [index, by] of bare.entries())
    expect([index, await outcome(by, `bare-${index}`)]).toEqual([index, refused])
  const events = (await log()).map(({ event }) => event)
  for (const index of generations.keys()) {
    const ofGood = events.filter(({ correlationId }) => correlationId === `good-${index}`)
    expect(ofGood.map(({ action, outcome: told }) => [action, told])).toEqual([['hs-crypto.ep11.use', 'success']])
    expect(ofGood[0]?.requestData?.['certFingerprint']).toMatch(/^[0-9a-f]{64}$/)
    const ofBare = events.filter(({ correlationId }) => correlationId === `bare-${index}`)
    expect(ofBare).toHaveLength(1)
    expect(ofBare[0]).toMatchObject({
      action: 'hs-crypto.ep11.use',
      severity: 'critical',
      reason: { reasonCode: 401 },
      requestData: { tlsFailure: 'missing' },
    })
  }
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s brings nobody in again', async (version) => {
  const bounds: ConnectionOptions = { minVersion: version, maxVersion: version }
  const first = await session({ ...bounds, ...identity('one') })
  const socket = first.socket as unknown as { getSession(): Buffer | undefined }
  expect(await statusOn(first)).toBe(0)
  const kept = socket.getSession()
  expect(kept).toBeInstanceOf(Buffer)
  const again = await session({ ...bounds, ...(kept === undefined ? {} : { session: kept }) })
  expect((again.socket as unknown as { isSessionReused(): boolean }).isSessionReused()).toBe(false)
  expect(await statusOn(again)).toBe(16)
})

test('two administrators: both let clients in, and whoever removes a certificate ends connections by it', async () => {
  const apiKey = await secondAdministrator(client)
  const bob = await CertificateAdministrator.make(await new Client({ ...product, apiKey }).signIn(), product, client)
  const two = open(identity('two'))
  expect(await outcome(two)).toEqual(refused)
  await bob.set('ca', secret('two'))
  expect(await outcome(open(identity('two')))).toBe('served')
  const held = await session(identity('two'))
  const stays = await session(identity('one'))
  expect([await statusOn(held), await statusOn(stays)]).toEqual([0, 0])
  const ended = once(held, 'close')
  expect((await bob.remove('ca')).json).toMatchObject({ mtlsEnabled: true })
  await ended
  expect(await outcome(open(identity('two')))).toEqual(refused)
  expect(await statusOn(stays)).toBe(0)
})

test('keystores are reached over EP11 with a certificate, and not over HTTP', async () => {
  const path = `/v1/keystores/${product.instance}`
  const { status, json } = await client.call<{ code: string }>('GET', path)
  expect([status, json.code]).toEqual([403, 'KEYSTORE_OVER_EP11_ONLY'])
  const list = '/grep11.Keystore/ListKeystoresByIds'
  expect((await open(identity('one')).raw(list, Buffer.alloc(0))).error).toBeUndefined()
  expect((await open().raw(list, Buffer.alloc(0))).error?.code).toBe(16)
})

test('kill -9 while certificates change: what is accepted afterwards is what the log says, and is enforced at once', async () => {
  const answered: { readonly eventId: string | undefined }[] = []
  const change = async (): Promise<void> => {
    for (;;) {
      for (const next of [() => ana.set('second', secret('two')), () => ana.remove('second')]) {
        const { status, eventId } = await next()
        // More commands than one may send in a minute are refused: until then there were enough of them.
        if (status === 429) return
        answered.push({ eventId })
      }
    }
  }
  const call = async (): Promise<void> => {
    const by = open(identity('two'))
    const isGone = async (): Promise<boolean> => {
      const { error } = await by.ends('GenerateRandom', { Len: 8 })
      return error?.message.startsWith('14 UNAVAILABLE') === true
    }
    while (!(await isGone()));
  }
  const load = Promise.allSettled([change(), call()])
  await answeredCalls(answered, 7)
  await product.kill()
  await load
  const { data } = product
  product = await startProduct({ data })
  client = await new Client(product).signIn()
  const entries = await log()
  const known = new Set(entries.map(({ event }) => event.id))
  expect(answered.filter(({ eventId }) => eventId === undefined || !known.has(eventId))).toEqual([])
  const last = entries.findLast(
    ({ event }) =>
      /^hs-crypto\.mtlscert-cert\.(?:set|delete)$/.test(event.action) &&
      event.outcome === 'success' &&
      event.requestData?.['certificateId'] === 'second',
  )
  const isAccepted = last?.event.action === 'hs-crypto.mtlscert-cert.set'
  const { json } = await client.call<{ generation: number; certs: { certId: string }[] }>(
    'GET',
    `/v1/certs/${product.instance}/certs`,
  )
  expect(json.generation).toBe(last?.event.responseData?.['generation'])
  expect(json.certs.map(({ certId }) => certId).toSorted()).toEqual(isAccepted ? ['ca', 'second'] : ['ca'])
  expect(await outcome(open())).toEqual(refused)
  expect(await outcome(open(identity('one')))).toBe('served')
  expect(await outcome(open(identity('two')))).toEqual(isAccepted ? 'served' : refused)
}, 120_000)
