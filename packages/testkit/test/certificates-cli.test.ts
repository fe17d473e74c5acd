/** The guide to client certificates, as a reader would follow it: every command and program of it, in its order, against a real product. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import type { Surroundings } from '../../cli/src/surroundings.ts'
import { Client, type Product, startProduct } from '../src/index.ts'
import { settled } from './second-person.ts'

const root = join(import.meta.dirname, '../../..')
const [certificates, recovery] = ['certificates', 'certificates-recovery'].map((name) =>
  readFileSync(join(root, `docs/guides/${name}.md`), 'utf8'),
) as [string, string]
const guide = `${certificates}\n${recovery}`
const passphrase = 'correct horse battery staple'
const execute = promisify(execFile)

let product: Product
let client: Client
let folder: string
let environment: Record<string, string | undefined>
const ids: Record<string, string> = {}
/** How far the clock of server and command line is ahead. */
let aheadMs = 0
/** Everything that any command has shown. */
let shown = ''

interface Ran {
  readonly line: string
  readonly code: number
  readonly out: string
  readonly err: string
}

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
  folder = mkdtempSync(join(tmpdir(), 'keywitness-certificates-'))
  environment = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    KEYWITNESS_DATA: product.data,
    KEYWITNESS_HOME: join(folder, 'home'),
    EP11_ADDRESS: product.ep11.replace('127.0.0.1', 'localhost'),
    EP11_CA: join(product.data, 'tls/ca.pem'),
    IDENTITY_URL: product.url,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(product.data, 'tls/ca.pem'),
  }
  ids['guid'] = product.instance
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@keywitness'), { recursive: true })
  symlinkSync(join(root, 'packages/ep11-client'), join(modules, '@keywitness/ep11-client'))
  symlinkSync(join(root, 'node_modules/@grpc'), join(modules, '@grpc'))
  for (const [, name = '', text = ''] of guide.matchAll(/```js\n\/\/ ([\w.-]+\.[cm]js)\n(.*?)```/gs)) {
    writeFileSync(join(folder, name), text)
  }
  writeSample()
}, 60_000)
afterAll(async () => {
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** In the place of IBM's sample, which is not in this tree: it makes its credentials as that does, without arguments. */
function writeSample(): void {
  mkdirSync(join(folder, 'examples'))
  writeFileSync(
    join(folder, 'examples/encrypt-and-decrypt.js'),
    `const grpc = require('@grpc/grpc-js')
const protoLoader = require('@grpc/proto-loader')
const { readFileSync } = require('node:fs')
const definition = protoLoader.loadSync(${JSON.stringify(join(root, 'packages/ep11-client/src/schema/grep11.proto'))})
const { Crypto } = grpc.loadPackageDefinition(definition).grep11
const body = new URLSearchParams({
  grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: readFileSync('payments.apikey', 'utf8').trim() })
fetch(process.env.IDENTITY_URL + '/identity/token', { method: 'POST', body }).then((answer) => answer.json()).then((token) => {
  const client = new Crypto(process.env.EP11_ADDRESS, grpc.credentials.createSsl())
  const metadata = new grpc.Metadata()
  metadata.set('authorization', 'Bearer ' + token.access_token)
  client.GenerateRandom({ len: 8 }, metadata, (error, answer) => {
    console.log(error ? 'failed: ' + error.message : 'made ' + answer.rnd.length)
    client.close()
  })
})
`,
  )
}

/** The commands of the section whose heading this is, up to the next heading. */
function commandsOf(heading: string, text: string): string[] {
  const [, section = ''] = new RegExp(`^##+ ${heading}\n(.*?)(?=^##+ |\\Z)`, 'ms').exec(`${text}\n## `) ?? []
  const lines = [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.trim().split('\n'))
  expect(lines, heading).not.toEqual([])
  return lines
}

/** One line of the guide, its placeholders filled in. */
async function follow(line: string): Promise<Ran> {
  const filled = line.replaceAll(/<(\w+)>/g, (_, name: string) => ids[name] ?? '')
  const [, name, value = ''] = /^(?:export|unset) (\w+)(?:=(.*))?$/.exec(filled) ?? []
  if (name !== undefined) {
    environment[name] = value === '' ? undefined : name === 'KEYWITNESS_API_KEY_FILE' ? join(folder, value) : value
    return { line, code: 0, out: '', err: '' }
  }
  const ran = filled.startsWith('keywitness ') ? await keywitness(filled) : await shell(filled)
  shown += ran.out + ran.err
  return { line, ...ran }
}

async function keywitness(line: string): Promise<Omit<Ran, 'line'>> {
  const [command = '', file] = line.slice('keywitness '.length).split(' > ')
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? '',
  )
  let out = ''
  let err = ''
  const answer = (question: string): string => {
    err += question
    return /[Pp]assphrase|The same/.test(question) ? passphrase : 'yes'
  }
  const io: Surroundings = {
    environment,
    home: folder,
    out: { isTerminal: false, columns: undefined, write: (text) => void (out += text) },
    err: { isTerminal: false, columns: undefined, write: (text) => void (err += text) },
    fetch: globalThis.fetch,
    now: () => Date.now() + aheadMs,
    wait: (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms)
      }),
    signal: new AbortController().signal,
    ask: (question) => Promise.resolve(answer(question)),
    confirm: (question) => Promise.resolve(answer(question) === 'yes'),
  }
  const before = process.cwd()
  process.chdir(folder)
  try {
    const code = await run(words, io)
    if (file !== undefined) writeFileSync(join(folder, file), out, { mode: 0o600 })
    return { code, out: file === undefined ? out : '', err }
  } finally {
    process.chdir(before)
  }
}

