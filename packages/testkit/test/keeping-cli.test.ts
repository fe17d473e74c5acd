/** Keeping and removing on the command line, against a real server: proposed, approved, pruned, held, verified. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'
import { believeClock, sealStore } from '../src/sealed-store.ts'
import { secondAdministrator } from './second-person.ts'

const main = join(import.meta.dirname, '../../cli/src/main.ts')
const verifier = join(import.meta.dirname, '../../verifier/src/main.ts')

let product: Product
let ana: Client
let bobKey: string
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-keeping-'))
  product = await startProduct({ data: newDataFolder() })
  ana = await new Client(product).signIn()
  bobKey = await secondAdministrator(ana)
})
afterAll(async () => {
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true })
})

async function command(words: readonly string[], apiKey = product.apiKey, program = main) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    KEYWITNESS_URL: product.url,
    KEYWITNESS_API_KEY: apiKey,
    KEYWITNESS_LOCATION: product.location,
  }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...words], { env, cwd: folder })
    return { code: 0, stdout, stderr }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

async function good(words: readonly string[], apiKey?: string, program?: string): Promise<string> {
  const { code, stdout, stderr } = await command(words, apiKey, program)
  expect(code, `${words.join(' ')}: ${stdout}${stderr}`).toBe(0)
  return stdout
}

test('a shorter retention becomes a proposal that another person approves', async () => {
  expect(await good(['retention', 'show'])).toContain('for ever')
  const proposed = await good(['retention', 'set', '30'])
  expect(proposed).toContain('Another person must approve it')
  const { proposals } = JSON.parse(await good(['proposals', 'list', '--json'])) as { proposals: { id: string }[] }
  const id = proposals[0]?.id ?? ''
  const own = await command(['proposals', 'approve', id])
  expect([own.code, own.stderr]).toEqual([3, expect.stringContaining('SECOND_PERSON_REQUIRED')])
  expect(await good(['proposals', 'approve', id], bobKey)).toContain('approved')
  expect(await good(['proposals', 'list'])).toContain('approved')
  expect(await good(['retention', 'show'])).toContain('at least 30 days')
  expect(await good(['retention', 'set', '40'])).toContain('at least 40 days')
  const back = JSON.parse(await good(['retention', 'set', '30', '--json'])) as { id: string }
  await good(['proposals', 'approve', back.id], bobKey)
})

test(
  'a pruned log verifies on the command line, and its copy with the standalone verifier',
  { timeout: 120_000 },
  async () => {
    const key = await ana.createKey('held')
    const hold = (await good(['holds', 'place', 'matter 7', '--query', `key:"${key}"`])).trim()
    for (let batch = 0; batch < 30; batch++) {
      await Promise.all(Array.from({ length: 20 }, () => ana.call('GET', `/api/v2/keys/${key}`)))
    }
    expect(await good(['log', 'verify'])).toContain('hashed again')
    expect(await good(['log', 'minimum-index'])).toContain('nothing was pruned')
    await product.stop()
    sealStore(product.data, product.location, 100, () => Date.now())
    believeClock(product.data, Date.now() + 40 * 86_400_000)
    product = await startProduct({ data: product.data, fault: `clock:ahead@${40 * 86_400}` })
    let minimum = 0
    for (let tries = 0; tries < 100 && minimum === 0; tries++) {
      minimum = (JSON.parse(await good(['log', 'minimum-index', '--json'])) as { minimumIndex: number }).minimumIndex
    }
    expect(minimum).toBeGreaterThan(500)
    const verified = await good(['log', 'verify'])
    expect(verified).toContain(`entries below ${minimum} were pruned by policy (kept at least 30 days), signed`)
    expect(verified).toContain('hashed again')
    await good(['log', 'save', 'copy'])
    const vkey = /\S+\+[0-9a-f]{8}\+\S+/.exec(await good(['log', 'key']))?.[0] ?? ''
    expect(await good(['log', 'copy', '--key', vkey], undefined, verifier)).toContain('were pruned by policy')
    const listed = JSON.parse(await good(['holds', 'list', '--json'])) as {
      holds: { id: string; eventsCopied: number }[]
    }
    expect(listed.holds[0]).toMatchObject({ id: hold, eventsCopied: expect.any(Number) })
    mkdirSync(join(folder, 'matter'))
    await good(['holds', 'evidence', hold, '--save', 'matter'])
    const [file = ''] = readdirSync(join(folder, 'matter'))
    expect(await good(['evidence', join('matter', file), '--key', vkey], undefined, verifier)).toContain('✓')
    expect(await good(['holds', 'release', hold])).toContain('Another person must approve it')
  },
)

test('a tracker is removed by two people', async () => {
  await good(['trackers', 'create', 'eu-de'])
  const { id } = JSON.parse(await good(['trackers', 'remove', '--location', 'eu-de', '--json'])) as { id: string }
  await good(['proposals', 'approve', id, '--location', 'eu-de'], bobKey)
  let removed = ''
  for (let tries = 0; tries < 50 && !removed.includes('archived'); tries++)
    removed = await good(['trackers', 'removed'])
  expect(removed).toContain('archived')
})
