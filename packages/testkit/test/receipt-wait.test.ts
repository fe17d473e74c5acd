/** Receipts of events that were recorded a moment ago: one question, one answer, one event of its own. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type Product, startProduct } from '../src/index.ts'

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

test('a receipt asked for right after the answer waits until it is there, without a failure in the trail', async () => {
  const asked = await client.call('GET', '/api/v2/keys')
  const path = `/v1/trackers/${product.location}/events/${asked.eventId}/receipt`
  const reply = await client.call('GET', `${path}?wait=10`)
  expect(reply.status).toBe(200)
  expect(reply.text).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
  await client.event(reply.eventId)
  const events = await client.events('action=activity-tracker.receipt.read')
  expect(events.map(({ event }) => event.outcome)).toEqual(['success'])
})

test('a wait is a whole number of seconds up to thirty', async () => {
  for (const wait of ['31', '-1', '1.5', 'long', '']) {
    const reply = await client.call('GET', `/v1/trackers/${product.location}/events/0/receipt?wait=${wait}`)
    expect(reply.status, wait).toBe(400)
  }
})
