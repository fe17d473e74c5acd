/** Full disks, read-only folders, and what the platform’s errors are called. */
import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TrackerError } from './errors.ts'
import { type Database, type Disk, realDisk } from './store/disk.ts'
import { asTrackerError } from './store/sqlite-error.ts'
import { deliveries } from './testing/sample-entries.ts'
import { followAll, origin, sealAll, testLog } from './testing/test-log.ts'

/** A disk on which the head may have `room.pages` pages: SQLite then says what it says on a full disk. */
function smallDisk(room: { pages: number }): Disk {
  const limit = (db: Database): Database => ({
    file: db.file,
    exec: (sql) => db.exec(sql),
    prepare: (sql) => db.prepare(sql),
    snapshot: (work) => db.snapshot(work),
    forget: () => db.forget(),
    close: () => db.close(),
    transaction: (work) => {
      db.exec(`PRAGMA max_page_count=${room.pages}`)
      return db.transaction(work)
    },
  })
  return {
    ...realDisk,
    database: (file, mode) =>
      mode === 'write' || mode === 'draft' ? limit(realDisk.database(file, mode)) : realDisk.database(file, mode),
  }
}

test('on a full disk an append says so and keeps nothing; with room again the log goes on', async () => {
  const log = testLog()
  const room = { pages: 25 }
  const tracker = log.open({}, smallDisk(room))
  tracker.append(deliveries(1, 20))
  tracker.publish()
  expect(codeOf(() => tracker.append(deliveries(21, 400)))).toBe('DISK_FULL')
  expect([tracker.size, tracker.covered]).toEqual([20, 20])
  expect(await log.check()).toMatchObject({ good: true, size: 20 })
  room.pages = 4_000
  expect(tracker.append(deliveries(21, 400))).toEqual({ first: 20, appended: 380, duplicates: 0 })
  tracker.publish()
  expect(await log.check()).toMatchObject({ good: true, size: 400, covered: 400 })
})

test('a checkpoint that finds no room is published later, and never twice', async () => {
  const log = testLog()
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  let isFull = false
  const disk: Disk = {
    ...realDisk,
    replaceFile: (file, content) => {
      if (isFull && file.endsWith('signed-head')) throw full
      realDisk.replaceFile(file, content)
    },
  }
  const tracker = log.open({}, disk)
  tracker.append(deliveries(1, 5))
  isFull = true
  expect(codeOf(() => tracker.publish())).toBe('DISK_FULL')
  expect([tracker.size, tracker.covered]).toEqual([5, 0])
  isFull = false
  expect(tracker.publish()).toContain('\n5\n')
  expect(tracker.publish()).toBeUndefined()
  expect(await log.check()).toMatchObject({ good: true, covered: 5 })
})

test('a full disk stops the follower at its cursor, not the log', () => {
  const log = testLog()
  const room = { pages: 4_000 }
  const tracker = log.open({}, smallDisk(room))
  tracker.append(deliveries(1, 2_000))
  room.pages = 40
  expect(codeOf(() => followAll(tracker))).toBe('DISK_FULL')
  room.pages = 4_000
  followAll(tracker)
  expect(log.reader().counts().indexed).toBe(2_000)
})

test('a folder that may not be written is refused at once, and nothing in it changes', () => {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 10 })
  tracker.append(deliveries(1, 15))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.close()
  const before = contentOf(log.folder)
  for (const path of [log.folder, log.keyFolder]) {
    for (const name of readdirSync(path))
      if (!statSync(join(path, name)).isDirectory()) chmodSync(join(path, name), 0o444)
    chmodSync(path, 0o555)
  }
  chmodSync(join(log.folder, '..'), 0o755)
  // Whoever is root may write anything: the child gives that up first.
  const script = `
    import { openTracker } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    if (process.getuid() === 0) process.setuid(65534)
    try { openTracker(${JSON.stringify({ folder: log.folder, keyFolder: log.keyFolder, origin })}) }
    catch (error) { process.stdout.write(error.code) }`
  const child = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], { encoding: 'utf8' })
  for (const path of [log.folder, log.keyFolder]) chmodSync(path, 0o755)
  expect(child.stdout, child.stderr).toBe('READ_ONLY')
  expect(contentOf(log.folder)).toEqual(before)
})

test('errors of the platform get the code that tells a caller what to do', () => {
  const cases: [object, string][] = [
    [{ errcode: 13 }, 'DISK_FULL'],
    [{ errcode: 8 }, 'READ_ONLY'],
    [{ errcode: 776 }, 'READ_ONLY'],
    [{ errcode: 14 }, 'READ_ONLY'],
    [{ errcode: 11 }, 'CORRUPT'],
    [{ errcode: 267 }, 'CORRUPT'],
    [{ errcode: 26 }, 'CORRUPT'],
    [{ errcode: 5 }, 'LOCKED'],
    [{ errcode: 778 }, 'IO'],
    [{ code: 'ENOSPC' }, 'DISK_FULL'],
    [{ code: 'EROFS' }, 'READ_ONLY'],
    [{ code: 'EACCES' }, 'READ_ONLY'],
    [{ code: 'ENOENT' }, 'MISSING'],
    [{ code: 'EIO' }, 'IO'],
    [{}, 'IO'],
  ]
  for (const [error, code] of cases) expect(asTrackerError(error, 'something was tried').code).toBe(code)
})

function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(files.toSorted().map((name) => [name, readFileSync(join(folder, name), 'base64')]))
}

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof TrackerError) return error.code
    throw error
  }
  return 'no error'
}
