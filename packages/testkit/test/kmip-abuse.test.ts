/** Thousands of idle, slow and abusive connections, and altered messages: nothing falls, and honest clients are served. */
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { aesKey, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Abuser,
  Client,
  connectKmip,
  fuzzKmip,
  kindsOf,
  type KmipPlace,
  kmipPlace,
  type KmipSite,
  materialOf,
  metricOf,
  newIdentity,
  newKmipSite,
  openAbuser,
  openFilesMax,
  type Product,
  residentMb,
  startProduct,
} from '../src/index.ts'

/** Of this process and of the server alike: files that are no connections need some too. */
const connections = Math.min(2_000, openFilesMax() - 200)
const ofCertificate = 50

let product: Product
let client: Client
let place: KmipPlace
let site: KmipSite

beforeAll(async () => {
  product = await startProduct({
    env: {
      KEYWITNESS_KMIP_CONNECTIONS_PER_ADDRESS: '4000',
      KEYWITNESS_KMIP_CONNECTIONS_PER_CERTIFICATE: String(ofCertificate),
    },
  })
  client = await new Client(product).signIn()
  place = kmipPlace(product)
  site = await newKmipSite(client, 'honest')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const metric = (name: string): Promise<number> => metricOf(product, name)

const errorLines = (): string[] =>
  readFileSync(`${product.data}/server.log`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && (JSON.parse(line) as { level: number }).level >= 50)

/** Resolves once the server has so many open connections, as its metrics tell. */
async function openConnections(count: number): Promise<void> {
  while ((await metric('kmip_connections')) !== count);
}

/** Resolves once this holds of what was counted. */
async function counted(name: string, holds: (value: number) => boolean): Promise<void> {
  while (!holds(await metric(name)));
}

test(`${connections} silent, slow and hostile connections: an honest client and the API are served, memory is bounded`, async () => {
  const before = residentMb(product.pid)
  const kinds = kindsOf(connections)
  // One certificate has a bound of its own: each hostile client has the same, unknown one, or none.
  const crowd: Abuser[] = []
  const over = new AbortController()
  let told = (): void => undefined
  const honest = (async () => {
    const connection = await connectKmip(place, site.identity)
    const id = uidOf(await connection.ask('Create', aesKey()))
    const material = materialOf(await connection.ask('Get', [uid(id)]))
    while (!over.signal.aborted) {
      expect(materialOf(await connection.ask('Get', [uid(id)]))).toEqual(material)
      told()
      for (const abuser of crowd) abuser.drip()
    }
    await connection.close()
  })()
  const strangers = Array.from({ length: Math.ceil(connections / ofCertificate) }, (_, at) => newIdentity(`${at}`))
  for (let from = 0; from < kinds.length; from += 100) {
    const some = kinds
      .slice(from, from + 100)
      .map((kind, at) => openAbuser(kind, place, strangers[(from + at) % strangers.length] as never))
    crowd.push(...some)
    await Promise.all(some.map(({ ready }) => ready))
  }
  expect(residentMb(product.pid) - before).toBeLessThan(300)
  expect((await client.call('GET', '/healthz')).status).toBe(200)
  await client.createKey('beside it')
  // The honest one is served all the while.
  for (let time = 0; time < 20; time++) await new Promise<void>((resolve) => (told = resolve))
  // Whoever is wrong is ended at once, and whoever is only slow in time: a handshake has ten seconds, a message thirty.
  const ended = crowd.filter(({ stays, kind }) => !stays && kind !== 'headed' && kind !== 'dripping')
  await Promise.all(ended.map(({ closed }) => closed))
  expect(await metric('kmip_handshakes_failed_total{reason="late"}')).toBe(
    kinds.filter((kind) => kind === 'silent').length,
  )
  expect(await metric('kmip_handshakes_failed_total{reason="protocol"}')).toBe(
    kinds.filter((kind) => ['no TLS', 'HTTP in the clear', 'SMB in the clear'].includes(kind)).length,
  )
  for (const bound of ['connections', 'address', 'address_rate', 'certificate']) {
    expect([bound, await metric(`kmip_connections_refused_total{bound="${bound}"}`)]).toEqual([bound, 0])
  }
  const idle = kinds.filter((kind) => kind === 'secured').length
  await counted('kmip_connections', (open) => open >= idle + 1)
  for (const abuser of crowd) abuser.end()
  await openConnections(1)
  over.abort()
  await honest
  await openConnections(0)
  expect(errorLines()).toEqual([])
}, 60_000)

test('a certificate with more connections than it may have loses the newest, and they are counted', async () => {
  const refused = 'kmip_connections_refused_total{bound="certificate"}'
  const before = await metric(refused)
  const open = await Promise.all(Array.from({ length: ofCertificate + 5 }, () => connectKmip(place, site.identity)))
  let ended = 0
  for (const { closed } of open) void closed.then(() => (ended += 1))
  await openConnections(ofCertificate)
  expect(await metric(refused)).toBe(before + 5)
  expect(ended).toBe(5)
  for (const connection of open) await connection.close()
})

test('altered messages are answered or end their connection in good order, and the server lives', async () => {
  const seed = randomInt(2 ** 31)
  const { answered, closed, wrong } = await fuzzKmip(place, site.identity, { seed, count: 400 })
  expect(wrong, `seed ${seed}`).toEqual([])
  expect(errorLines(), `seed ${seed}`).toEqual([])
  expect(answered, `seed ${seed}`).toBeGreaterThan(100)
  expect(answered + closed).toBe(400)
  const connection = await connectKmip(place, site.identity)
  await connection.ask('Query')
  await connection.close()
}, 60_000)
