/** The status of a tracker: what an overview shows, without an event and without event content. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type Product, startProduct } from '../src/index.ts'
import { settled } from './second-person.ts'

interface Status {
  readonly size: number
  readonly covered: number
  readonly undelivered: number
  readonly checkpoint: { readonly size: number; readonly signedAt: string } | null
  readonly verification: { readonly last: { readonly id: string } | null; readonly open: object | null }
}

let product: Product
let client: Client

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const at = (path: string): string => `/v1/trackers/${product.location}${path}`
const status = async (): Promise<Status> => (await client.call<Status>('GET', at('/status'))).json

async function until(holds: (now: Status) => boolean): Promise<Status> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const now = await status()
    if (holds(now)) return now
    if (performance.now() > deadline) throw new Error(`the status is ${JSON.stringify(now)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('the status tells sizes, the newest checkpoint, what is open, and for how long events stay', async () => {
  await client.call('PUT', at('/retention'), { body: { retentionDays: 0 } })
  await client.call('POST', at('/holds'), { body: { reason: 'Case 7' } })
  await client.call('POST', at('/proposals'), { body: { kind: 'retention', retentionDays: 30 } })
  await settled(client)
  const now = await until(({ size, covered, checkpoint }) => covered === size && checkpoint?.size === covered)
  expect(now).toMatchObject({
    location: product.location,
    undelivered: 0,
    isFailing: false,
    openHolds: 1,
    openProposals: 1,
    oddities: { missing: 0, late: 0, reused: 0, epochs: 0, forged: 0, lateDated: 0, futureDated: 0, altered: null },
    retention: { days: 0 },
    minimumIndex: 0,
  })
  expect(Math.abs(Date.now() - Date.parse(now.checkpoint?.signedAt ?? ''))).toBeLessThan(3_600_000)
})

test('asking for it leaves no event, so that polling does not grow the log', async () => {
  for (let round = 0; round < 3; round++) expect((await client.call('GET', at('/status'))).eventId).toBeUndefined()
  await settled(client)
  expect(await client.events('action=activity-tracker.log.read')).toEqual([])
})

test('it tells the verification that ended last', async () => {
  const started = await client.call<{ id: string }>('POST', at('/log/verifications'))
  expect(started.status).toBe(202)
  const { verification } = await until((now) => now.verification.last?.id === started.json.id)
  expect(verification.last).toMatchObject({ state: 'good', findingsTotal: 0 })
  await until((now) => now.verification.open === null)
})

test('who may not read the trail gets none of it, and the attempt is an event', async () => {
  const made = await client.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'stranger' } })
  const key = await client.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: made.json.id, name: 'k' },
  })
  const stranger = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  const refused = await stranger.call('GET', at('/status'))
  expect(refused.status).toBe(401)
  expect(await client.event(refused.eventId)).toMatchObject({
    action: 'activity-tracker.log.read',
    outcome: 'failure',
    initiator: { id: made.json.id },
  })
})
