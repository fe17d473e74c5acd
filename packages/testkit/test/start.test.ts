/** Starts that must fail, and how: a clear sentence, a telling exit code, nothing damaged; and how a good one stops. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, expect, test } from 'vitest'
import { Client, newDataFolder, startLoad, startProduct } from '../src/index.ts'
import { refusedStart } from './refused-start.ts'

const folders: string[] = []
const mounts: string[] = []
const folder = (): string => {
  const made = newDataFolder()
  folders.push(made)
  return made
}
afterEach(() => {
  for (const path of mounts.splice(0)) spawnSync('umount', [path])
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

const canMount = process.getuid?.() === 0 && process.platform === 'linux'

/** A file system of its own, so that a full or read-only disk concerns this test only. */
function mounted(options: string): string {
  const path = join(folder(), 'disk')
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  mounts.push(path)
  return path
}

/** Every file below a folder with the hash of its content. */
function contents(path: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && entry.name !== 'lock.db' && !entry.name.endsWith('-shm')) {
      found[file.slice(path.length)] = createHash('sha256').update(readFileSync(file)).digest('hex')
    }
  }
  return found
}

let firstBorn: Promise<string> | undefined
afterAll(async () => {
  if (firstBorn !== undefined) rmSync(await firstBorn, { recursive: true, force: true })
})

async function bear(): Promise<string> {
  const product = await startProduct()
  await (await new Client(product).signIn()).createKey('first')
  await product.stop()
  return product.data
}

/** A copy of what a server left that was stopped: it is made once. */
async function bornFolder(): Promise<string> {
  firstBorn ??= bear()
  const data = folder()
  cpSync(await firstBorn, data, { recursive: true })
  return data
}

test('a busy port is named, with the setting that changes it', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const { port } = blocker.address() as { port: number }
  const failed = await refusedStart(folder(), { KEYWITNESS_HTTP: `127.0.0.1:${port}` })
  blocker.close()
  expect(failed.code).toBe(75)
  expect(failed.output).toContain(`Port ${port}`)
  expect(failed.output).toContain('KEYWITNESS_HTTP')
})

test('a second server on the same data folder is refused, and the first one goes on', async () => {
  const data = folder()
  const first = await startProduct({ data })
  const failed = await refusedStart(data)
  expect(failed.code).toBe(75)
  expect(failed.output).toContain('Another server is running')
  const client = await new Client(first).signIn()
  expect((await client.call('GET', '/api/v2/keys')).status).toBe(200)
  await first.stop()
})

test('a store of a newer version is left as it is', async () => {
  const data = await bornFolder()
  const db = new DatabaseSync(join(data, 'server.db'))
  db.exec('PRAGMA user_version = 999')
  db.close()
  const before = contents(data)
  const failed = await refusedStart(data)
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('newer version')
  expect(contents(data)).toEqual(before)
})

test('a corrupt store is named and not touched', async () => {
  const data = await bornFolder()
  const file = join(data, 'server.db')
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(200, 0xff), 0, 200, 100)
  for (let page = 1; page < statSync(file).size / 4096; page++)
    writeSync(handle, Buffer.alloc(64, 0xaa), 0, 64, page * 4096)
  const before = contents(data)
  const failed = await refusedStart(data)
  expect(failed.code).toBe(74)
  expect(failed.output).toContain('server.db')
  expect(contents(data)).toEqual(before)
})

test('a corrupt trail is named', async () => {
  const data = await bornFolder()
  const names = readdirSync(join(data, 'trackers'), { recursive: true, encoding: 'utf8' })
  const head = names.find((name) => name.endsWith('head.db'))
  // A clean stop leaves everything in the file itself, and no write-ahead log that would mend it.
  expect(names.filter((name) => name.endsWith('head.db-wal'))).toEqual([])
  const file = join(data, 'trackers', head as string)
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(4000, 0xff), 0, 4000, 96)
  const failed = await refusedStart(data)
  expect(failed.code).toBe(74)
  expect(failed.output).toContain('head.db')
})

test('a missing seal stops the start: without it nothing sealed can be opened', async () => {
  const data = await bornFolder()
  rmSync(join(data, 'seal.key'))
  const failed = await refusedStart(data)
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('seal')
})

test('production refuses a folder born in development', async () => {
  const data = await bornFolder()
  const failed = await refusedStart(data, { KEYWITNESS_PROFILE: 'production' })
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('development')
})

