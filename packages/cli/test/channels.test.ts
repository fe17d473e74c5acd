/** `channels`: what options become, where secrets come from, and whether a test message arrives. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { json, LogServer, problem } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

const channels = '/v1/trackers/us-south/channels'
const message = '0190a2b4-5f6a-7c3d-8e9f-001122334455'

function answer(call: string, body: unknown): void {
  const [method, path] = call.split(' ')
  server.instead.set(`${method ?? ''} ${channels}${path ?? ''}`, (_seen, response) => json(response, body))
}

function asked(method: string, path = ''): Record<string, unknown>[] {
  return server.seen
    .filter((seen) => seen.method === method && seen.path === `${channels}${path}`)
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
}

function file(name: string, text: string): string {
  const path = join(terminal.folder, name)
  writeFileSync(path, text)
  return path
}

const mailWords =
  'channels create mail --kind email --to a@example.com --to b@example.com --from k@example.com --host mail.example.com'

test('options become the settings of the kind, with the usual ports and security', async () => {
  answer('POST ', {})
  const ca = file('ca.pem', '-----BEGIN CERTIFICATE-----\n')
  const mail = { to: ['a@example.com', 'b@example.com'], from: 'k@example.com', host: 'mail.example.com' }
  for (const [options, settings] of [
    ['', { ...mail, port: 587, security: 'starttls' }],
    [
      '--port 465 --digest weekly --digest-at 07:30 --zone Europe/Berlin',
      { ...mail, port: 465, security: 'tls', digest: 'weekly', digestAt: '07:30', zone: 'Europe/Berlin' },
    ],
    ['--security tls', { ...mail, port: 465, security: 'tls' }],
    ['--security none', { ...mail, port: 25, security: 'none' }],
    ['--port 2525', { ...mail, port: 2525, security: 'starttls' }],
  ] as const) {
    await terminal.keywitness(`${mailWords} ${options}`.trim())
    expect(asked('POST').at(-1)).toEqual({
      id: 'mail',
      name: 'mail',
      kind: 'email',
      settings,
      minimum: 'warning',
      isOn: true,
    })
  }
  await terminal.keywitness([
    'channels',
    'create',
    'siem',
    '--kind',
    'syslog',
    '--host',
    'siem',
    '--ca-file',
    ca,
    '--minimum',
    'info',
    '--off',
    '--name',
    'The SIEM',
  ])
  expect(asked('POST').at(-1)).toEqual({
    id: 'siem',
    name: 'The SIEM',
    kind: 'syslog',
    settings: { port: 6514, host: 'siem', ca: '-----BEGIN CERTIFICATE-----\n' },
    minimum: 'info',
    isOn: false,
  })
})

test('settings come from a file, and options win over it', async () => {
  answer('POST ', {})
  const settings = file('settings.json', JSON.stringify({ host: 'other', port: 1514, facility: 'audit' }))
  await terminal.keywitness(`channels create siem --kind syslog --settings-file ${settings} --host siem`)
  expect(asked('POST')[0]?.['settings']).toEqual({ host: 'siem', port: 1514, facility: 'audit' })
  const none = await terminal.keywitness(
    `channels create siem --kind syslog --settings-file ${file('none.json', '[]')}`,
  )
  expect(none).toMatchObject({ exitCode: 2, err: expect.stringContaining('none.json holds no settings') })
  const both = await terminal.keywitness('channels create x --kind slack --settings-file - --secret-file -')
  expect(both).toMatchObject({ exitCode: 2, err: expect.stringContaining('cannot both be the standard input') })
})

test('an option of another kind is refused here, and so is a secret of a kind that has none', async () => {
  const { exitCode, err } = await terminal.keywitness('channels create hook --kind webhook --digest-at 07:30')
  expect({ exitCode, err }).toEqual({
    exitCode: 2,
    err: 'error: a channel of the kind webhook has no --digest-at; it is for email\n',
  })
  const secret = file('secret', 'x')
  const siem = await terminal.keywitness(`channels create siem --kind syslog --host h --secret-file ${secret}`)
  expect(siem).toMatchObject({ exitCode: 2, err: expect.stringContaining('has no secret') })
  expect(server.seen).toEqual([])
})

test('a secret comes from a file or is asked for, goes to the server, and is never printed', async () => {
  answer('POST ', {})
  const password = file('password', 'hunter2 \n')
  const made = await terminal.keywitness(`${mailWords} --user keys --secret-file ${password}`)
  expect(asked('POST')[0]?.['secret']).toEqual({ password: 'hunter2 ' })
  expect(made.out + made.err).not.toContain('hunter2')
  for (const [kind, name] of [
    ['slack', 'url'],
    ['teams', 'url'],
    ['pagerduty', 'routingKey'],
  ] as const) {
    const refused = await terminal.keywitness(`channels create x --kind ${kind}`)
    expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('needs its secret; give --secret-file') })
    terminal.typed = ' s3cret '
    const { exitCode, out, err } = await terminal.keywitness(`channels create x --kind ${kind}`)
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: 'created x\n' })
    expect(err).toMatch(/^(?:URL|Integration key) .*: $/)
    expect(asked('POST').at(-1)?.['secret']).toEqual({ [name]: 's3cret' })
    terminal.typed = undefined
  }
  const empty = await terminal.keywitness(`channels create x --kind slack --secret-file ${file('empty', '\n')}`)
  expect(empty).toMatchObject({ exitCode: 2, err: expect.stringContaining('is empty') })
})

test('the signing secret that was made is the output and nothing else', async () => {
  const signingSecret = `whsec_${'A'.repeat(44)}`
  answer('POST ', { id: 'hook', signingSecret })
  const words = 'channels create hook --kind webhook --endpoint https://soc.example.com/hook --heartbeat 5m'
  const { out, err } = await terminal.keywitness(words)
  expect({ out, err }).toEqual({ out: `${signingSecret}\n`, err: expect.stringContaining('Keep it now') })
  expect(asked('POST')[0]).toMatchObject({ settings: { url: 'https://soc.example.com/hook', heartbeat: '5m' } })
  answer('POST ', { id: 'hook' })
  expect((await terminal.keywitness(words)).err).toContain('gave no signing secret')
})

test('an update changes what is given and leaves the rest', async () => {
  const settings = { to: ['a@example.com'], host: 'mail', digest: 'daily' }
  answer('GET /mail', { id: 'mail', kind: 'email', settings })
  answer('PUT /mail', {})
  expect((await terminal.keywitness('channels update mail --to b@example.com --unset digest')).out).toBe(
    'changed mail\n',
  )
  await terminal.keywitness('channels update mail --minimum critical')
  await terminal.keywitness('channels enable mail')
  await terminal.keywitness('channels disable mail')
  expect(asked('PUT', '/mail')).toEqual([
    { settings: { to: ['b@example.com'], host: 'mail' } },
    { minimum: 'critical' },
    { isOn: true },
    { isOn: false },
  ])
  expect(await terminal.keywitness('channels update mail')).toMatchObject({ exitCode: 2 })
  expect(await terminal.keywitness('channels update mail --unset zone')).toMatchObject({
    exitCode: 2,
    err: 'error: mail has no setting zone; it has to, host, digest\n',
  })
})

/** The message waits for so many looks, and then is where it is said to be. */
function waits(looks: number, then: 'delivered' | 'dead', found: object = {}): void {
  answer('POST /mail/test', { message })
  let left = looks
  server.instead.set(`GET ${channels}/mail/messages`, ({ query }, response) => {
    const state = query.get('state')
    const isHere = state === 'waiting' ? left-- > 0 : state === then
    // A later message stands where ours was.
    const id = isHere ? message : `${message.slice(0, -1)}9`
    json(response, { messages: query.get('after') === message.slice(0, -1) ? [{ id, ...found }] : [], next: null })
  })
}

