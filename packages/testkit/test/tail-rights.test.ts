/** An open tail ends with the rights of its reader. */
import { rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product | undefined
afterEach(async () => {
  await product?.stop()
  if (product !== undefined) rmSync(product.data, { recursive: true, force: true })
})

test('a tail tells nothing more once its reader is disabled', async () => {
  product = await startProduct()
  const { location, url } = product
  const owner = await new Client(product).signIn()
  const made = await owner.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'watcher' } })
  const identity = made.json.id
  const scope = { kind: 'account' }
  await owner.call('POST', '/v1/iam/roles', { body: { identity, role: 'Auditor', scope } })
  const key = await owner.call<{ apikey: string }>('POST', '/v1/iam/api-keys', { body: { identity, name: 'watching' } })
  const watcher = await new Client({ ...product, apiKey: key.json.apikey }).signIn()

  const tail = await fetch(`${url}/v1/trackers/${location}/tail`, {
    headers: { authorization: `Bearer ${watcher.token}` },
  })
  expect(tail.status).toBe(200)
  const disabled = await owner.call('PATCH', `/v1/iam/service-ids/${identity}`, { body: { state: 'disabled' } })
  expect(disabled.status).toBe(200)
  await owner.createKey('made after the watcher was disabled')
  // Ends by itself: with the next piece, long before a heartbeat.
  const told = await tail.text()
  expect(told).toContain('"reason":"not-allowed"')
  expect(told).not.toContain('made after the watcher was disabled')
})
