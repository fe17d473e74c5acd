/** How exports end before they are complete: a client that leaves, rights that end, a server that stops or is killed. */
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type FoundEvent, newDataFolder, type Product, startProduct } from '../src/index.ts'

/** Enough rows that no buffer between the two ends takes them all: some 15 MB. */
const events = 6_000

let data: string
let product: Product
let owner: Client

beforeAll(async () => {
  data = newDataFolder()
  product = await startProduct({ data })
  owner = await new Client(product).signIn()
  const key = await owner.createKey('much used')
  let last: string | undefined
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let i = 0; i < events / 32; i++) {
        last = (await owner.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).eventId
      }
    }),
  )
  const receipt = await owner.call('GET', `/v1/trackers/${product.location}/events/${last}/receipt?wait=30`)
  if (receipt.status !== 200) throw new Error(`not covered: ${receipt.status}`)
}, 120_000)
afterAll(async () => {
  await product.stop()
  product.remove()
})

/** An export whose reader takes the beginning and then nothing more. */
class Stalled {
  readonly socket: Socket
  readonly correlationId: string
  #bytes = 0
  readonly began: Promise<void>
  readonly ended: Promise<void>

  constructor(name: string, token: string) {
    this.correlationId = `${name}-${Math.floor(performance.now())}`
    const { hostname, port } = new URL(product.url)
    const socket = connect(Number(port), hostname)
    this.socket = socket
    socket.write(
      `GET /v1/trackers/${product.location}/export?format=cadf HTTP/1.1\r\nhost: ${hostname}:${port}\r\n` +
        `authorization: Bearer ${token}\r\ncorrelation-id: ${this.correlationId}\r\n\r\n`,
    )
    socket.on('error', () => undefined)
    this.began = new Promise((resolve) => {
      socket.on('data', (piece) => {
        this.#bytes += piece.length
        socket.pause()
        resolve()
      })
    })
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  /** Takes whatever still comes until the connection is closed; whether the answer ended as a whole one does. */
  async drain(): Promise<boolean> {
    let tail = ''
    this.socket.removeAllListeners('data')
    this.socket.on('data', (piece: Buffer) => {
      this.#bytes += piece.length
      tail = (tail + piece.toString('latin1')).slice(-7)
    })
    this.socket.resume()
    await this.ended
    return tail.endsWith('\r\n0\r\n\r\n')
  }

  get bytes(): number {
    return this.#bytes
  }
}

/** The events of a request, once there are so many. */
async function eventsOf(correlationId: string, count: number): Promise<FoundEvent['event'][]> {
  const path = `/v1/trackers/${product.location}/events?correlationId=${correlationId}&order=asc`
  for (;;) {
    const found = await owner.call<{ events: FoundEvent[] }>('GET', path)
    if (found.json.events.length >= count) return found.json.events.map(({ event }) => event)
  }
}

const rowsOf = (event: FoundEvent['event'] | undefined): number => Number(event?.responseData['totalResources'])

test('a stalled reader holds the export where it is; when it leaves, the end says how many rows it could have had', async () => {
  const stalled = new Stalled('left', owner.token)
  await stalled.began
  stalled.socket.destroy()
  const [begin, end] = await eventsOf(stalled.correlationId, 2)
  expect(begin).toMatchObject({ outcome: 'pending', requestData: { format: 'cadf' } })
  expect(end).toMatchObject({
    outcome: 'failure',
    reason: { reasonCode: 408 },
    responseData: { ended: 'client-left' },
  })
  // Never the whole log for somebody who does not read.
  expect(rowsOf(end)).toBeLessThan(events)
})

test('rights that end break the export off, and its reader sees that it is not whole', async () => {
  const made = await owner.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'exporter' } })
  const identity = made.json.id
  await owner.call('POST', '/v1/iam/roles', { body: { identity, role: 'Auditor', scope: { kind: 'account' } } })
  const key = await owner.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity, name: 'exporting' },
  })
  const exporter = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  const stalled = new Stalled('disabled', exporter.token)
  await stalled.began
  await owner.call('PATCH', `/v1/iam/service-ids/${identity}`, { body: { state: 'disabled' } })
  expect(await stalled.drain()).toBe(false)
  const [, end] = await eventsOf(stalled.correlationId, 2)
  expect(end).toMatchObject({ outcome: 'failure', responseData: { ended: 'not-allowed' } })
  expect(rowsOf(end)).toBeLessThan(events)
})

test('an account has two exports at a time; a third is refused until one ends', async () => {
  const two = [new Stalled('one', owner.token), new Stalled('two', owner.token)]
  await Promise.all(two.map(({ began }) => began))
  const path = `/v1/trackers/${product.location}/export?format=csv&last=1`
  const third = await owner.call('GET', path)
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1'])
  two[0]?.socket.destroy()
  await eventsOf(two[0]?.correlationId ?? '', 2)
  const again = await owner.call('GET', path)
  expect(again.status).toBe(200)
  two[1]?.socket.destroy()
  await eventsOf(two[1]?.correlationId ?? '', 2)
})

test('a server that stops records the end of an export before it ends itself; one that is killed leaves a pending one', async () => {
  const stopped = new Stalled('stopped', owner.token)
  await stopped.began
  expect((await product.stop()).code).toBe(0)
  expect(await stopped.drain()).toBe(false)
  product = await startProduct({ data })
  owner = await new Client(product).signIn()
  const [, end] = await eventsOf(stopped.correlationId, 2)
  expect(end).toMatchObject({
    outcome: 'failure',
    reason: { reasonCode: 503 },
    responseData: { ended: 'shutting-down' },
  })

  const killed = new Stalled('killed', owner.token)
  await killed.began
  await product.kill()
  expect(await killed.drain()).toBe(false)
  product = await startProduct({ data })
  owner = await new Client(product).signIn()
  const left = await eventsOf(killed.correlationId, 1)
  expect(left.map(({ outcome }) => outcome)).toEqual(['pending'])
}, 120_000)
