/** `log verify` and `log checkpoint` against a real log: whole, tampered with, cut short, forked. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatMinimumIndex, signNote } from '@keywitness/tlog'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json, problem } from './log-server.ts'
import { WitnessedLog, newKey } from './witnessed-log.ts'

let log: WitnessedLog
let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  log = new WitnessedLog(700)
  server = await LogServer.start(log)
  terminal = terminalAt(server)
})

afterEach(() => server.stop())

/** Every remembered head's text, by file. */
function remembered(): Record<string, string> {
  const heads = join(terminal.folder, 'home', 'heads')
  const found: Record<string, string> = {}
  for (const folder of readdirSync(heads)) {
    for (const name of readdirSync(join(heads, folder))) {
      if (name.startsWith('head-')) found[name] = readFileSync(join(heads, folder, name), 'utf8')
    }
  }
  return found
}

function changeByte(index: number): void {
  const entry = log.entries[index]!.slice()
  entry[entry.length - 5]! ^= 1
  log.entries[index] = entry
}

const steps = (out: string): string[] => out.trim().split('\n')

/** Prunes the log below an index, as its server says it. */
function prune(index: number, signer = log.key.signer, origin = log.origin): void {
  const root = new Uint8Array(32)
  const said = { origin, index, keepDays: 30, size: 700, root, time: Date.UTC(2026, 10, 1) }
  log.minimum = signNote(formatMinimumIndex(said), [signer])
  log.prunedBelow = index
}

test('a pruned log verifies from its minimum index on, and says so', async () => {
  prune(512)
  const { exitCode, out } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(0)
  expect(steps(out)[1]).toContain('entries below 512 were pruned by policy (kept at least 30 days), signed 2026-11-01')
  expect(steps(out)[2]).toMatch(/^✓ 188 entries, /)
  const { out: verified } = await terminal.keywitness('log verify --json')
  expect(JSON.parse(verified)).toMatchObject({ verified: true, minimumIndex: 512, entries: 188 })
})

test('a log that is pruned while it is verified is verified above its new minimum index', async () => {
  server.instead.set('GET /v1/trackers/us-south/log/tile/entries/001', (seen, response) => {
    prune(512)
    server.answer(seen, response)
  })
  const { exitCode, out } = await terminal.keywitness('log verify')
  expect([exitCode, steps(out)[2]]).toEqual([0, expect.stringMatching(/^✓ 188 entries, /)])
  changeByte(600)
  log.minimum = undefined
  log.prunedBelow = 0
  const changed = await terminal.keywitness('log verify')
  expect([changed.exitCode, changed.out]).toEqual([1, expect.stringContaining('entry 600')])
})

test('what is gone without a signed minimum index is missing, and another’s signature is none', async () => {
  log.prunedBelow = 256
  const unsigned = await terminal.keywitness('log verify')
  expect([unsigned.exitCode, unsigned.out]).toEqual([1, expect.stringContaining('cannot be read')])
  prune(256, newKey(log.origin).signer)
  const forged = await terminal.keywitness('log verify')
  expect([forged.exitCode, forged.err]).toEqual([1, expect.stringContaining('minimum index')])
})

