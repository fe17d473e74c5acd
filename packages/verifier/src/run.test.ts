/** The standalone verifier: what holds is told step by step, what does not is named, and the exit code says which. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TILE_WIDTH, entriesPath, tileLevelSize, tilePath, tileWidth, toBase64 } from '@keywitness/tlog'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WitnessedLog, newKey } from '../../cli/test/witnessed-log.ts'
import { linesOfEvidence, sealed } from '../../tlog/test/make-evidence.ts'
import { MemoryLog } from '../../tlog/test/memory-log.ts'
import { run } from './run.ts'

let folder: string
let log: WitnessedLog
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-verify-'))
  log = new WitnessedLog(600)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function verify(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const code = await run(words, { out: (text) => (out += text), err: (text) => (err += text) })
  return { code, out, err }
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

/** The log as any mirror keeps it. */
function saveLog(name = 'log'): string {
  file(join(name, 'checkpoint'), log.note)
  const size = log.covered
  for (let level = 0; tileLevelSize(level, size) > 0; level++) {
    for (let n = 0; tileWidth(level, n, size) > 0; n++) {
      const width = tileWidth(level, n, size)
      file(join(name, tilePath(level, n, width)), log.tile(level, n, width)!)
      if (level === 0) file(join(name, entriesPath(n, width)), log.bundle(n, width)!)
    }
  }
  return join(folder, name)
}

test('a receipt holds with the key one trusts, and with no other', async () => {
  const receipt = file('a.tlog-proof', log.receipt(41)!)
  const { code, out } = await verify('receipt', receipt, '--key', log.key.vkey)
  expect(code).toBe(0)
  expect(out.split('\n').filter((line) => line.startsWith('✓'))).toHaveLength(3)
  expect(out).toContain('Ana')
  expect(await verify('receipt', receipt, '--key', file('log.vkey', `# ours\n${log.key.vkey}\n`))).toMatchObject({
    code: 0,
  })
  const other = await verify('receipt', receipt, '--key', newKey(log.origin).vkey)
  expect(other).toMatchObject({ code: 1, out: '' })
  expect(other.err).toMatch(/^FAILED: the receipt does not hold: the note is not signed by a known key/)
})

test.each([
  ['index 41', 'index 42'],
  ['\n600\n', '\n599\n'],
  ['extra ey', 'extra fy'],
])('a receipt in which %j was changed does not hold', async (from, to) => {
  const changed = log.receipt(41)!.replace(from, to)
  expect(changed).not.toBe(log.receipt(41))
  expect((await verify('receipt', file('a', changed), '--key', log.key.vkey)).code).toBe(1)
})

test('evidence holds, and does not when a byte of it was changed', async () => {
  const memory = new MemoryLog(0)
  for (const entry of log.entries.slice(0, 40)) memory.append(entry)
  const some = sealed(linesOfEvidence(memory, [3, 9, 10, 30]))
  for (const command of ['evidence', 'bundle']) {
    const { code, out } = await verify(command, file('some.evidence', some), '--key', memory.key.vkey)
    expect(code).toBe(0)
    expect(out).toContain('✓ 4 entries lead to the signed root, from index 3 to 30')
    expect(out).toContain('that no other entry matched is not proved')
  }
  const whole = file('whole.evidence', sealed(linesOfEvidence(memory, [4, 5, 6])))
  expect((await verify('evidence', whole, '--key', memory.key.vkey)).out).toContain('none was left out between them')
  for (let at = 30; at < some.length; at += Math.ceil(some.length / 40)) {
    const changed = Buffer.from(some)
    changed[at]! ^= 1
    expect((await verify('evidence', file('changed', changed), '--key', memory.key.vkey)).code, `at ${at}`).toBe(1)
  }
  expect((await verify('evidence', file('none', 'nothing\n'), '--key', memory.key.vkey)).code).toBe(2)
  expect((await verify('evidence', whole, '--key', log.key.vkey)).code).toBe(1)
})

test('a whole log holds from its files, continues a head kept elsewhere, and also with wider tiles', async () => {
  const head = file('head.txt', log.note)
  log.grow(200)
  log.publish()
  const saved = saveLog()
  const { code, out } = await verify('log', saved, '--key', log.key.vkey, '--head', head)
  expect(code).toBe(0)
  expect(out).toContain('✓ 800 entries')
  expect(out).toContain('✓ it continues the head of size 600')
  // An older checkpoint against a folder that has gone on: of the last tile only the wider form is there.
  const small = new WitnessedLog(300, log.origin, log.key)
  const older = file('older.txt', small.note)
  expect(await verify('log', saved, '--key', log.key.vkey, '--checkpoint', older)).toMatchObject({ code: 0 })
})

