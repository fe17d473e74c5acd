/** What a vCenter sends, byte for byte, against a real server: side by side, broken off, over restarts, and after kill -9. */
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { aesKey, type Answered, answersOf, requestOf, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { encode } from '@keywitness/server/kmip/ttlv/encode'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  allObjectIds,
  brokenKmip,
  Client,
  connectKmip,
  covered,
  type KmipConnection,
  type KmipPlace,
  kmipPlace,
  type KmipLoad,
  type KmipSite,
  materialOf,
  newKmipSite,
  type Product,
  startKmipLoad,
  startProduct,
  verifiedLog,
} from '../src/index.ts'

const file = new URL('../../../vectors/kmip/golden.json', import.meta.url)
const golden = new Map(
  (JSON.parse(readFileSync(file, 'utf8')) as { name: string; hex: string }[]).map(({ name, hex }) => [name, hex]),
)
const vectorId = Buffer.from('6f1c2d3e-0a1b-4c2d-8e3f-112233445566').toString('hex')
const vectorMaterial = Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('')
/** Time Stamp with the time of the vectors, 0x65000000. */
const vectorTime = '42009209000000080000000065000000'

let product: Product
let client: Client
let place: KmipPlace
let site: KmipSite

beforeAll(async () => {
  await start()
  site = await newKmipSite(client, 'vcenter')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

async function start(data?: string): Promise<void> {
  product = await startProduct(data === undefined ? {} : { data })
  client = await new Client(product).signIn()
  place = kmipPlace(product)
}

/** Everything that must hold now, of all that was ever asked. */
async function wrongOf(loads: readonly Pick<KmipLoad, 'ledger'>[]): Promise<string[]> {
  await covered(client, product.location)
  const log = await verifiedLog(client, product.location)
  return brokenKmip(
    log,
    loads.flatMap(({ ledger }) => ledger),
    await allObjectIds(client, site.adapter.id),
  )
}

const errorLines = (): string[] =>
  readFileSync(`${product.data}/server.log`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && (JSON.parse(line) as { level: number }).level >= 50)

/** Sends a vector for the object `id`; answers as the vectors have it: their identifier and time in the place of ours. */
async function exchange(connection: KmipConnection, name: string, id?: string): Promise<string> {
  const ours = id === undefined ? vectorId : Buffer.from(id).toString('hex')
  const request = (golden.get(name) ?? '').replaceAll(vectorId, ours)
  const answer = await connection.exchange(Buffer.from(request, 'hex'))
  return answer
    .toString('hex')
    .replaceAll(ours, vectorId)
    .replace(/4200920900000008[0-9a-f]{16}/, vectorTime)
}

/** One connection for an occasion, which begins with Discover Versions. */
async function occasion<Result>(act: (connection: KmipConnection) => Promise<Result>): Promise<Result> {
  const connection = await connectKmip(place, site.identity)
  expect(await exchange(connection, 'V1')).toBe(golden.get('V2'))
  const result = await act(connection)
  await connection.close()
  return result
}

/** The life of one key, in as many connections as a vCenter opens; answers its identifier. */
async function lifeOfKey(): Promise<string> {
  const id = await occasion(async (connection) => {
    const answer = Buffer.from(await exchange(connection, 'V5'), 'hex').toString('latin1')
    return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(answer)?.[0] ?? ''
  })
  await Promise.all([
    occasion(async (connection) => {
      const got = await exchange(connection, 'V11', id)
      const at = golden.get('V12')?.indexOf(vectorMaterial) ?? -1
      expect(got.slice(0, at) + vectorMaterial + got.slice(at + vectorMaterial.length)).toBe(golden.get('V12'))
      expect(await exchange(connection, 'V13', id)).toBe(golden.get('V14'))
      expect(await exchange(connection, 'V15', id)).toBe(golden.get('V16'))
    }),
    occasion(async (connection) => {
      expect(await exchange(connection, 'V7', id)).toBe(golden.get('V8'))
      expect(await exchange(connection, 'V9', id)).toBe(golden.get('V10'))
    }),
  ])
  return id
}

test('many keys at once, two connections on each in the same moment: every answer is as recorded, none is refused', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, lifeOfKey))
  expect(new Set(ids).size).toBe(12)
  await covered(client, product.location)
  const log = await verifiedLog(client, product.location)
  for (const id of ids) {
    const life = log.filter(({ event }) => (event.responseData as { keyId?: string }).keyId === id)
    expect(life.map(({ event }) => event.action.replace('hs-crypto.kmip-', '')).toSorted()).toEqual(
      [
        'key.create',
        'key.read',
        'key.activate',
        'key-attributes.retrieve',
        'key-attributes.retrieve',
        'key-attributes.update',
        'key-attributes.update',
        'key-attributes.update',
      ].toSorted(),
    )
    expect(new Set(life.map(({ event }) => event.outcome))).toEqual(new Set(['success']))
  }
})

