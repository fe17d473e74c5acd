/** A master key rotation that is cut short anywhere goes on by itself; a blob that does not open holds it, and loses nothing. */
import { randomBytes } from 'node:crypto'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  ceremonyAdministrators,
  ceremonyParts,
  Client,
  newDataFolder,
  type Product,
  StartFailed,
  startProduct,
  TkeCommands,
} from '../src/index.ts'
import { mayPurge } from './drive-life.ts'
import { blobsByPattern, bringAll, type FilledKey, fillKeys, rotationAt, unopened } from '../src/rotation-keys.ts'

/** A stopped product whose units all have a new master key committed: every test begins with a copy of it. */
const prepared = newDataFolder()
const parts = [randomBytes(32), randomBytes(32)]
let keys: FilledKey[] = []
let pattern = ''
let data = ''
let product: Product
let client: Client
let tke: TkeCommands

async function start(fault?: string): Promise<void> {
  product = await startProduct({ data, ...(fault === undefined ? {} : { fault }) })
  client = await new Client(product).signIn()
  tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
}

beforeAll(async () => {
  data = prepared
  await start('keys:impatient')
  await mayPurge(product, client)
  keys = await fillKeys(client, 100)
  pattern = await bringAll(tke, parts)
  await product.stop()
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

async function activateAll(): Promise<void> {
  for (const unit of await tke.units()) {
    if (Buffer.from((await tke.ask(unit, 'CURRENT_PATTERN')).payload).toString('hex') === pattern) continue
    expect((await tke.activate(unit, pattern)).code).toBe('0/0')
  }
}

/** Everything is as it is after a rotation that nothing disturbed. */
async function expectFinished(): Promise<void> {
  await rotationAt(tke, 'rewrapped', 'finished')
  await activateAll()
  expect((await tke.rotation()).json).toMatchObject({ status: 'finished', to: pattern })
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
  expect(await unopened(client, keys)).toEqual([])
  expect(Object.keys(blobsByPattern(data))).toEqual([pattern])
  const completions = await client.events('action=hs-crypto.tke-master-key-rotation.complete')
  expect(completions.map(({ event }) => event.outcome)).toEqual(['success'])
}

/** Starts a server that kills itself at a mark, which what it goes on with or `act` leads to. */
async function killedAt(mark: string, act: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  try {
    await start(`kill:${mark}`)
    await act()
  } catch (error) {
    // It was over before it was ready, or the connection closed.
    if (error instanceof StartFailed && error.code === null) return
    if (error instanceof StartFailed) throw error
  }
  expect((await product.ended).signal, mark).toBe('SIGKILL')
}

test('a server killed again and again in the midst of it goes on at each start, and no key is lost', async () => {
  copy()
  await killedAt('before@started', () => tke.rotation('PUT'))
  await killedAt('after@started', () => tke.rotation('PUT'))
  await killedAt('after@walking=40')
  await killedAt('after@walked')
  await killedAt('before@rewrapped')
  await killedAt('after@rewrapped')
  await start()
  expect((await tke.rotation()).json.status).toBe('rewrapped')
  expect(await unopened(client, keys)).toEqual([])
  await expectFinished()
}, 90_000)

test('a server killed between the activations of the units: the others activate after it, each once', async () => {
  copy()
  await start()
  const began = (await tke.units()).reduce((sum, { version }) => sum + version, 0)
  expect((await tke.rotation('PUT')).status).toBe(200)
  await rotationAt(tke, 'rewrapped')
  await product.stop()
  for (const [when, nth] of [
    ['after', 1],
    ['before', 2],
    ['after', 2],
    ['before', 3],
    ['after', 3],
  ] as const) {
    await killedAt(`${when}@revisions=${began + nth}`, activateAll)
  }
  await start()
  await expectFinished()
  const activations = await client.events(
    'action=hs-crypto.tke-cryptounit-master-key-register.activate&outcome=success',
  )
  // The ceremony's three, and one for each unit.
  expect(activations.length).toBe(6)
}, 90_000)

test('the process of the crypto units killed in the midst of it: it goes on with the next one', async () => {
  copy()
  await start()
  expect((await tke.rotation('PUT')).status).toBe(200)
  process.kill(product.unitPid as number, 'SIGKILL')
  await expectFinished()
  const back = await client.events('action=hs-crypto.tke-cryptounit-process.restart')
  expect(back.map(({ event }) => event.requestData)).toEqual([expect.objectContaining({ ending: 'SIGKILL' })])
})

test('a blob that does not open ends it as failed with everything else wrapped anew, and no unit may activate', async () => {
  copy()
  const broken = keys[0] as FilledKey
  const store = new DatabaseSync(join(data, 'server.db'))
  const found = store.prepare('SELECT slot, blob FROM key_versions JOIN key_material USING (slot) WHERE key = ?')
  const { slot, blob } = found.get(broken.id) as { slot: number; blob: Uint8Array }
  const put = store.prepare('UPDATE key_material SET blob = ? WHERE slot = ?')
  const altered = Uint8Array.from(blob)
  altered[altered.length - 1]! ^= 1
  put.run(altered, slot)
  store.close()

  await start()
  const former = (await tke.rotation('PUT')).json.from
  await rotationAt(tke, 'failed')
  const blobs = blobsByPattern(data)
  expect(blobs[former]).toBe(1)
  const { total, rewrapped } = (await tke.rotation()).json
  expect(Number(rewrapped)).toBe(Number(total) - 1)
  expect(await unopened(client, keys.slice(1))).toEqual([])

  const before = await tke.units()
  for (const unit of before) {
    for (const command of ['ACTIVATE', 'CLEAR_NEW', 'CLEAR_CURRENT'] as const) {
      const refused = await tke.send(unit, command, command === 'ACTIVATE' ? Buffer.from(pattern, 'hex') : undefined)
      expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('ROTATION_UNDER_WAY')])
    }
  }
  expect(await tke.units()).toEqual(before)

  // A restart tries it again and ends there again; so does whoever asks for it.
  await product.stop()
  await start()
  await rotationAt(tke, 'failed')
  expect((await tke.rotation('PUT')).status).toBe(200)
  await rotationAt(tke, 'failed')
  expect((await tke.send(before[0]!, 'CLEAR_NEW')).status).toBe(400)

  // Units that are zeroized meanwhile take part again once they have both keys.
  for (const unit of await tke.units()) await tke.carryOut(unit, 'ZEROIZE')
  for (const unit of await tke.units()) {
    await tke.lead(unit, ceremonyParts(data, product.instance))
    expect(await tke.bring(unit, parts)).toBe(pattern)
  }
  expect((await tke.rotation('PUT')).status).toBe(200)
  await rotationAt(tke, 'failed')
  expect(await unopened(client, keys.slice(1))).toEqual([])

  // The key is given up: nothing holds the rotation any more.
  expect((await client.call('DELETE', `/api/v2/keys/${broken.id}`)).status).toBe(204)
  await product.stop()
  await start('keys:impatient')
  expect((await client.call('DELETE', `/api/v2/keys/${broken.id}/purge`)).status).toBe(204)
  expect((await tke.rotation('PUT')).status).toBe(200)
  await rotationAt(tke, 'rewrapped')
  await activateAll()
  expect((await tke.rotation()).json.status).toBe('finished')
  expect(await unopened(client, keys.slice(1))).toEqual([])
}, 60_000)
