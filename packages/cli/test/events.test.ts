/** `status`, `events list`, `events show`, `events tail`: what a person and a script see of the trail. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sentence } from '@keywitness/cadf'
import { toBase64 } from '@keywitness/tlog'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json, location, problem, text } from './log-server.ts'
import { WitnessedLog, eventNumber } from './witnessed-log.ts'

let log: WitnessedLog
let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  log = new WitnessedLog(12)
  server = await LogServer.start(log)
  terminal = terminalAt(server)
})

afterEach(() => server.stop())

const lines = (out: string): string[] => out.trimEnd().split('\n')
const trail = `/v1/trackers/${location}`

test('status tells of the server and its logs', async () => {
  log.grow(3)
  const { exitCode, out } = await terminal.keywitness('status')
  expect(exitCode).toBe(0)
  expect(lines(out)).toEqual([
    `http://${server.address}  ready`,
    'us-south  15 events, 3 not yet covered by a signed checkpoint',
    '  keywitness.test/us-south',
  ])
  expect(JSON.parse((await terminal.keywitness('status --json')).out)).toEqual({
    server: `http://${server.address}`,
    ready: true,
    reasons: [],
    trackers: [{ location: 'us-south', origin: 'keywitness.test/us-south', size: 15, covered: 12 }],
  })
})

test('status tells why a server cannot serve', async () => {
  const reasons = ['the outbox is full']
  server.instead.set('GET /readyz', (_seen, response) => json(response, { ready: false, reasons }, 503))
  const { exitCode, out, err } = await terminal.keywitness('status')
  expect(exitCode).toBe(3)
  expect(out).toBe(`http://${server.address}  not ready\n`)
  expect(err).toBe('error: the server cannot serve now: the outbox is full\n')
})

test('status knows another program when it answers', async () => {
  server.instead.set('GET /readyz', (_seen, response) => text(response, 'ok'))
  expect(await terminal.keywitness('status')).toMatchObject({ exitCode: 3, out: '' })
})

test('a list has one line an event, newest first, tab-separated in a pipe', async () => {
  const { exitCode, out } = await terminal.keywitness('events list --limit 3')
  expect(exitCode).toBe(0)
  expect(lines(out).map((line) => line.split('\t'))).toEqual([
    ['2026-11-25 19:00:11 UTC', 'normal', sentence(log.events[11]!), 'success 201', '11'],
    ['2026-11-25 19:00:10 UTC', 'normal', sentence(log.events[10]!), 'success 201', '10'],
    ['2026-11-25 19:00:09 UTC', 'normal', sentence(log.events[9]!), 'success 201', '9'],
  ])
})

test('on a terminal it is a table as wide as the terminal, coloured unless NO_COLOR', async () => {
  terminal.columns = 90
  const { out } = await terminal.keywitness('events list --limit 9')
  expect(out).toContain('time (UTC)')
  expect(out).toContain('\u001b[31mcritical')
  terminal.environment['NO_COLOR'] = '1'
  const plain = await terminal.keywitness('events list --limit 9')
  expect(plain.out).not.toContain('\u001b')
  expect(Math.max(...lines(plain.out).map((line) => line.length))).toBeLessThanOrEqual(90)
  expect(plain.err).toBe('There are more; raise --limit (now 9) or narrow the filters.\n')
})

test('every filter reaches the server as it is', async () => {
  const words =
    'events list --from -24h --to now --order asc --limit 5 --action hs-crypto.secrets.create --action a.b.c ' +
    '--severity warning,critical --outcome failure --initiator IBMid-1 --target crn:v1 --key-id k --instance i ' +
    '--correlation-id c --reason-code 403 --text billing'
  expect(await terminal.keywitness(words)).toMatchObject({ exitCode: 0 })
  const query = server.seen.at(-1)!.query
  expect([...query].map(([name, value]) => `${name}=${value}`).toSorted()).toEqual(
    [
      'from=-24h',
      'to=now',
      'order=asc',
      'limit=5',
      'action=hs-crypto.secrets.create',
      'action=a.b.c',
      'severity=warning',
      'severity=critical',
      'outcome=failure',
      'initiator=IBMid-1',
      'target=crn:v1',
      'keyId=k',
      'instance=i',
      'correlationId=c',
      'reasonCode=403',
      'text=billing',
    ].toSorted(),
  )
})

test('more than a page is read page by page, and no more than asked', async () => {
  server.log = new WitnessedLog(2300)
  const { out } = await terminal.keywitness('events list --limit 2100 --json')
  const { events, more } = JSON.parse(out) as { events: { index: number }[]; more: boolean }
  expect(events.map(({ index }) => index)).toEqual(Array.from({ length: 2100 }, (_, i) => 2299 - i))
  expect(more).toBe(true)
  const limits = server.seen.filter(({ path }) => path.endsWith('/events')).map(({ query }) => query.get('limit'))
  expect(limits).toEqual(['1000', '1000', '100'])
})

test('a name cannot steer the terminal', async () => {
  const event = { ...eventNumber(12), message: 'x' }
  const evil = { ...event, target: { ...event.target, name: 'a\u001b]0;owned\u0007\u202e\nb' } }
  const answer = { events: [{ index: 12, event: evil }], next: null, covered: 12 }
  server.instead.set(`GET ${trail}/events`, (_seen, response) => json(response, answer))
  const { out } = await terminal.keywitness('events list')
  expect(lines(out)).toHaveLength(1)
  expect(out).toContain('key a\\u001b]0;owned\\u0007\\u202e\\u000ab')
  const asJson = (await terminal.keywitness('events list --json')).out
  expect(asJson).not.toContain('\u202e')
  expect(JSON.parse(asJson)).toMatchObject({ events: answer.events })
})

test('an event of another form is told of, not hidden', async () => {
  const answer = { events: [{ index: 12, event: { action: 'x' } }], next: null, covered: 12 }
  server.instead.set(`GET ${trail}/events`, (_seen, response) => json(response, answer))
  expect((await terminal.keywitness('events list')).out).toBe(
    '\t\tan event in a form that this command does not know\t\t12\n',
  )
})

test('an answer of another form is an error, not a crash', async () => {
  for (const answer of [null, {}, { events: 7 }, { events: [{}] }, { events: [{ index: -1 }] }]) {
    server.instead.set(`GET ${trail}/events`, (_seen, response) => json(response, answer))
    const { exitCode, err } = await terminal.keywitness('events list')
    expect(exitCode).toBe(3)
    expect(err).toMatch(/^error: the server answered .* in another form than this command knows\n$/)
  }
})

test('show tells the fields, what they mean, and proves the event', async () => {
  const { exitCode, out } = await terminal.keywitness('events show 6')
  expect(exitCode).toBe(0)
  expect(lines(out)[0]).toBe(sentence(log.events[6]!))
  for (const part of [
    'critical',
    'failure: 403 Forbidden',
    'The role Writer is missing.',
    'Ana (IBMid-50TR4N, token)',
  ]) {
    expect(out).toContain(part)
  }
  expect(out).toContain('what it means')
  expect(lines(out).at(-1)).toBe('proven: entry 6 of the log of 12 entries, by its own bytes')
})

test('show says when an event is only recorded, and does not prove when told not to', async () => {
  log.grow(1)
  expect(lines((await terminal.keywitness('events show 12')).out).at(-1)).toBe(
    'recorded: entry 12, not yet covered by a signed checkpoint',
  )
  expect(lines((await terminal.keywitness('events show 3 --no-proof')).out).at(-1)).toBe(
    'covered: entry 3, by a signed checkpoint',
  )
})

test('show as JSON', async () => {
  const { out } = await terminal.keywitness(['events', 'show', log.events[3]!.id, '--json'])
  expect(JSON.parse(out)).toMatchObject({ index: 3, state: 'proven', sequence: 3, event: log.events[3] })
})

test('a server that shows another event than it logged is found out', async () => {
  const answer = { index: 3, event: log.events[4], entry: toBase64(log.entries[4]!), covered: true }
  server.instead.set(`GET ${trail}/events/3`, (_seen, response) => json(response, answer))
  const { exitCode, out, err } = await terminal.keywitness('events show 3')
  expect(exitCode).toBe(1)
  expect(out).toBe('')
  expect(err).toMatch(/^FAILED: the event shown as entry 3 is not the one its receipt proves/)
})

test('a tail prints events as they come, and ends when it has enough', async () => {
  const { exitCode, out } = await terminal.keywitness('events tail --after 8 --count 2 --severity normal')
  expect(exitCode).toBe(0)
  expect(lines(out)).toEqual([
    `2026-11-25 19:00:09 UTC  normal    ${sentence(log.events[9]!)}  success 201  #9`,
    `2026-11-25 19:00:10 UTC  normal    ${sentence(log.events[10]!)}  success 201  #10`,
  ])
  expect(server.seen.at(-1)!.query.get('severity')).toBe('normal')
})

test('a tail that the server ends goes on where it was, none twice', async () => {
  const waits: number[] = []
  terminal.onWait = (ms) => {
    waits.push(ms)
    log.grow(1)
  }
  const { exitCode, out } = await terminal.keywitness('events tail --after 9 --count 4 --json')
  expect(exitCode).toBe(0)
  expect(lines(out).map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([10, 11, 12, 13])
  const tails = server.seen.filter(({ path }) => path.endsWith('/tail'))
  expect(tails.map(({ headers }) => headers['last-event-id'])).toEqual(['9', '11', '12'])
})

test('a tail comes back after its connection was cut', async () => {
  let cuts = 2
  server.instead.set(`GET ${trail}/tail`, (seen, response) => {
    if (cuts-- > 0) response.destroy()
    else server.answer(seen, response)
  })
  const { exitCode, err } = await terminal.keywitness('events tail --after 9 --count 2')
  expect(exitCode).toBe(0)
  expect(lines(err)).toHaveLength(2)
})

test('a tail gives up when nothing comes again and again', async () => {
  server.instead.set(`GET ${trail}/tail`, (_seen, response) => void response.destroy())
  expect(await terminal.keywitness('events tail')).toMatchObject({ exitCode: 3 })
})

test('a refused tail says why at once', async () => {
  server.instead.set(`GET ${trail}/tail`, (_seen, response) => problem(response, 403, 'FORBIDDEN', 'Not yours.'))
  const { exitCode, err } = await terminal.keywitness('events tail')
  expect(exitCode).toBe(3)
  expect(lines(err)).toEqual([
    expect.stringMatching(
      /^error: refused by .*: Not yours. \(403 FORBIDDEN, witnessed by event .*\); ask an administrator/,
    ),
  ])
})