test('a test waits for the delivery of its own message', async () => {
  waits(3, 'delivered')
  const pauses: number[] = []
  terminal.onWait = (ms) => pauses.push(ms)
  expect(await terminal.keywitness('channels test mail')).toEqual({ exitCode: 0, out: 'delivered to mail\n', err: '' })
  expect(pauses).toEqual([300, 500, 1_000, 2_000])
})

test('a test that fails says why, whether it is tried again, and is exit code 1', async () => {
  waits(2, 'delivered', { problem: 'TLS' })
  const { exitCode, err } = await terminal.keywitness('channels test mail')
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: 'error: the test message did not reach mail: TLS: TLS failed, or its certificate is not trusted (--ca-file trusts an authority of your own); it is tried again: see keywitness channels waiting\n',
  })
  waits(0, 'dead', { problem: 'STATUS_404' })
  const dead = await terminal.keywitness('channels test mail --json')
  expect(dead).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('STATUS_404: it answered 404; it was given up'),
  })
  expect(JSON.parse(dead.out)).toEqual({ channel: 'mail', message, state: 'dead', problem: 'STATUS_404' })
})

test('a test that nothing is heard of ends when its time is over', async () => {
  waits(1_000, 'delivered')
  const pauses: number[] = []
  terminal.onWait = (ms) => pauses.push(ms)
  const { exitCode, err } = await terminal.keywitness('channels test mail')
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('not delivered in 15 s') })
  expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(15_000)
  expect(pauses.length).toBeLessThan(15)
})

test('all dead letters are sent again until no more are left, or one of them', async () => {
  let left = 700
  server.instead.set(`POST ${channels}/mail/resend`, (_seen, response) => {
    const resent = Math.min(500, left)
    left -= resent
    json(response, { resent })
  })
  expect((await terminal.keywitness('channels resend mail')).out).toBe('sent again: 700 messages\n')
  answer(`POST /mail/messages/${message}/resend`, { resent: 1 })
  expect((await terminal.keywitness(`channels resend mail ${message}`)).out).toBe(`sent again: ${message}\n`)
})

test('a channel is deleted only when that is meant, and not while a rule names it', async () => {
  expect(await terminal.keywitness('channels delete mail')).toMatchObject({ exitCode: 2 })
  expect(server.seen).toEqual([])
  server.instead.set(`DELETE ${channels}/mail`, (_seen, response) => problem(response, 409, 'IN_USE', 'In use.'))
  expect(await terminal.keywitness('channels delete mail --yes')).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('take it out of the rules that name it first'),
  })
})
