/** The process of the crypto units crashes or hangs: what waits is refused and witnessed, it comes back as it was, each crash is one event. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ceremonyAdministrators,
  Client,
  type FoundEvent,
  newDataFolder,
  type Product,
  type Reply,
  startProduct,
  TkeCommands,
} from '../src/index.ts'
import { patienceMs } from '../src/crash-round.ts'
import { bringAll, rotationAt, wrapped } from '../src/rotation-keys.ts'

const data = newDataFolder()
let product: Product
let client: Client
let tke: TkeCommands
let key = ''
let ciphertext = ''
/** A command that the first unit would carry out. */
let commandText = ''

beforeAll(async () => {
  product = await startProduct({ data })
  client = await new Client(product).signIn()
  tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
  key = await client.createKey('lasting')
  ciphertext = await wrapped(client, key, 'bGFzdGluZw==')
  const [first] = await tke.units()
  commandText = await tke.requestOf(first!, 'GENERATE_IMPORTER', Buffer.from('00000003', 'hex'))
}, 60_000)
afterAll(async () => {
  await product.stop()
  product.remove()
})

/** The only child of the server; it is another one after each crash. */
function unitPid(): number {
  const children = readFileSync(`/proc/${product.pid}/task/${product.pid}/children`, 'latin1').trim().split(' ')
  expect(children.length).toBe(1)
  return Number(children[0])
}

const restarts = (): Promise<FoundEvent[]> => client.events('action=hs-crypto.tke-cryptounit-process.restart')

/** Waits until one more crash is told of than before. */
async function told(before: number): Promise<FoundEvent> {
  await expect.poll(async () => (await restarts()).length, { timeout: 30_000 }).toBeGreaterThan(before)
  const found = await restarts()
  expect(found.length).toBe(before + 1)
  return found.at(-1) as FoundEvent
}

interface Timed {
  readonly reply: Reply
  readonly tookMs: number
}

async function timed(call: Promise<Reply>): Promise<Timed> {
  const began = performance.now()
  const reply = await call
  return { reply, tookMs: performance.now() - began }
}

function unwraps(count: number): Promise<Timed>[] {
  const path = `/api/v2/keys/${key}/actions/unwrap`
  return Array.from({ length: count }, () => timed(client.call('POST', path, { body: { ciphertext } })))
}

/** Every call was answered right, or refused with its event. */
async function expectWitnessed(calls: readonly Timed[]): Promise<number> {
  const refused = calls.filter(({ reply }) => reply.status !== 200)
  expect(refused.map(({ reply }) => reply.status)).toEqual(refused.map(() => 503))
  for (const { reply } of refused.slice(0, 5)) {
    expect(reply.json).toMatchObject({ resources: [{ reasons: [{ code: 'UNIT_UNAVAILABLE' }] }] })
    const event = await client.event(reply.eventId)
    expect([event.action, event.outcome, event.reason.reasonCode]).toEqual(['hs-crypto.secrets.unwrap', 'failure', 503])
  }
  return refused.length
}

/** As before the crash: the units, their registers, and every key. */
async function expectAsBefore(before: unknown): Promise<void> {
  expect(await tke.units()).toEqual(before)
  const [{ reply }] = (await Promise.all(unwraps(1))) as [Timed]
  expect([reply.status, reply.json]).toEqual([200, expect.objectContaining({ plaintext: 'bGFzdGluZw==' })])
}

test.each(['SIGKILL', 'SIGSEGV', 'SIGABRT'] as const)('a process ended by %s is survived', async (signal) => {
  const before = await tke.units()
  const count = (await restarts()).length
  const pid = unitPid()
  // Stopped first, so that calls do wait for it.
  process.kill(pid, 'SIGSTOP')
  const calls = unwraps(40)
  const command = tke.post(before[0]!, commandText)
  // All of them are on their way into the unit by then, on a slow machine too.
  await delay(500)
  process.kill(pid, signal)
  // SIGKILL needs none; the others are delivered by it.
  if (signal !== 'SIGKILL') process.kill(pid, 'SIGCONT')
  const answers = await Promise.all(calls)
  expect((await command).status).toBe(503)
  expect(await expectWitnessed(answers)).toBeGreaterThan(0)
  const event = (await told(count)).event
  expect(event).toMatchObject({ outcome: 'success', requestData: { ending: signal } })
  expect(Number(event.requestData['downMs'])).toBeGreaterThanOrEqual(0)
  expect(unitPid()).not.toBe(pid)
  await expectAsBefore(before)
})

test('a process that hangs is given up in time, killed past its bound, and comes back', async () => {
  const before = await tke.units()
  const count = (await restarts()).length
  const pid = unitPid()
  process.kill(pid, 'SIGSTOP')
  const answers = await Promise.all(unwraps(20))
  expect(await expectWitnessed(answers)).toBe(20)
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(patienceMs)
  expect((await told(count)).event.requestData).toMatchObject({ ending: 'SIGKILL' })
  expect(unitPid()).not.toBe(pid)
  await expectAsBefore(before)
}, 60_000)

test('a command to a unit that is not there is refused and witnessed, and a stranger learns nothing of it', async () => {
  const [first] = await tke.units()
  const pid = unitPid()
  const count = (await restarts()).length
  process.kill(pid, 'SIGSTOP')
  const path = `/v1/tke/${product.instance}/hsms/${first?.hsm_id}`
  const stranger = new Client({ ...product, apiKey: '' })
  const command = (): Promise<Timed> => timed(client.call('POST', path, { body: { request: commandText } }))
  const [known, unknown, listed, ...others] = await Promise.all([
    command(),
    timed(stranger.call('POST', path, { body: { request: commandText } })),
    timed(client.call('GET', `/v1/tke/${product.instance}/hsms`)),
    // They stand in a row for the same unit.
    ...Array.from({ length: 8 }, command),
  ])
  expect([known.reply.status, unknown.reply.status, listed.reply.status]).toEqual([503, 401, 503])
  for (const { reply } of others) expect([reply.status, reply.eventId]).toEqual([503, expect.any(String)])
  const slowestMs = Math.max(...[known, unknown, listed, ...others].map(({ tookMs }) => tookMs))
  expect(slowestMs).toBeLessThan(patienceMs)
  process.kill(pid, 'SIGKILL')
  await told(count)
  const event = await client.event(known.reply.eventId)
  expect(event).toMatchObject({
    action: 'hs-crypto.tke-cryptounit-importer.create',
    outcome: 'failure',
    severity: 'critical',
    target: { name: first?.location },
    reason: { reasonCode: 503 },
  })
  expect((await client.event(unknown.reply.eventId)).reason.reasonCode).toBe(401)
  // Nothing of the command was done: the same one is carried out now.
  expect((await tke.post(first!, commandText)).code).toBe('0/0')
})

test('between two crashes nothing is forgotten: the master key in force stays the new one of a rotation', async () => {
  const pattern = await bringAll(tke, [randomBytes(32), randomBytes(32)])
  expect((await tke.rotation('PUT')).status).toBe(200)
  await rotationAt(tke, 'rewrapped')
  const before = await tke.units()
  for (let round = 0; round < 2; round++) {
    const count = (await restarts()).length
    process.kill(unitPid(), 'SIGKILL')
    await told(count)
    await expectAsBefore(before)
  }
  await client.createKey('made under the new one')
  for (const unit of await tke.units()) expect((await tke.activate(unit, pattern)).code).toBe('0/0')
  expect((await tke.rotation()).json.status).toBe('finished')
})
