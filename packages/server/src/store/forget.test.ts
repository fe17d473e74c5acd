/** What was erased is in no file of the store's folder: not in its log, not in pages left behind, not in old copies. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addVersion, eraseKey } from '../keys/changes.ts'
import { keyStore } from '../keys/store.ts'
import { createForgetting } from './forget.ts'
import { openStore } from './open.ts'
import type { Change, Store } from './store.ts'

let folder: string
const log = pino({ level: 'silent' })
const instance = '11111111-1111-4111-8111-111111111111'

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-forget-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const insertKey = `INSERT INTO keys (instance, id, revision, name, tags, ring, state, extractable, imported, bits, versions,
  newest, newest_at, created_at, created_by) VALUES (?, ?, 1, 'any', '[]', 'default', 1, 0, 0, 256, 1, ?, 0, 0, 'me')`

function keyId(at: number): string {
  return `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
}

/** Names of the files that hold one of these. */
function filesWith(blobs: readonly Buffer[]): string[] {
  return readdirSync(folder).filter((name) => {
    const bytes = readFileSync(join(folder, name))
    return blobs.some((blob) => bytes.includes(blob.subarray(0, 24)) || bytes.includes(blob.subarray(-24)))
  })
}

function apply(store: Store, changes: readonly Change[]): void {
  store.exec('BEGIN')
  for (const { sql, params, rows } of changes) expect(store.run(sql, params)).toBe(rows)
  store.exec('COMMIT')
}

/** A store as the version before the material stood apart left it, with these blobs. */
function oldStore(blobs: readonly Uint8Array[]): void {
  const schema = join(import.meta.dirname, 'schema')
  const db = new DatabaseSync(join(folder, 'server.db'))
  db.exec('PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON')
  for (const name of readdirSync(schema).toSorted().slice(0, 4)) db.exec(readFileSync(join(schema, name), 'utf8'))
  db.exec('PRAGMA user_version=4')
  const version = db.prepare('INSERT INTO key_versions VALUES (?, ?, ?, 1, 0, ?)')
  const key = db.prepare(insertKey)
  for (const [at, blob] of blobs.entries()) {
    key.run(instance, keyId(at), keyId(at))
    version.run(instance, keyId(at), keyId(at), blob)
  }
  db.close()
}

test('material is kept through the migration, and erased from the store, its log and the copy made before it', async () => {
  const blobs = Array.from({ length: 400 }, (_, at) => randomBytes(at % 5 === 0 ? 3_000 : 80))
  oldStore(blobs)
  const store = openStore(folder)
  const keys = keyStore(store)
  for (const [at, blob] of blobs.entries()) {
    expect(Buffer.from(keys.versionBlob(instance, keyId(at), keyId(at)) ?? []).equals(blob)).toBe(true)
  }
  const erased = blobs.filter((_, at) => at % 4 === 0)
  expect(filesWith(erased)).toContain('server.db.schema-4')
  for (const at of blobs.keys()) {
    if (at % 4 !== 0) continue
    const key = keys.find(instance, keyId(at))
    if (key === undefined) throw new Error('the key is missing')
    apply(store, eraseKey(key))
  }
  const forgetting = createForgetting(store, log)
  await forgetting.forget()
  expect(forgetting.isPending()).toBe(false)
  expect(filesWith(erased)).toEqual([])
  expect(filesWith(blobs.slice(1, 2))).toEqual(['server.db'])
  store.close()
})

test('whatever comes and goes beside it, erased material leaves no bytes behind in the pages of the store', async () => {
  const store = openStore(folder)
  const keys = keyStore(store)
  const blobs = Array.from({ length: 600 }, (_, at) => randomBytes(60 + ((at * 131) % 700)))
  const erased: Buffer[] = []
  for (const [at, blob] of blobs.entries()) {
    const id = keyId((at * 7_919) % 100_003)
    const version = { id, number: 1, createdAt: 0, blob }
    apply(store, [{ sql: insertKey, params: [instance, id, id], rows: 1 }, ...addVersion({ instance, id }, version)])
    if (at % 3 !== 2) continue
    const old = keyId(((at - 2) * 7_919) % 100_003)
    const key = keys.find(instance, old)
    if (key === undefined) throw new Error('the key is missing')
    apply(store, eraseKey(key))
    erased.push(blobs[at - 2] as Buffer)
  }
  await createForgetting(store, log).forget()
  expect(erased.length).toBe(200)
  expect(filesWith(erased)).toEqual([])
  store.close()
})

test('while a reader holds on to old pages the log cannot be emptied; it is told, and done once the reader is through', async () => {
  const store = openStore(folder)
  const blob = randomBytes(80)
  const id = keyId(1)
  const version = { id, number: 1, createdAt: 0, blob }
  apply(store, [{ sql: insertKey, params: [instance, id, id], rows: 1 }, ...addVersion({ instance, id }, version)])
  const reader = new DatabaseSync(store.file, { readOnly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM keys').get()
  const key = keyStore(store).find(instance, id)
  if (key === undefined) throw new Error('the key is missing')
  apply(store, eraseKey(key))
  const forgetting = createForgetting(store, log)
  await forgetting.forget()
  expect(forgetting.isPending()).toBe(true)
  reader.exec('COMMIT')
  reader.close()
  await forgetting.forget()
  expect(forgetting.isPending()).toBe(false)
  expect(filesWith([blob])).toEqual([])
  store.close()
})
