/** E-mail over real connections: how it is secured and signed in, what is tried again, and servers that mean harm. */
import type { Socket } from 'node:net'
import { simpleParser } from 'mailparser'
import { afterEach, expect, test } from 'vitest'
import { selfSigned } from '../../testing/self-signed.ts'
import { addressRule } from '../addresses.ts'
import type { SenderParts } from '../sender.ts'
import {
  endless,
  mailPassword,
  type MailServer,
  mailServer,
  mailUser,
  scripted,
  talker,
} from '../testing/mail-servers.ts'
import { openSendingHouse } from '../testing/sending-house.ts'
import type { EmailSettings } from './email.ts'

const own = selfSigned('mail.test')
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened<Server extends { close(): Promise<void> }>(server: Promise<Server>): Promise<Server> {
  const made = await server
  open.push(made)
  return made
}

/** A house whose names all lead to loopback. */
function house(options: Partial<SenderParts> = {}) {
  return openSendingHouse({ resolve: async () => ['127.0.0.1'], attemptMs: 5_000, ...options })
}

const to = ['on-call@example.com', 'security@example.com']

function settings(port: number, more: Partial<EmailSettings> = {}): EmailSettings {
  return { to, from: 'alerts@kms.example', host: 'mail.test', port, security: 'starttls', ca: own.cert, ...more }
}

/** Sends once; answers what is left in the queue. */
async function sent(here: ReturnType<typeof house>, of: object, secret = '') {
  const target = here.channel('email', of, secret)
  const message = here.queue(target, { say: 'ä key was used\n.\n..' })
  await here.turn()
  return { target, message, left: () => here.messages.find(target, message) }
}

const signedIn = { user: mailUser }

test.each([
  ['STARTTLS', { ...own }, { security: 'starttls', ...signedIn }],
  ['TLS from the first byte', { ...own, secure: true }, { security: 'tls', ...signedIn }],
] as const)('by %s, with a private authority and a password, a letter arrives', async (_what, options, more) => {
  const here = house()
  const server = await opened(mailServer(options))
  const { message, left } = await sent(here, settings(server.port, more), mailPassword)
  expect(left()).toBeUndefined()
  expect(server.received).toHaveLength(1)
  const [letter] = server.received as [MailServer['received'][number]]
  expect(letter).toMatchObject({ from: 'alerts@kms.example', to, isSecure: true, user: mailUser })
  const mail = await simpleParser(letter.raw)
  expect(mail.messageId).toBe(`<${message}@keywitness.test>`)
  expect(mail.date?.getTime()).toBe(Math.floor(here.clock.time / 1_000) * 1_000)
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
  expect(JSON.parse(mail.text ?? '')).toEqual({ say: 'ä key was used\n.\n..' })
  expect(mail.html).toContain('ä key was used')
})

test('without TLS a letter goes to an address the operator listed, and nowhere else', async () => {
  const here = house()
  const server = await opened(mailServer({ hideSTARTTLS: true }))
  const { left } = await sent(here, settings(server.port, { security: 'none' }))
  expect([left(), server.received[0]?.isSecure]).toEqual([undefined, false])
  const open8 = house({ resolve: async () => ['8.8.8.8'] })
  expect((await sent(open8, settings(25, { security: 'none' }))).left()?.problem).toBe('ADDRESS_REFUSED')
})

test.each([
  ['metadata', ['169.254.169.254']],
  ['a private address that is not listed', ['10.0.0.1']],
  ['a listed and a private address', ['127.0.0.1', '192.168.1.1']],
  ['IPv6 around a private address', ['::ffff:10.0.0.1']],
])('a name that leads to %s is refused', async (_what, addresses) => {
  const server = await opened(mailServer(own))
  const { left } = await sent(house({ resolve: async () => addresses }), settings(server.port))
  expect([left()?.problem, server.received]).toEqual(['ADDRESS_REFUSED', []])
})

