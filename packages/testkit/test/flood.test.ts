/** A flood of failed sign-ins: few events, an honest count of the rest, and honest callers served meanwhile. */
import { request } from 'node:http'
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

/** One failed sign-in from another address of the loopback range. */
function fail(from: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${product.url}${path}`, {
      method: path === '/identity/token' ? 'POST' : 'GET',
      localAddress: from,
      headers: { authorization: 'Bearer nonsense', 'content-type': 'application/x-www-form-urlencoded' },
    })
    sent.once('response', (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end(
      path === '/identity/token' ? `grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=${'x'.repeat(44)}` : '',
    )
  })
}

test('three thousand failures from one address add at most twenty events and one count', async () => {
  const key = await client.createKey('honest')
  let served = 0
  const flood = (async () => {
    for (let round = 0; round < 60; round++) {
      const path = round % 2 === 0 ? '/identity/token' : '/api/v2/keys'
      const answers = await Promise.all(Array.from({ length: 50 }, () => fail('127.0.0.2', path)))
      expect(new Set(answers)).toEqual(new Set([path === '/identity/token' ? 400 : 401]))
    }
  })()
  const honest = (async () => {
    for (let round = 0; round < 50; round++) {
      const reply = await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
      if (reply.status === 200) served += 1
    }
  })()
  await Promise.all([flood, honest])
  expect(served).toBe(50)
  const failures = (await client.events('outcome=failure')).filter(
    (one) =>
      one.event.initiator.host?.address === '127.0.0.2' && one.event.action !== 'iam-identity.authentication.flood',
  )
  expect(failures.length).toBe(20)
  for (const { event } of failures) expect(event.severity).toBe('critical')
})

test('what was only counted is told when the server stops, with the number', async () => {
  await product.stop()
  product = await startProduct({ data: product.data })
  client = await new Client(product).signIn()
  const floods = await client.events('action=iam-identity.authentication.flood')
  const counted = floods.reduce((sum, { event }) => sum + Number(event.requestData['count']), 0)
  expect(counted).toBe(3_000 - 20)
  expect(floods[0]?.event).toMatchObject({ severity: 'critical', initiator: { host: { address: '127.0.0.2' } } })
})
