/** `events receipt` and `verify`: a receipt is fetched once and verifies where only the key is known. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sentence } from '@keywitness/cadf'
import { fromBase64, toBase64 } from '@keywitness/tlog'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, text } from './log-server.ts'
import { WitnessedLog, newKey } from './witnessed-log.ts'

let log: WitnessedLog
let server: LogServer
let terminal: Terminal
let file: string

beforeEach(async () => {
  log = new WitnessedLog(300)
  server = await LogServer.start(log)
  terminal = terminalAt(server)
  file = join(terminal.folder, 'event.tlog-proof')
})

afterEach(() => server.stop())

/** A receipt in the file, and a terminal that knows no server. */
async function receiptOffline(index = 41): Promise<Terminal> {
  await terminal.keywitness(['events', 'receipt', String(index), '-o', file])
  return terminalAt(undefined)
}

function change(edit: (text: string) => string): void {
  const before = readFileSync(file, 'utf8')
  const after = edit(before)
  expect(after).not.toBe(before)
  writeFileSync(file, after)
}

test('a receipt holds the proof and the entry, and is named', async () => {
  const { exitCode, out } = await terminal.keywitness(['events', 'receipt', log.events[41]!.id, '-o', file])
  expect(exitCode).toBe(0)
  expect(out).toBe(`${file}: entry 41 of keywitness.test/us-south\n`)
  expect(readFileSync(file, 'utf8')).toBe(log.receipt(41))
  expect(readdirSync(terminal.folder).toSorted()).toEqual(['event.tlog-proof', 'home'])
})

test('with - it is the output', async () => {
  expect((await terminal.keywitness('events receipt 7 -o -')).out).toBe(log.receipt(7))
})

test('a receipt of a log that does not continue the remembered head is not written', async () => {
  await terminal.keywitness('log checkpoint')
  log.rewrite((entries) => [...entries.toReversed(), ...entries.slice(0, 9)])
  const { exitCode, err } = await terminal.keywitness(['events', 'receipt', '41', '-o', file])
  expect(exitCode).toBe(1)
  expect(err).toMatch(/does not continue the one of 300 seen before/)
  expect(existsSync(file)).toBe(false)
})

test('a receipt with an older checkpoint of the same log is taken', async () => {
  const older = log.receipt(41)!
  log.grow(20)
  log.publish()
  await terminal.keywitness('log checkpoint')
  server.instead.set('GET /v1/trackers/us-south/events/41/receipt', (_seen, response) => text(response, older))
  expect(await terminal.keywitness(['events', 'receipt', '41', '-o', file])).toMatchObject({ exitCode: 0 })
  expect(readFileSync(file, 'utf8')).toBe(older)
})

test('an event that is not covered yet is waited for', async () => {
  log.grow(1)
  const pauses: number[] = []
  terminal.onWait = (ms) => {
    pauses.push(ms)
    if (pauses.length === 3) log.publish()
  }
  expect(await terminal.keywitness(['events', 'receipt', '300', '-o', file])).toMatchObject({ exitCode: 0 })
  expect(pauses).toEqual([1000, 1000, 1000])
  const waits = server.seen.filter(({ path }) => path.endsWith('/receipt')).map(({ query }) => query.get('wait'))
  expect(waits).toEqual(['20', '20', '20', '20'])
  expect(readFileSync(file, 'utf8')).toBe(log.receipt(300))
})

test('the waiting ends when it was said to', async () => {
  log.grow(1)
  const { exitCode, err } = await terminal.keywitness(['events', 'receipt', '300', '-o', file, '--wait', '5'])
  expect(exitCode).toBe(3)
  expect(err).toBe(
    'error: no checkpoint covers the event after 5 s; it is recorded; ask again later, or give a longer --wait\n',
  )
  expect(existsSync(file)).toBe(false)
})

test('a receipt that does not hold is not written', async () => {
  const path = 'GET /v1/trackers/us-south/events/41/receipt'
  const false42 = log.receipt(41)!.replace('index 41', 'index 42')
  server.instead.set(path, (_seen, response) => text(response, false42))
  expect(await terminal.keywitness(['events', 'receipt', '41', '-o', file])).toMatchObject({ exitCode: 1 })
  server.instead.set(path, (_seen, response) => text(response, 'something else'))
  expect(await terminal.keywitness(['events', 'receipt', '41', '-o', file])).toMatchObject({ exitCode: 2 })
  expect(readdirSync(terminal.folder)).toEqual([])
})

test('a receipt is not written where there is no folder', async () => {
  const { exitCode, err } = await terminal.keywitness([
    'events',
    'receipt',
    '41',
    '-o',
    join(terminal.folder, 'no', 'x'),
  ])
  expect(exitCode).toBe(2)
  expect(err).toContain('cannot write')
})

test('an unknown event is refused', async () => {
  const { exitCode, err } = await terminal.keywitness('events receipt 99999')
  expect(exitCode).toBe(3)
  expect(err).toMatch(/^error: refused by .*404 NOT_FOUND, witnessed by event .*; check id and location\n$/)
})

