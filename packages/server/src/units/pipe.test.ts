/** The pipe answers every call once: by its answer, its deadline, or the pipe's end; and never holds without bound. */
import { duplexPair, type Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { Fields, FrameBatch, FrameReader } from '@keywitness/crypto-unit/frames'
import { operations, statuses } from '@keywitness/crypto-unit/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { UnitPipe, type Wait } from './pipe.ts'

/** The other end, which answers only when told. */
interface Peer {
  readonly pipe: UnitPipe
  readonly socket: Duplex
  readonly requests: { id: number; text: string }[]
  readonly answer: (id: number, text: string, status?: number) => void
  readonly hangs: () => number
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function peer(): Peer {
  const [near, far] = duplexPair()
  const requests: Peer['requests'] = []
  let hangs = 0
  const reader = new FrameReader((id, _, payload) => requests.push({ id, text: new Fields(payload).text() }))
  far.on('data', (chunk: Buffer) => reader.push(chunk))
  far.on('error', () => undefined)
  const pipe = new UnitPipe(near, { deadlineMs: 2_000, hangMs: 10_000, onHang: () => hangs++ })
  const answer = (id: number, text: string, status: number = statuses.OK): void => {
    const batch = new FrameBatch()
    batch.begin(id, status)
    batch.text(text)
    batch.end()
    far.write(batch.take())
  }
  return { pipe, socket: far, requests, answer, hangs: () => hangs }
}

function ask(pipe: UnitPipe, text: string, wait?: Wait): Promise<string> {
  return pipe.call(
    operations.REPORT,
    (request) => request.text(text),
    (answer) => answer.text(),
    wait,
  )
}

/** Lets written bytes arrive. */
async function settle(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn()
}

function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => value,
    (error: { code?: string }) => error.code,
  )
}

test('answers find their calls in whatever order they come', async () => {
  const { pipe, requests, answer } = peer()
  const calls = ['a', 'b', 'c'].map((text) => ask(pipe, text))
  await settle()
  expect(requests.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
  for (const { id, text } of requests.toReversed()) answer(id, text.toUpperCase())
  expect(await Promise.all(calls)).toEqual(['A', 'B', 'C'])
})

test('the calls of one turn go out in one write', async () => {
  const { pipe, socket } = peer()
  let writes = 0
  socket.on('data', () => writes++)
  const calls = Array.from({ length: 100 }, (_, index) => outcome(ask(pipe, String(index))))
  await settle()
  expect(writes).toBe(1)
  pipe.close()
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['UNAVAILABLE']))
})

test('a call without an answer is refused after its deadline, and its late answer is dropped', async () => {
  const { pipe, requests, answer } = peer()
  const first = outcome(ask(pipe, 'slow'))
  await settle()
  vi.advanceTimersByTime(1_900)
  const second = outcome(ask(pipe, 'next'))
  await settle()
  vi.advanceTimersByTime(200)
  expect(await first).toBe('TIMEOUT')
  answer(requests[0]?.id ?? 0, 'late')
  answer(requests[1]?.id ?? 0, 'in time')
  expect(await second).toBe('in time')
  expect(pipe.lateAnswers).toBe(1)
})

test('a patient call waits on, and does not hold up the others', async () => {
  const { pipe, requests, answer } = peer()
  const patient = outcome(ask(pipe, 'patient', 8_000))
  const usual = outcome(ask(pipe, 'usual'))
  await settle()
  vi.advanceTimersByTime(2_100)
  expect(await usual).toBe('TIMEOUT')
  answer(requests[0]?.id ?? 0, 'at last')
  expect(await patient).toBe('at last')
})

test('silence with answers owed is reported as a hang, even when their calls were given up', async () => {
  const { pipe, requests, answer, hangs } = peer()
  const call = outcome(ask(pipe, 'a'))
  await settle()
  vi.advanceTimersByTime(9_900)
  expect([await call, hangs()]).toEqual(['TIMEOUT', 0])
  vi.advanceTimersByTime(300)
  expect(hangs()).toBeGreaterThan(0)
  const before = hangs()
  answer(requests[0]?.id ?? 0, 'late')
  await settle()
  vi.advanceTimersByTime(20_000)
  expect(hangs()).toBe(before)
})

test('a slow call is no hang however long it takes, and is refused after its own deadline', async () => {
  const { pipe, requests, answer, hangs } = peer()
  const found = outcome(ask(pipe, 'found', { slowMs: 60_000 }))
  const lost = outcome(ask(pipe, 'lost', { slowMs: 60_000 }))
  await settle()
  vi.advanceTimersByTime(59_000)
  expect(hangs()).toBe(0)
  answer(requests[0]?.id ?? 0, 'at last')
  expect(await found).toBe('at last')
  vi.advanceTimersByTime(2_000)
  expect([await lost, hangs(), vi.getTimerCount()]).toEqual(['TIMEOUT', 0, 0])
  answer(requests[1]?.id ?? 0, 'late')
  await settle()
  expect(pipe.lateAnswers).toBe(1)
})

test('silence is a hang for the usual calls beside a slow one, and its late answer pays for none of them', async () => {
  const { pipe, requests, answer, hangs } = peer()
  const slow = outcome(ask(pipe, 'slow', { slowMs: 5_000 }))
  const usual = outcome(ask(pipe, 'usual'))
  await settle()
  vi.advanceTimersByTime(6_000)
  expect([await slow, await usual]).toEqual(['TIMEOUT', 'TIMEOUT'])
  answer(requests[0]?.id ?? 0, 'late')
  await settle()
  vi.advanceTimersByTime(9_000)
  expect(hangs()).toBe(0)
  vi.advanceTimersByTime(2_000)
  expect(hangs()).toBeGreaterThan(0)
})

