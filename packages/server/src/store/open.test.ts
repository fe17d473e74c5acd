/** Opening a store of another version: a copy first, whole and private; a newer one is left as it is. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from './open.ts'

let folder: string
let isMounted = false
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-store-'))
})
afterEach(() => {
  if (isMounted) spawnSync('umount', [folder])
  isMounted = false
  rmSync(folder, { recursive: true, force: true })
})

const canMount = process.getuid?.() === 0 && process.platform === 'linux'
const file = (): string => join(folder, 'server.db')
const schema = join(import.meta.dirname, 'schema')
const oldVersion = 8

function look(path: string, sql: string): unknown {
  const db = new DatabaseSync(path)
  try {
    return Object.values(db.prepare(sql).get() ?? {})[0]
  } finally {
    db.close()
  }
}

/** A store of the eighth schema with one key ring for each name; left as a crash would, its log not taken in. */
function crashedStore(names: readonly string[]): void {
  const made = join(folder, 'made')
  mkdirSync(made)
  const db = new DatabaseSync(join(made, 'server.db'))
  db.exec('PRAGMA page_size=8192; PRAGMA journal_mode=WAL')
  for (const name of readdirSync(schema).toSorted().slice(0, oldVersion)) {
    db.exec(readFileSync(join(schema, name), 'utf8'))
  }
  db.exec(`PRAGMA user_version=${oldVersion}; PRAGMA wal_checkpoint(TRUNCATE)`)
  const ring = db.prepare("INSERT INTO key_rings (instance, id, created_at, created_by) VALUES ('i', ?, 0, 'me')")
  for (const name of names) ring.run(name)
  for (const suffix of ['', '-wal']) copyFileSync(join(made, `server.db${suffix}`), `${file()}${suffix}`)
  db.close()
  rmSync(made, { recursive: true })
}

/** What is there, by name and bytes. */
function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )
}

const copy = (): string => join(folder, `server.db.schema-${oldVersion}`)

test('the copy from before a migration has what stood in the write-ahead log only, and nobody else may read it', () => {
  crashedStore(['north', 'south'])
  openStore(folder).close()
  expect(look(copy(), 'PRAGMA user_version')).toBe(oldVersion)
  expect(look(copy(), 'SELECT group_concat(id) FROM key_rings')).toBe('north,south')
  expect(look(copy(), 'PRAGMA integrity_check')).toBe('ok')
  expect(statSync(copy()).mode & 0o777).toBe(0o600)
  expect(look(file(), 'SELECT group_concat(id) FROM key_rings')).toBe('north,south')
  expect(look(file(), 'PRAGMA user_version')).toBeGreaterThan(oldVersion)
})

test('what an end in the middle of copying left is replaced, and a store that needs no migration is not copied', () => {
  crashedStore(['north'])
  writeFileSync(`${copy()}.new`, 'half a copy')
  openStore(folder).close()
  expect(readdirSync(folder).toSorted()).toEqual(['server.db', `server.db.schema-${oldVersion}`])
  rmSync(copy())
  openStore(folder).close()
  expect(readdirSync(folder)).toEqual(['server.db'])
})

test('a new store has no copy', () => {
  openStore(folder).close()
  expect(readdirSync(folder)).toEqual(['server.db'])
})

test('a store of a newer version is refused, and neither its journal nor its bytes are changed', () => {
  const db = new DatabaseSync(file())
  db.exec('PRAGMA page_size=4096; PRAGMA journal_mode=DELETE; CREATE TABLE later (a); PRAGMA user_version=900')
  db.close()
  const before = contents()
  expect(() => openStore(folder)).toThrow(expect.objectContaining({ code: 'NEWER_SCHEMA', exitCode: 78 }))
  expect(contents()).toEqual(before)
})

test.skipIf(!canMount)('without room for copy and migration nothing is begun, and how much is missing is said', () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=52m', 'tmpfs', folder])
  isMounted = true
  crashedStore(['north'])
  writeFileSync(join(folder, 'filler'), Buffer.alloc(4 * 1024 * 1024))
  const before = contents()
  expect(() => openStore(folder)).toThrow(/needs \d+ MiB, and \d+ MiB are free. Make room and start again/)
  expect(look(file(), 'PRAGMA user_version')).toBe(oldVersion)
  expect(Object.keys(contents())).toEqual(Object.keys(before).filter((name) => !name.endsWith('-wal')))
  rmSync(join(folder, 'filler'))
  openStore(folder).close()
  expect(look(copy(), 'SELECT count(*) FROM key_rings')).toBe(1)
})

test('a copy that fails leaves no part of itself, and the store as it was', () => {
  crashedStore(Array.from({ length: 50 }, (_, at) => `ring-${at}`))
  // A folder in the place where the copy goes: it cannot be given its name.
  mkdirSync(copy())
  writeFileSync(join(copy(), 'inside'), '')
  expect(() => openStore(folder)).toThrow(/directory/)
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
  expect(look(file(), 'PRAGMA user_version')).toBe(oldVersion)
  expect(look(file(), 'SELECT count(*) FROM key_rings')).toBe(50)
})
