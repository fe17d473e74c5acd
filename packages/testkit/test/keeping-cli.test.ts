/** Keeping and removing on the command line, against a real server: proposed, approved, pruned, held, verified. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import { type Output, processSurroundings } from '../../cli/src/surroundings.ts'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'
import { believeClock, sealStore } from '../src/sealed-store.ts'
import { secondAdministrator } from './second-person.ts'

// Nobody is asked, whatever this runs at.
const { ask: _ask, askText: _askText, confirm: _confirm, ...real } = processSurroundings()
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
  // Files that commands make are named from here.
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir('/')
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true })
})

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line inside this process, with the clock and the network as they are. */
async function command(words: readonly string[], apiKey = product.apiKey): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const output = (take: (text: string) => void): Output => ({ isTerminal: false, columns: undefined, write: take })
  const code = await run(words, {
    ...real,
    home: folder,
    environment: {
      XDG_STATE_HOME: join(folder, 'state'),
      KEYWITNESS_URL: product.url,
      KEYWITNESS_API_KEY: apiKey,
      KEYWITNESS_LOCATION: product.location,
    },
    out: output((text) => void (stdout += text)),
    err: output((text) => void (stderr += text)),
  })
  return { code, stdout, stderr }
}

async function good(words: readonly string[], apiKey?: string): Promise<string> {
  const { code, stdout, stderr } = await command(words, apiKey)
  expect(code, `${words.join(' ')}: ${stdout}${stderr}`).toBe(0)
  return stdout
}

/** The program that needs nothing of the product. @throws Error when it does not end well */
async function verify(words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [verifier, ...words], { cwd: folder })
  return stdout
}

const patient = { timeout: 30_000, interval: 100 }

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
    const pruned = async (): Promise<number> =>
      (JSON.parse(await good(['log', 'minimum-index', '--json'])) as { minimumIndex: number }).minimumIndex
    await expect.poll(pruned, patient).toBeGreaterThan(500)
    const minimum = await pruned()
    const verified = await good(['log', 'verify'])
    expect(verified).toContain(`entries below ${minimum} were pruned by policy (kept at least 30 days), signed`)
    expect(verified).toContain('hashed again')
    await good(['log', 'save', 'copy'])
    const vkey = /\S+\+[0-9a-f]{8}\+\S+/.exec(await good(['log', 'key']))?.[0] ?? ''
    expect(await verify(['log', 'copy', '--key', vkey])).toContain('were pruned by policy')
    const listed = JSON.parse(await good(['holds', 'list', '--json'])) as {
      holds: { id: string; eventsCopied: number }[]
    }
    expect(listed.holds[0]).toMatchObject({ id: hold, eventsCopied: expect.any(Number) })
    mkdirSync(join(folder, 'matter'))
    await good(['holds', 'evidence', hold, '--save', 'matter'])
    const [file = ''] = readdirSync(join(folder, 'matter'))
    expect(await verify(['evidence', join('matter', file), '--key', vkey])).toContain('✓')
    expect(await good(['holds', 'release', hold])).toContain('Another person must approve it')
  },
)

test('a tracker is removed by two people', async () => {
  await good(['trackers', 'create', 'eu-de'])
  const { id } = JSON.parse(await good(['trackers', 'remove', '--location', 'eu-de', '--json'])) as { id: string }
  await good(['proposals', 'approve', id, '--location', 'eu-de'], bobKey)
  await expect.poll(() => good(['trackers', 'removed']), patient).toContain('archived')
})
