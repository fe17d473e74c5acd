/** A server killed between any two steps of a ceremony: what is told of each unit is so, and the ceremony can be finished. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import {
  ceremonyAdministrators,
  Client,
  covered,
  newDataFolder,
  newTkeAdministrator,
  type Product,
  StartFailed,
  startProduct,
  type TkeAdministrator,
  TkeCommands,
  type TkeReply,
  type TkeListing,
  verifiedLog,
} from '../src/index.ts'

const data: string[] = []
let product: Product
let client: Client

afterEach(async () => {
  await product.stop()
  for (const folder of data.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function start(folder: string, env: Record<string, string>, fault?: string): Promise<void> {
  product = await startProduct({ data: folder, env, ...(fault === undefined ? {} : { fault }) })
  client = await new Client(product).signIn()
}

/** Kills the server at a mark that starting alone leads to. */
async function killedAtStart(folder: string, mark: string): Promise<void> {
  try {
    await start(folder, {}, `kill:${mark}`)
  } catch (error) {
    if (!(error instanceof StartFailed) || error.code !== null) throw error
    return
  }
  expect((await product.ended).signal).toBe('SIGKILL')
}

interface StoredUnit {
  readonly unit: string
  readonly revision: number
}

function storedUnits(folder: string): StoredUnit[] {
  const store = new DatabaseSync(join(folder, 'server.db'), { readOnly: true })
  try {
    return store.prepare('SELECT unit, revision FROM unit_states ORDER BY location').all() as unknown as StoredUnit[]
  } finally {
    store.close()
  }
}

/** Revisions of each unit as its events tell them, oldest first. */
async function toldRevisions(): Promise<Map<string, number[]>> {
  await covered(client, product.location)
  const told = new Map<string, number[]>()
  for (const { event } of await verifiedLog(client, product.location)) {
    const unit = /:tke-cryptounit:([^:]+)$/.exec(event.target.id)?.[1]
    const revision = (event.responseData as { unitRevision?: number } | undefined)?.unitRevision
    if (unit === undefined || revision === undefined) continue
    told.set(unit, [...(told.get(unit) ?? []), revision])
  }
  return told
}

/** Each state has its one event, in order, and the newest event names the state that is there. */
async function expectWitnessed(folder: string): Promise<void> {
  const told = await toldRevisions()
  const stored = storedUnits(folder)
  expect([...told.keys()].toSorted()).toEqual(stored.map(({ unit }) => unit).toSorted())
  for (const { unit, revision } of stored) {
    expect(told.get(unit)).toEqual(Array.from({ length: revision }, (_, at) => at + 1))
  }
}

test('the development ceremony, killed again and again, is finished by the next start; each step is one event', async () => {
  const folder = newDataFolder()
  data.push(folder)
  // Three units, eight states each.
  for (const mark of ['before@revisions=1', 'after@revisions=2', 'after@revisions=3', 'before@revisions=5']) {
    await killedAtStart(folder, mark)
  }
  for (const mark of ['after@revisions=8', 'before@revisions=10', 'after@revisions=16', 'before@revisions=24']) {
    await killedAtStart(folder, mark)
  }
  await start(folder, {})
  const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(folder, product.instance))
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
  expect(storedUnits(folder).map(({ revision }) => revision)).toEqual([9, 9, 9])
  await expectWitnessed(folder)
  await client.createKey('after the ceremony')
}, 120_000)

/** What a person at a TKE client would do next with a unit, seeing how it is; done. */
async function nextStep(
  tke: TkeCommands,
  unit: TkeListing,
  parts: readonly Uint8Array[],
  answered: TkeReply[],
): Promise<void> {
  const skis = Buffer.from((await tke.ask(unit, 'ADMINISTRATORS')).payload).toString('hex')
  const missing = tke.administrators.find(({ ski }) => !skis.includes(ski))
  if (missing !== undefined) {
    answered.push(await tke.send(unit, 'ADD_ADMINISTRATOR', missing.certificate, []))
    return
  }
  if (unit.state === 'imprint') {
    answered.push(await tke.send(unit, 'SET_ATTRIBUTES', tke.thresholds()))
    return
  }
  const loaded = await tke.ask(unit, 'NEW_PATTERN')
  if (loaded.returnCode === 0) {
    // Whether it is committed shows when it is activated; being told so uses up a counter.
    answered.push(await tke.send(unit, 'ACTIVATE', loaded.payload))
    if (answered.at(-1)?.code === '96/64') answered.push(await tke.send(unit, 'COMMIT', loaded.payload))
    return
  }
  const importer = await tke.ask(unit, 'IMPORTER')
  if (importer.returnCode === 0) {
    answered.push(await tke.post(unit, await tke.loadRequest(unit, parts, Buffer.from(importer.payload))))
  } else answered.push(await tke.send(unit, 'GENERATE_IMPORTER', Buffer.from('00000003', 'hex')))
}