test.each(['2130706433', '0x7f.1', '127.0.0.1', '::1', '::ffff:127.0.0.1'])(
  'so is %s in place of a name',
  async (host) => {
    const server = await opened(mailServer(own))
    const { left } = await sent(house({ addresses: addressRule([]) }), settings(server.port, { host }))
    expect(left()?.problem).toBe('ADDRESS_REFUSED')
  },
)

test.each(['starttls', 'tls'] as const)(
  'by %s a certificate nobody trusts, or of another name, gets no password',
  async (security) => {
    const here = house()
    const server = await opened(mailServer({ ...own, secure: security === 'tls' }))
    const { ca: _ca, ...without } = settings(server.port, { security, ...signedIn })
    expect((await sent(here, without, mailPassword)).left()?.problem).toBe('TLS')
    const other = settings(server.port, { security, ...signedIn, host: 'other.test' })
    expect((await sent(here, other, mailPassword)).left()?.problem).toBe('TLS')
    expect([server.passwords, server.received]).toEqual([[], []])
  },
)

test('a server that does not offer the TLS that is asked for gets neither password nor letter', async () => {
  const here = house()
  const server = await opened(
    mailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true }),
  )
  const { left } = await sent(here, settings(server.port, signedIn), mailPassword)
  expect(left()).toMatchObject({ state: 'waiting', problem: 'TLS' })
  expect([server.passwords, server.received]).toEqual([[], []])
})

test('a wrong password is tried again, since somebody may set it right; it stands in no log', async () => {
  const here = house()
  const server = await opened(mailServer(own))
  const { left } = await sent(here, settings(server.port, signedIn), 'not the password')
  expect(left()).toMatchObject({ state: 'waiting', problem: 'AUTH', attempts: 1 })
  expect(server.passwords).toEqual(['not the password'])
  expect((await sent(here, settings(server.port, signedIn))).left()?.problem).toBe('AUTH')
  const logged = JSON.stringify(here.logged)
  expect(logged).toContain('AUTH')
  expect(logged).not.toMatch(/not the password|Invalid username/)
})

test('a server that wants a sign-in, when none is set, says so', async () => {
  const server = await opened(mailServer({ ...own, authOptional: false }))
  expect((await sent(house(), settings(server.port))).left()?.problem).toBe('AUTH')
})

test('a server that knows no sign-in gets no letter when one is set', async () => {
  const server = await opened(mailServer({ ...own, disabledCommands: ['AUTH'] }))
  const { left } = await sent(house(), settings(server.port, signedIn), mailPassword)
  expect(left()?.problem).toBe('AUTH')
  expect([left()?.state, server.received]).toEqual(['waiting', []])
})

test.each([
  ['recipient', 'RCPT', 451],
  ['letter', 'DATA', 452],
] as const)('a %s that is put off comes later, as the same letter', async (_what, at, code) => {
  const here = house()
  const server = await opened(mailServer(own))
  server.refusals.push({ at, code })
  const { message, left } = await sent(here, settings(server.port, { to: ['on-call@example.com'] }))
  expect(left()).toMatchObject({ state: 'waiting', problem: `SMTP_${code}` })
  here.clock.time = left()?.nextAt ?? 0
  await here.turn()
  expect(left()).toBeUndefined()
  expect(server.received.map(({ raw }) => /^Message-ID: (.*)\r$/m.exec(raw)?.[1])).toEqual([
    `<${message}@keywitness.test>`,
  ])
})

test.each([
  ['recipient', 'RCPT', 550],
  ['letter', 'DATA', 554],
] as const)('a %s that is refused for good is given up', async (_what, at, code) => {
  const here = house()
  const server = await opened(mailServer(own))
  server.refusals.push({ at, code })
  const { left } = await sent(here, settings(server.port, { to: ['gone@example.com'] }))
  expect(left()).toMatchObject({ state: 'dead', problem: `SMTP_${code}` })
  expect(JSON.stringify(here.logged)).not.toMatch(/the receiver wrote this/)
})

