/** `log verifications`: results as the server tells them, and asking for one. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json, problem } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal
beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

const path = '/v1/trackers/us-south/log/verifications'
const common = {
  trigger: 'schedule',
  startedAt: '2026-11-25T20:00:00.000Z',
  findings: [],
  findingsTotal: 0,
  reason: null,
}

test('results have one line each, with the first of what was found', async () => {
  const verifications = [
    { id: 'a', ...common, state: 'running', entriesDone: 10, entriesTotal: 40 },
    { id: 'b', ...common, state: 'good', size: 30 },
    {
      id: 'c',
      ...common,
      state: 'bad',
      size: 20,
      findings: [{ kind: 'changed-entry', message: 'entry 7 \u001b[31m' }],
      findingsTotal: 3,
    },
    { id: 'd', ...common, state: 'failed', size: null, reason: 'no room' },
  ]
  server.instead.set(`GET ${path}`, (_seen, response) => json(response, { verifications }))
  const { exitCode, out } = await terminal.keywitness('log verifications --limit 4')
  expect(exitCode).toBe(0)
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(1)),
  ).toEqual([
    ['running', 'schedule', '40', ''],
    ['good', 'schedule', '30', ''],
    ['bad', 'schedule', '20', 'entry 7 \\u001b[31m (and 2 more)'],
    ['failed', 'schedule', '', 'no room'],
  ])
  expect(JSON.parse((await terminal.keywitness('log verifications --json')).out)).toEqual({ verifications })
})

test('one is asked for, or refused with the server’s words', async () => {
  server.instead.set(`POST ${path}`, (_seen, response) => json(response, { id: 'abc', state: 'waiting' }, 202))
  expect((await terminal.keywitness('log verifications --start')).out).toBe('verification abc is waiting\n')
  server.instead.set(`POST ${path}`, (_seen, response) => problem(response, 409, 'VERIFICATION_RUNNING', 'One runs.'))
  expect(await terminal.keywitness('log verifications --start')).toMatchObject({ exitCode: 3 })
})
