/** Delivery to another server's tracker, against a log in memory: set-backs, refused rows, what is said and how often. */
import { afterEach, expect, test } from 'vitest'
import type { ExchangeAnswer } from '../../outbound/exchange.ts'
import type { FromForwarder } from '../messages.ts'
import type { OutboxReader, OutboxRow } from './outbox-reader.ts'
import { RemoteLane, type RemoteLaneParts } from './remote-lane.ts'

const origin = 'keywitness/eu-de/1'
const producer = '3f0e2d1c-0b0a-4908-8706-050403020100'
const place = {
  account: 'a1',
  location: 'eu-de',
  origin,
  url: 'https://other.test/',
  remoteLocation: 'eu-de',
  apiKey: '',
  ca: undefined,
}

/** The log of another server, and who may deliver to it. */
class OtherServer {
  origin = origin
  held: number[] = []
  isCovering = true
  isBound = false
  bindStatus = 201
  bindCode = ''
  refused = new Set<number>()
  /** Says what it says whatever it is asked. */
  answers: ((path: string) => Partial<ExchangeAnswer> | undefined) | undefined
  readonly calls: string[] = []
  readonly batches: number[][] = []

  get last(): number {
    return this.held.at(-1) ?? 0
  }

  readonly call = async (method: string, path: string, body: Uint8Array = Buffer.alloc(0)): Promise<ExchangeAnswer> => {
    await new Promise((resolve) => setImmediate(resolve))
    this.calls.push(`${method} ${path}`)
    const { status = 200, retryAfter, body: bytes } = this.answers?.(path) ?? this.#answer(method, path, body)
    return { status, retryAfter, body: bytes ?? Buffer.alloc(0) }
  }

  #answer(method: string, path: string, body: Uint8Array): Partial<ExchangeAnswer> {
    if (method === 'GET') return { body: json({ origin: this.origin, producer, isBound: this.isBound }) }
    if (path === 'producers') {
      this.isBound = this.bindStatus === 201
      return { status: this.bindStatus, body: json({ code: this.bindCode }) }
    }
    const after = /\?after=(\d+)$/.exec(path)?.[1]
    if (after !== undefined && this.last < Number(after)) return { status: 409 }
    const numbers = numbersOf(Buffer.from(body))
    if (numbers.length > 0) this.batches.push(numbers)
    if (numbers.some((number) => this.refused.has(number))) return { status: 400 }
    this.held.push(...numbers.filter((number) => number > this.last))
    return { body: this.told() }
  }

  told(): Buffer {
    const size = this.held.length
    const last = size === 0 ? null : { epoch: 1, sequence: this.last }
    return json({ origin: this.origin, size, covered: this.isCovering ? size : 0, last })
  }
}

/** Of a batch whose entries are their numbers, with nothing attached. */
function numbersOf(body: Buffer): number[] {
  const numbers: number[] = []
  for (let at = 0; at < body.length;) {
    const end = at + 4 + body.readUInt32BE(at)
    numbers.push(Number(body.toString('utf8', at + 4, end)))
    at = end + 1
  }
  return numbers
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** An outbox whose rows have the number of their sequence. */
class Rows {
  rows: OutboxRow[] = []
  delivered = 0

  add(count: number): void {
    for (let at = 0; at < count; at++) {
      const number = (this.rows.at(-1)?.number ?? 0) + 1
      this.rows.push({ number, epoch: 1, sequence: number, recorded_at: 0, entry: Buffer.from(String(number)) })
    }
  }

  readonly reader: RemoteLaneParts['outbox'] = {
    newest: () => this.rows.at(-1)?.number ?? 0,
    batch: (after, _destination, max) => {
      const found = this.rows.filter(({ number }) => number > after)
      return { rows: found.slice(0, max), attached: new Map(), isAll: found.length < max }
    },
    attachments: () => [],
    producer: () => (this.rows.length === 0 ? undefined : { destination: 1, producer, delivered: this.delivered }),
    cursor: (row: Parameters<OutboxReader['cursor']>[0], held) => Math.min(row.delivered, held),
  }
}

let opened: RemoteLane | undefined
afterEach(() => opened?.stop())

function open(rows: number) {
  const server = new OtherServer()
  const outbox = new Rows()
  outbox.add(rows)
  const said: FromForwarder[] = []
  const clock = { now: 0 }
  const lane = new RemoteLane({
    place,
    outbox: outbox.reader,
    say: (message) => {
      said.push(message)
      if (message.kind === 'delivered') outbox.delivered = message.number
    },
    connect: () => server,
    now: () => clock.now,
    pauseMs: { first: 1, most: 4 },
  })
  opened = lane
  const troubles = (): string[] =>
    said.flatMap((message) =>
      message.kind === 'failed' ? [message.message] : message.kind === 'opened' ? ['well again'] : [],
    )
  return { server, outbox, said, clock, troubles, lane }
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn > 3_000) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1)