test('when one of two recipients is refused the other has the letter, and the refusal shows', async () => {
  const here = house()
  const server = await opened(mailServer(own))
  server.refusals.push({ at: 'RCPT', code: 550, address: to[0] ?? '' })
  const refused = await sent(here, settings(server.port))
  expect(refused.left()).toMatchObject({ state: 'dead', problem: 'SMTP_550' })
  expect(server.received.map((letter) => letter.to)).toEqual([[to[1]]])
  server.refusals.push({ at: 'RCPT', code: 450, address: to[1] ?? '' })
  const deferred = await sent(here, settings(server.port))
  expect(deferred.left()).toMatchObject({ state: 'waiting', problem: 'SMTP_450' })
})

const hello = { EHLO: '250 hello\r\n', MAIL: '250 ok\r\n', RCPT: '250 ok\r\n' }

test.each([
  ['that says nothing', () => undefined, 'TIMEOUT'],
  ['that greets and says nothing more', scripted('220 hi\r\n', {}), 'TIMEOUT'],
  ['that stops in the middle', scripted('220 hi\r\n', hello), 'TIMEOUT'],
  [
    'that drops the connection in the letter',
    scripted('220 hi\r\n', { ...hello, DATA: '354 go\r\n', LETTER: 'drop' }),
    'NO_CONNECTION',
  ],
  ['that drops the connection at once', (socket: Socket) => socket.destroy(), 'NO_CONNECTION'],
  ['that takes the letter and never says so', scripted('220 hi\r\n', { ...hello, DATA: '354 go\r\n' }), 'TIMEOUT'],
  ['whose greeting never ends', endless('220-hi\r\n'), 'BAD_ANSWER'],
  ['whose line never ends', endless('2'), 'BAD_ANSWER'],
  ['whose lines are endless and empty', endless('\r\n'), 'BAD_ANSWER'],
  ['that answers what was not asked', endless('250 ok\r\n'), 'BAD_ANSWER'],
  ['that speaks another language', scripted('SSH-2.0-OpenSSH\r\n', {}), 'BAD_ANSWER'],
  ['that says a code of its own', scripted('999999999999 hi\r\n', {}), 'BAD_ANSWER'],
  ['that is closing down', scripted('421 later\r\n', {}), 'SMTP_421'],
  ['that wants nobody', scripted('554 no\r\n', {}), 'SMTP_554'],
] as const)('a server %s ends in time, and the letter waits', async (_what, talk, problem) => {
  const server = await opened(talker(talk))
  const { left } = await sent(house({ attemptMs: 700 }), settings(server.port, { security: 'none' }))
  expect(left()).toMatchObject({ state: 'waiting', problem })
})

test.each([
  ['never end', '220-hi\r\n'],
  ['are endless and empty', '\r\n'],
])('replies over TLS that %s are cut off as well', async (_what, text) => {
  const server = await opened(talker(endless(text), own))
  const { left } = await sent(house(), settings(server.port, { security: 'tls' }))
  expect(left()).toMatchObject({ state: 'waiting', problem: 'BAD_ANSWER' })
})

test('a port that nobody listens on, and settings nobody can read', async () => {
  const here = house()
  expect((await sent(here, settings(1))).left()?.problem).toBe('NO_CONNECTION')
  expect((await sent(here, settings(1, { host: 'a b' }))).left()).toMatchObject({
    state: 'dead',
    problem: 'BAD_SETTINGS',
  })
})

test('at a stop a letter under way is cut short, and nothing is said of it', async () => {
  const here = house({ attemptMs: 60_000 })
  const came = Promise.withResolvers<void>()
  const server = await opened(talker(() => came.resolve()))
  const target = here.channel('email', settings(server.port))
  const message = here.queue(target)
  here.sender.look()
  await came.promise
  await here.sender.stop()
  expect(here.messages.find(target, message)).toMatchObject({ state: 'waiting', attempts: 0, problem: null })
})
