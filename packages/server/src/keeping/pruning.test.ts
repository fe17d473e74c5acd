/** When old events leave: never before every hold has copied, never against a policy that was lengthened meanwhile. */
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { PruneAnswer } from '../trail/messages.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { pruningJob } from './pruning.ts'
import type { RetentionRow } from './retention.ts'

const day = 86_400_000
const now = 1_000 * day

function stage(lookedAt = now - 2 * day) {
  const row: TrackerRow & RetentionRow = {
    account: 'a'.repeat(32),
    location: 'eu-de',
    id: 't1',
    origin: 'test/eu-de/t1',
    created_at: 0,
    tracker: 't1',
    days: 30,
    looked_at: lookedAt,
    trusted_until: now - day,
  }
  const state = {
    days: 30,
    prunable: 512 as number | undefined,
    isVerified: false,
    isCopied: true,
    /** What happens while holds are copied. */
    copying: (): void | Promise<void> => undefined,
    pruned: [] as unknown[],
    looked: 0,
  }
  const job = pruningJob({
    trail: {
      prune: (_place: unknown, before: number, order?: unknown): Promise<PruneAnswer> => {
        if (order === undefined) return Promise.resolve({ prunable: state.prunable })
        state.pruned.push({ before, order })
        return Promise.resolve({ from: 0, index: 512, keepDays: 30, segments: 5, note: '' })
      },
    } as never,
    clock: { now: () => now, monotonic: () => 0 },
    log: pino({ level: 'silent' }),
    retentions: { of: () => state.days, limited: () => [row] },
    carry: () => {
      state.looked += 1
      return Promise.resolve()
    },
    everyMs: day,
    isVerified: () => state.isVerified,
    copyHeld: async () => await state.copying(),
    isCopied: () => state.isCopied,
  })
  return { state, job }
}

test('what is older than the policy leaves, and the tracker was looked at', async () => {
  const { state, job } = stage()
  expect(job.nextDue()).toBe(now - day)
  expect(job.isFinal).toBe(true)
  await job.run(now)
  const before = now - 30 * day
  expect(state.pruned).toEqual([{ before, order: { index: 512, before, keepDays: 30 } }])
  expect(state.looked).toBe(1)
})

test('a clock that is far ahead of the last look is believed for two days only', async () => {
  const { state, job } = stage()
  const wrong = now + 3_000 * day
  await job.run(wrong)
  expect(state.pruned).toMatchObject([{ before: now + day - 30 * day }])
})

test('a look that a wrong clock put into the future does not put off the next', () => {
  expect(stage(now + 900 * day).job.nextDue()).toBe(now)
})

test('nothing leaves when nothing is old enough', async () => {
  const { state, job } = stage()
  state.prunable = undefined
  await job.run(now)
  expect([state.pruned, state.looked]).toEqual([[], 1])
})

test('a hold that is placed while others are copied keeps everything', async () => {
  const { state, job } = stage()
  state.copying = () => {
    state.isCopied = false
  }
  await job.run(now)
  expect(state.pruned).toEqual([])
})

test('a policy that is lengthened meanwhile counts', async () => {
  const { state, job } = stage()
  state.copying = () => {
    state.days = 300
  }
  await job.run(now)
  expect(state.pruned).toEqual([])
})

test('a copy that fails keeps everything, and is tried again after a rest', async () => {
  const { state, job } = stage()
  state.copying = () => Promise.reject(new Error('the disk is full'))
  await job.run(now)
  expect([state.pruned, state.looked]).toEqual([[], 0])
  expect(job.nextDue()).toBeGreaterThan(now)
  state.copying = () => undefined
  await job.run(job.nextDue() ?? 0)
  expect(state.pruned).toHaveLength(1)
})

test('nothing leaves when a verification began while holds were copied', async () => {
  const { state, job } = stage()
  state.copying = () => {
    state.isVerified = true
  }
  await job.run(now)
  expect([state.pruned, state.looked]).toEqual([[], 0])
  state.isVerified = false
  state.copying = () => undefined
  await job.run(job.nextDue() ?? 0)
  expect([state.pruned.length, state.looked]).toEqual([1, 1])
})

test('nothing leaves while the log is verified', async () => {
  const { state, job } = stage()
  state.isVerified = true
  await job.run(now)
  expect([state.pruned, state.looked]).toEqual([[], 0])
  expect(job.nextDue()).toBeGreaterThan(now)
})
