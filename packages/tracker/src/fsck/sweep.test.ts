/** Any byte of any file of a store is flipped, any file is cut short: the check finds it, or nothing was said by that byte. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { TrackerError } from '../errors.ts'
import { isOfShare, shareWords } from '../testing/share.ts'
import { type TestLog } from '../testing/test-log.ts'
import { variedLog } from '../testing/varied-log.ts'

/** More in a soak. */
const flipsOfDatabase = Number(process.env['KEYWITNESS_SWEEP'] ?? 60)
const flipsOfFile = Math.ceil(flipsOfDatabase / 4)

/**
 * What nothing in the log proves and nothing is decided by: when somebody's clock said that something happened, and what
 * the tracker counts for its own metrics.
 */
const unproven: Readonly<Record<string, readonly string[]>> = {
  log: ['created_at'],
  checkpoints: ['signed_at', 'kept'],
  segments: ['sealed_at'],
  anomalies: ['received'],
  producers: ['repeats', 'event_time'],
  own_producer: ['producer', 'told'],
}

/** Times of the register of keys are such clocks, too. */
const unprovenTimes = /"(time|overlapUntil)": \d+/g

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

/** Everything that a database says, but what is unproven. */
function saidBy(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const schema = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all()
    const tables = schema.filter(({ type, sql }) => type === 'table' && !String(sql).startsWith('CREATE VIRTUAL'))
    const rows = tables.map(({ name }) => {
      const all = db.prepare(`SELECT * FROM "${String(name)}"`).all()
      return all.map((row) =>
        Object.entries(row)
          .filter(([column]) => unproven[String(name)]?.includes(column) !== true)
          .map(([column, value]) => [column, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value]),
      )
    })
    return JSON.stringify([schema, rows])
  } finally {
    db.close()
  }
}

/** Whether the changed file still says what it said. */
function saysTheSame(file: string, before: Buffer): boolean {
  if (!file.endsWith('.db')) {
    const plain = (text: string): string => text.replaceAll(unprovenTimes, '')
    return plain(readFileSync(file, 'utf8')) === plain(before.toString())
  }
  const after = saidBy(file)
  const changed = readFileSync(file)
  writeFileSync(file, before)
  const same = saidBy(file) === after
  writeFileSync(file, changed)
  return same
}

/** What the check says of a damaged store: nothing, or that something is wrong. */
async function isFound(log: TestLog): Promise<boolean> {
  try {
    const { good, notes, findings } = await log.check()
    for (const { message } of findings) expect(message.length).toBeGreaterThan(10)
    return !good || notes.some((note) => note.startsWith('there is no index'))
  } catch (error) {
    if (error instanceof TrackerError) return true
    throw error
  }
}

function filesOf(log: TestLog): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
  return [...inFolder(log.folder), ...inFolder(log.keyFolder)].filter((path) => !path.endsWith('lock.db')).toSorted()
}

test('the store that is swept over is sound, and has files of every kind', async () => {
  const log = variedLog()
  const files = filesOf(log)
  expect(await log.check()).toMatchObject({ good: true, findings: [], notes: [], segments: 2, checkpoints: 4 })
  expect(
    files.map((path) =>
      path
        .split('/')
        .at(-1)
        ?.replaceAll(/[0-9a-f]{8}/g, '#'),
    ),
  ).toEqual([
    'checkpoint-#.key',
    'checkpoint.pub',
    'keys.json',
    'signed-head',
    'head.db',
    'index.db',
    '#0000-#0100.db',
    '#0100-#0200.db',
  ])
})

test(`a flipped byte is found, wherever it is (${shareWords})`, { timeout: 600_000 }, async () => {
  const log = variedLog()
  const pick = random(20_251_125)
  const missed: string[] = []
  for (const path of filesOf(log)) {
    const before = readFileSync(path)
    const isStore = /(?:head|index)\.db$/.test(path)
    for (let round = 0; round < (isStore ? flipsOfDatabase : flipsOfFile); round++) {
      // Half of them near the beginning of a page, where its structure is.
      const page = path.endsWith('index.db') ? 8_192 : 16_384
      const anywhere = pick(before.length)
      const at =
        isStore && round % 2 === 0 ? Math.min(before.length - 1, anywhere - (anywhere % page) + pick(120)) : anywhere
      const changed = Buffer.from(before)
      changed[at]! ^= 1 << pick(8)
      if (!isOfShare(round, 3)) continue
      writeFileSync(path, changed)
      if (!(await isFound(log)) && !saysTheSame(path, before)) missed.push(`${path} at ${at} of ${before.length}`)
      for (const rest of ['-wal', '-shm']) if (existsSync(path + rest)) rmSync(path + rest)
      writeFileSync(path, before)
    }
  }
  expect(missed).toEqual([])
  expect(await log.check()).toMatchObject({ good: true })
})

test('a file that was cut short, or is gone, is found', { timeout: 120_000 }, async () => {
  const log = variedLog()
  const missed: string[] = []
  for (const path of filesOf(log)) {
    const before = readFileSync(path)
    for (const length of new Set([
      0,
      1,
      Math.floor(before.length / 3),
      Math.floor(before.length / 2),
      before.length - 1,
    ])) {
      writeFileSync(path, before.subarray(0, length))
      if (!(await isFound(log))) missed.push(`${path} cut to ${length} of ${before.length}`)
    }
    rmSync(path)
    const isThere = await isFound(log)
    // Without it nothing tells that there was more than the store's newest checkpoint says.
    if (!isThere && !path.endsWith('signed-head')) missed.push(`${path} removed`)
    for (const rest of ['-wal', '-shm']) if (existsSync(path + rest)) rmSync(path + rest)
    writeFileSync(path, before)
  }
  expect(missed).toEqual([])
})
