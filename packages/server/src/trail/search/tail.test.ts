/** An open tail ends with what its reader was let in with, whether the log grows or not. */
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { heartbeatMs, lookEveryMs, type TailedTrail, Tails } from './tail.ts'
import type { Growth } from '../trail.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

/** A trail that answers each question with one event, when told to. */
function standingTrail(): { trail: TailedTrail; grow: (growth: Growth) => void; answer: () => Promise<void> } {
  const listeners = new Set<(growth: Growth) => void>()
  const waiting: (() => void)[] = []
  const json = Buffer.from('{"events":["told"]}')
  return {
    trail: {
      ask: (() =>
        new Promise((resolve) => {
          waiting.push(() => resolve({ json, scannedTo: 0, covered: 0, size: 1 }))
        })) as unknown as TailedTrail['ask'],
      listen: (_place, listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    grow: (growth) => {
      for (const listener of listeners) listener(growth)
    },
    answer: async () => {
      waiting.shift()?.()
      await Promise.resolve()
    },
  }
}

function follow() {
  const { trail, grow, answer } = standingTrail()
  let isAllowed = true
  const request = { place: { account: 'a', location: 'l' }, filter: {}, after: -1 }
  const told = text(new Tails(trail).start(request, () => isAllowed))
  return { told, grow, answer, disallow: () => void (isAllowed = false) }
}

const end = 'event: end\ndata: {"reason":"not-allowed"}\n\n'

test('an idle tail outlives its credentials by a second at most', async () => {
  const { told, answer, disallow } = follow()
  await answer()
  disallow()
  vi.advanceTimersByTime(lookEveryMs)
  expect(lookEveryMs).toBeLessThanOrEqual(1_000)
  expect(await told).toContain(end)
})

test('what was found for a reader whose credentials ended meanwhile is not told', async () => {
  const { told, answer, disallow } = follow()
  disallow()
  await answer()
  expect(await told).toBe(end)
})

test('how far the log is covered is not told to a reader whose credentials ended', async () => {
  const { told, grow, answer, disallow } = follow()
  await answer()
  disallow()
  grow({ size: 1, covered: 1 })
  const all = await told
  expect(all).toContain('"told"')
  expect(all).not.toContain('"covered":1')
  expect(all.endsWith(end)).toBe(true)
})

test('an idle tail whose reader may read is kept alive', async () => {
  const { told, answer, disallow } = follow()
  await answer()
  vi.advanceTimersByTime(heartbeatMs)
  disallow()
  vi.advanceTimersByTime(lookEveryMs)
  expect((await told).match(/: still here/g)).toHaveLength(1)
})
