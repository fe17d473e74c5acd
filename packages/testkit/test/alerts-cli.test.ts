/** Alerts on the command line, against a whole product: a channel, a rule that fires, what is done about it, and silence. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import { type Output, processSurroundings, type Surroundings } from '../../cli/src/surroundings.ts'
import { receiver, type Receiver } from '../../server/src/outbound/testing/receivers.ts'
import { newDataFolder, type Product, startProduct } from '../src/index.ts'

// Nobody is asked for a secret, whatever this runs at.
const { ask: _ask, ...real } = processSurroundings()

let product: Product
let hook: Receiver
let folder: string
let isTaken = true

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-alerts-'))
  hook = await receiver((_request, response) => response.writeHead(isTaken ? 204 : 410).end())
  product = await startProduct({ data: newDataFolder(), env: { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' } })
})
afterAll(async () => {
  await product.stop()
  product.remove()
  await hook.close()
  rmSync(folder, { recursive: true })
})

/** Runs a command line inside this process, with the clock and the network as they are. */
async function command(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  const output = (take: (text: string) => void): Output => ({ isTerminal: false, columns: undefined, write: take })
  const io: Surroundings = {
    ...real,
    environment: {
      KEYWITNESS_HOME: folder,
      KEYWITNESS_URL: product.url,
      KEYWITNESS_API_KEY: product.apiKey,
      KEYWITNESS_LOCATION: product.location,
      KEYWITNESS_INSTANCE: product.instance,
    },
    out: output((text) => void (stdout += text)),
    err: output((text) => void (stderr += text)),
  }
  return { code: await run(words, io), stdout, stderr }
}

async function good(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(...words)
  expect(code, `${words.join(' ')}: ${stdout}${stderr}`).toBe(0)
  return stdout
}

interface Alert {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly isMuted: boolean
  readonly events: readonly { readonly sentence: string }[]
}

async function alertsOf(rule: string, state = 'active'): Promise<Alert[]> {
  const found = JSON.parse(await good('alerts', 'list', '--rule', rule, '--state', state, '--json')) as {
    alerts: Alert[]
  }
  return found.alerts
}

