/** Watches how soon alerts reach their receiver, while calls arrive at a fixed rate: a webhook of its own, rules of its own. */
import { randomUUID } from 'node:crypto'
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { wrapOnce } from './freshness.ts'
import type { LoadedProduct } from './product.ts'

/** A rule raises so many alerts in ten minutes; more become one. */
const perRule = 25
/** Every so many calls uses a key that rules watch. */
const everyCalls = 50
const drainMs = 5_000

export interface AlertedProduct {
  /** Keys that are watched: each use is an alert of its own. */
  readonly keys: readonly string[]
  /** When an alert arrived, by the correlation id of the call it is about. */
  readonly arrived: Map<string, number>
  close(): void
}

/** @param alerts how many will be raised in all */
export async function withAlerts(loaded: LoadedProduct, alerts: number): Promise<AlertedProduct> {
  const { client, product } = loaded
  const arrived = new Map<string, number>()
  const sink = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const at = performance.now()
      response.end()
      const { type, alert } = JSON.parse(Buffer.concat(pieces).toString()) as {
        readonly type: string
        readonly alert?: { readonly group: readonly { readonly value: string }[] }
      }
      const correlation = alert?.group[0]?.value
      if (type === 'alert.raised' && correlation !== undefined) arrived.set(correlation, at)
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  const { port } = sink.address() as AddressInfo
  const trail = `/v1/trackers/${product.location}`
  const post = async (path: string, body: object): Promise<void> => {
    const { status, text } = await client.call('POST', `${trail}${path}`, { body })
    if (status !== 201 && status !== 200) throw new Error(`${path}: ${status} ${text}`)
  }
  const keys: string[] = []
  for (let count = 0; count * perRule < alerts; count++) {
    const key = await client.createKey(`watched ${count}`)
    const id = `bench-${count}`
    await post('/rules', {
      rule: {
        id,
        name: id,
        description: 'Of the bench.',
        remedy: 'Nothing.',
        severity: 'warning',
        groupBy: ['request'],
        when: { kind: 'match', query: `action:hs-crypto.secrets.wrap key:${key}` },
      },
    })
    await post(`/rules/${id}/enable`, { reason: 'bench' })
    keys.push(key)
  }
  const settings = { url: `http://127.0.0.1:${port}/` }
  await post('/channels', { id: 'bench', name: 'Bench', kind: 'webhook', settings, minimum: 'warning' })
  return { keys: keys.flatMap((key) => Array<string>(perRule).fill(key)), arrived, close: () => sink.close() }
}

/** Calls `perSecond` times a second; answers for each alert the milliseconds from when its call was due. */
export async function watchAlerts(
  loaded: LoadedProduct,
  alerted: AlertedProduct,
  key: string,
  perSecond: number,
  seconds: number,
  used: { count: number },
): Promise<{ readonly delivered: number[]; readonly answered: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 })
  const began = performance.now()
  const total = perSecond * seconds
  const due = new Map<string, number>()
  const answered: number[] = []
  let count = 0
  let failed = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (; count < total && began + (count * 1e3) / perSecond <= performance.now(); count++) {
        const correlation = randomUUID()
        const at = began + (count * 1e3) / perSecond
        const watched = count % everyCalls === 0 ? alerted.keys[used.count++] : undefined
        if (watched !== undefined) due.set(correlation, at)
        wrapOnce(loaded, agent, watched ?? key, correlation).then(
          (status) => {
            if (status !== 200) failed++
            answered.push(performance.now() - at)
          },
          () => failed++,
        )
      }
      if (count < total) return
      clearInterval(timer)
      resolve()
    }, 2)
  })
  const deadline = performance.now() + drainMs
  const isMissing = (correlation: string): boolean => !alerted.arrived.has(correlation)
  while ([...due.keys()].some(isMissing) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  agent.destroy()
  const missing = [...due.keys()].filter(isMissing).length
  if (failed > 0 || missing > 0)
    throw new Error(`${failed} calls failed, ${missing} of ${due.size} alerts did not arrive`)
  return { delivered: [...due].map(([correlation, at]) => (alerted.arrived.get(correlation) ?? 0) - at), answered }
}

/** Alerts that a run of so many calls raises. */
export function alertsOf(perSecond: number, seconds: number): number {
  return Math.ceil((perSecond * seconds) / everyCalls)
}
