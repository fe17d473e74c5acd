/** A server store that was set back: units whose state is older than the trail are refused until their administrators confirm it. */
import { copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { encodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  ceremonyAdministrators,
  ceremonyParts,
  Client,
  type FoundEvent,
  newDataFolder,
  newTkeAdministrator,
  type Product,
  startProduct,
  TkeCommands,
  type TkeListing,
} from '../src/index.ts'
import { inParallel } from '../src/rotation-keys.ts'

/** A stopped product whose trail knows later states of its units than its store. */
const prepared = newDataFolder()
let data = ''
let product: Product
let client: Client
let tke: TkeCommands
let key = ''
/** A command that the first unit carried out, and one that the second did, after the store was copied. */
const recorded: string[] = []
const carriedOut: (string | undefined)[] = []
const third = newTkeAdministrator('third')
const holdAction = 'hs-crypto.tke-cryptounit.hold'

async function start(): Promise<void> {
  product = await startProduct({ data })
  client = await new Client(product).signIn()
  tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
}

/** Two of the three administrators: what a threshold of two asks for. */
const thresholds = encodeAttributes([
  [1, 2],
  [2, 2],
])

beforeAll(async () => {
  data = prepared
  await start()
  key = await client.createKey('kept')
  await product.stop()
  copyFileSync(join(data, 'server.db'), join(data, 'server.db.set-aside'))
  await start()
  const [first, second] = (await tke.units()) as [TkeListing, TkeListing]
  recorded.push(await tke.requestOf(first, 'SET_ATTRIBUTES', thresholds))
  carriedOut.push((await tke.post(first, recorded[0]!)).code)
  await tke.carryOut(first, 'ADD_ADMINISTRATOR', third.certificate)
  recorded.push(await tke.requestOf(second, 'ZEROIZE'))
  carriedOut.push((await tke.post(second, recorded[1]!)).code)
  // Refused commands that change nothing are newer than what says how the unit was.
  for (let at = 0; at < 5; at++) await tke.send(first, 'CLEAR_NEW', Buffer.alloc(0), [])
  await product.stop()
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(data, `server.db${suffix}`), { force: true })
  copyFileSync(join(data, 'server.db.set-aside'), join(data, 'server.db'))
}, 60_000)
afterEach(async () => {
  await product.stop()
  rmSync(data, { recursive: true, force: true })
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

function copy(): void {
  data = newDataFolder()
  cpSync(prepared, data, { recursive: true })
}

/** Files of the search tables of the only tracker. */
function indexFiles(): string[] {
  const [account = ''] = readdirSync(join(data, 'trackers'))
  const [location = ''] = readdirSync(join(data, 'trackers', account))
  const folder = join(data, 'trackers', account, location)
  return readdirSync(folder)
    .filter((name) => name.startsWith('index.db'))
    .map((name) => join(folder, name))
}

async function holds(): Promise<Record<string, unknown>[]> {
  const found = await client.events(`action=${holdAction}`)
  return found.map(({ event }) => ({ name: event.target.name, ...event.requestData, ...event.responseData }))
}

test.each([
  ['as they are', () => undefined],
  ['gone and built anew', () => indexFiles().forEach((file) => rmSync(file))],
])(
  'with search tables %s, a unit behind the trail is refused, that is an event, and the others work',
  async (_, harm) => {
    copy()
    harm()
    await start()
    const units = await tke.units()
    const [first, second] = units as [TkeListing, TkeListing]
    expect(units.map(({ state }) => state)).toEqual(['stale', 'stale', 'ready'])
    const told = (await holds()).toSorted((a, b) => String(a['name']).localeCompare(String(b['name'])))
    expect(told).toEqual([
      expect.objectContaining({ name: first.location, lastRevision: first.version + 2, unitRevision: first.version }),
      expect.objectContaining({
        name: second.location,
        lastRevision: second.version + 1,
        unitRevision: second.version,
      }),
    ])
    // Both operational units are refused: nothing opens, and that is witnessed.
    const refused = await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
    expect(refused.status).toBe(503)
    expect((await client.event(refused.eventId)).outcome).toBe('failure')
  },
)

test('only a fresh command of the main threshold with a counter that the trail never saw confirms the state', async () => {
  copy()
  await start()
  const [first] = (await tke.units()) as [TkeListing]
  const { counter } = await tke.ask(first, 'ATTRIBUTES')
  const attributes = thresholds
  // The very command that was carried out before: it is of an earlier life. And one with the trail's last counter.
  expect((await tke.post(first, recorded[0]!)).code).toBe('3/14')
  expect(carriedOut).toEqual(['0/0', '0/0'])
  const lastUsed = await tke.requestOf(first, 'SET_ATTRIBUTES', attributes, undefined, { counter })
  expect((await tke.post(first, lastUsed)).code).toBe('163/19')
  expect((await tke.send(first, 'SET_ATTRIBUTES', attributes, tke.administrators.slice(0, 1))).code).toBe('208/21')
  expect((await tke.send(first, 'SET_ATTRIBUTES', attributes, [tke.administrators[0]!, third])).code).toBe('257/0')
  const others = ['CLEAR_NEW', 'CLEAR_CURRENT', 'GENERATE_IMPORTER'] as const
  for (const name of others) expect((await tke.send(first, name)).code).toBe('2147549441/0')
  expect((await tke.send(first, 'ADD_ADMINISTRATOR', third.certificate)).code).toBe('2147549441/0')
  expect((await tke.states())[0]).toBe('stale')

  const confirmed = await tke.carryOut(first, 'SET_ATTRIBUTES', attributes)
  expect((await client.event(confirmed.eventId)).responseData).toMatchObject({
    confirmed: true,
    unitRevision: first.version + 3,
  })
  expect((await tke.states())[0]).toBe('ready')
  expect((await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).status).toBe(200)
  // The next of its kind confirms nothing any more.
  const next = await tke.carryOut(first, 'SET_ATTRIBUTES', attributes)
  expect((await client.event(next.eventId)).responseData).not.toHaveProperty('confirmed')
})

test('a unit behind the trail stays refused when its process is killed, and over a restart', async () => {
  copy()
  await start()
  const [, , recovery] = (await tke.units()) as [TkeListing, TkeListing, TkeListing]
  process.kill(product.unitPid as number, 'SIGKILL')
  const returns = (): Promise<FoundEvent[]> => client.events('action=hs-crypto.tke-cryptounit-process.restart')
  await expect.poll(async () => (await returns()).length, { timeout: 20_000 }).toBe(1)
  expect(await tke.states()).toEqual(['stale', 'stale', 'ready'])
  const [first] = (await tke.units()) as [TkeListing]
  expect((await tke.send(first, 'GENERATE_IMPORTER')).code).toBe('2147549441/0')
  await tke.carryOut(recovery, 'SET_ATTRIBUTES', thresholds)
  await product.stop()
  await start()
  expect(await tke.states()).toEqual(['stale', 'stale', 'ready'])
})

test('a unit that the trail knows as zeroized comes back only by being confirmed, or is zeroized again', async () => {
  copy()
  await start()
  const [first, second] = (await tke.units()) as [TkeListing, TkeListing]
  expect((await tke.post(second, recorded[1]!)).code).toBe('3/14')
  const zeroized = await tke.carryOut(second, 'ZEROIZE')
  expect((await client.event(zeroized.eventId)).responseData).toMatchObject({ unitRevision: second.version + 2 })
  expect(await tke.states()).toEqual(['stale', 'imprint', 'ready'])
  await tke.carryOut(first, 'SET_ATTRIBUTES', thresholds)
  await tke.lead(second, ceremonyParts(data, product.instance))
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])

  // The next start has nothing to hold against any of them.
  await product.stop()
  await start()
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
  expect((await holds()).length).toBe(2)
  expect((await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).status).toBe(200)
})

