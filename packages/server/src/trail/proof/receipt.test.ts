/** Receipts that wait: one question before and one after, none in between; nobody waits for a client that left. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limits } from '../../limits.ts'
import { type ProvingTrail, type ReceiptRequest, Receipts } from './receipt.ts'
import type { Growth, TrackerRow } from '../trail.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const row: TrackerRow = { account: 'a', location: 'l', id: 'i', origin: 'o', created_at: 0 }
const now = Date.UTC(2026, 10, 25)
const fresh = `${now
  .toString(16)
  .padStart(12, '0')
  .replace(/(.{8})/, '$1-')}-7000-8000-000000000000`

/** A log whose one event gets its number and its checkpoint when told to. */
function standingLog(): { trail: ProvingTrail; grow: (growth: Growth) => void; asked: string[] } {
  const listeners = new Set<(growth: Growth) => void>()
  let growth: Growth = { size: 5, covered: 5 }
  const asked: string[] = []
  const trail = {
    growth: () => growth,
    listen: (_place: unknown, listener: (growth: Growth) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ask: (_place: unknown, name: string) => {
      asked.push(name)
      const answer =
        growth.size < 6 ? undefined : growth.covered < 6 ? { uncovered: 5 } : { text: `proof at ${growth.covered}` }
      return Promise.resolve(answer)
    },
  }
  return {
    trail: trail as ProvingTrail,
    grow: (grown) => {
      growth = grown
      for (const listener of listeners) listener(growth)
    },
    asked,
  }
}

function openReceipts() {
  const log = standingLog()
  const receipts = new Receipts(log.trail, { now: () => now, monotonic: () => 0 })
  const leaving = new AbortController()
  const ask = (over: Partial<ReceiptRequest> = {}): Promise<string> =>
    receipts
      .receipt({ row, id: fresh, waitMs: 10_000, gone: leaving.signal, ...over })
      .catch((error: { code: string }) => error.code)
  return { ...log, receipts, ask, leave: () => leaving.abort() }
}

/** Lets what is due by now happen. */
const settled = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0))

test('a covered event is answered at once', async () => {
  const { ask, grow, asked } = openReceipts()
  grow({ size: 6, covered: 6 })
  expect(await ask()).toBe('proof at 6')
  expect(asked).toEqual(['receipt'])
})

test('without waiting an event that is not covered is refused at once', async () => {
  const { ask, grow, receipts } = openReceipts()
  grow({ size: 6, covered: 5 })
  expect(await ask({ waitMs: 0 })).toBe('NOT_COVERED')
  expect(receipts.count).toBe(0)
})

test('an event is waited for until its checkpoint, and the log is asked no more often than that takes', async () => {
  const { ask, grow, asked, receipts } = openReceipts()
  grow({ size: 6, covered: 5 })
  const answer = ask()
  await settled()
  expect(receipts.count).toBe(1)
  for (const size of [7, 8, 9]) grow({ size, covered: 5 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked).toHaveLength(1)
  grow({ size: 9, covered: 9 })
  expect(await answer).toBe('proof at 9')
  expect(asked).toHaveLength(2)
  expect(receipts.count).toBe(0)
})

test('an event that was just recorded is waited for although it has no number yet', async () => {
  const { ask, grow } = openReceipts()
  const answer = ask()
  await settled()
  grow({ size: 6, covered: 5 })
  await vi.advanceTimersByTimeAsync(200)
  grow({ size: 6, covered: 6 })
  expect(await answer).toBe('proof at 6')
})

test('an id that no event of the last minute has is not waited for', async () => {
  const { ask } = openReceipts()
  for (const id of ['7', '01900000-0000-7000-8000-000000000000', '8d3f7c7e-5b53-4a1e-9e11-3a0d3d9d4f10']) {
    expect(await ask({ id })).toBe('NOT_FOUND')
  }
})

test('the wait ends with its time, with the answer that says what is', async () => {
  const { ask, grow, receipts } = openReceipts()
  const unnumbered = ask()
  await settled()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await unnumbered).toBe('NOT_FOUND')
  grow({ size: 6, covered: 5 })
  const uncovered = ask()
  await settled()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await uncovered).toBe('NOT_COVERED')
  expect(receipts.count).toBe(0)
})

test('the wait ends when its client leaves, and when the server stops', async () => {
  const { ask, grow, leave, receipts } = openReceipts()
  grow({ size: 6, covered: 5 })
  const left = ask()
  const stays = ask({ gone: new AbortController().signal })
  await settled()
  leave()
  expect(await left).toBe('SEARCH_WITHDRAWN')
  expect(receipts.count).toBe(1)
  receipts.stop()
  expect(await stays).toBe('NOT_COVERED')
  expect(await ask({ gone: new AbortController().signal })).toBe('NOT_COVERED')
  expect(receipts.count).toBe(0)
})

test('one account cannot make all receipts of another wait in vain', async () => {
  const { ask, grow } = openReceipts()
  grow({ size: 6, covered: 5 })
  const many = Array.from({ length: limits.receiptsWaitingOfAccount }, () => ask())
  await settled()
  expect(await ask()).toBe('TOO_MANY_REQUESTS')
  const other = ask({ row: { ...row, account: 'b' } })
  await settled()
  grow({ size: 6, covered: 6 })
  expect(await other).toBe('proof at 6')
  expect(new Set(await Promise.all(many))).toEqual(new Set(['proof at 6']))
})
