/** A crash anywhere neither loses nor invents an alert: kill -9 under load, again and again, and everything counted. */
import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'

interface Alert {
  readonly id: string
  readonly rule: string
  readonly count: number
  readonly group: readonly { readonly value: string }[]
}

const keys = 5
const callers = 6
/** So many uses of a key within an hour. */
const threshold = 7

const received: { readonly type: string; readonly alert?: { readonly id: string } }[] = []
let sink: Server
let data: string

beforeAll(async () => {
  data = newDataFolder()
  sink = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(pieces).toString()) as (typeof received)[number])
      response.end()
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
})
afterAll(() => sink.close())

const start = (): Promise<Product> => startProduct({ data, env: { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' } })

const rule = (id: string, when: object): object => ({
  id,
  name: id,
  description: 'Counts uses of keys.',
  remedy: 'Nothing.',
  severity: 'warning',
  groupBy: ['key'],
  when,
})
const wraps = 'action:hs-crypto.secrets.wrap outcome:success'

test('after kill -9 under load every firing was counted once, and every alert was told', async () => {
  let product = await start()
  let client = await new Client(product).signIn()
  const trail = `/v1/trackers/${product.location}`
  const ids: string[] = []
  for (let made = 0; made < keys; made++) ids.push(await client.createKey(`key ${made}`))
  const port = (sink.address() as AddressInfo).port
  const channel = {
    id: 'hook',
    name: 'Hook',
    kind: 'webhook',
    settings: { url: `http://127.0.0.1:${port}/` },
    minimum: 'info',
  }
  expect((await client.call('POST', `${trail}/channels`, { body: channel })).status).toBe(201)
  for (const made of [
    rule('each-use', { kind: 'match', query: wraps }),
    rule('many-uses', { kind: 'count', query: wraps, threshold, within: '1h' }),
  ]) {
    expect((await client.call('POST', `${trail}/rules`, { body: { rule: made } })).status).toBe(201)
    const { id } = made as { id: string }
    expect((await client.call('POST', `${trail}/rules/${id}/enable`, { body: { reason: 'test' } })).status).toBe(200)
  }

  for (let round = 0; round < 5; round++) {
    let calls = 0
    const enough = randomInt(30, 120)
    const load = Array.from({ length: callers }, async () => {
      for (;;) {
        try {
          await client.call('POST', `/api/v2/keys/${ids[randomInt(keys)]}/actions/wrap`, { body: {} })
        } catch {
          return
        }
        calls += 1
        if (calls === enough) void product.kill()
      }
    })
    await Promise.all(load)
    await product.ended
    product = await start()
    client = await new Client(product).signIn()
  }

  const used = await settled(client, trail)
  const alerts = (await client.call<{ alerts: Alert[] }>('GET', `${trail}/alerts?limit=500`)).json.alerts
  const countsOf = (name: string): Map<string, number> =>
    new Map(alerts.filter((alert) => alert.rule === name).map(({ group, count }) => [group[0]?.value ?? '', count]))
  expect(countsOf('each-use')).toEqual(used)
  expect(countsOf('many-uses')).toEqual(
    new Map(
      [...used].map(([key, uses]) => [key, Math.floor(uses / threshold)]).filter(([, firings]) => firings !== 0) as [
        string,
        number,
      ][],
    ),
  )
  const raised = (await client.events()).filter(({ event }) => event.action === 'activity-tracker.alert.raise')
  expect(raised.map(({ event }) => (event.responseData as { alert: string }).alert).toSorted()).toEqual(
    alerts.map(({ id }) => id).toSorted(),
  )
  await until(() => {
    const told = new Set(received.filter(({ type }) => type === 'alert.raised').map((message) => message.alert?.id))
    return alerts.every(({ id }) => told.has(id))
  })
  expect((await product.stop()).code).toBe(0)
}, 180_000)

/** Uses of each key as the log has them, once the rules have seen all of it. */
async function settled(client: Client, trail: string): Promise<Map<string, number>> {
  await until(async () => {
    const { engine } = (
      await client.call<{ engine: { state: string; cursor: number } }>('GET', `${trail}/alerts/status`)
    ).json
    const last = (await client.events()).findLast(({ event }) => event.action === 'hs-crypto.secrets.wrap')
    return engine.state === 'running' && engine.cursor > (last?.index ?? Number.POSITIVE_INFINITY)
  })
  const used = new Map<string, number>()
  for (const { event } of await client.events()) {
    if (event.action !== 'hs-crypto.secrets.wrap' || event.outcome !== 'success') continue
    const key = event.target.id.split(':').at(-1) ?? ''
    used.set(key, (used.get(key) ?? 0) + 1)
  }
  return used
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > 20_000) throw new Error('it did not come about within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
