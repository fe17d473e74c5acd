/** The rule of two people: whatever one person tries with it alone, and whatever is too late, changes nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'
import { secondAdministrator, settled } from './second-person.ts'

interface Proposal {
  readonly id: string
  readonly state: string
  readonly code?: string
}

let product: Product
let ana: Client
let bobKey: string
let bob: Client

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

const at = (path: string): string => `/v1/trackers/${product.location}${path}`
const approve = (id: string, client: Client) => client.call<Proposal>('POST', at(`/proposals/${id}/approve`))
const withdraw = (id: string, client: Client) => client.call<Proposal>('POST', at(`/proposals/${id}/withdraw`))

async function propose(client = ana, retentionDays = 365): Promise<string> {
  const made = await client.call<Proposal>('POST', at('/proposals'), { body: { kind: 'retention', retentionDays } })
  expect(made.status, made.text).toBe(202)
  return made.json.id
}

async function days(): Promise<number> {
  return (await ana.call<{ retentionDays: number }>('GET', at('/retention'))).json.retentionDays
}

async function ownId(client: Client): Promise<string> {
  const reply = await client.call('GET', at('/proposals'))
  return (await client.event(reply.eventId)).initiator.id
}

test('another API key of the same person is the same person', async () => {
  const id = await propose()
  const made = await ana.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: await ownId(ana), name: 'another' },
  })
  const again = await new Client({ ...product, apiKey: made.json.apikey }).signIn()
  const own = await approve(id, again)
  expect([own.status, own.json.code]).toEqual([403, 'SECOND_PERSON_REQUIRED'])
  const event = await ana.event(own.eventId)
  expect(event).toMatchObject({ outcome: 'failure', severity: 'critical', requestData: { proposal: id } })
  await withdraw(id, ana)
})

test('a service ID neither proposes nor approves, whoever made it', async () => {
  const id = await propose()
  const service = await ana.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'robot' } })
  const scope = { kind: 'account' }
  await ana.call('POST', '/v1/iam/roles', { body: { identity: service.json.id, role: 'Administrator', scope } })
  const key = await ana.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: service.json.id, name: 'k' },
  })
  const robot = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  expect((await approve(id, robot)).json.code).toBe('PEOPLE_ONLY')
  const proposed = await robot.call<Proposal>('POST', at('/proposals'), {
    body: { kind: 'retention', retentionDays: 1 },
  })
  expect([proposed.status, proposed.json.code]).toEqual([403, 'PEOPLE_ONLY'])
  await withdraw(id, ana)
})

test('who lacks the right neither proposes, approves nor withdraws', async () => {
  const id = await propose()
  const key = await secondAdministrator(ana, 'carl', { kind: 'tracker', id: product.location }, 'Officer')
  const carl = await new Client({ ...product, apiKey: key }).signIn()
  for (const reply of [
    await approve(id, carl),
    await withdraw(id, carl),
    await carl.call<Proposal>('POST', at('/proposals'), { body: { kind: 'retention', retentionDays: 1 } }),
  ]) {
    expect([reply.status, reply.json.code]).toEqual([401, 'UNAUTHORIZED_ERR'])
  }
  expect((await ana.call<{ proposals: Proposal[] }>('GET', at('/proposals'))).json.proposals[0]?.state).toBe('open')
  await withdraw(id, bob)
  expect(await days()).toBe(0)
})

test('what was withdrawn cannot be approved, nor what was approved once more', async () => {
  const first = await propose()
  expect((await withdraw(first, bob)).status).toBe(200)
  expect((await approve(first, bob)).json.code).toBe('PROPOSAL_CLOSED')
  const second = await propose()
  expect((await approve(second, bob)).status).toBe(200)
  expect(await days()).toBe(365)
  await ana.call('PUT', at('/retention'), { body: { retentionDays: 0 } })
  expect((await approve(second, bob)).json.code).toBe('PROPOSAL_CLOSED')
  expect(await days()).toBe(0)
})

test('of approvals and withdrawals at once, one counts', async () => {
  const id = await propose()
  const replies = await Promise.all([
    approve(id, bob),
    withdraw(id, ana),
    approve(id, bob),
    withdraw(id, bob),
    approve(id, bob),
  ])
  const done = replies.filter(({ status }) => status === 200)
  expect(done).toHaveLength(1)
  expect(await days()).toBe(done[0]?.json.state === 'approved' ? 365 : 0)
  await ana.call('PUT', at('/retention'), { body: { retentionDays: 0 } })
})

test('a proposal dies with the right of who made it', async () => {
  const key = await secondAdministrator(ana, 'dora')
  const dora = await new Client({ ...product, apiKey: key }).signIn()
  const doraId = await ownId(dora)
  const id = await propose(dora)
  await ana.call('PATCH', `/v1/iam/users/${doraId}`, { body: { state: 'disabled' } })
  expect((await approve(id, bob)).json.code).toBe('PROPOSER_WITHOUT_RIGHT')
  expect(await days()).toBe(0)
  await withdraw(id, ana)
})

test('a body that says nothing proposable is refused', async () => {
  for (const body of [
    {},
    { kind: 'peace' },
    { kind: 'retention' },
    { kind: 'retention', retentionDays: 0 },
    { kind: 'retention', retentionDays: 1.5 },
    { kind: 'retention', retentionDays: 365, hold: 'x' },
    { kind: 'hold-release' },
    [],
  ]) {
    const { status } = await ana.call('POST', at('/proposals'), { body })
    expect([400, 404], JSON.stringify(body)).toContain(status)
  }
})

test('after seven days it lapses, with its event, and cannot be approved', async () => {
  const id = await propose()
  await product.stop()
  product = await startProduct({ data: product.data, fault: `clock:ahead@${7 * 86_400 + 60}` })
  ana = await new Client(product).signIn()
  bob = await new Client({ ...product, apiKey: bobKey }).signIn()
  expect((await approve(id, bob)).json.code).toBe('PROPOSAL_CLOSED')
  for (let tries = 0; tries < 200; tries++) {
    const { proposals } = (await ana.call<{ proposals: Proposal[] }>('GET', at('/proposals'))).json
    if (proposals.find((one) => one.id === id)?.state === 'lapsed') break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await settled(ana)
  const events = await ana.events('action=activity-tracker.proposal.lapse')
  expect(events.map(({ event }) => event.requestData)).toEqual([{ proposal: id, kind: 'retention' }])
  expect(await days()).toBe(0)
})
