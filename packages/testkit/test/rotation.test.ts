/** Master key rotation while everything goes on: no call fails, every key opens, nothing stays under the old master key. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ceremonyAdministrators,
  Client,
  newDataFolder,
  type Product,
  startProduct,
  TkeCommands,
  verifiedLog,
  covered,
} from '../src/index.ts'
import { mayPurge } from './drive-life.ts'
import {
  blobsByPattern,
  bringAll,
  type FilledKey,
  fillKeys,
  rotationAt,
  unopened,
  wrapped,
} from '../src/rotation-keys.ts'

const keyCount = 2_000
const data = newDataFolder()
let product: Product
let client: Client
let tke: TkeCommands
let keys: FilledKey[] = []
let pattern = ''

async function start(): Promise<void> {
  product = await startProduct({ data, fault: 'keys:impatient' })
  client = await new Client(product).signIn()
  tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
}

beforeAll(async () => {
  await start()
  await mayPurge(product, client)
  keys = await fillKeys(client, keyCount)
}, 120_000)
afterAll(async () => {
  await product.stop()
  product.remove()
})

const newParts = [randomBytes(32), randomBytes(32)]
const otherParts = [randomBytes(32), randomBytes(32)]

test('without the same committed new master key in every unit a rotation is refused, naming the units that lack it', async () => {
  const none = await tke.rotation('PUT')
  const [first, second, recovery] = await tke.units()
  expect([none.status, none.text]).toEqual([400, expect.stringContaining('committed new')])
  pattern = await tke.bring(first!, newParts)
  await tke.bring(second!, otherParts)
  await tke.load(recovery!, newParts)
  const partly = await tke.rotation('PUT')
  expect(partly.status).toBe(400)
  expect(partly.text).toContain(second!.location)
  expect(partly.text).toContain(recovery!.location)
  expect(partly.text).not.toContain(first!.location)
  expect((await tke.rotation()).json).toMatchObject({ status: 'none', total: '0', from: '', to: '' })
})

test('while keys are wrapped under it no unit puts another master key in its place, and nothing changes', async () => {
  const [, second] = await tke.units()
  const other = (await tke.ask(second!, 'NEW_PATTERN')).payload
  const before = await tke.units()
  const refused = await tke.send(second!, 'ACTIVATE', other)
  expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('MASTER_KEY_IN_USE')])
  expect((await client.event(refused.eventId)).reason.reasonCode).toBe(400)
  expect(await tke.units()).toEqual(before)
  expect(await unopened(client, keys.slice(0, 10))).toEqual([])
})

/** Slowest answer of a kind and how many there were; anything but a success is told. */
class Load {
  readonly wrong: string[] = []
  readonly counts = new Map<string, { calls: number; slowestMs: number }>()
  readonly made: FilledKey[] = []
  isOver = false

  async call(name: string, method: string, path: string, status: number, body?: unknown): Promise<unknown> {
    const began = performance.now()
    const reply = await client.call(method, path, body === undefined ? {} : { body })
    const { calls, slowestMs } = this.counts.get(name) ?? { calls: 0, slowestMs: 0 }
    this.counts.set(name, { calls: calls + 1, slowestMs: Math.max(slowestMs, performance.now() - began) })
    if (reply.status !== status) this.wrong.push(`${name}: ${reply.status} ${reply.text}`)
    return reply.json
  }

  async run(worker: number): Promise<void> {
    for (let at = worker; !this.isOver; at += 7) {
      const key = keys[at % keys.length] as FilledKey
      const { id, ciphertexts, plaintext } = key
      if (ciphertexts.length === 0) {
        await this.call('read', 'GET', `/api/v2/keys/${id}`, 200)
        continue
      }
      await this.call('wrap', 'POST', `/api/v2/keys/${id}/actions/wrap`, 200, { plaintext })
      const opened = await this.call('unwrap', 'POST', `/api/v2/keys/${id}/actions/unwrap`, 200, {
        ciphertext: ciphertexts[0],
      })
      if ((opened as { plaintext?: string }).plaintext !== plaintext) this.wrong.push(`unwrap: ${id}`)
      if (at % 3 === 0) await this.call('rotate', 'POST', `/api/v2/keys/${id}/actions/rotate`, 204, {})
      if (at % 2 === 0) await this.createAndMaybePurge(at)
    }
  }

