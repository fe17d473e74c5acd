/** The order of the log is the order of state: nobody finds a key used after its deletion. */
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

test('a wrap that races with the deletion of its key is numbered before it, or refused', async () => {
  for (let round = 0; round < 15; round++) {
    const id = await client.createKey(`raced ${round}`)
    const wrap = () => client.call('POST', `/api/v2/keys/${id}/actions/wrap`, { body: {} })
    const wraps = Array.from({ length: 10 }, wrap)
    const deletion = client.call('DELETE', `/api/v2/keys/${id}`)
    const answers = await Promise.all([...wraps, deletion, ...Array.from({ length: 10 }, wrap)])
    expect(new Set(answers.map((answer) => answer.status)).size).toBeLessThanOrEqual(3)
    for (const { status } of answers) expect([200, 204, 410]).toContain(status)
  }
  const raced = ['hs-crypto.secrets.wrap', 'hs-crypto.secrets.delete']
  let events: Awaited<ReturnType<typeof client.events>> = []
  // Every call has its event, and the trail has it a moment after the answer.
  const arrived = async (): Promise<number> => {
    events = await client.events()
    return events.filter(({ event }) => raced.includes(event.action)).length
  }
  await expect.poll(arrived, { timeout: 10_000 }).toBe(15 * 21)
  const deletedAt = new Map<string, number>()
  for (const { index, event } of events) {
    if (event.action === 'hs-crypto.secrets.delete' && event.outcome === 'success')
      deletedAt.set(event.target.id, index)
  }
  const late = events.filter(
    ({ index, event }) =>
      event.action === 'hs-crypto.secrets.wrap' &&
      event.outcome === 'success' &&
      index > (deletedAt.get(event.target.id) ?? 0),
  )
  expect(deletedAt.size).toBe(15)
  expect(late).toEqual([])
})