async function shell(line: string): Promise<Omit<Ran, 'line'>> {
  const { stdout, stderr } = await execute('sh', ['-ec', line], { cwd: folder, env: environment })
  return { code: 0, out: stdout, err: stderr }
}

/** Follows a section, in which every command succeeds. */
async function followed(heading: string, text = guide): Promise<Ran[]> {
  const all: Ran[] = []
  for (const line of commandsOf(heading, text)) {
    const ran = await follow(line)
    expect(ran.code, `${line}\n${ran.out}${ran.err}`).toBe(0)
    const [, made, id = ''] = /iam (?:users|service-ids) create (\w+)[\s\S]*?\n(\S+)/.exec(`${line}\n${ran.out}`) ?? []
    if (made !== undefined) ids[made.toLowerCase()] = id
    ids['recovery'] = /^open (\S+)$/m.exec(ran.out)?.[1] ?? ids['recovery'] ?? ''
    all.push(ran)
  }
  return all
}

const outOf = (all: readonly Ran[], start: string): string[] =>
  all.filter(({ line }) => line.startsWith(start)).map(({ out }) => out)

const connect = 'keywitness cert connect --api-key-file payments.apikey'

test('from zero to a client that works', async () => {
  const all = await followed('From zero to a client that works')
  const [none, before, after] = outOf(all, 'keywitness cert connect')
  expect(none).toContain('let in without a certificate')
  expect(before).toContain('let in; mutual TLS is off, so the certificate was not checked\n')
  expect(before).toContain('clients with this certificate are let in once that authority is set\n')
  expect(after).toContain('  let in with this certificate\n')
  expect(outOf(all, 'keywitness cert set')).toEqual([
    'trial  set\nMutual TLS is ON from now on: clients of EP11 without a certificate are refused (generation 1).\n',
  ])
  const [file = ''] = /\/\S+\.priv/.exec(outOf(all, 'keywitness cert adminkey set')[0] ?? '') ?? []
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toContain('ENCRYPTED PRIVATE KEY')
  expect(readFileSync(join(folder, 'trial-copy.pem'), 'utf8')).toBe(readFileSync(join(folder, 'trial-ca.pem'), 'utf8'))
}, 60_000)

test('a client without a certificate, or with one of another authority, is refused, and told why', async () => {
  const none = await follow(connect)
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('refused without a certificate')])
  for (const line of [
    'keywitness cert make-ca other-ca',
    'keywitness cert make-client other --ca other-ca.pem --ca-key other-ca.key',
  ]) {
    expect((await follow(line)).code).toBe(0)
  }
  const foreign = await follow(`${connect} --certificate other.pem --key other.key`)
  expect([foreign.code, foreign.err]).toEqual([1, expect.stringContaining('refused with this certificate')])
  expect(foreign.out).toMatch(/witnessed by event [0-9a-f-]{36}/)
})

test('clients of Node and IBM’s samples show their certificate', async () => {
  expect((await followed('Node')).map(({ out }) => out)).toEqual(['16 random bytes\n'])
  expect((await followed("IBM's samples in JavaScript")).at(-1)?.out).toBe('made 8\n')
}, 60_000)

