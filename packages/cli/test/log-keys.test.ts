/** A log that changes its key: followed when the trusted key vouches for the new one, refused in every other case. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json } from './log-server.ts'
import { WitnessedLog, newKey } from './witnessed-log.ts'

let log: WitnessedLog
let server: LogServer
let terminal: Terminal
let first: string

beforeEach(async () => {
  log = new WitnessedLog(12)
  server = await LogServer.start(log)
  terminal = terminalAt(server)
  first = log.key.vkey
  await terminal.keywitness('log checkpoint')
})
afterEach(() => server.stop())

/** The log goes on under its newest key. */
function goOn(): void {
  log.grow(5)
  log.publish()
}

test('a new key that the remembered one vouches for is followed, told, and remembered', async () => {
  log.changeKey()
  goOn()
  const { exitCode, err } = await terminal.keywitness('log checkpoint')
  expect(exitCode).toBe(0)
  expect(err).toContain(
    `has changed its key. The key trusted here vouches for the new one in the log:\n  ${log.key.vkey}\n`,
  )
  expect(err).toContain('continues the head of size 12 verified before')
  const again = await terminal.keywitness('log verify')
  expect(again).toMatchObject({ exitCode: 0, err: '' })
  const keys = JSON.parse((await terminal.keywitness('log keys --json')).out) as { keys: { trusted: boolean }[] }
  expect(keys.keys.map(({ trusted }) => trusted)).toEqual([true, true])
})

test('several changes are followed one after the other, by every command that verifies', async () => {
  for (const command of ['log verify', 'events receipt 3 -o -', 'events show 3', 'log consistency 12 13']) {
    const fresh = terminalAt(server)
    await fresh.keywitness(`log key --trust ${first}`)
    if (command === 'log verify') for (let round = 0; round < 3; round++) log.changeKey()
    if (command === 'log verify') goOn()
    expect(await fresh.keywitness(command), command).toMatchObject({ exitCode: 0 })
  }
})

test('during the overlap either key verifies, and nothing needs to be followed', async () => {
  log.changeKey()
  expect(await terminal.keywitness('log checkpoint')).toMatchObject({ exitCode: 0 })
  const other = terminalAt(server)
  await other.keywitness(`log key --trust ${log.key.vkey}`)
  expect(await other.keywitness('log checkpoint')).toMatchObject({ exitCode: 0 })
})

test.each([
  ['nobody announces', () => void (log.key = newKey(log.origin))],
  ['another key vouches for', () => log.changeKey(newKey(log.origin).signer)],
  ['the old key has never signed with', () => log.changeKey(log.key.signer, [newKey(log.origin).signer])],
  [
    'is announced for another key',
    () => {
      log.changeKey()
      const [proof = ''] = log.announcements.values()
      log.key = newKey(log.origin)
      log.announcements.set(log.key.vkey.split('+')[1] ?? '', proof)
    },
  ],
])('a new key that %s is an alarm', async (_how, change) => {
  change()
  goOn()
  const { exitCode, err } = await terminal.keywitness('log checkpoint')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: the checkpoint of .* does not hold/)
  expect(err).toContain('if the log’s owner confirms a new key')
})

test('a change of key in a rewritten log is an alarm', async () => {
  log.rewrite((entries) => [entries[1]!, entries[0]!, ...entries.slice(2)])
  log.changeKey()
  goOn()
  const { exitCode, err } = await terminal.keywitness('log checkpoint')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: .*does not continue the one of 12 seen before/)
})

test('a server that lists no keys leads nowhere', async () => {
  log.changeKey()
  goOn()
  for (const answer of [{}, { keys: [{}] }, { keys: 'none' }]) {
    server.instead.set('GET /v1/trackers/us-south/log/keys', (_seen, response) => json(response, answer))
    expect((await terminal.keywitness('log checkpoint')).exitCode).toBe(1)
  }
})

test('a consistency proof reaches back over a change of key', async () => {
  log.changeKey()
  goOn()
  expect(await terminal.keywitness('log consistency 12 18')).toMatchObject({ exitCode: 0 })
  const onlyNew = terminalAt(server)
  await onlyNew.keywitness(`log key --trust ${log.key.vkey}`)
  expect(await onlyNew.keywitness('log consistency 12 18')).toMatchObject({ exitCode: 0 })
})

test('the key is changed with the overlap that was asked for', async () => {
  const answer = { key: log.key.vkey, previousKey: first, overlapSeconds: 7_200 }
  server.instead.set('POST /v1/trackers/us-south/log/keys', (seen, response) => {
    expect(JSON.parse(seen.body)).toEqual({ overlapSeconds: 7_200 })
    json(response, answer, 202)
  })
  const { exitCode, out } = await terminal.keywitness('log rotate-key --overlap 2')
  expect(exitCode).toBe(0)
  expect(out).toContain('for 2 hours, then alone')
  expect(JSON.parse((await terminal.keywitness('log rotate-key --overlap 2 --json')).out)).toEqual(answer)
})