test('however many refused commands are newer, they do not hide that a unit is behind', async () => {
  copy()
  await start()
  const [first] = (await tke.units()) as [TkeListing]
  const request = await tke.requestOf(first, 'CLEAR_NEW', Buffer.alloc(0), [])
  await inParallel(1_200, () => tke.post(first, request))
  await product.stop()
  await start()
  expect((await tke.states())[0]).toBe('stale')
}, 60_000)

test('a store set back into the midst of an instance’s ceremony: the server starts, and its units are refused', async () => {
  data = newDataFolder()
  await start()
  await product.stop()
  // The first instance's units have been through 24 states.
  product = await startProduct({ data, fault: 'kill:after@revisions=30' })
  client = await new Client(product).signIn()
  const body = { name: 'second', location: product.location }
  await expect(client.call('POST', '/v1/instances', { body })).rejects.toThrow('fetch failed')
  await product.ended
  const files = ['server.db', 'server.db-wal']
  for (const name of files) copyFileSync(join(data, name), join(data, `${name}.set-aside`))
  await start()
  await product.stop()
  for (const name of files) copyFileSync(join(data, `${name}.set-aside`), join(data, name))
  await start()
  const { json } = await client.call<{ instances: { guid: string; name: string }[] }>('GET', '/v1/instances')
  const second = json.instances.find(({ name }) => name === 'second')?.guid ?? ''
  const others = new TkeCommands(client, second, ceremonyAdministrators(data, second))
  expect(await others.states()).toEqual(['stale', 'stale', 'stale'])
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
})