/** Asks until there is what is waited for: rules look at events a moment after they were recorded. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = performance.now() + 20_000; ;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error('it did not come')
  }
}

async function deletedKey(name: string): Promise<string> {
  const [key = ''] = (await good('keys', 'create', name)).split(' ')
  await good('keys', 'delete', key, '--yes')
  return key
}

const own = {
  id: 'key-gone',
  name: 'A key is gone',
  description: 'A key was deleted.',
  remedy: 'Ask who did it; it can be restored for 30 days.',
  severity: 'critical',
  when: { kind: 'match', query: 'action:==hs-crypto.secrets.delete outcome:success' },
  groupBy: ['key'],
}

test('a channel is made with one command and tried with another', { timeout: 60_000 }, async () => {
  const secret = await good(
    'channels',
    'create',
    'hook',
    '--kind',
    'webhook',
    '--endpoint',
    hook.url,
    '--minimum',
    'info',
  )
  expect(secret).toMatch(/^whsec_[\w+/=]{32,}\n$/)
  expect(await good('channels', 'test', 'hook')).toBe('delivered to hook\n')
  expect(hook.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toContain('channel.test')
  expect(await good('channels', 'list')).toMatch(/^hook\twebhook\tok\tinfo\t\d\t0\t20[\d-]+T[\d:.]+Z\thook\n$/)
  const shown = (await good('channels', 'show', 'hook')) + (await good('channels', 'show', 'hook', '--json'))
  expect(shown + product.output()).not.toContain(secret.trim().slice('whsec_'.length))
})

test('a rule is written, tried on history, turned on, and fires', { timeout: 60_000 }, async () => {
  const file = join(folder, 'rule.json')
  writeFileSync(file, JSON.stringify(own))
  const before = await deletedKey('before')
  expect(await good('rules', 'create', file)).toBe('created key-gone\n')
  const tested = await command('rules', 'test', 'key-gone')
  expect(tested).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^20.*\t1\tbefore\towner deleted .*before.*\n$/),
  })
  expect(tested.stderr).toMatch(/ events from .*: it would have fired once\.\n$/)
  expect(await good('rules', 'enable', 'key-gone', '--reason', 'for a test')).toBe('on key-gone\n')

  const key = await deletedKey('after')
  const alert = await until(async () => (await alertsOf('key-gone'))[0])
  expect(alert.title).toBe('A key is gone: after')
  expect(await alertsOf('key-gone', 'all')).toHaveLength(1)
  const shown = await good('alerts', 'show', alert.id)
  expect(shown).toContain(`after (${key})`)
  expect(shown).toMatch(/owner deleted .*after.*\n {4}entry \d+, [\da-f-]{36}\n/)
  expect(shown).toContain('what to do\n  Ask who did it')
  expect(shown).not.toContain(before)
  await until(async () => hook.received.find(({ body }) => body.includes(alert.id) && body.includes('alert.raised')))
})

test(
  'an alert is acknowledged, commented, closed and reopened, and each stands in it',
  { timeout: 60_000 },
  async () => {
    const [alert] = await alertsOf('key-gone')
    const id = alert?.id ?? ''
    await good('alerts', 'acknowledge', id, '--comment', 'on it')
    await good('alerts', 'comment', id, 'asked the owner')
    await good('alerts', 'close', id, 'was meant')
    expect(await command('alerts', 'close', id, 'again')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('reopen'),
    })
    await good('alerts', 'reopen', id, 'was not meant')
    await good('alerts', 'assign', id, 'nobody')
    const shown = await good('alerts', 'show', id)
    for (const text of ['on it', 'asked the owner', 'was meant', 'was not meant'])
      expect(shown).toContain(`    ${text}\n`)
    await good('alerts', 'close', id, 'done')
    expect(await alertsOf('key-gone')).toEqual([])
  },
)

test('what is muted is raised, and nobody is told', { timeout: 60_000 }, async () => {
  const made = await good('alerts', 'mute', '--rule', 'key-gone', '--until', '+1h', '--reason', 'clean-up')
  const id = made.trim().split(' ').at(-1) ?? ''
  await deletedKey('muted')
  const alert = await until(async () => (await alertsOf('key-gone'))[0])
  expect(alert).toMatchObject({ isMuted: true, title: 'A key is gone: muted' })
  expect(await good('alerts', 'mutes')).toMatch(new RegExp(`^${id}\tkey-gone\t.*\t1\towner\ton\tclean-up\n$`))
  await good('alerts', 'unmute', id, '--reason', 'done')
  expect(await good('alerts', 'mutes')).toBe('')
  expect(await good('alerts', 'mutes', '--all')).toContain('\tover\tclean-up')
  await good('channels', 'test', 'hook')
  expect(hook.received.filter(({ body }) => body.includes(alert.id))).toEqual([])
})

test('rules are exported, changed, compared with what they were, and imported again', { timeout: 60_000 }, async () => {
  const all = join(folder, 'all.json')
  expect(await good('rules', 'export', '-o', all)).toMatch(/: \d+ rules, 1 calendar\n$/)
  expect(await good('rules', 'import', all, '--reason', 'the same')).toMatch(/^0 rules created, 0 changed, 0 deleted; /)
  const shown = JSON.parse(await good('rules', 'show', 'key-gone', '--json')) as { rule: object }
  const changed = join(folder, 'changed.json')
  writeFileSync(changed, JSON.stringify({ ...shown, rule: { ...shown.rule, severity: 'info' } }))
  expect(await good('rules', 'update', 'key-gone', changed)).toBe('changed key-gone, now version 2\n')
  expect(await command('rules', 'update', 'key-gone', changed)).toMatchObject({ code: 3 })
  expect(await good('rules', 'versions', 'key-gone', '--diff', '2')).toContain('severity: "critical" → "info"\n')
  const document = JSON.parse(readFileSync(all, 'utf8')) as { rules: { rule: { id: string } }[] }
  const less = join(folder, 'less.json')
  writeFileSync(
    less,
    JSON.stringify({ ...document, rules: document.rules.filter(({ rule }) => rule.id !== 'key-gone') }),
  )
  expect(await command('rules', 'import', less, '--replace', '--reason', 'without')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('1 would be deleted: key-gone'),
  })
  expect(await good('rules', 'import', less, '--replace', '--yes', '--reason', 'without')).toContain('1 deleted')
  expect((await command('rules', 'show', 'key-gone')).code).toBe(3)
  expect(await good('rules', 'import', all, '--reason', 'back')).toMatch(/^1 rule created, 0 changed, 0 deleted; /)
  expect(await good('rules', 'list', '--state', 'on')).toContain('key-gone\tcritical\ton\t')
})

test(
  'status can be trusted: it is exit code 1 from a failing channel on, and 0 again when that is mended',
  { timeout: 60_000 },
  async () => {
    expect(await good('alerts', 'status')).toContain('none: alerting works, and alerts are open')
    isTaken = false
    const failed = await command('channels', 'test', 'hook')
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('GONE: it wants no more messages (410); it was given up'),
    })
    const status = await command('alerts', 'status')
    expect(status).toMatchObject({ code: 1, stderr: expect.stringContaining('CHANNEL_FAILING, DEAD_LETTERS') })
    const [dead = ''] = (await good('channels', 'dead', 'hook')).split('\t')
    expect(await command('rules', 'enable', 'canary-touched', '--reason', 'x')).toMatchObject({ code: 3 })
    isTaken = true
    expect(await good('channels', 'resend', 'hook', dead)).toBe(`sent again: ${dead}\n`)
    await until(async () =>
      (await good('channels', 'resend', 'hook')) === 'sent again: 0 messages\n' ? true : undefined,
    )
    expect(await good('channels', 'test', 'hook')).toBe('delivered to hook\n')
    await until(async () => ((await command('alerts', 'status')).code === 0 ? true : undefined))
    expect(await good('channels', 'delete', 'hook', '--yes')).toBe('deleted hook\n')
    expect(await good('alerts', 'status')).toContain('! NO_CHANNEL')
  },
)
