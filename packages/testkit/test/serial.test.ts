/** Two clients act at once on one key: whatever the log says succeeded makes sense one after the other, in its order. */
import type { ActivityEvent } from '@keywitness/cadf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product
let clients: [Client, Client]

beforeAll(async () => {
  product = await startProduct({ fault: 'keys:impatient' })
  const owner = await new Client(product).signIn()
  clients = [owner, await secondManager(owner)]
  for (const ring of rings.slice(1)) await owner.call('POST', `/api/v2/key_rings/${ring}`)
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const rings = ['default', 'one', 'two'] as const
const alias = 'shared-name'

async function secondManager(owner: Client): Promise<Client> {
  const made = await owner.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'second' } })
  const identity = made.json.id
  const scope = { kind: 'instance', id: product.instance }
  await owner.call('POST', '/v1/iam/roles', { body: { identity, role: 'Manager', scope } })
  const key = await owner.call<{ apikey: string }>('POST', '/v1/iam/api-keys', { body: { identity, name: 'second' } })
  return await new Client({ ...product, apiKey: key.json.apikey }).signIn()
}

/** One request on a key, chosen by a number. */
function act(client: Client, key: string, which: number): Promise<{ status: number }> {
  const path = `/api/v2/keys/${key}`
  const calls = [
    () => client.call('POST', `${path}/actions/wrap`, { body: {} }),
    () => client.call('POST', `${path}/actions/rotate`, { body: {} }),
    () => client.call('POST', `${path}/actions/disable`),
    () => client.call('POST', `${path}/actions/enable`),
    () => client.call('DELETE', path),
    () => client.call('POST', `${path}/restore`),
    () => client.call('PATCH', path, { body: { keyRingID: rings[which % rings.length] } }),
    () => client.call('POST', `${path}/aliases/${alias}`),
    () => client.call('DELETE', `${path}/aliases/${alias}`),
  ]
  return (calls[which % calls.length] as () => Promise<{ status: number }>)()
}

/** What the log tells of one key, replayed. */
class Replay {
  state = 1
  ring = 'default'
  hasAlias = false
  /** Version the wraps since the last rotation named. */
  version: string | undefined
  readonly versionsBefore = new Set<string>()
  readonly faults: string[] = []

  take(index: number, event: ActivityEvent): void {
    const action = event.action.slice('hs-crypto.'.length)
    const demand = (holds: boolean): void => {
      if (!holds) this.faults.push(`${index} ${action} in state ${this.state}, ring ${this.ring}`)
    }
    switch (action) {
      case 'secrets.wrap': {
        const version = String((event.responseData as Record<string, unknown>)['keyVersionId'])
        demand(this.state === 1 && (this.version ?? version) === version && !this.versionsBefore.has(version))
        this.version = version
        break
      }
      case 'secrets.rotate':
        demand(this.state === 1)
        if (this.version !== undefined) this.versionsBefore.add(this.version)
        this.version = undefined
        break
      case 'secrets.disable':
        demand(this.state === 1)
        this.state = 2
        break
      case 'secrets.enable':
        demand(this.state === 2)
        this.state = 1
        break
      case 'secrets.delete':
        // Its aliases went just before it, each with an event of its own.
        demand((this.state === 1 || this.state === 2) && !this.hasAlias)
        this.state = 5
        break
      case 'secrets.restore':
        demand(this.state === 5)
        this.state = 1
        break
      case 'secrets.patch': {
        const { initialValue, newValue } = event.requestData as Readonly<Record<string, { keyRingId: string }>>
        demand(initialValue?.keyRingId === this.ring)
        this.ring = newValue?.keyRingId ?? ''
        break
      }
      case 'secrets-alias.create':
        demand(!this.hasAlias && this.state !== 5)
        this.hasAlias = true
        break
      case 'secrets-alias.delete':
        demand(this.hasAlias)
        this.hasAlias = false
        break
    }
  }
}

test('every success in the log follows from those before it, and the key is as the last of them left it', async () => {
  const [owner] = clients
  const key = await owner.createKey('contested')
  let seed = 20_261_125
  const next = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed >>> 8
  }
  const statuses: number[] = []
  for (let round = 0; round < 40; round++) {
    // Each round begins with an active key, so that every action has its turn.
    for (const which of [3, 5]) statuses.push((await act(owner, key, which)).status)
    const acts = Array.from({ length: 8 }, (_, at) => act(clients[at % 2] as Client, key, next()))
    statuses.push(...(await Promise.all(acts)).map(({ status }) => status))
  }
  expect(statuses.filter((status) => ![200, 201, 204, 404, 409, 410].includes(status))).toEqual([])

  const replay = new Replay()
  // Once the last event is there, all are.
  await owner.event((await owner.call('GET', '/api/v2/key_rings')).eventId)
  const events = await owner.events('outcome=success')
  const successes = events.filter(({ event }) => event.target.id.endsWith(key))
  for (const { index, event } of successes) replay.take(index, event)
  expect(replay.faults).toEqual([])
  // One event for each answer, besides those of the aliases that went with their key.
  const calls = new Set(successes.map(({ event }) => event.correlationId))
  expect(calls.size).toBe(statuses.filter((status) => status < 300).length + 1)
  const deletions = successes.filter(({ event }) => event.action === 'hs-crypto.secrets.delete')
  const deleting = new Set(deletions.map(({ event }) => event.correlationId))
  const freed = successes.filter(
    ({ event }) => event.action === 'hs-crypto.secrets-alias.delete' && deleting.has(event.correlationId),
  )
  expect(freed.length).toBeGreaterThan(0)
  expect(successes.length).toBe(calls.size + freed.length)
  expect(new Set(successes.map(({ event }) => event.action)).size).toBe(10)
  const now = await owner.call<{ resources: { state: number; keyRingID: string; aliases?: string[] }[] }>(
    'GET',
    `/api/v2/keys/${key}/metadata`,
  )
  const { state, keyRingID, aliases = [] } = now.json.resources[0] ?? { state: -1, keyRingID: '' }
  expect([state, keyRingID, aliases]).toEqual([replay.state, replay.ring, replay.hasAlias ? [alias] : []])
})
