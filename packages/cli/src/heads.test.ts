/** The remembered heads: never lost, never overwritten, never silently damaged. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { WitnessedLog, newKey } from '../test/witnessed-log.ts'
import { Heads } from './heads.ts'

function newHeads(): Heads {
  return new Heads(join(mkdtempSync(join(tmpdir(), 'keywitness-heads-')), 'heads'))
}

async function remember(heads: Heads, log: WitnessedLog): Promise<void> {
  await heads.trust(log.key.vkey)
  await heads.remember(log.note, parseCheckpoint(parseNote(log.note).text))
}

/** The one folder of a store with one origin. */
function onlyFolder(heads: Heads): string {
  const names = readdirSync(heads.folder)
  expect(names).toHaveLength(1)
  return join(heads.folder, names[0]!)
}

function refusal(code: string, message: RegExp): Error {
  return expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error
}

test('nothing is remembered of an unknown log', async () => {
  expect(await newHeads().read('example.com/log')).toEqual({ origin: 'example.com/log', keys: [], heads: [] })
})

test('heads come back with their notes, smallest first', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(3)
  await remember(heads, log)
  const first = log.note
  log.grow(100)
  log.publish()
  await remember(heads, log)
  const remembered = await heads.read(log.origin)
  expect(remembered.keys).toEqual([log.key.vkey])
  expect(remembered.heads.map(({ note }) => note)).toEqual([first, log.note])
  expect(remembered.heads.map(({ checkpoint }) => checkpoint.size)).toEqual([3, 103])
})

test('only the user can read them', async () => {
  const heads = newHeads()
  await remember(heads, new WitnessedLog(3))
  const folder = onlyFolder(heads)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600])
})

test.each([
  '../../etc/passwd',
  '/',
  '.',
  '..',
  'Ünïcode-日本-😀',
  'CON',
  'example.com/log\\x',
  'long/'.repeat(100),
  '🔑',
])('the origin %j has one folder of its own, inside the store', async (origin) => {
  const heads = newHeads()
  const log = new WitnessedLog(2, origin)
  expect((await heads.read(origin)).heads).toEqual([])
  await remember(heads, log)
  expect((await heads.read(origin)).heads.map(({ note }) => note)).toEqual([log.note])
  const folder = onlyFolder(heads)
  expect(readFileSync(join(folder, 'origin'), 'utf8')).toBe(origin)
  expect(readdirSync(join(heads.folder, '..'))).toEqual(['heads'])
})

test('origins that differ in odd characters only do not share a folder', async () => {
  const heads = newHeads()
  for (const origin of ['a/b', 'a_b', 'A/b', 'a//b', 'a/b/']) await heads.trust(newKey(origin).vkey)
  expect(readdirSync(heads.folder)).toHaveLength(5)
  expect((await heads.read('a/b')).keys).toHaveLength(1)
})

test('a head that was changed is not passed over', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(5)
  await remember(heads, log)
  const folder = onlyFolder(heads)
  const file = join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('head-'))!,
  )
  for (const damage of ['', 'not a note', log.note.slice(0, 60), log.note.replace('\n5\n', '\n4\n')]) {
    writeFileSync(file, damage)
    await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /head-0+5\.note/))
  }
  writeFileSync(file, Buffer.from([0xff, 0xfe]))
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /not UTF-8/))
  writeFileSync(file, log.note)
  await expect(heads.read(log.origin)).resolves.toMatchObject({ origin: log.origin })
})

test('a head under the name of another size is not passed over', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(5)
  await remember(heads, log)
  writeFileSync(join(onlyFolder(heads), 'head-0000000000000009.note'), log.note)
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /another head/))
})

test('a key or origin that was changed is not passed over', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(5)
  await remember(heads, log)
  const folder = onlyFolder(heads)
  const keyFile = join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('key-'))!,
  )
  writeFileSync(keyFile, 'no key')
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /key-/))
  writeFileSync(keyFile, newKey('example.com/other').vkey)
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /another log/))
  writeFileSync(keyFile, newKey(log.origin).vkey)
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /not signed/))
  writeFileSync(keyFile, log.key.vkey)
  writeFileSync(join(folder, 'origin'), 'example.com/other')
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /another origin/))
  rmSync(join(folder, 'origin'))
  await expect(heads.read(log.origin)).rejects.toThrow(refusal('REMEMBERED_HEAD_DAMAGED', /origin/))
})

test('a second tree of a size is refused, and the first one stays', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(5)
  await remember(heads, log)
  const first = log.note
  log.rewrite((entries) => entries.toReversed())
  await expect(remember(heads, log)).rejects.toThrow(refusal('VERIFICATION_FAILED', /two different trees of size 5/))
  expect((await heads.read(log.origin)).heads.map(({ note }) => note)).toEqual([first])
})

test('what a crash leaves behind is not read', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(5)
  await remember(heads, log)
  writeFileSync(join(onlyFolder(heads), 'head-0000000000000009.note.1234.tmp'), 'half a no')
  expect((await heads.read(log.origin)).heads).toHaveLength(1)
})

test('many that remember at once lose nothing and leave nothing behind', async () => {
  const heads = newHeads()
  const key = newKey('example.com/log')
  const logs = Array.from({ length: 12 }, (_, i) => new WitnessedLog(1 + Math.floor(i / 2), 'example.com/log', key))
  await Promise.all(logs.map((log) => remember(heads, log)))
  const remembered = await heads.read('example.com/log')
  expect(remembered.heads.map(({ checkpoint }) => checkpoint.size)).toEqual([1, 2, 3, 4, 5, 6])
  expect(readdirSync(onlyFolder(heads)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('the newest ten heads are kept', async () => {
  const heads = newHeads()
  const log = new WitnessedLog(1)
  for (let i = 0; i < 15; i++) {
    await remember(heads, log)
    log.grow(1)
    log.publish()
  }
  const sizes = (await heads.read(log.origin)).heads.map(({ checkpoint }) => checkpoint.size)
  expect(sizes).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
})