  async createAndMaybePurge(at: number): Promise<void> {
    const began = performance.now()
    const id = await client.createKey('made meanwhile')
    const { calls, slowestMs } = this.counts.get('create') ?? { calls: 0, slowestMs: 0 }
    this.counts.set('create', { calls: calls + 1, slowestMs: Math.max(slowestMs, performance.now() - began) })
    if (at % 4 === 0) {
      await this.call('delete', 'DELETE', `/api/v2/keys/${id}`, 204)
      await this.call('purge', 'DELETE', `/api/v2/keys/${id}/purge`, 204)
      return
    }
    const plaintext = Buffer.from('meanwhile').toString('base64')
    this.made.push({ id, plaintext, ciphertexts: [await wrapped(client, id, plaintext)] })
  }
}

test('while it runs no call fails, no register is touched, and afterwards nothing is under the old master key', async () => {
  const [first, second, recovery] = await tke.units()
  await tke.bring(second!, newParts)
  const load = new Load()
  const workers = Array.from({ length: 6 }, (_, worker) => load.run(worker))
  await tke.carryOut(recovery!, 'COMMIT', Buffer.from(pattern, 'hex'))
  const began = performance.now()
  const started = await tke.rotation('PUT')
  expect([started.status, started.json.status]).toEqual([200, 'started'])
  expect(Object.values(started.json).every((value) => typeof value === 'string')).toBe(true)

  const during = await tke.rotation()
  expect(during.json).toMatchObject({ status: 'started', to: pattern })
  expect(Number(during.json.rewrapped)).toBeLessThanOrEqual(Number(during.json.total))
  const before = await tke.units()
  const refused = [
    await tke.send(first!, 'CLEAR_NEW'),
    await tke.send(second!, 'CLEAR_NEW'),
    await tke.send(second!, 'CLEAR_CURRENT'),
    await tke.load(recovery!, otherParts),
  ]
  expect(refused.map(({ status, body }) => [status, body.includes('ROTATION_UNDER_WAY')])).toEqual(
    refused.map(() => [400, true]),
  )
  // The importer of the last one is a state of its own.
  const after = await tke.units()
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
  await rotationAt(tke, 'rewrapped')
  const tookMs = performance.now() - began
  for (const unit of [first!, second!, recovery!]) {
    expect((await tke.rotation()).json.status).toBe('rewrapped')
    expect((await tke.activate(unit, pattern)).code).toBe('0/0')
  }
  expect((await tke.rotation()).json.status).toBe('finished')
  load.isOver = true
  await Promise.all(workers)
  console.log(
    `rotation of ${started.json.total} blobs took ${Math.round(tookMs)} ms; slowest calls meanwhile: ${[...load.counts]
      .map(([name, { calls, slowestMs }]) => `${name} ${Math.round(slowestMs)} ms of ${calls}`)
      .join(', ')}`,
  )
  expect(load.wrong).toEqual([])
  expect(load.counts.get('purge')?.calls).toBeGreaterThan(0)
  expect(await unopened(client, [...keys, ...load.made])).toEqual([])
  expect(Object.keys(blobsByPattern(data)).filter((one) => !/^0+$/.test(one))).toEqual([pattern])
}, 120_000)

test('a restart finds it finished, every key opens, and the start and the end of it are one event each', async () => {
  await product.stop()
  await start()
  expect((await tke.rotation()).json).toMatchObject({ status: 'finished', to: pattern })
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
  expect(await unopened(client, keys.slice(0, 200))).toEqual([])
  await covered(client, product.location)
  const log = await verifiedLog(client, product.location)
  const told = log.filter(({ event }) => event.action.startsWith('hs-crypto.tke-master-key-rotation.'))
  expect(told.map(({ event }) => [event.action.split('.').at(-1), event.outcome])).toEqual([
    ['start', 'failure'],
    ['start', 'failure'],
    ['start', 'success'],
    ['complete', 'success'],
  ])
}, 60_000)

test('the next rotation is as possible as the first, and finished when all units activate at once', async () => {
  const next = await bringAll(tke, otherParts)
  expect((await tke.rotation('PUT')).status).toBe(200)
  await rotationAt(tke, 'rewrapped')
  const activated = await Promise.all((await tke.units()).map((unit) => tke.activate(unit, next)))
  expect(activated.map(({ code }) => code)).toEqual(['0/0', '0/0', '0/0'])
  expect((await tke.rotation()).json).toMatchObject({ status: 'finished', from: pattern, to: next })
  expect(await unopened(client, keys.slice(0, 200))).toEqual([])
}, 60_000)