test('a whole log verifies, and its head and key are remembered', async () => {
  const { exitCode, out, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(0)
  expect(steps(out)).toEqual([
    '✓ the checkpoint of keywitness.test/us-south, size 700, is signed by its key',
    expect.stringMatching(/^✓ 700 entries, [0-9.]+ kB, hashed again: they lead to the signed root .{44}$/),
    '✓ 4 stored hash tiles agree',
  ])
  expect(err).toContain('First contact with keywitness.test/us-south.')
  expect(err).toContain(log.key.vkey)
  expect(remembered()).toEqual({ 'head-0000000000000700.note': log.note })
})

test('the second verification demands that the log continues the first', async () => {
  await terminal.keywitness('log verify')
  log.grow(5)
  log.publish()
  const { exitCode, out, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(0)
  expect(steps(out).at(-1)).toBe('✓ it continues the head of size 700 verified before')
  expect(err).toBe('')
  expect(Object.keys(remembered())).toEqual(['head-0000000000000700.note', 'head-0000000000000705.note'])
})

test('an empty log verifies', async () => {
  server.log = new WitnessedLog(0)
  expect(await terminal.keywitness('log verify')).toMatchObject({ exitCode: 0 })
})

test('one changed byte names its entry, and nothing is remembered', async () => {
  await terminal.keywitness('log verify')
  const before = remembered()
  log.grow(5)
  log.publish()
  changeByte(300)
  const { exitCode, out, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(steps(out)).toEqual([expect.stringMatching(/^✓ the checkpoint/), '✗ entry 300 was changed'])
  expect(err).toMatch(/^FAILED: the log keywitness.test\/us-south is not what was signed: one fault; keep the store/)
  expect(remembered()).toEqual(before)
})

test('a swapped pair is named', async () => {
  const first = log.entries[7]!
  log.entries[7] = log.entries[400]!
  log.entries[400] = first
  const { exitCode, out } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(steps(out).at(-1)).toBe('✗ entries 7 and 400 were swapped')
})

test('a removed event in the middle is named, not all that moved up', async () => {
  log.entries.splice(100, 1)
  const { exitCode, out } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(steps(out).at(-1)).toBe('✗ entry 100 is missing')
})

test('a log without its newest events fails loudly against the remembered head, which stays', async () => {
  await terminal.keywitness('log verify')
  const before = remembered()
  log.rewrite((entries) => entries.slice(0, -1))
  for (const command of ['log verify', 'log checkpoint']) {
    const { exitCode, err } = await terminal.keywitness(command)
    expect(exitCode).toBe(1)
    expect(err).toMatch(/FAILED: keywitness.test\/us-south went back: it has 699 entries now, 700 were verified before/)
    expect(remembered()).toEqual(before)
  }
})

test('a rewritten log of the same size fails, though it is whole in itself', async () => {
  await terminal.keywitness('log verify')
  const before = remembered()
  log.rewrite((entries) => entries.toReversed())
  for (const command of ['log verify', 'log checkpoint']) {
    expect(await terminal.keywitness(command)).toMatchObject({ exitCode: 1 })
    expect(remembered()).toEqual(before)
  }
  expect((await terminal.keywitness('log verify')).out).toContain(
    '✗ the first 700 entries do not lead to the head of that size seen before',
  )
})

test('a rewritten log that has grown since fails', async () => {
  await terminal.keywitness('log verify')
  log.rewrite((entries) => [...entries.toReversed(), ...entries.slice(0, 50)])
  expect(await terminal.keywitness('log verify')).toMatchObject({ exitCode: 1 })
  const { exitCode, err } = await terminal.keywitness('log checkpoint')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/does not continue the one of 700 seen before/)
  expect(Object.keys(remembered())).toEqual(['head-0000000000000700.note'])
})

test('a server that gives false consistency proofs does not get past the remembered head', async () => {
  await terminal.keywitness('log checkpoint')
  log.grow(10)
  log.publish()
  const path = 'GET /v1/trackers/us-south/log/consistency'
  server.instead.set(path, (_seen, response) => json(response, { hashes: [] }))
  expect(await terminal.keywitness('log checkpoint')).toMatchObject({ exitCode: 1 })
  server.instead.set(path, (_seen, response) => json(response, { hashes: ['no'] }))
  expect(await terminal.keywitness('log checkpoint')).toMatchObject({ exitCode: 3 })
  server.instead.delete(path)
  expect(await terminal.keywitness('log checkpoint')).toMatchObject({ exitCode: 0 })
})

test('another key than the remembered one fails until it is trusted', async () => {
  await terminal.keywitness('log verify')
  log.key = newKey(log.origin)
  log.grow(1)
  log.publish()
  const { exitCode, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/not signed by a known key; if the log’s owner confirms a new key, trust it with/)
  expect((await terminal.keywitness('log key')).err).toContain('This is not the key that is trusted here')

  expect(await terminal.keywitness(['log', 'key', '--trust', log.key.vkey])).toMatchObject({ exitCode: 0 })
  expect(await terminal.keywitness('log verify')).toMatchObject({ exitCode: 0 })
})

test('while both keys sign, the remembered one is enough', async () => {
  await terminal.keywitness('log verify')
  const next = newKey(log.origin)
  log.grow(1)
  log.publish([log.key.signer, next.signer])
  log.key = next
  expect(await terminal.keywitness('log verify')).toMatchObject({ exitCode: 0 })
})

test('a given key decides, from the command line or a file', async () => {
  const file = join(terminal.folder, 'log.vkey')
  writeFileSync(file, `# the key of the log\n${log.key.vkey}\n`)
  expect(await terminal.keywitness(['log', 'verify', '--key', file])).toMatchObject({ exitCode: 0, err: '' })
  const stranger = newKey(log.origin).vkey
  expect(await terminal.keywitness(['log', 'verify', '--key', stranger])).toMatchObject({ exitCode: 1 })
  expect(await terminal.keywitness('log verify --key nowhere')).toMatchObject({ exitCode: 2 })
})

test('a checkpoint of another log does not pass', async () => {
  const other = new WitnessedLog(700, 'keywitness.test/eu-de')
  log.key = other.key
  log.note = other.note
  const { exitCode, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(err).toContain('the checkpoint is of keywitness.test/eu-de, not of keywitness.test/us-south')
})

test('a checkpoint kept elsewhere must be continued', async () => {
  const file = join(terminal.folder, 'mailed.txt')
  writeFileSync(file, (await terminal.keywitness('log checkpoint')).out)
  terminal.environment['KEYWITNESS_HOME'] = join(terminal.folder, 'elsewhere')
  log.grow(3)
  log.publish()
  const good = await terminal.keywitness(['log', 'verify', '--head', file])
  expect(good.exitCode).toBe(0)
  expect(good.out).toContain('✓ it continues the head of size 700 verified before')

  terminal.environment['KEYWITNESS_HOME'] = join(terminal.folder, 'third')
  log.rewrite((entries) => entries.slice(0, 600))
  const bad = await terminal.keywitness(['log', 'verify', '--head', file])
  expect(bad.exitCode).toBe(1)
  expect(bad.out).toContain('✗ the log has 600 entries now, fewer than the 700 it had in a head seen before')
  expect(await terminal.keywitness('log verify --head nowhere')).toMatchObject({ exitCode: 2 })
})

test('a damaged remembered head is a loud failure', async () => {
  await terminal.keywitness('log verify')
  const heads = join(terminal.folder, 'home', 'heads')
  writeFileSync(join(heads, readdirSync(heads)[0]!, 'head-0000000000000700.note'), '')
  const { exitCode, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(err).toMatch(/what was remembered of the log cannot be read: .*head-0000000000000700\.note/)
})

test('a bundle that the server does not have is a fault of the log', async () => {
  server.instead.set('GET /v1/trackers/us-south/log/tile/entries/001', (_seen, response) =>
    problem(response, 404, 'NOT_FOUND', 'Gone.'),
  )
  const { exitCode, out } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(out).toMatch(/✗ entries 256 to 511 cannot be read: tile\/entries\/001: refused by .*Gone/)
})

test('a busy server is asked again, one that stays busy is told of', async () => {
  let busy = 3
  const path = 'GET /v1/trackers/us-south/log/tile/entries/001'
  const pauses: number[] = []
  terminal.onWait = (ms) => pauses.push(ms)
  server.instead.set(path, (seen, response) => {
    if (busy-- === 0) return server.answer(seen, response)
    response.setHeader('retry-after', '2')
    problem(response, 503, 'BUSY', 'Later.')
  })
  expect(await terminal.keywitness('log verify')).toMatchObject({ exitCode: 0 })
  expect(pauses).toEqual([2000, 2000, 2000])

  server.instead.set(path, (_seen, response) => problem(response, 503, 'BUSY', 'Later.'))
  const { exitCode, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(3)
  expect(err).toMatch(/^error: refused by .*Later.*; try again later\n$/)
})

test('as JSON, good and bad', async () => {
  const good = await terminal.keywitness('log verify --json')
  expect(JSON.parse(good.out)).toMatchObject({ verified: true, entries: 700, faults: [], continues: null })
  changeByte(3)
  const bad = await terminal.keywitness('log verify --json')
  expect(bad.exitCode).toBe(1)
  expect(JSON.parse(bad.out)).toMatchObject({
    verified: false,
    continues: 700,
    firstBadIndex: 3,
    faults: [{ kind: 'CHANGED', index: 3, count: 1, message: 'entry 3 was changed' }],
  })
})

test('log checkpoint prints the signed note byte for byte and remembers it', async () => {
  const { exitCode, out, err } = await terminal.keywitness('log checkpoint')
  expect(exitCode).toBe(0)
  expect(out).toBe(log.note)
  expect(err).toContain('✓ signed by the key of keywitness.test/us-south')
  log.grow(1)
  log.publish()
  expect((await terminal.keywitness('log checkpoint')).err).toContain('✓ continues the head of size 700')
  expect(Object.keys(remembered())).toHaveLength(2)
})

test('log key prints the key alone', async () => {
  expect(await terminal.keywitness('log key')).toEqual({ exitCode: 0, out: `${log.key.vkey}\n`, err: '' })
})

test('two verifications at once end with both heads remembered', async () => {
  await terminal.keywitness('log verify')
  const one = terminal.keywitness('log verify')
  log.grow(2)
  log.publish()
  const two = terminal.keywitness('log verify')
  expect(await Promise.all([one, two])).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
})

test('a store that cannot be written is told of, not ignored', async () => {
  const home = join(terminal.folder, 'file')
  writeFileSync(home, '')
  terminal.environment['KEYWITNESS_HOME'] = home
  const { exitCode, err } = await terminal.keywitness('log verify')
  expect(exitCode).toBe(1)
  expect(err).toContain('what was remembered of the log cannot be read')
})
