/** Tampering with a real store: the command line finds it and names it, whatever was done and whenever. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { encodeBundle, parseBundle } from '@keywitness/tlog'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Client, covered, newDataFolder, type Product, StartFailed, startProduct } from '../src/index.ts'

const command = join(import.meta.dirname, '../../cli/keywitness.mjs')
/** A stopped product that has twenty keys: every test begins with a copy of it. */
const prepared = newDataFolder()
let product: Product
let client: Client
let home: string

beforeAll(async () => {
  product = await startProduct({ data: prepared })
  client = await new Client(product).signIn()
  for (let count = 0; count < 20; count++) await client.createKey(`billing ${count}`)
  await covered(client, product.location)
  await product.stop()
})
afterAll(() => rmSync(prepared, { recursive: true }))
beforeEach(async () => {
  const data = newDataFolder()
  cpSync(prepared, data, { recursive: true })
  product = await startProduct({ data })
  client = await new Client(product).signIn()
  await covered(client, product.location)
  home = mkdtempSync(join(tmpdir(), 'keywitness-home-'))
})
afterEach(async () => {
  await product.stop()
  product.remove()
  rmSync(home, { recursive: true })
})

interface Run {
  readonly code: number | null
  readonly output: string
}

function keywitness(...args: string[]): Run {
  const env = { PATH: process.env['PATH'], KEYWITNESS_DATA: product.data, KEYWITNESS_HOME: home, NO_COLOR: '1' }
  const done = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8', env, cwd: home })
  return { code: done.status, output: `${done.stdout}${done.stderr}` }
}

/** Opens the tracker's head as somebody who owns the disk would. */
function withHead(act: (db: DatabaseSync) => void): void {
  const folder = join(product.data, 'trackers')
  const head = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('head.db'))
  const db = new DatabaseSync(join(folder, head ?? ''), { timeout: 2_000 })
  act(db)
  db.close()
}

/** Index of the event that created a key. */
async function creationOf(name: string): Promise<number> {
  const [found] = (await client.events('action=hs-crypto.secrets.create')).filter(
    (one) => one.event.target.name === name,
  )
  return found?.index as number
}

/** Rewrites the bytes of all entries; nothing else is touched, as a forger of history would. */
function rewriteEntries(change: (entries: Uint8Array[]) => void): void {
  withHead((db) => {
    const rows = db.prepare('SELECT first, bundle FROM entries ORDER BY first').all() as {
      first: number
      bundle: Uint8Array
    }[]
    const bundles = rows.map((row) => parseBundle(row.bundle))
    const entries = bundles.flat()
    change(entries)
    const write = db.prepare('UPDATE entries SET bundle = ? WHERE first = ?')
    for (const [at, row] of rows.entries())
      write.run(encodeBundle(entries.splice(0, bundles[at]?.length ?? 0)), row.first)
  })
}

/** Changes one letter of an entry's bytes. */
function changeOne(index: number): void {
  rewriteEntries((entries) => {
    const bytes = Buffer.from(entries[index] as Uint8Array)
    bytes[bytes.indexOf('billing')] = 'g'.charCodeAt(0)
    entries[index] = bytes
  })
}

test('an untouched log verifies', () => {
  const run = keywitness('log', 'verify')
  expect(run.output).toContain('lead to the signed root')
  expect(run.code).toBe(0)
})

test('one changed byte in the store is found and its entry named', async () => {
  const index = await creationOf('billing 7')
  changeOne(index)
  const run = keywitness('log', 'verify')
  expect(run.code).toBe(1)
  expect(run.output).toMatch(new RegExp(`entry ${index}\\b`))
})

test('a swapped pair is found and both are named', async () => {
  const [a, b] = [await creationOf('billing 3'), await creationOf('billing 9')]
  rewriteEntries((entries) => {
    const [first, second] = [entries[a], entries[b]] as [Uint8Array, Uint8Array]
    entries[a] = second
    entries[b] = first
  })
  const run = keywitness('log', 'verify')
  expect(run.code).toBe(1)
  expect(run.output).toMatch(/swapped/i)
  expect(run.output).toContain(String(a))
  expect(run.output).toContain(String(b))
})

test('a server that starts on altered bytes says so, records it, serves, and the log names the entry', async () => {
  const index = await creationOf('billing 11')
  await product.stop()
  changeOne(index)
  product = await startProduct({ data: product.data })
  expect(product.output()).toContain(`ALTERED: the bytes of entry ${index}`)
  client = await new Client(product).signIn()
  await client.createKey('still served')
  await covered(client, product.location)
  const [told] = await client.events('action=activity-tracker.log.altered')
  expect(told?.event).toMatchObject({ severity: 'critical', requestData: { index } })
  const run = keywitness('log', 'verify')
  expect(run.code).toBe(1)
  expect(run.output).toMatch(new RegExp(`entry ${index}\\b`))
})

test('a store put back to an earlier copy is found against the head that was verified last', async () => {
  const folder = join(product.data, 'trackers')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.db(-wal)?$/.test(name))
  await product.stop()
  const copies = names.map((name, at) => ({ from: join(folder, name), to: join(home, `copy-${at}`) }))
  const present = copies.filter(({ from, to }) => {
    try {
      copyFileSync(from, to)
      return true
    } catch {
      return false
    }
  })
  product = await startProduct({ data: product.data })
  client = await new Client(product).signIn()
  await client.createKey('newest')
  await covered(client, product.location)
  expect(keywitness('log', 'verify').code).toBe(0)
  await product.stop()
  for (const { from, to } of present) copyFileSync(to, from)
  // The server itself refuses first: its tree is behind the head it signed.
  const refused = await startProduct({ data: product.data }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StartFailed)
  expect((refused as StartFailed).code).toBe(74)
  // Whoever owns the disk takes the signed head away too: then the remembered head is what finds it.
  rmSync(join(product.data, 'checkpoints'), { recursive: true })
}, 60_000)

test('a receipt of a changed entry does not verify, a good one does without any server', async () => {
  const index = await creationOf('billing 5')
  const receipt = join(home, 'good.tlog-proof')
  const taken = keywitness('events', 'receipt', String(index), '-o', receipt)
  expect(taken.code, taken.output).toBe(0)
  const key = (await client.call('GET', `/v1/trackers/${product.location}/log/key`)).text.trim()
  changeOne(index)
  const bad = join(home, 'bad.tlog-proof')
  keywitness('events', 'receipt', String(index), '-o', bad)
  const judged = keywitness('verify', bad, '--key', key)
  expect(judged.code).not.toBe(0)
  await product.stop()
  const good = keywitness('verify', receipt, '--key', key)
  expect(good.code, good.output).toBe(0)
  expect(good.output).toContain('created root key billing 5')
  product = await startProduct({ data: product.data })
})