test('a ceremony of a client in production goes on after each kill where the units say they are', async () => {
  const folder = newDataFolder()
  data.push(folder)
  const env = { KEYWITNESS_PROFILE: 'production' }
  const administrators: TkeAdministrator[] = [newTkeAdministrator('one'), newTkeAdministrator('two')]
  const parts = [randomBytes(32), randomBytes(32)]
  const answered: TkeReply[] = []
  /** Commands that were committed when the server was killed before it could answer. */
  let unanswered = 0

  /** Does what is to do until all units are ready, or the server is gone. */
  const proceed = async (): Promise<void> => {
    const tke = new TkeCommands(client, product.instance, administrators)
    for (;;) {
      const unit = (await tke.units()).find(({ state }) => state !== 'ready')
      if (unit === undefined) return
      await nextStep(tke, unit, parts, answered)
    }
  }

  await start(folder, env)
  const states = (await new TkeCommands(client, product.instance, administrators).units()).map(({ state }) => state)
  expect(states).toEqual(['imprint', 'imprint', 'imprint'])
  await product.stop()
  for (const mark of ['after@revisions=5', 'before@revisions=7', 'after@revisions=9', 'before@revisions=11']) {
    await start(folder, env, `kill:${mark}`)
    await expect(proceed()).rejects.toThrow('fetch failed')
    expect((await product.ended).signal).toBe('SIGKILL')
    if (mark.startsWith('after')) unanswered += 1
    // While nobody runs: what was answered is there, and of what was not, all or nothing.
    const revisions = storedUnits(folder).reduce((sum, { revision }) => sum + revision, 0)
    expect(revisions).toBe(3 + answered.length + unanswered)
  }
  await start(folder, env)
  await proceed()
  expect(new Set(answered.map(({ code }) => code))).toEqual(new Set(['0/0', '96/64']))
  const tke = new TkeCommands(client, product.instance, administrators)
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
  await expectWitnessed(folder)
  const log = await verifiedLog(client, product.location)
  const ids = log.map(({ event }) => event.id)
  for (const { eventId } of answered) expect(ids.filter((id) => id === eventId).length).toBe(1)
  await client.createKey('after the ceremony')
}, 120_000)

test('units that do not agree are told apart by the listing, and the ones that agree work', async () => {
  const folder = newDataFolder()
  data.push(folder)
  const env = { KEYWITNESS_PROFILE: 'production' }
  const administrators = [newTkeAdministrator('one'), newTkeAdministrator('two')]
  await start(folder, env)
  const tke = new TkeCommands(client, product.instance, administrators)
  const [first, second, recovery] = (await tke.units()) as [TkeListing, TkeListing, TkeListing]
  await tke.lead(first, [randomBytes(32), randomBytes(32)])
  const id = await client.createKey('of the first')
  await tke.lead(second, [randomBytes(32), randomBytes(32)])
  await tke.appoint(recovery)
  expect(await tke.states()).toEqual(['ready', 'differs', 'no_master_key'])
  await product.kill()
  await start(folder, env)
  const again = new TkeCommands(client, product.instance, administrators)
  expect(await again.states()).toEqual(['ready', 'differs', 'no_master_key'])
  expect((await client.call('POST', `/api/v2/keys/${id}/actions/wrap`, { body: {} })).status).toBe(200)
  await expectWitnessed(folder)
})

test('failover units that a kill cuts short are there with all their events, or not at all', async () => {
  const folder = newDataFolder()
  data.push(folder)
  const env = { KEYWITNESS_PROFILE: 'production' }
  const ask = () => new TkeCommands(client, product.instance, []).enableFailover('us-east', 2)
  const outcomes = async (): Promise<string[]> =>
    (await verifiedLog(client, product.location))
      .filter(({ event }) => event.action === 'hs-crypto.tke-cryptounit-failover.enable')
      .map(({ event }) => event.outcome)

  // Three units are there already; two come by one commit.
  await start(folder, env, 'kill:before@revisions=4')
  await expect(ask()).rejects.toThrow('fetch failed')
  expect((await product.ended).signal).toBe('SIGKILL')
  expect(storedUnits(folder).length).toBe(3)
  await start(folder, env, 'kill:after@revisions=4')
  await expectWitnessed(folder)
  expect(await outcomes()).toEqual([])
  await expect(ask()).rejects.toThrow('fetch failed')
  expect((await product.ended).signal).toBe('SIGKILL')
  expect(storedUnits(folder).length).toBe(5)
  await start(folder, env)
  await expectWitnessed(folder)
  expect(await outcomes()).toEqual(['success'])
  expect((await new TkeCommands(client, product.instance, []).states()).slice(3)).toEqual(['imprint', 'imprint'])
  expect((await ask()).status).toBe(409)
}, 120_000)