test('health checks are answered or let go, and are neither recorded nor told as errors', async () => {
  const before = (await verifiedLog(client, product.location)).length
  const [host = '', port = ''] = place.address.split(':')
  for (let check = 0; check < 5; check++) {
    const tcp = connectTcp(Number(port), host)
    await once(tcp, 'connect')
    tcp.destroy()
    await (await connectKmip(place, site.identity)).close()
    // Before trust is set up: only to read the server's certificate.
    await (await connectKmip(place)).close()
    await occasion(async (connection) => {
      const again = (golden.get('V1') ?? '').replace('42007901', '4200930800000008514c4b430100000042007901')
      const sized = again
        .replace('4200780100000060', '4200780100000070')
        .replace('42000f0100000018', '42000f0100000028')
      const [answer] = answersOf(decode(await connection.exchange(Buffer.from(sized, 'hex'))))
      expect(answer).toMatchObject({ operation: 'DiscoverVersions', status: 'Success' })
      expect(await exchange(connection, 'V3')).toContain(Buffer.from('Keywitness').toString('hex'))
    })
  }
  await covered(client, product.location)
  const added = (await verifiedLog(client, product.location)).slice(before)
  expect(added.filter(({ event }) => event.action.startsWith('hs-crypto.kmip-key'))).toEqual([])
  expect(errorLines()).toEqual([])
})

test('the same sent again after a lost answer makes another key, or changes nothing more; each is told once', async () => {
  const id = await lifeOfKey()
  const activate = encode(requestOf([{ operation: 'Activate', payload: [uid(id)] }], { major: 1, minor: 1 }))
  const torn = await connectKmip(place, site.identity)
  torn.write(Buffer.from(golden.get('V5') ?? '', 'hex'))
  torn.reset()
  await torn.closed
  const answers: Answered[] = []
  for (let time = 0; time < 2; time++) {
    const connection = await connectKmip(place, site.identity)
    answers.push(...answersOf(decode(await connection.exchange(activate))))
    await connection.close()
  }
  // It is active already: said, and nothing happens.
  expect(answers.map(({ status, reason }) => [status, reason])).toEqual(
    Array.from({ length: 2 }, () => ['OperationFailed', answers[0]?.reason]),
  )
  const objects = await allObjectIds(client, site.adapter.id)
  expect(await wrongOf([])).toEqual([])
  expect(objects.has(id)).toBe(true)
})

test('connections that break off anywhere, a restart and kill -9 in the middle: no answer without its event, no key without', async () => {
  const loads: KmipLoad[] = []
  const first = startKmipLoad(() => place, site.identity, 6)
  loads.push(first)
  await first.answered(40)
  // In good order, under load: what was taken is answered, and the load goes on with the new one.
  const { data } = product
  await product.stop()
  await start(data)
  await first.answered(80)
  const second = startKmipLoad(() => place, site.identity, 6)
  loads.push(second)
  await second.answered(80)
  await product.kill()
  await start(data)
  for (const load of loads) await load.stop()
  expect(await wrongOf(loads)).toEqual([])
  const materials = new Map(loads.flatMap((load) => [...load.materials]))
  expect(materials.size).toBeGreaterThan(20)
  const connection = await connectKmip(place, site.identity)
  for (const [id, bytes] of materials) {
    expect(materialOf(await connection.ask('Get', [uid(id)]))).toEqual(bytes)
  }
  // A key that nobody read is there too.
  const created = loads.flatMap(({ ledger }) => ledger).filter(({ items }) => items[0]?.operation === 'Create')
  const answered = created.flatMap(({ answers }) => (answers === undefined ? [] : [uidOf(answers[0]?.fields ?? [])]))
  for (const id of answered.filter((one) => !materials.has(one))) await connection.ask('Get', [uid(id)])
  await connection.ask('Create', aesKey())
  await connection.close()
  expect(errorLines()).toEqual([])
}, 120_000)