test('authorities of OpenSSL serve, and one takes the place of another', async () => {
  const all = await followed('Authorities with OpenSSL')
  expect(outOf(all, 'openssl verify')).toEqual(['payments.pem: OK\n'])
  const change = await followed('Change over without a gap')
  expect(outOf(change, 'keywitness cert connect')[0]).toContain('let in with this certificate')
  expect(outOf(change, 'keywitness cert delete')[0]).toContain('trial  deleted\nMutual TLS is on')
  // A version 1 certificate, and its authority.
  const ibm = await follow('keywitness cert set --cert-id ibm --cert ibm-ca.pem')
  expect(ibm.code, ibm.err).toBe(0)
  const known = await follow(`${connect} --certificate ibm-client.pem --key ibm-client.key`)
  expect(known.out).toContain('let in with this certificate')
  const old = await follow(`${connect} --certificate trial.pem --key trial.key`)
  expect([old.code, old.err]).toEqual([1, expect.stringContaining('refused with this certificate')])
  expect((await follow('keywitness cert delete --cert-id ibm')).code).toBe(0)
}, 60_000)

test('a key is replaced by one that it signs for, and mutual TLS goes off with the last certificate', async () => {
  const all = await followed('Another administrator')
  const [list = ''] = outOf(all, 'keywitness cert list')
  expect(list).toMatch(/clients-2026\s+Ana\s/)
  expect(outOf(all, 'keywitness cert status')[0]).toContain(`Certificates of Ana (${ids['ana']})`)
  const [gone = '', status = ''] = (await followed('Switch it off')).map(({ out }) => out)
  expect(gone).toContain('Mutual TLS is OFF from now on: clients of EP11 need no certificate')
  expect(status).toContain('Mutual TLS is off')
  expect((await follow(connect)).out).toContain('let in without a certificate')
}, 60_000)

test('what is refused says what to do: no role, a leaf, a short key', async () => {
  const stranger = await follow('keywitness cert status --api-key-file payments.apikey')
  expect([stranger.code, stranger.err]).toEqual([3, expect.stringContaining('the role CertificateAdministrator')])
  const leaf = await follow('keywitness cert set --cert-id leaf --cert trial.pem')
  expect([leaf.code, leaf.err]).toEqual([
    2,
    expect.stringContaining('that of CN=trial; give the certificate of its issuer: CN=trial-ca'),
  ])
  await shell('openssl req -x509 -newkey rsa:1024 -nodes -days 9 -subj /CN=weak -keyout weak.key -out weak.pem')
  const weak = await follow('keywitness cert set --cert-id weak --cert weak.pem')
  expect([weak.code, weak.err]).toEqual([3, expect.stringMatching(/witnessed by event .*; nothing was done/)])
}, 60_000)

test('the transcript proves every command from its event alone, those of evidence too, and what was refused is told', async () => {
  await settled(client)
  await receipted()
  const all = await followed('What was done, and who signed it')
  const [listed = '', proved = ''] = outOf(all, 'keywitness cert transcript')
  expect(listed).toMatch(/^✓ +8 {2}proved: signed by the key in force$/m)
  expect(listed).toContain('9 commands: 8 proved, 0 not proved, 1 refused\n')
  expect(listed).toMatch(/^ {6}mutual TLS went ON$[\s\S]*^ {6}mutual TLS went OFF$/m)
  expect(listed).toMatch(
    /^In force at the end\n {2}mutual TLS: off\n {2}Ana .*\n {4}key [0-9a-f]{64}\n {4}no certificate\n/m,
  )
  expect(listed).toMatch(/^– +1 {2}refused$/m)
  expect(listed).not.toContain('✗')
  expect(listed.match(/^ {2}key [0-9a-f]{64}$/gm)).toHaveLength(2)
  expect(proved).toMatch(
    /✓ the events are proved by certificates\.evidence: every entry of the log from 0 to .* nothing was left out between them\n$/,
  )
  expect(proved).toContain('9 commands: 8 proved, 0 not proved, 1 refused\n')
}, 60_000)

test('a transcript that does not begin at the beginning proves less, and says so', async () => {
  const { administrators } = JSON.parse((await follow('keywitness cert transcript --json')).out) as {
    administrators: { keys: { commands: { index: number }[] }[] }[]
  }
  const begin = (administrators[0]?.keys[0]?.commands[0]?.index ?? 0) + 1
  await follow(`keywitness evidence make --complete --first ${begin} -o part.evidence`)
  const { code, out, err } = await follow('keywitness cert transcript part.evidence')
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^FAILED: [3-8] commands that no administrator's signature proves/),
  ])
  expect(out).toContain(
    `! the evidence begins at entry ${begin.toLocaleString('en-US')} of the log, not at the first one`,
  )
}, 60_000)

