/** What a status of alerting means: trust only what is known to be well. */
import { expect, test } from 'vitest'
import type { AlertingStatus } from '../api/alert-types.ts'
import { ApiError } from '../api/problem.ts'
import { channelCounts, engineNews, judge, openCount } from './silence.ts'

const channel = {
  id: 'ops',
  name: 'Operations',
  kind: 'webhook',
  minimum: 'info',
  isOn: true,
  state: 'ok',
  waiting: 0,
  dead: 0,
} as const

function status(change: Partial<AlertingStatus> = {}): AlertingStatus {
  return {
    engine: { state: 'running', lagEvents: 0, lagMs: 0 },
    mark: '',
    counts: { open: { critical: 0, warning: 0, info: 0 }, acknowledged: 0, muted: 0 },
    rules: { on: 49, off: 2, suspended: [], needs: 6, dead: [] },
    mutes: 0,
    channels: [channel],
    troubles: [],
    ...change,
  }
}
const failed = (httpStatus: number, code = 'X'): ApiError => new ApiError({ status: httpStatus, code, message: 'no' })

test('silence is trusted only when everything runs and somebody is told', () => {
  expect(judge({ status: status(), error: undefined })).toBe('trusted')
  expect(judge({ status: undefined, error: undefined })).toBe('asking')
  expect(judge({ status: status({ troubles: [{ code: 'NO_CHANNEL', text: '' }] }), error: undefined })).toBe('untold')
  expect(judge({ status: status({ troubles: [{ code: 'DEAD_LETTERS', text: '' }] }), error: undefined })).toBe(
    'trouble',
  )
})

test.each(['behind', 'recovering', 'failed'] as const)(
  'an engine that is %s is trouble even when no trouble is listed',
  (state) => {
    const engine = { state, lagEvents: 5, lagMs: 9_000 }
    expect(judge({ status: status({ engine }), error: undefined })).toBe('trouble')
  },
)

test('without a rule that is on, silence says nothing', () => {
  const rules = { on: 0, off: 51, suspended: [], needs: 6, dead: [] }
  expect(judge({ status: status({ rules }), error: undefined })).toBe('trouble')
  expect(judge({ status: status({ rules: { ...rules, on: 9, suspended: ['R'] } }), error: undefined })).toBe('trouble')
})

test('a status that cannot be read is no reason to trust the last one', () => {
  expect(judge({ status: status(), error: failed(0) })).toBe('unknown')
  expect(engineNews({ status: status(), error: failed(500) })).toBe('unknown')
})

test('every page tells of an engine that is late or failed, and not of one that learns', () => {
  const news = (state: 'running' | 'behind' | 'recovering' | 'failed'): unknown =>
    engineNews({ status: status({ engine: { state, lagEvents: 0, lagMs: 0 } }), error: undefined })
  expect([news('running'), news('recovering'), news('behind'), news('failed')]).toEqual([
    undefined,
    undefined,
    'behind',
    'failed',
  ])
  expect(engineNews({ status: undefined, error: failed(401, 'UNAUTHORIZED_ERR') })).toBeUndefined()
})

test('open alerts are counted with the gravest of them', () => {
  const counts = { open: { critical: 0, warning: 2, info: 3 }, acknowledged: 4, muted: 1 }
  expect(openCount(status({ counts }))).toEqual({ total: 5, gravest: 'warning', critical: 0 })
  expect(openCount(undefined)).toEqual({ total: 0, gravest: undefined, critical: 0 })
})

test('what waits and what was given up is summed over all channels', () => {
  const channels = [{ ...channel, waiting: 2, dead: 1 }, { ...channel, state: 'failing' as const, dead: 4 }, channel]
  expect(channelCounts({ channels })).toEqual({ on: 3, failing: 1, untried: 0, waiting: 2, dead: 5 })
})
