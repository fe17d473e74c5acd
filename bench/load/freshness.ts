/** Watches how soon events are numbered, covered and found, while calls arrive at a fixed rate. */
import { randomUUID } from 'node:crypto'
import { Agent, type IncomingMessage, request as open } from 'node:http'
import type { LoadedProduct } from './product.ts'
import { plaintext } from './product.ts'

/** Milliseconds from the moment a call was due (open loop) until its event had come so far. */
export interface FreshnessReport {
  readonly numbered: readonly number[]
  readonly covered: readonly number[]
  readonly searchable: readonly number[]
  readonly answered: readonly number[]
}

interface Sent {
  readonly due: number
  index?: number
}

const action = 'hs-crypto.secrets.wrap'
/** How often an event is asked for until the search finds it. */
const askEveryMs = 20
const drainMs = 5_000

/** Calls `perSecond` times a second for `seconds`, and waits until every event is covered. */
export async function watchFreshness(
  loaded: LoadedProduct,
  key: string,
  perSecond: number,
  seconds: number,
): Promise<FreshnessReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 })
  const sent = new Map<string, Sent>()
  const numbered: number[] = []
  const covered: number[] = []
  const searchable: number[] = []
  const answered: number[] = []
  let waiting: Sent[] = []
  const sawCovered = (size: number): void => {
    const at = performance.now()
    const isCovered = ({ index = size }: Sent): boolean => index < size
    for (const { due } of waiting.filter(isCovered)) covered.push(at - due)
    waiting = waiting.filter((one) => !isCovered(one))
  }
  const tail = openTail(loaded, agent, (events, size) => {
    const at = performance.now()
    for (const { index, event } of events) {
      const one = sent.get(event.correlationId ?? '')
      if (one === undefined) continue
      one.index = index
      numbered.push(at - one.due)
      waiting.push(one)
    }
    sawCovered(size)
  })
  const began = performance.now()
  const total = perSecond * seconds
  let count = 0
  let failed = 0
  let newest = ''
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (; count < total && began + (count * 1e3) / perSecond <= performance.now(); count++) {
        const correlation = randomUUID()
        const due = began + (count * 1e3) / perSecond
        sent.set(correlation, { due })
        wrapOnce(loaded, agent, key, correlation).then(
          (status) => {
            if (status !== 200) failed++
            answered.push(performance.now() - due)
            newest = correlation
          },
          () => failed++,
        )
      }
      if (count < total) return
      clearInterval(timer)
      resolve()
    }, 2)
    void searching(
      loaded,
      () => newest,
      sent,
      searchable,
      () => count < total,
    )
  })
  const deadline = performance.now() + drainMs
  while (covered.length < total && performance.now() < deadline) await pause(20)
  tail.destroy()
  agent.destroy()
  if (failed > 0 || covered.length < total)
    throw new Error(`${failed} calls failed, ${covered.length} of ${total} events were covered`)
  return { numbered, covered, searchable, answered }
}

/** Takes the newest answered call and asks the search for its event until it is found; then the next one. */
async function searching(
  { client, product }: LoadedProduct,
  newest: () => string,
  sent: ReadonlyMap<string, Sent>,
  searchable: number[],
  isGoingOn: () => boolean,
): Promise<void> {
  while (isGoingOn()) {
    const correlation = newest()
    const one = sent.get(correlation)
    if (one === undefined) {
      await pause(askEveryMs)
      continue
    }
    for (;;) {
      const path = `/v1/trackers/${product.location}/events?correlationId=${correlation}&limit=1`
      const reply = await client.call<{ events: unknown[] }>('GET', path)
      if (reply.status !== 200) throw new Error(`search answered ${reply.status}`)
      if (reply.json.events.length === 1) break
      await pause(askEveryMs)
    }
    searchable.push(performance.now() - one.due)
    await pause(100)
  }
}

/** One wrap; answers its status. */
export function wrapOnce(
  { product, client }: LoadedProduct,
  agent: Agent,
  key: string,
  correlation: string,
): Promise<number> {
  const body = JSON.stringify({ plaintext, aad: ['bench'] })
  return new Promise((resolve, reject) => {
    const call = open(
      `${product.url}/api/v2/keys/${key}/actions/wrap`,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${client.token}`,
          'bluemix-instance': product.instance,
          'correlation-id': correlation,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (answer) => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    call.once('error', reject)
    call.end(body)
  })
}

interface TailEvent {
  readonly index: number
  readonly event: { readonly correlationId?: string }
}

/** The live tail, from the present end of the log on. */
function openTail(
  { product, client }: LoadedProduct,
  agent: Agent,
  heard: (events: readonly TailEvent[], covered: number) => void,
): { destroy(): void } {
  const headers = { authorization: `Bearer ${client.token}`, accept: 'text/event-stream' }
  const call = open(
    `${product.url}/v1/trackers/${product.location}/tail?action=${action}`,
    { agent, headers },
    (answer: IncomingMessage) => {
      let rest = ''
      answer.setEncoding('utf8')
      answer.on('data', (piece: string) => {
        const messages = (rest + piece).split('\n\n')
        rest = messages.pop() ?? ''
        for (const message of messages) {
          const data = /^data: (.*)$/m.exec(message)?.[1]
          if (data === undefined) continue
          const { events = [], covered = 0 } = JSON.parse(data) as { events?: TailEvent[]; covered?: number }
          heard(events, covered)
        }
      })
    },
  )
  call.on('error', () => {})
  call.end()
  return call
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