test('production prints no secret: the first API key is in a file of its own', async () => {
  const data = folder()
  const product = await startProduct({ data, env: { KEYWITNESS_PROFILE: 'production' } })
  expect(product.apiKey).toMatch(/^[\w-]{44}$/)
  expect(product.output()).not.toContain(product.apiKey)
  expect(product.output()).not.toContain('#signin=')
  expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600)
  await product.stop()
})

test.skipIf(!canMount)(
  'a full disk is refused before anything is written, and again started once there is room',
  async () => {
    const data = mounted('size=64m')
    const filler = join(data, 'filler')
    appendFileSync(filler, Buffer.alloc(40 * 1024 * 1024))
    const failed = await refusedStart(data)
    expect(failed.code).toBe(74)
    expect(failed.output).toContain('Make room')
    rmSync(filler)
    const product = await startProduct({ data })
    await product.stop()
  },
)

test.skipIf(!canMount)(
  'a disk that fills up while serving: 507, still up, whole service once there is room',
  async () => {
    const data = mounted('size=96m')
    const product = await startProduct({ data })
    const client = await new Client(product).signIn()
    const key = await client.createKey('before')
    const filler = join(data, 'filler')
    appendFileSync(filler, Buffer.alloc(60 * 1024 * 1024))
    const until = async (status: number): Promise<number> => {
      const deadline = performance.now() + 8_000
      let reply = await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
      while (reply.status !== status && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        reply = await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
      }
      return reply.status
    }
    expect(await until(507)).toBe(507)
    expect((await client.call('GET', '/healthz')).status).toBe(200)
    expect((await client.call('GET', '/readyz')).status).toBe(503)
    rmSync(filler)
    expect(await until(200)).toBe(200)
    // The trail had no room either: it takes what waits when its thread tries again.
    const told = async () => (await client.events()).map((one) => one.event.action)
    await expect.poll(told, { timeout: 15_000 }).toContain('hs-crypto.storage.recovered')
    expect(await told()).toContain('hs-crypto.storage.exhausted')
    await product.stop()
  },
)

test.skipIf(!canMount)('a read-only data folder is named', async () => {
  const born = await bornFolder()
  const data = mounted('size=128m')
  cpSync(born, data, { recursive: true })
  execFileSync('mount', ['-o', 'remount,ro', data])
  const before = contents(data)
  const failed = await refusedStart(data)
  expect(failed.code).toBe(73)
  expect(failed.output).toContain('cannot be written')
  expect(contents(data)).toEqual(before)
})

test('SIGTERM drains within ten seconds under load, and every answer of before has its event', async () => {
  const data = folder()
  const product = await startProduct({ data })
  const load = startLoad(product, 8)
  while (load.ledger.length < 100) await new Promise((resolve) => setTimeout(resolve, 5))
  const began = performance.now()
  const end = await product.stop()
  expect(end.code).toBe(0)
  expect(performance.now() - began).toBeLessThan(10_000)
  await load.stop()
  const again = await startProduct({ data })
  const client = await new Client(again).signIn()
  const ids = new Set((await client.events()).map((one) => one.event.id))
  const answered = load.ledger.flatMap((line) => line.eventId ?? [])
  expect(answered.filter((id) => !ids.has(id))).toEqual([])
  await again.stop()
})

test('a second SIGINT, as Ctrl-C sends it under npm start, does not cut the drain short', async () => {
  const product = await startProduct({ data: folder() })
  process.kill(product.pid, 'SIGINT')
  while (!product.output().includes('draining')) await new Promise((resolve) => setTimeout(resolve, 1))
  process.kill(product.pid, 'SIGINT')
  process.kill(product.pid, 'SIGTERM')
  expect(await product.ended).toEqual({ code: 0, signal: null })
  expect(existsSync(join(product.data, 'run.json'))).toBe(false)
})

test('a second start finds all it had', async () => {
  const data = await bornFolder()
  const again = await startProduct({ data })
  const client = await new Client(again).signIn()
  const keys = await client.call<{ resources: { name: string }[] }>('GET', '/api/v2/keys')
  expect(keys.json.resources.map((key) => key.name)).toEqual(['first'])
  const created = (await client.events('action=hs-crypto.secrets.create')).map((one) => one.event.target.name)
  expect(created).toEqual(['first'])
  await again.stop()
})
