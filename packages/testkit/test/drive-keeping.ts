/** Everything about keeping and removing that one server does in a moment: proposals, retention, holds, a removed tracker. */
import { Client, type Product } from '../src/index.ts'
import { secondAdministrator } from './second-person.ts'

const unknown = '11111111-1111-4111-8111-111111111111'

export async function driveKeeping(product: Product, client: Client): Promise<void> {
  const apiKey = await secondAdministrator(client, 'second')
  const second = await new Client({ ...product, apiKey }).signIn()
  const here = `/v1/trackers/${product.location}`
  const propose = async (trail: string, body: object): Promise<string> =>
    (await client.call<{ id: string }>('POST', `${trail}/proposals`, { body })).json.id
  const end = (trail: string, id: string, how: 'approve' | 'withdraw') =>
    second.call('POST', `${trail}/proposals/${id}/${how}`)

  await propose(here, { kind: 'nothing' })
  const shorter = await propose(here, { kind: 'retention', retentionDays: 36_000 })
  await end(here, unknown, 'approve')
  await end(here, shorter, 'approve')
  await end(here, shorter, 'withdraw')
  await end(here, await propose(here, { kind: 'retention', retentionDays: 35_000 }), 'withdraw')
  for (const limit of ['10', 'none']) await client.call('GET', `${here}/proposals?limit=${limit}`)
  for (const retentionDays of [36_500, 1]) await client.call('PUT', `${here}/retention`, { body: { retentionDays } })
  for (const trail of [here, '/v1/trackers/nowhere']) await client.call('GET', `${trail}/retention`)

  for (const reason of ['covered', ''])
    await client.call('POST', `${here}/holds`, { body: { reason, query: 'covered' } })
  const { holds } = (await client.call<{ holds: { id: string }[] }>('GET', `${here}/holds`)).json
  const hold = holds[0]?.id ?? ''
  await client.call('GET', `${here}/holds?limit=none`)
  await client.call('GET', `${here}/holds/${hold}/evidence`)
  await client.call('GET', `${here}/holds/${hold}/evidence/0`)
  await end(here, await propose(here, { kind: 'hold-release', hold }), 'approve')

  const other = '/v1/trackers/ca-tor'
  await client.call('POST', '/v1/trackers', { body: { location: 'ca-tor' } })
  await end(other, await propose(other, { kind: 'tracker-removal' }), 'approve')
  for (let tries = 0; tries < 200; tries++) {
    const { trackers } = (await client.call<{ trackers: { state: string }[] }>('GET', '/v1/removed-trackers')).json
    if (trackers.some(({ state }) => state === 'archived')) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