test('slow calls are so many at most, given-up ones included, and do not go out before others', async () => {
  const { pipe, requests, answer } = peer()
  const slow = Array.from({ length: 256 }, (_, index) => outcome(ask(pipe, String(index), { slowMs: 4_000 })))
  expect(await outcome(ask(pipe, 'one too many', { slowMs: 4_000 }))).toBe('UNAVAILABLE')
  await settle()
  vi.advanceTimersByTime(5_000)
  expect(new Set(await Promise.all(slow))).toEqual(new Set(['TIMEOUT']))
  expect(await outcome(ask(pipe, 'still too many', { slowMs: 4_000 }))).toBe('UNAVAILABLE')
  answer(requests[0]?.id ?? 0, 'late')
  await settle()
  const next = ask(pipe, 'next', { slowMs: 4_000 })
  await settle()
  answer(requests.at(-1)?.id ?? 0, 'answered')
  expect(await next).toBe('answered')
  pipe.close()
})

test('an idle pipe is never a hang, and keeps no timer', async () => {
  const { pipe, requests, answer, hangs } = peer()
  const call = ask(pipe, 'a')
  await settle()
  answer(requests[0]?.id ?? 0, 'b')
  await call
  vi.advanceTimersByTime(60_000)
  expect([hangs(), vi.getTimerCount()]).toEqual([0, 0])
})

test('a peer that does not read gets no more than a bounded number of calls', async () => {
  const { pipe, socket } = peer()
  socket.pause()
  const calls = Array.from({ length: 9_000 }, () => outcome(ask(pipe, 'x')))
  await settle()
  pipe.close()
  const outcomes = await Promise.all(calls)
  expect(outcomes.filter((code) => code === 'UNAVAILABLE').length).toBe(9_000)
  expect(vi.getTimerCount()).toBe(0)
})

test("whatever callers have piled up, the server's own patient calls go out, behind them", async () => {
  const { pipe, requests, answer } = peer()
  const calls = Array.from({ length: 8_192 }, (_, index) => outcome(ask(pipe, String(index))))
  expect(await outcome(ask(pipe, 'one too many'))).toBe('UNAVAILABLE')
  const own = ask(pipe, 'own', 60_000)
  await settle()
  expect(requests.at(-1)?.text).toBe('own')
  answer(requests.at(-1)?.id ?? 0, 'heard')
  expect(await own).toBe('heard')
  pipe.close()
  await Promise.all(calls)
})

test('bytes that a peer does not read are bounded too, also after their calls were given up', async () => {
  const { pipe, socket } = peer()
  socket.pause()
  const large = Buffer.alloc(200_000)
  const one = (): Promise<unknown> =>
    outcome(
      pipe.call(
        operations.WRAP,
        (request) => request.bytes(large),
        () => 'answered',
      ),
    )
  const outcomes = new Set<unknown>()
  for (let round = 0; round < 12; round++) {
    const calls = Array.from({ length: 10 }, one)
    await settle()
    vi.advanceTimersByTime(2_100)
    for (const code of await Promise.all(calls)) outcomes.add(code)
  }
  expect(outcomes).toEqual(new Set(['TIMEOUT', 'UNAVAILABLE']))
})

test('a request that cannot be written fails alone', async () => {
  const { pipe, requests, answer } = peer()
  const good = ask(pipe, 'good')
  const bad = pipe.call(
    operations.WRAP,
    () => {
      throw new RangeError('cannot be written')
    },
    () => 'answered',
  )
  await expect(bad).rejects.toThrow('cannot be written')
  await settle()
  answer(requests[0]?.id ?? 0, 'fine')
  expect(await good).toBe('fine')
  expect(requests.length).toBe(1)
})

test('an answer that cannot be read fails its own call only', async () => {
  const { pipe, requests, answer, socket } = peer()
  const calls = [outcome(ask(pipe, 'a')), outcome(ask(pipe, 'b'))]
  await settle()
  const batch = new FrameBatch()
  batch.begin(requests[0]?.id ?? 0, statuses.OK)
  batch.end()
  socket.write(batch.take())
  answer(requests[1]?.id ?? 0, 'B')
  expect(await Promise.all(calls)).toEqual(['MALFORMED', 'B'])
})

test.each([
  ['TAMPERED', 'TAMPERED'],
  ['NOT_READY', 'NOT_READY'],
  ['KIND', 'KIND'],
  ['BROKEN_BLOB', 'BROKEN_BLOB'],
  ['LIMIT', 'LIMIT'],
  ['INVALID', 'INVALID'],
  ['MALFORMED', 'MALFORMED'],
  ['FAILED', 'FAILED'],
] as const)('status %s becomes an error with code %s', async (status, code) => {
  const { pipe, requests, answer } = peer()
  const call = outcome(ask(pipe, 'a'))
  await settle()
  answer(requests[0]?.id ?? 0, 'why', statuses[status])
  expect(await call).toBe(code)
})

test('garbage from the other side closes the pipe, and every call is refused', async () => {
  const { pipe, socket } = peer()
  const call = outcome(ask(pipe, 'a'))
  await settle()
  socket.write(Buffer.alloc(64, 0xff))
  expect(await call).toBe('UNAVAILABLE')
  expect(await outcome(ask(pipe, 'b'))).toBe('UNAVAILABLE')
})
