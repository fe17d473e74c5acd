/** Removing a tracker takes two people, ends its log provably, and loses nothing of what is recorded before or after. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { fsck, openReader } from '@keywitness/tracker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'
import { secondAdministrator, settled } from './second-person.ts'

interface Proposal {
  readonly id: string
  readonly kind: string
  readonly state: string
  readonly says: string
  readonly before: object
  readonly after: object
}

interface Removed {
  readonly id: string
  readonly location: string
  readonly state: string
  readonly size: number
  readonly checkpoint: string | null
}

let product: Product
let ana: Client
let bob: Client
let bobKey: string
/** The account's second location; its first is the account's home. */
const place = 'eu-de'

beforeAll(async () => {
  product = await startProduct({ data: newDataFolder() })
  ana = await new Client(product).signIn()
  bobKey = await secondAdministrator(ana)
  bob = await new Client({ ...product, apiKey: bobKey }).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

async function restart(): Promise<void> {
  product = await startProduct({ data: product.data })
  ana = await new Client(product).signIn()
  bob = await new Client({ ...product, apiKey: bobKey }).signIn()
}

const tracker = (location: string): string => `/v1/trackers/${location}`

async function provision(location: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const made = await ana.call<{ origin: string; code?: string }>('POST', '/v1/trackers', { body: { location } })
    if (made.status === 201) return made.json.origin
    expect(made.json.code).toBe('TRACKER_CLOSING')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no tracker in ${location}`)
}

async function propose(location: string, client = ana): Promise<Proposal> {
  const asked = await client.call<Proposal>('POST', `${tracker(location)}/proposals`, {
    body: { kind: 'tracker-removal' },
  })
  expect(asked.status, asked.text).toBe(202)
  return asked.json
}

const approve = (location: string, id: string, client = bob) =>
  client.call<Proposal & { code?: string }>('POST', `${tracker(location)}/proposals/${id}/approve`)

async function remove(location: string): Promise<void> {
  const { id } = await propose(location)
  const approved = await approve(location, id)
  expect(approved.status, approved.text).toBe(200)
}

async function archived(count: number): Promise<Removed[]> {
  for (let tries = 0; tries < 200; tries++) {
    const { trackers } = (await ana.call<{ trackers: Removed[] }>('GET', '/v1/removed-trackers')).json
    if (trackers.filter(({ state }) => state === 'archived').length === count) return trackers
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the removed tracker did not reach the archive')
}

async function instanceIn(location: string): Promise<Client> {
  const made = await ana.call<{ guid: string }>('POST', '/v1/instances', { body: { name: 'there', location } })
  expect(made.status, made.text).toBe(201)
  return await new Client({ ...product, instance: made.json.guid, location }).signIn()
}

async function actionsOf(client: Client): Promise<string[]> {
  return (await client.events('outcome=success')).map(({ event }) => event.action)
}

test('one person’s proposal changes nothing, and nobody approves their own', async () => {
  await provision(place)
  const proposal = await propose(place)
  expect(proposal).toMatchObject({ state: 'open', before: { state: 'active' }, after: { state: 'removed' } })
  expect(proposal.says).toContain(place)
  const own = await approve(place, proposal.id, ana)
  expect([own.status, own.json.code]).toEqual([403, 'SECOND_PERSON_REQUIRED'])
  const again = await ana.call<{ code: string }>('POST', `${tracker(place)}/proposals`, {
    body: { kind: 'tracker-removal' },
  })
  expect([again.status, again.json.code]).toEqual([409, 'ALREADY_EXISTS'])
  expect((await ana.call('GET', `${tracker(place)}/events`)).status).toBe(200)
  const withdrawn = await ana.call('POST', `${tracker(place)}/proposals/${proposal.id}/withdraw`)
  expect(withdrawn.status).toBe(200)
  const late = await approve(place, proposal.id)
  expect([late.status, late.json.code]).toEqual([409, 'PROPOSAL_CLOSED'])
})

test('approved, the log ends with all that was recorded for it, and verifies offline', async () => {
  const there = await instanceIn(place)
  const key = await there.createKey('before the end')
  const read = await there.call('GET', `/api/v2/keys/${key}`)
  const receipt = await there.receipt(read.eventId as string)
  await remove(place)
  const gone = await ana.call<{ code: string }>('GET', `${tracker(place)}/events`)
  expect([gone.status, gone.json.code]).toEqual([404, 'NOT_FOUND'])
  const [removed] = await archived(1)
  const archive = join(product.data, 'archive', removed!.id)
  const report = await fsck({ folder: join(archive, 'store'), keyFolder: join(archive, 'keys') })
  expect(report).toMatchObject({ good: true, findings: [], size: removed!.size, covered: removed!.size })
  expect(parseCheckpoint(parseNote(removed!.checkpoint ?? '').text).size).toBe(removed!.size)
  expect(readFileSync(join(archive, 'keys', 'final-checkpoint'), 'utf8')).toBe(removed!.checkpoint)
  expect(readdirSync(join(archive, 'keys')).filter((name) => name.endsWith('.key'))).toEqual([])
  expect(receipt).toContain('c2sp.org/tlog-proof@v1')
  await settled(ana)
  const told = (await actionsOf(ana)).filter((action) => /instance\.(delete|archive)|proposal\.approve/.test(action))
  expect(told).toEqual([
    'activity-tracker.instance.delete',
    'activity-tracker.proposal.approve',
    'activity-tracker.instance.archive',
  ])
})

test('what is recorded while there is none waits, through a kill, for a new log that begins at its first number', async () => {
  const { json } = await ana.call<{ instances: { guid: string; location: string }[] }>('GET', '/v1/instances')
  const guid = json.instances.find(({ location }) => location === place)?.guid ?? ''
  const there = async (): Promise<Client> => await new Client({ ...product, instance: guid, location: place }).signIn()
  const waiting = await (await there()).createKey('while there is none')
  await product.kill()
  await restart()
  const origin = await provision(place)
  const later = await there()
  const read = await later.call('GET', `/api/v2/keys/${waiting}`)
  await later.event(read.eventId)
  const events = await later.events()
  expect(events.map(({ event }) => event.action).slice(0, 2)).toEqual([
    'hs-crypto.producer.start',
    'hs-crypto.secrets.create',
  ])
  expect(events.some(({ event }) => event.action.startsWith('activity-tracker.numbers.'))).toBe(false)
  expect(events[0]?.event.requestData).toMatchObject({ epoch: 1, previousEpoch: 0, previousSequence: 0 })
  const [old] = await archived(1)
  expect(origin).not.toContain(old!.id)
  const key = await later.call('GET', `${tracker(place)}/log/key`)
  expect(key.text).toContain(origin)
})

test('killed at any moment after the approval, the removal comes to its end at the next start', async () => {
  await remove(place)
  await product.kill()
  await restart()
  const removed = await archived(2)
  for (const { id, size } of removed) {
    const archive = join(product.data, 'archive', id)
    expect(await fsck({ folder: join(archive, 'store'), keyFolder: join(archive, 'keys') })).toMatchObject({
      good: true,
      findings: [],
      size,
      covered: size,
    })
  }
  await provision(place)
})

test('who follows a tracker that is removed is told that it ends', async () => {
  const tail = await fetch(`${product.url}${tracker(place)}/tail`, {
    headers: { authorization: `Bearer ${ana.token}` },
  })
  expect(tail.status).toBe(200)
  await remove(place)
  const text = await tail.text()
  expect(text).toMatch(/event: end\ndata: \{"reason":"(?:not-allowed|failed)"\}/)
  await archived(3)
  await provision(place)
})

test('of two who approve at once one does it, and an approval works once', async () => {
  const { id } = await propose(place)
  const carlKey = await secondAdministrator(ana, 'carl')
  const carl = await new Client({ ...product, apiKey: carlKey }).signIn()
  const answers = await Promise.all([approve(place, id, bob), approve(place, id, carl), approve(place, id, bob)])
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  for (const { status } of answers.filter((answer) => answer.status !== 200)) expect([404, 409]).toContain(status)
  await archived(4)
  // A tracker that came to the place later is another one: old proposals are not about it.
  await provision(place)
  expect((await approve(place, id, bob)).status).toBe(404)
})

test('the account’s home tracker ends with the event of its removal, and account events wait for the next one', async () => {
  const home = product.location
  await remove(home)
  const [newest] = await archived(5)
  expect(newest?.location).toBe(home)
  const archive = join(product.data, 'archive', newest!.id)
  const [folder, keyFolder] = [join(archive, 'store'), join(archive, 'keys')]
  expect(await fsck({ folder, keyFolder })).toMatchObject({ good: true })
  const reader = openReader({ folder, keyFolder })
  const last = reader.range(reader.size() - 2, reader.size(), 2).map(({ bytes }) => JSON.parse(`${Buffer.from(bytes)}`))
  reader.close()
  expect(last.map(({ event }) => event.action)).toEqual([
    'activity-tracker.instance.delete',
    'activity-tracker.proposal.approve',
  ])
  await product.stop()
  await restart()
  expect((await ana.call('GET', `${tracker(home)}/events`)).status).toBe(404)
  expect(existsSync(join(archive, 'store', 'head.db'))).toBe(true)
  await provision(home)
  await settled(ana)
  const actions = await actionsOf(ana)
  expect(actions).toContain('activity-tracker.instance.archive')
  expect(actions).not.toContain('activity-tracker.instance.delete')
})