/** Until a checkpoint covers what was recorded. */
async function receipted(): Promise<void> {
  const { eventId = '' } = await client.call('GET', '/v1/trackers')
  await client.event(eventId)
  await client.receipt(eventId)
}

test('two people recover a lost key, and each can still be stopped', async () => {
  const all = await followed('A lost key')
  const [before = '', waiting = ''] = outOf(all, 'keywitness cert recover list')
  expect(before).toContain(ids['ana'])
  expect(before).toContain('No recovery was proposed.')
  const [proposing] = all.filter(({ line }) => line.includes('recover propose'))
  expect(proposing?.err).toContain('another administrator of the account must approve within 7 days')
  const [approving] = all.filter(({ line }) => line.includes('recover approve'))
  expect(approving?.err).toContain('The server does it by itself in 24 hours')
  expect(approving?.out).toContain(`approved ${ids['recovery']}`)
  expect(waiting).toMatch(/approved\s+\d{4}-/)
  expect(outOf(all, 'keywitness cert recover withdraw')[0]).toContain(`withdrawn ${ids['recovery']}`)
  const both = await followed('What somebody left behind')
  expect(both[0]?.err).toContain('They have no certificates: no client is concerned.')

  const again = await follow('keywitness cert recover withdraw <recovery>')
  expect([again.code, again.err]).toEqual([3, expect.stringContaining('tells how it ended')])
  const own = await follow('keywitness cert recover propose <ana> --json')
  ids['recovery'] = (JSON.parse(own.out) as { id: string }).id
  const alone = await follow('keywitness cert recover approve <recovery> --yes')
  expect([alone.code, alone.err]).toEqual([3, expect.stringContaining('another administrator of the account')])
  const nobody = await follow('keywitness cert recover propose <payments>')
  expect([nobody.code, nobody.err]).toEqual([2, expect.stringContaining('no such administrator')])
}, 60_000)

/** As Ana, whose credentials the guide has let go of before. */
async function asAna<T>(work: () => Promise<T>): Promise<T> {
  environment['KEYWITNESS_API_KEY_FILE'] = join(folder, 'ana.apikey')
  try {
    return await work()
  } finally {
    delete environment['KEYWITNESS_API_KEY_FILE']
  }
}

test('a recovery that nobody stops is performed after the waiting time, and a new key rules what has stayed', async () => {
  const [set = ''] = (await asAna(() => followed('Every certificate has ended'))).map(({ out }) => out)
  expect(set).toContain('clients-2028  set\nMutual TLS is ON from now on')
  await followed('Another administrator', recovery)
  // That of the test before waits for its second person.
  const approved = await follow('keywitness cert recover approve <recovery> --api-key-file bob.apikey')
  expect(approved.code, approved.err).toBe(0)

  await product.stop()
  aheadMs = 25 * 3_600_000
  product = await startProduct({ data: product.data, fault: `clock:ahead@${aheadMs / 1_000}` })
  client = await new Client(product).signIn()
  await expect
    .poll(async () => (await follow('keywitness cert recover list')).out, { timeout: 30_000 })
    .toMatch(/\bperformed\b/)
  const frozen = await follow('keywitness cert status --all')
  expect(frozen.out.replaceAll(/\s+/g, ' ')).toContain(`no key: clients-2028 of Ana (${ids['ana']}).`)
  const all = await asAna(() => followed('A new key', recovery))
  expect(outOf(all, 'keywitness cert list')[0]).toContain('clients-2028')
  expect((await follow('keywitness cert status --all')).out).not.toContain('frozen')

  await settled(client)
  const { code, out, err } = await follow('keywitness cert transcript')
  expect([code, err]).toEqual([0, expect.any(String)])
  expect(out).toContain('1 by a recovery')
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/changes of certificates: \d+, counted from the first one on/)
}, 120_000)

test('no passphrase, private key or token was shown', () => {
  expect(shown.length).toBeGreaterThan(2_000)
  for (const secret of [passphrase, readFileSync(join(folder, 'ana.apikey'), 'utf8').trim(), 'eyJ']) {
    expect(shown.includes(secret)).toBe(false)
  }
  expect(shown).not.toMatch(/BEGIN (ENCRYPTED |EC |RSA )?PRIVATE KEY/)
})