test('every kind of damage to a log’s files is told', async () => {
  const saved = saveLog()
  const damages: [string, (path: string) => void][] = [
    [entriesPath(1, TILE_WIDTH), (path) => writeFileSync(path, flipped(path, 5_000))],
    [tilePath(0, 0, TILE_WIDTH), (path) => writeFileSync(path, flipped(path, 40))],
    [tilePath(1, 0, 2), (path) => rmSync(path)],
    [entriesPath(2, 88), (path) => writeFileSync(path, readFileSync(path).subarray(0, 300))],
    ['checkpoint', (path) => writeFileSync(path, flipped(path, 40))],
  ]
  for (const [name, damage] of damages) {
    const path = join(saved, name)
    const before = readFileSync(path)
    damage(path)
    const { code, err } = await verify('log', saved, '--key', log.key.vkey)
    expect({ name, code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/^FAILED: ./) })
    writeFileSync(path, before)
  }
  expect((await verify('log', saved, '--key', log.key.vkey)).code).toBe(0)
})

function flipped(path: string, at: number): Buffer {
  const bytes = readFileSync(path)
  bytes[at]! ^= 1
  return bytes
}

test('a rewritten log does not continue the head that was kept', async () => {
  const head = file('head.txt', log.note)
  log.grow(5)
  log.rewrite((entries) => [entries[1]!, entries[0]!, ...entries.slice(2)])
  const { code, err } = await verify('log', saveLog(), '--key', log.key.vkey, '--head', head)
  expect(code).toBe(1)
  expect(err).toContain('600')
})

test('one checkpoint continues another, by the answer of the API or by lines', async () => {
  const older = file('older', log.note)
  log.grow(77)
  log.publish()
  const newer = file('newer', log.note)
  const hashes = log.consistency(600, 677)!.map(toBase64)
  for (const proof of [JSON.stringify({ hashes }), `${hashes.join('\n')}\n`]) {
    expect(await verify('consistency', older, newer, file('proof', proof), '--key', log.key.vkey)).toMatchObject({
      code: 0,
    })
  }
  const wrong = file('proof', hashes.toReversed().join('\n'))
  expect(await verify('consistency', older, newer, wrong, '--key', log.key.vkey)).toMatchObject({ code: 1 })
  expect(await verify('consistency', newer, older, file('p', hashes.join('\n')), '--key', log.key.vkey)).toMatchObject({
    code: 1,
  })
  expect(await verify('consistency', older, newer, file('p', 'no hash'), '--key', log.key.vkey)).toMatchObject({
    code: 2,
  })
})

test('who has the old key verifies what the new one signed, by the proof of the change', async () => {
  const first = log.key.vkey
  log.changeKey()
  const [change = ''] = log.announcements.values()
  log.grow(3)
  log.publish()
  const receipt = file('a', log.receipt(602)!)
  expect(await verify('receipt', receipt, '--key', first)).toMatchObject({ code: 1 })
  const followed = await verify('receipt', receipt, '--key', first, '--change', file('change', change))
  expect(followed.code).toBe(0)
  expect(followed.out).toContain('the old key vouches for the new one')
  const stranger = new WitnessedLog(3, log.origin)
  stranger.changeKey()
  const [forged = ''] = stranger.announcements.values()
  expect(await verify('receipt', receipt, '--key', first, '--change', file('change', forged))).toMatchObject({
    code: 1,
  })
  expect(await verify('receipt', receipt, '--key', first, '--change', file('c', log.receipt(3)!))).toMatchObject({
    code: 1,
  })
})

test.each([
  ['nothing', []],
  ['no key', ['receipt', 'a']],
  ['a key that is none', ['receipt', 'a', '--key', 'nonsense']],
  ['an unknown thing', ['everything', 'a']],
  ['an unknown option', ['receipt', 'a', '--trust']],
  ['a file that is not there', ['receipt', '/nowhere/a']],
  ['two files', ['receipt', 'a', 'b']],
])('%s is exit code 2 with a word about it', async (what, words) => {
  const key = words.length === 0 || what.includes('key') ? [] : ['--key', log.key.vkey]
  const { code, out, err } = await verify(...words, ...key)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^error: ./)
})

test('what a receipt says cannot steer a terminal', async () => {
  const bad = file('bad', log.receipt(3)!.replace('keywitness.test', 'keywitness\u001b[2J'))
  const { err } = await verify('receipt', bad, '--key', log.key.vkey)
  expect(err).not.toContain('\u001b')
  expect((await verify('--help')).out).toContain('Exit codes')
})