test('it verifies offline, telling every step and the event', async () => {
  const offline = await receiptOffline()
  const { exitCode, out, err } = await offline.keywitness(['verify', file, '--key', log.key.vkey])
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
  const lines = out.split('\n')
  expect(lines.slice(0, 3)).toEqual([
    '✓ the checkpoint of keywitness.test/us-south, size 300, is signed by keywitness.test/us-south',
    expect.stringMatching(/^✓ the entry's \d+ bytes hash to the leaf .{44}$/),
    expect.stringMatching(/^✓ 9 hashes lead from leaf 41 to the signed root .{44}$/),
  ])
  expect(out).toContain(sentence(log.events[41]!))
  expect(out).toContain('The role Writer is missing.')
  expect(out).toContain(log.events[41]!.id)
})

test('what was remembered when it was fetched is enough', async () => {
  const offline = await receiptOffline()
  offline.environment['KEYWITNESS_HOME'] = terminal.environment['KEYWITNESS_HOME']
  const { exitCode, out } = await offline.keywitness(['verify', file])
  expect(exitCode).toBe(0)
  expect(out).toContain('✓ its checkpoint is a head that was verified before')
})

test('without any key nothing is verified', async () => {
  const offline = await receiptOffline()
  const { exitCode, err } = await offline.keywitness(['verify', file])
  expect(exitCode).toBe(2)
  expect(err).toMatch(/^error: no key of keywitness.test\/us-south is known here; pass it with --key/)
})

test('the key of another does not verify it', async () => {
  const offline = await receiptOffline()
  const { exitCode, out, err } = await offline.keywitness(['verify', file, '--key', newKey(log.origin).vkey])
  expect(exitCode).toBe(1)
  expect(out).toBe('')
  expect(err).toMatch(/^FAILED: the receipt does not hold: the note is not signed by a known key/)
})

test.each([
  [
    'a byte of the entry',
    (receipt: string) =>
      receipt.replace(/extra (.*)/, (_line, base64: string) => {
        const entry = fromBase64(base64)!
        entry[entry.length - 4]! ^= 1
        return `extra ${toBase64(entry)}`
      }),
  ],
  ['another entry', (receipt: string) => receipt.replace(/extra .*/, `extra ${toBase64(log.entries[40]!)}`)],
  ['another index', (receipt: string) => receipt.replace('index 41', 'index 40')],
  ['a hash left out', (receipt: string) => receipt.replace(/(index 41\n).*\n/, '$1')],
  ['the size', (receipt: string) => receipt.replace('\n300\n', '\n301\n')],
])('with %s changed it does not hold', async (_what, edit) => {
  const offline = await receiptOffline()
  change(edit)
  const { exitCode, err } = await offline.keywitness(['verify', file, '--key', log.key.vkey])
  expect(exitCode).toBe(1)
  expect(err).toMatch(/^FAILED: the receipt does not hold: /)
})

test('what is no receipt is an error of the input', async () => {
  const offline = terminalAt(undefined)
  writeFileSync(file, 'hello\n')
  expect(await offline.keywitness(['verify', file])).toMatchObject({ exitCode: 2 })
  writeFileSync(file, Buffer.from([0xff, 0xff]))
  expect(await offline.keywitness(['verify', file])).toMatchObject({ exitCode: 2 })
  writeFileSync(file, 'x'.repeat(5_000_000))
  expect(await offline.keywitness(['verify', file])).toMatchObject({ exitCode: 2 })
  expect(await offline.keywitness(['verify', join(offline.folder, 'nowhere')])).toMatchObject({ exitCode: 2 })
  writeFileSync(file, log.receipt(41)!.replace(/extra .*\n/, ''))
  expect(await offline.keywitness(['verify', file])).toMatchObject({ exitCode: 2 })
})

test('as JSON', async () => {
  const offline = await receiptOffline()
  const { out } = await offline.keywitness(['verify', file, '--key', log.key.vkey, '--json'])
  expect(JSON.parse(out)).toMatchObject({
    verified: true,
    origin: log.origin,
    index: 41,
    checkpoint: { size: 300 },
    event: log.events[41],
  })
})

test('a tree of a size that was remembered otherwise proves a fork', async () => {
  await terminal.keywitness('log checkpoint')
  log.rewrite((entries) => entries.toReversed())
  writeFileSync(file, log.receipt(41)!)
  const { exitCode, err } = await terminal.keywitness(['verify', file])
  expect(exitCode).toBe(1)
  expect(err).toMatch(/signed two different trees of size 300/)
})

test('online, its tree and the remembered head must be one log', async () => {
  await terminal.keywitness(['events', 'receipt', '41', '-o', file])
  const stranger = terminalAt(server)
  expect(await stranger.keywitness(['verify', file, '--key', log.key.vkey, '--online'])).toMatchObject({ exitCode: 2 })
  log.grow(10)
  log.publish()
  await terminal.keywitness('log checkpoint')
  const good = await terminal.keywitness(['verify', file, '--online'])
  expect(good.exitCode).toBe(0)
  expect(good.out).toContain('✓ its checkpoint and the remembered head of size 310 are of one log')

  const fork = new WitnessedLog(0, log.origin, log.key)
  fork.grow(305)
  fork.rewrite((entries) => entries.toReversed())
  writeFileSync(file, fork.receipt(41)!)
  const bad = await terminal.keywitness(['verify', file, '--online'])
  expect(bad.exitCode).toBe(1)
  expect(bad.err).toMatch(/does not continue the one of 305/)
})

test('an entry that is no event of ours is proved all the same, and printed as nothing', async () => {
  log.rewrite((entries) => entries.with(41, new TextEncoder().encode('\u001b[31mnot an event')))
  writeFileSync(file, log.receipt(41)!)
  const { exitCode, out } = await terminal.keywitness(['verify', file, '--key', log.key.vkey])
  expect(exitCode).toBe(0)
  expect(out).toContain('its bytes are proved all the same')
  expect(out).not.toContain('\u001b')
})
