/** `log continuity`: what the server found, as text, JSON and exit code. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

const path = 'GET /v1/trackers/us-south/continuity'
let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

function answer(...lines: readonly unknown[]): void {
  server.instead.set(path, (_seen, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.end(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  })
}

const none = { count: 0, places: [] }
const whole = {
  producer: '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50',
  kind: 'service',
  events: 1200,
  first: 1,
  last: 1200,
  missing: none,
  late: none,
  reused: none,
  epochs: {
    count: 2,
    places: [
      { epoch: 1, first: 1, last: 900, events: 900, opened: { index: 0, time: '2026-11-25T12:00:00.000Z' } },
      { epoch: 2, first: 901, last: 1200, events: 300 },
    ],
  },
  longestSilence: { seconds: 3_725, after: { index: 77, time: '2026-11-25T13:00:00.000Z' } },
  heartbeats: { everySeconds: 900, recorded: 4, missed: none, stops: none },
}

function report(producer: object, more: object = {}): object {
  return {
    report: {
      origin: 'keywitness.test/us-south',
      size: 1200,
      looked: { from: 0, to: 1200, isWhole: true },
      firstTime: '2026-11-25T12:00:00.000Z',
      lastTime: '2026-11-25T20:00:00.000Z',
      unreadable: 0,
      producers: [producer],
      checkpoints: { kept: 8, largestGapKept: { entries: 300 }, longestUncoveredOfLastHour: { seconds: 1.04 } },
      reconciliation: { compared: 7, agreeing: 7, differing: none, notCompared: 0 },
      repeats: 0,
      ...more,
    },
  }
}

test('a complete log is good, as text and as JSON', async () => {
  answer({ progress: { done: 600, total: 1200, bytes: 9 } }, report(whole))
  const { exitCode, out } = await terminal.keywitness('log continuity')
  expect(exitCode).toBe(0)
  expect(out.split('\n')).toEqual([
    'keywitness.test/us-south: 1,200 of 1,200 entries looked at, 0 to 1,199',
    'events of 2026-11-25T12:00:00.000Z to 2026-11-25T20:00:00.000Z',
    '',
    `${whole.producer}\tservice\t1,200\t1 to 1,200\t2\t0\t0\t0\t1 h 2 min after entry 77\t4`,
    '',
    'service 0b6c0e5e\t1\t2026-11-25T12:00:00.000Z\t900\t1 to 900',
    'service 0b6c0e5e\t2\t\t300\t901 to 1,200',
    '',
    '✓ 7 periods of counted events agree with the log',
    '✓ 8 checkpoints are kept, 300 entries apart at most',
    '✓ in the last hour no event waited longer than 1.0 s for a checkpoint',
    '',
  ])
  const json = await terminal.keywitness('log continuity --json')
  expect(json.exitCode).toBe(0)
  expect({ report: JSON.parse(json.out) as unknown }).toEqual(report(whole))
})

test('what proves the log incomplete fails, and is named with where it shows', async () => {
  const missing = { count: 3, places: [{ first: 7, last: 9, index: 6 }] }
  const differing = { count: 1, places: [{ began: '2026-11-25T12:00:00.000Z', recorded: 10, logged: 7 }] }
  answer(report({ ...whole, missing }, { reconciliation: { compared: 7, differing } }))
  const { exitCode, out, err } = await terminal.keywitness('log continuity')
  expect(exitCode).toBe(1)
  expect(out).toContain('✗ service 0b6c0e5e: 3 numbers are missing: 7 to 9 (entry 6)')
  expect(out).toContain(
    '✗ 1 period of counted events differs from the log: 2026-11-25T12:00:00.000Z recorded 10, in the log 7',
  )
  expect(err).toContain('is not complete: 3 numbers are missing, 1 period of counted events differs from the log')
})

test('what is only to be looked at does not fail', async () => {
  const silence = { seconds: 2_000, after: { index: 4, time: '2026-11-25T12:00:00.000Z' } }
  const heartbeats = { recorded: 1, missed: { count: 2, places: [silence] }, stops: none }
  answer(report({ ...whole, heartbeats, late: { count: 1, places: [{ first: 5, last: 5, index: 9 }] } }))
  const { exitCode, out } = await terminal.keywitness('log continuity')
  expect(exitCode).toBe(0)
  expect(out).toContain('! service 0b6c0e5e: 1 missing number came late: 5 (entry 9)')
  expect(out).toContain('2 heartbeats are missing: 33 min 20 s after entry 4 of 2026-11-25T12:00:00.000Z')
})

test('times are passed on, and what was not looked at is said', async () => {
  answer(report(whole, { looked: { from: 200, to: 1200, isWhole: false } }))
  const { out } = await terminal.keywitness('log continuity --from -7d --to now')
  expect(out).toContain('1,000 of 1,200 entries looked at, 200 to 1,199 (not all that were asked for)')
  const asked = server.seen.find(({ path: seen }) => seen.endsWith('/continuity'))
  expect([asked?.query.get('from'), asked?.query.get('to')]).toEqual(['-7d', 'now'])
})

test.each([
  ['an error', [{ error: { code: 'SEARCH_CANCELLED' } }], /gave up: SEARCH_CANCELLED/],
  ['no report', [{ progress: {} }], /cut off/],
  ['no JSON', ['nothing'], /not JSON/],
])('a server that sends %s is not believed', async (_what, lines, says) => {
  answer(...lines)
  const { exitCode, err } = await terminal.keywitness('log continuity')
  expect(exitCode).toBe(3)
  expect(err).toMatch(says)
})

test('what steers a terminal is not obeyed', async () => {
  answer(report({ ...whole, kind: 'serv\u001b[31mice' }, { origin: 'a\u001b]0;b' }))
  const { out } = await terminal.keywitness('log continuity')
  expect(out).not.toContain('\u001b')
})
