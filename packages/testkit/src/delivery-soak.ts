/** Two servers with a forwarder between them, cut and healed by the hundred: nothing may be lost, nothing doubled. */
import { randomInt } from 'node:crypto'
import { Client } from './client.ts'
import { type Product, startProduct } from './product.ts'
import { Wire } from './wire.ts'

export interface DeliveryReport {
  readonly cuts: number
  readonly asked: number
  /** What is wrong, in words; nothing when all is well. */
  readonly wrong: readonly string[]
}

const location = 'eu-de'
const environment = { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.1/32' }
/** How long everything may take to arrive after the last cut, milliseconds. */
const arrivalMs = 60_000

/** @param said is told of each cut */
export async function deliverySoak(cuts: number, said: (line: string) => void): Promise<DeliveryReport> {
  const target = await startProduct()
  const source = await startProduct({ env: environment })
  let there = target
  let here = source
  const wire = await Wire.lay(() => Number(there.http.split(':')[1]))
  try {
    await provision(here, there, wire)
    const instance = await instanceAt(await signedIn(here))
    const asked: string[] = []
    for (let cut = 0; cut < cuts; cut++) {
      const client = await signedIn(here)
      const load = ask(client, instance, randomInt(5, 40))
      await new Promise((resolve) => setTimeout(resolve, randomInt(1, 60)))
      const kind = cut % 10
      if (kind === 8) {
        await there.kill()
        there = await startProduct({ data: there.data })
      } else wire.cut()
      asked.push(...(await load))
      if (kind === 9) {
        await here.kill()
        here = await startProduct({ data: here.data, env: environment })
      }
      wire.mend()
      said(
        `${String(cut + 1).padStart(4)}/${cuts}  ${['cut', 'target killed', 'cut, source killed'][Math.max(0, kind - 7)]}  ${asked.length} asked`,
      )
    }
    return { cuts, asked: asked.length, wrong: await compare(await signedIn(there), instance, asked) }
  } finally {
    await wire.remove()
    for (const product of [here, there]) {
      await product.stop()
      product.remove()
    }
  }
}

async function signedIn(product: Product): Promise<Client> {
  return await new Client(product).signIn()
}

async function provision(here: Product, there: Product, wire: Wire): Promise<void> {
  const administrator = await signedIn(there)
  const made = await administrator.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'source' } })
  const identity = made.json.id
  const key = await administrator.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity, name: 'k' },
  })
  const scope = { kind: 'tracker', id: there.location }
  await administrator.call('POST', '/v1/iam/roles', { body: { identity, role: 'Producer', scope } })
  const remote = { url: wire.url, location: there.location, apikey: key.json.apikey }
  const provisioned = await (await signedIn(here)).call('POST', '/v1/trackers', { body: { location, remote } })
  if (provisioned.status !== 201) throw new Error(`no tracker: ${provisioned.status} ${provisioned.text}`)
}

async function instanceAt(client: Client): Promise<string> {
  const made = await client.call<{ guid: string }>('POST', '/v1/instances', { body: { name: 'far', location } })
  if (made.status !== 201) throw new Error(`no instance: ${made.status} ${made.text}`)
  return made.json.guid
}

/** Calls of which each leaves one event; answers their ids. */
async function ask(client: Client, instance: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < count; at++) {
    const reply = await client.call('GET', '/api/v2/keys', { headers: { 'bluemix-instance': instance } })
    if (reply.status !== 200 || reply.eventId === undefined) throw new Error(`no answer: ${reply.status}`)
    ids.push(reply.eventId)
  }
  return ids
}

async function compare(there: Client, instance: string, asked: readonly string[]): Promise<string[]> {
  const deadline = performance.now() + arrivalMs
  const query = `query=${encodeURIComponent(`instance:${instance} action:*.list`)}`
  let found: string[] = []
  while (found.length < asked.length && performance.now() < deadline) {
    found = (await there.events(query)).map(({ event }) => event.id)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const present = new Set(found)
  const lost = asked.filter((id) => !present.has(id))
  const doubled = found.filter((id, at) => found.indexOf(id) !== at)
  const order = asked.filter((id) => present.has(id)).join() === found.join()
  const odd = await there.events(`query=${encodeURIComponent('action:activity-tracker.numbers.*')}`)
  return [
    ...(lost.length > 0 ? [`${lost.length} events were lost, the first is ${lost[0]}`] : []),
    ...(doubled.length > 0 ? [`${doubled.length} events came twice, the first is ${doubled[0]}`] : []),
    ...(order ? [] : ['the order is another']),
    ...odd.map(({ event }) => `odd: ${event.action}`),
  ]
}
