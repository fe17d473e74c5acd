/** A server killed again and again while rules fire for every call: each firing is counted once, each alert told. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client } from './client.ts'
import { newDataFolder, type Product, startProduct } from './product.ts'

export interface AlertReport {
  readonly kills: number
  /** Uses of keys that the log has. */
  readonly uses: number
  readonly alerts: number
  /** What is wrong, in words; nothing when all is well. */
  readonly wrong: readonly string[]
}

interface Alert {
  readonly id: string
  readonly rule: string
  readonly count: number
  readonly group: readonly { readonly value: string }[]
}

const keys = 5
const callers = 6
/** So many uses of a key within a day are told of. */
const threshold = 7
const wraps = 'action:==hs-crypto.secrets.wrap outcome:success'
/** How long everything may take to be seen and told after the last kill, milliseconds. */
const settledMs = 60_000

const rules = [
  { id: 'each-use', when: { kind: 'match', query: wraps } },
  { id: 'many-uses', when: { kind: 'count', query: wraps, threshold, within: '1d' } },
] as const

/** @param said is told of each kill */
export async function alertSoak(kills: number, said: (line: string) => void): Promise<AlertReport> {
  const told = new Set<string>()
  const sink = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { type, alert } = JSON.parse(Buffer.concat(pieces).toString()) as {
        readonly type: string
        readonly alert?: { readonly id: string }
      }
      if (type === 'alert.raised' && alert !== undefined) told.add(alert.id)
      response.end()
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  const data = newDataFolder()
  const start = (): Promise<Product> => startProduct({ data, env: { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' } })
  let product = await start()
  try {
    let client = await new Client(product).signIn()
    const ids = await prepare(client, product.location, (sink.address() as AddressInfo).port)
    for (let kill = 0; kill < kills; kill++) {
      const calls = await useUntilKilled(product, client, ids)
      product = await start()
      client = await new Client(product).signIn()
      said(
        `${String(kill + 1).padStart(4)}/${kills}  killed after ${calls} calls, ready after ${Math.round(product.startMs)} ms`,
      )
    }
    return { kills, ...(await examine(client, product.location, told)) }
  } finally {
    await product.stop()
    product.remove()
    sink.close()
  }
}

async function prepare(client: Client, location: string, port: number): Promise<string[]> {
  const trail = `/v1/trackers/${location}`
  const post = async (path: string, body: object): Promise<void> => {
    const { status, text } = await client.call('POST', `${trail}${path}`, { body })
    if (status !== 200 && status !== 201) throw new Error(`${path}: ${status} ${text}`)
  }
  const ids: string[] = []
  for (let made = 0; made < keys; made++) ids.push(await client.createKey(`key ${made}`))
  const settings = { url: `http://127.0.0.1:${port}/` }
  await post('/channels', { id: 'sink', name: 'Sink', kind: 'webhook', settings, minimum: 'info' })
  for (const { id, when } of rules) {
    const words = { name: id, description: 'Counts uses of keys.', remedy: 'Nothing.' }
    await post('/rules', { rule: { id, ...words, severity: 'warning', groupBy: ['key'], when } })
    await post(`/rules/${id}/enable`, { reason: 'to be counted' })
  }
  return ids
}

/** Calls until the process is killed in their midst; answers how many were answered. */
async function useUntilKilled(product: Product, client: Client, ids: readonly string[]): Promise<number> {
  let calls = 0
  const enough = randomInt(20, 150)
  const caller = async (): Promise<void> => {
    for (;;) {
      try {
        await client.call('POST', `/api/v2/keys/${ids[randomInt(keys)]}/actions/wrap`, { body: {} })
      } catch {
        return
      }
      calls += 1
      if (calls === enough) void product.kill()
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  await product.ended
  return calls
}

async function examine(
  client: Client,
  location: string,
  told: ReadonlySet<string>,
): Promise<Omit<AlertReport, 'kills'>> {
  const wrong: string[] = []
  if (!(await until(() => allSeen(client, location)))) wrong.push('the rules do not come to the end of the log')
  const events = await client.events()
  const uses = new Map<string, number>()
  for (const { event } of events) {
    if (event.action !== 'hs-crypto.secrets.wrap' || event.outcome !== 'success') continue
    const key = event.target.id.split(':').at(-1) ?? ''
    uses.set(key, (uses.get(key) ?? 0) + 1)
  }
  const { json } = await client.call<{ alerts: Alert[] }>('GET', `/v1/trackers/${location}/alerts?limit=500`)
  const countOf = (rule: string, key: string): number =>
    json.alerts
      .filter((alert) => alert.rule === rule && alert.group[0]?.value === key)
      .reduce((sum, { count }) => sum + count, 0)
  for (const [key, used] of uses) {
    for (const [rule, expected] of [
      ['each-use', used],
      ['many-uses', Math.floor(used / threshold)],
    ] as const) {
      const fired = countOf(rule, key)
      if (fired !== expected) wrong.push(`${rule} fired ${fired} times for ${key}, which was used ${used} times`)
    }
  }
  const raised = events.filter(({ event }) => event.action === 'activity-tracker.alert.raise')
  const ids = new Set(raised.map(({ event }) => (event.responseData as { alert: string }).alert))
  if (ids.size !== raised.length) wrong.push(`${raised.length} events tell of ${ids.size} alerts`)
  for (const { id } of json.alerts) if (!ids.has(id)) wrong.push(`no event tells of alert ${id}`)
  if (ids.size !== json.alerts.length) wrong.push(`${ids.size} alerts were raised, ${json.alerts.length} are there`)
  const isToldOf = (): boolean => json.alerts.every(({ id }) => told.has(id))
  if (!(await until(isToldOf))) wrong.push('not every alert reached its channel')
  return { uses: [...uses.values()].reduce((sum, used) => sum + used, 0), alerts: json.alerts.length, wrong }
}

async function allSeen(client: Client, location: string): Promise<boolean> {
  const path = `/v1/trackers/${location}/alerts/status`
  const { engine } = (await client.call<{ engine: { state: string; cursor: number } }>('GET', path)).json
  const last = (await client.events()).findLast(({ event }) => event.action === 'hs-crypto.secrets.wrap')
  return engine.state === 'running' && engine.cursor > (last?.index ?? Number.POSITIVE_INFINITY)
}

async function until(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const began = performance.now(); performance.now() - began < settledMs;) {
    if (await holds()) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}