test('a server that was set back while nothing was delivered gets what it lost before anything new', async () => {
  const { server, outbox, troubles, lane } = open(10)
  await until(() => outbox.delivered === 10)
  server.held = upTo(4)
  outbox.add(2)
  lane.wake()
  await until(() => outbox.delivered === 12)
  expect(server.held).toEqual(upTo(12))
  expect(server.batches.at(-1)).toEqual([5, 6, 7, 8, 9, 10, 11, 12])
  expect(troubles()).toEqual([])
})

test('asking what is covered finds a set-back, too, also of a server that only says less', async () => {
  const { server, outbox, clock, lane } = open(3)
  server.isCovering = false
  await until(() => outbox.delivered === 3)
  server.held = [1]
  // As one that does not look at what it is told.
  let isOld = true
  server.answers = (path) => {
    if (!isOld || !path.includes('?after=3')) return undefined
    isOld = false
    return { body: server.told() }
  }
  clock.now += 1_000
  lane.wake()
  await until(() => server.last === 3)
  expect(server.held).toEqual([1, 2, 3])
})

test('another log under the same address is delivered nothing, and that is said once', async () => {
  const { server, outbox, troubles, lane } = open(2)
  await until(() => outbox.delivered === 2)
  server.origin = 'keywitness/eu-de/2'
  server.held = []
  outbox.add(1)
  lane.wake()
  await until(() => troubles().length > 0)
  const asked = server.calls.length
  await until(() => server.calls.length > asked + 5)
  expect(troubles()).toEqual([
    'events cannot be delivered to https://other.test/: its log is another than keywitness/eu-de/1, which was agreed on',
  ])
  expect(server.held).toEqual([])
  server.origin = origin
  await until(() => outbox.delivered === 3)
  expect(troubles().at(-1)).toBe('well again')
})

test('a row that is refused is found and named, and asked for with pauses', async () => {
  const { server, outbox, troubles } = open(40)
  server.refused.add(23)
  await until(() => troubles().length > 0)
  expect(outbox.delivered).toBe(22)
  const asked = server.batches.length
  await until(() => server.batches.length > asked + 5)
  expect(server.batches.slice(asked).every((numbers) => numbers.join() === '23')).toBe(true)
  expect(troubles()).toEqual([
    'events cannot be delivered to https://other.test/: it does not take row 23 of the outbox (status 400)',
  ])
  // Another reason is said; that it is over, too.
  server.answers = () => ({ status: 507 })
  await until(() => troubles().length > 1)
  expect(troubles().at(-1)).toContain('it does not take our events (status 507)')
  server.answers = undefined
  server.refused.clear()
  await until(() => outbox.delivered === 40)
  expect(troubles()).toHaveLength(3)
  expect(troubles().at(-1)).toBe('well again')
})

test('numbers that were released over there are said to be, and wait', async () => {
  const { server, outbox, troubles } = open(1)
  server.bindStatus = 409
  server.bindCode = 'PRODUCER_RELEASED'
  await until(() => troubles().length > 0)
  expect(troubles()[0]).toContain('has to admit them again (status 409)')
  server.bindStatus = 201
  await until(() => outbox.delivered === 1)
})

test('commits of others ask nothing, and what is covered is asked once a second', async () => {
  const { server, outbox, said, clock, lane } = open(5)
  server.isCovering = false
  await until(() => outbox.delivered === 5)
  const asked = server.calls.length
  for (let wakes = 0; wakes < 50; wakes++) {
    lane.wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(server.calls).toHaveLength(asked)
  server.isCovering = true
  clock.now += 1_000
  lane.wake()
  await until(() => said.some(({ kind }) => kind === 'covered'))
  expect(server.calls).toHaveLength(asked + 1)
})
