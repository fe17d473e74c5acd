/** `log checkpoints` and `log consistency`: any two kept heads are compared here, not believed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json, text } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let log: WitnessedLog
let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  log = new WitnessedLog(12)
  for (const count of [20, 1, 300]) {
    log.grow(count)
    log.publish()
  }
  server = await LogServer.start(log)
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

test('the kept heads are listed, largest first, page after page', async () => {
  const { exitCode, out } = await terminal.keywitness('log checkpoints')
  expect(exitCode).toBe(0)
  expect(out.split('\n').map((line) => line.split('\t')[0])).toEqual(['333', '33', '32', '12', ''])
  const two = await terminal.keywitness('log checkpoints --limit 2 --json')
  expect(JSON.parse(two.out)).toEqual({
    checkpoints: [333, 33].map((size) => ({ ...log.kept.get(size), size, signedAt: '2026-11-25T20:00:00.000Z' })),
  })
})

test('a list that never ends is not followed', async () => {
  const page = { checkpoints: [{ size: 12, ...log.kept.get(12), signedAt: '' }], next: 12 }
  server.instead.set('GET /v1/trackers/us-south/log/checkpoints', (_seen, response) => json(response, page))
  const { out } = await terminal.keywitness('log checkpoints')
  expect(out.trimEnd().split('\n')).toHaveLength(2)
})

test.each([
  ['12', '333'],
  ['333', '12'],
  ['32', '33'],
  ['33', '33'],
])('heads %s and %s are of one log', async (from, to) => {
  const { exitCode, out } = await terminal.keywitness(['log', 'consistency', from, to])
  expect(exitCode).toBe(0)
  const [a, b] = [Number(from), Number(to)].toSorted((x, y) => x - y)
  expect(out).toBe(
    `✓ both checkpoints are signed by a key of keywitness.test/us-south\n` +
      `✓ the log of ${b} entries begins with the ${a} of the other: nothing was changed or removed\n`,
  )
})

test('a head kept in a file is compared too', async () => {
  const file = join(terminal.folder, 'head.txt')
  writeFileSync(file, log.kept.get(32)?.note ?? '')
  const { exitCode, out } = await terminal.keywitness(['log', 'consistency', file, '333', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ verified: true, from: { size: 32 }, to: { size: 333 } })
})

test('a rewritten log does not continue what it signed before', async () => {
  log.rewrite((entries) => entries.toReversed())
  const { exitCode, err } = await terminal.keywitness('log consistency 32 333')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: .*does not continue the one of 32/m)
})

test('a head that another key signed is no head of the log', async () => {
  const other = new WitnessedLog(32)
  const path = 'GET /v1/trackers/us-south/log/checkpoints/32'
  server.instead.set(path, (_seen, response) => text(response, other.note))
  expect(await terminal.keywitness('log consistency 32 333')).toMatchObject({ exitCode: 1 })
})

test('what is no kept size and no checkpoint is said so', async () => {
  expect(await terminal.keywitness('log consistency 13 333')).toMatchObject({
    exitCode: 3,
    err: 'error: no checkpoint of size 13 is kept; see keywitness log checkpoints\n',
  })
  const file = join(terminal.folder, 'no-head.txt')
  writeFileSync(file, 'nothing')
  expect(await terminal.keywitness(['log', 'consistency', file, '333'])).toMatchObject({ exitCode: 2 })
  expect(await terminal.keywitness(['log', 'consistency', '12', 'not-there'])).toMatchObject({ exitCode: 2 })
})
