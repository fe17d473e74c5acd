/** A seal under a passphrase: starts by setting and at a terminal, and starts that must fail and lose nothing. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openSeal, protectSeal } from '@keywitness/crypto-unit/seal-envelope'
import { afterEach, expect, test } from 'vitest'
import { Client, newDataFolder, startProduct } from '../src/index.ts'
import { refusedStart } from './refused-start.ts'

const folders: string[] = []
const folder = (): string => {
  const made = newDataFolder()
  folders.push(made)
  return made
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

/** Marked, so that it is found wherever it went. */
const passphrase = `pass ${randomBytes(12).toString('hex')} phrase`
const sealOf = (data: string): Buffer => readFileSync(join(data, 'seal.key'))

/** Every file below a folder with the hash of its content. */
function contents(path: string): Record<string, string> {
  const files = readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== 'lock.db')
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    files.map((file) => [file.slice(path.length), createHash('sha256').update(readFileSync(file)).digest('hex')]),
  )
}

/** A data folder with the key `first`, stopped. */
async function bornFolder(env: Record<string, string> = {}): Promise<string> {
  const data = folder()
  const product = await startProduct({ data, env })
  await (await new Client(product).signIn()).createKey('first')
  await product.stop()
  return data
}

/** Starts, finds the key `first` working, and stops. */
async function startWorks(data: string, env: Record<string, string>): Promise<void> {
  const product = await startProduct({ data, env })
  const client = await new Client(product).signIn()
  const keys = await client.call<{ resources: { id: string; name: string }[] }>('GET', '/api/v2/keys')
  expect(keys.json.resources.map((key) => key.name)).toEqual(['first'])
  const wrapped = await client.call('POST', `/api/v2/keys/${keys.json.resources[0]?.id}/actions/wrap`, { body: {} })
  expect(wrapped.status).toBe(200)
  expect(await product.stop()).toEqual({ code: 0, signal: null })
}

test('a first start with a passphrase puts the new seal under it, and it is nowhere to be read', async () => {
  const data = folder()
  const product = await startProduct({ data, env: { KEYWITNESS_SEAL_PASSPHRASE: passphrase } })
  const client = await new Client(product).signIn()
  await client.createKey('first')
  const told = [
    product.output(),
    readFileSync(join(data, 'run.json'), 'utf8'),
    readFileSync(join(data, 'server.log'), 'utf8'),
    JSON.stringify(await client.events()),
    await (await fetch(`${product.privateUrl}/metrics`)).text(),
    process.platform === 'linux' ? readFileSync(`/proc/${product.unitPid}/environ`, 'utf8') : '',
  ]
  expect(told.filter((text) => text.includes(passphrase))).toEqual([])
  await product.stop()
  const files = readdirSync(data, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(5)
  const seal = Buffer.from(openSeal(sealOf(data), passphrase))
  const holding = files.filter((entry) => {
    const bytes = readFileSync(join(entry.parentPath, entry.name))
    return bytes.includes(passphrase) || bytes.includes(seal)
  })
  expect(holding.map(({ name }) => name)).toEqual([])

  const file = join(folder(), 'passphrase')
  writeFileSync(file, `${passphrase}\n`, { mode: 0o600 })
  await startWorks(data, { KEYWITNESS_SEAL_PASSPHRASE_FILE: file })
})

test.skipIf(process.platform === 'win32')(
  'a diagnostic report of the running server does not hold the passphrase',
  async () => {
    const data = folder()
    const env = { KEYWITNESS_SEAL_PASSPHRASE: passphrase, NODE_OPTIONS: `--report-on-signal --report-filename=report` }
    const product = await startProduct({ data, env })
    const report = join(data, 'report')
    process.kill(product.pid, 'SIGUSR2')
    while (!existsSync(report) || !isJson(readFileSync(report, 'utf8'))) await setTimeout(5)
    const text = readFileSync(report, 'utf8')
    expect(text).toContain('KEYWITNESS_DATA')
    expect(text).not.toContain(passphrase)
    await product.stop()
  },
)

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('without the passphrase, or with another one, the start fails, says why, and changes nothing', async () => {
  const data = await bornFolder()
  writeFileSync(join(data, 'seal.key'), protectSeal(sealOf(data), passphrase))
  const before = contents(data)
  const without = await refusedStart(data)
  expect(without.code).toBe(78)
  expect(without.output).toContain('(SEAL)')
  expect(without.output).toContain('KEYWITNESS_SEAL_PASSPHRASE')
  expect(without.output).toContain('terminal')
  const wrong = `${passphrase}!`
  const failed = await refusedStart(data, { KEYWITNESS_SEAL_PASSPHRASE: wrong })
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('The passphrase is another one, or the file was altered. (SEAL)')
  expect(failed.output).not.toContain(passphrase)
  expect(contents(data)).toEqual(before)
  await startWorks(data, { KEYWITNESS_SEAL_PASSPHRASE: passphrase })
})

test('a passphrase for a seal that is under none is refused: nobody shall believe it is protected', async () => {
  const data = await bornFolder()
  const before = contents(data)
  const failed = await refusedStart(data, { KEYWITNESS_SEAL_PASSPHRASE: passphrase })
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('is not under a passphrase')
  expect(failed.output).toContain('keywitness seal protect')
  expect(contents(data)).toEqual(before)
  await startWorks(data, {})
})

test('a first start with a passphrase that is too short makes no seal', async () => {
  const data = folder()
  const failed = await refusedStart(data, { KEYWITNESS_SEAL_PASSPHRASE: 'too short' })
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('it has 9 characters and must have 12')
  expect(readdirSync(data)).not.toContain('seal.key')
  const product = await startProduct({ data })
  await product.stop()
})

test('a lost seal is not replaced by a new one under the passphrase', async () => {
  const data = await bornFolder()
  rmSync(join(data, 'seal.key'))
  const failed = await refusedStart(data, { KEYWITNESS_SEAL_PASSPHRASE: passphrase })
  expect(failed.code).toBe(78)
  expect(failed.output).toContain('is missing')
  expect(readdirSync(data)).not.toContain('seal.key')
})

test.each<[string, (envelope: Buffer) => Uint8Array, string]>([
  ['asks for all memory', (envelope) => envelope.fill(0xff, 10, 14), 'memoryKiB of Argon2id'],
  ['was cut to the length of a plain one', (envelope) => envelope.subarray(0, 32), 'damaged'],
  ['goes on for megabytes', (envelope) => Buffer.concat([envelope, Buffer.alloc(8_000_000)]), 'damaged'],
  ['is of a later version', (envelope) => envelope.fill(2, 8, 9), 'format version 2'],
  ['is empty', () => Buffer.alloc(0), 'exactly 32 bytes'],
])('a seal that %s is refused', async (_what, damage, words) => {
  const data = folder()
  const envelope = Buffer.from(protectSeal(randomBytes(32), passphrase))
  writeFileSync(join(data, 'seal.key'), damage(envelope), { mode: 0o600 })
  const failed = await refusedStart(data, { KEYWITNESS_SEAL_PASSPHRASE: passphrase })
  expect(failed.code).toBe(78)
  expect(failed.output).toContain(words)
})
