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

test('a tail of a quiet log ends when its API key is deleted, and when its session is signed out', async () => {
  product = await startProduct()
  const { location, url } = product
  const owner = await new Client(product).signIn()
  // A log of its own: what happens to credentials is recorded in another one, so this one does not grow.
  const quiet = location === 'eu-de' ? 'eu-gb' : 'eu-de'
  expect((await owner.call('POST', '/v1/trackers', { body: { location: quiet } })).status).toBe(201)
  const listed = await owner.call<{ users: { id: string }[] }>('GET', '/v1/iam/users')
  const user = listed.json.users[0]?.id
  const made = await owner.call<{ id: string; apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: user, name: 'short-lived' },
  })
  const guest = await new Client({ ...product, apiKey: made.json.apikey }).signIn()
  const follow = (headers: Record<string, string>) => fetch(`${url}/v1/trackers/${quiet}/tail`, { headers })

  const byToken = await follow({ authorization: `Bearer ${guest.token}` })
  expect(byToken.status).toBe(200)
  await owner.call('DELETE', `/v1/iam/api-keys/${made.json.id}`)
  expect(await byToken.text()).toContain('"reason":"not-allowed"')

  const session = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apikey: product.apiKey }),
  })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  const bySession = await follow({ cookie })
  expect(bySession.status).toBe(200)
  const console = { 'x-keywitness-console': '1', origin: url }
  const out = await fetch(`${url}/v1/session`, { method: 'DELETE', headers: { cookie, ...console } })
  expect(out.status).toBe(204)
  expect(await bySession.text()).toContain('"reason":"not-allowed"')
})
