/** `alerts`, `rules` and `channels` against a server that says what a test wants it to: what is printed, asked and refused. */
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

const trail = '/v1/trackers/us-south'

/** The server answers a call with this from now on; what it was asked is kept. */
function answer(call: string, body: unknown, status = 200): void {
  const [method, path] = call.split(' ')
  server.instead.set(`${method ?? ''} ${trail}${path ?? ''}`, (_seen, response) => {
    if (status === 204) response.writeHead(204).end()
    else json(response, body, status)
  })
}

function refuse(call: string, status: number, code: string): void {
  const [method, path] = call.split(' ')
  server.instead.set(`${method ?? ''} ${trail}${path ?? ''}`, (_seen, response) =>
    problem(response, status, code, 'Refused for a test.'),
  )
}

/** Bodies of the calls so far. */
function asked(call: string): unknown[] {
  const [method, path] = call.split(' ')
  return server.seen
    .filter((seen) => seen.method === method && seen.path === `${trail}${path ?? ''}`)
    .map(({ body }) => (body === '' ? undefined : JSON.parse(body)))
}

/** What a command line that must succeed prints. */
async function good(words: string | readonly string[]): Promise<string> {
  const { exitCode, out, err } = await terminal.keywitness(words)
  if (exitCode !== 0) throw new Error(`${words.toString()}: ${err}`)
  return out
}

const at = '2026-11-25T20:00:00.000Z'
const ana = { id: 'IBMid-1', name: 'ana' }
const rule = {
  id: 'burst',
  name: 'A burst',
  description: 'Many at once.',
  remedy: 'Ask why.',
  severity: 'warning',
  when: { kind: 'count', query: 'outcome:failure', threshold: 5, within: '10m' },
  groupBy: ['initiator.id'],
}
const view = {
  rule,
  version: 2,
  state: 'on',
  pack: 'changed',
  changedAt: at,
  changedBy: ana,
  enabledAt: at,
  matched: 1234,
  lastMatch: at,
  fired: 3,
  lastFired: at,
  isDead: false,
}
const alert = {
  id: '0190a2b4-5f6a-7c3d-8e9f-001122334455',
  rule: 'burst',
  ruleName: 'A burst',
  ruleVersion: 2,
  severity: 'warning',
  state: 'open',
  isMuted: false,
  title: 'A burst: ana',
  text: '5 events within 10m.',
  remedy: 'Ask why.',
  group: [{ field: 'initiator.id', value: 'IBMid-1', name: 'ana' }],
  count: 2,
  firstAt: at,
  lastAt: at,
  raisedAt: at,
  events: [{ id: '0190a2b4-0000-7c3d-8e9f-001122334455', index: 41, time: at, sentence: 'ana deleted a key' }],
  steps: [{ number: 1, kind: 'raised', at, by: { id: 'server', name: 'Keywitness' }, text: '5 events within 10m.' }],
}
const message = { id: alert.id, type: 'alert.raised', createdAt: at, attempts: 3, nextAt: at, problem: 'TLS' }
const channel = {
  id: 'mail',
  name: 'Security',
  kind: 'email',
  minimum: 'warning',
  isOn: true,
  state: 'failing',
  waiting: 1,
  dead: 2,
  createdAt: at,
  failingSince: at,
  problem: 'AUTH',
  settings: {
    to: ['soc@example.com'],
    from: 'keys@example.com',
    host: 'mail.example.com',
    port: 587,
    security: 'starttls',
  },
  hasSecret: true,
}
const mute = {
  id: alert.id,
  rule: 'burst',
  group: { 'initiator.id': 'IBMid-1' },
  reason: 'clean-up',
  until: at,
  createdAt: at,
  createdBy: ana,
  isActive: true,
  muted: 7,
}
const status = {
  engine: { state: 'running', cursor: 9, size: 9, lagEvents: 0, lagMs: 0 },
  counts: { open: { critical: 1, warning: 2, info: 0 }, acknowledged: 1, muted: 4 },
  rules: { on: 49, off: 2, suspended: [], needs: 6, dead: ['A burst'] },
  mutes: 1,
  channels: [channel],
  troubles: [{ code: 'NO_CHANNEL', text: 'No channel is set up.' }],
}

/** Every command that prints what others wrote, and the answer it prints. */
const printing: readonly (readonly [words: string, call: string, body: unknown])[] = [
  ['alerts list', 'GET /alerts', { alerts: [alert], next: null }],
  [`alerts show ${alert.id}`, `GET /alerts/${alert.id}`, alert],
  ['alerts mutes', 'GET /mutes', { mutes: [mute] }],
  ['alerts status', 'GET /alerts/status', status],
  ['rules list', 'GET /rules', { rules: [view] }],
  ['rules show burst', 'GET /rules/burst', view],
  [
    'rules versions burst',
    'GET /rules/burst/versions',
    { versions: [{ version: 1, rule, changedAt: at, changedBy: ana }] },
  ],
  [
    'rules versions burst --diff 1',
    'GET /rules/burst/versions',
    { versions: [{ version: 1, rule, changedAt: at, changedBy: ana }] },
  ],
  [
    'rules calendars list',
    'GET /calendars',
    { calendars: [{ id: 'hours', name: 'Hours', zone: 'UTC', hours: {}, holidays: ['2026-12-25'] }] },
  ],
  [
    'rules calendars show hours',
    'GET /calendars',
    {
      calendars: [
        { id: 'hours', name: 'Hours', zone: 'UTC', hours: { '1': [['08:00', '18:00']] }, holidays: ['2026-12-25'] },
      ],
    },
  ],
  [
    'rules export',
    'GET /rules/export',
    { format: 'keywitness-rules/1', rules: [{ rule, enabled: true }], calendars: [] },
  ],
  ['channels list', 'GET /channels', { channels: [channel] }],
  ['channels show mail', 'GET /channels/mail', channel],
  ['channels dead mail', 'GET /channels/mail/messages', { messages: [message], next: null }],
  ['channels waiting mail', 'GET /channels/mail/messages', { messages: [message], next: null }],
]

/** The same value, each of its texts ending in what would steer a terminal; those that a command goes by stay. */
function hostile(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => hostile(one, name))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([member, one]) => [member, hostile(one, member)]))
  }
  const isGoneBy = ['code', 'id'].includes(name) && (value === 'NO_CHANNEL' || value === 'hours')
  return typeof value !== 'string' || isGoneBy ? value : `${value}\u001b[2J\u0007\r\u202e\u009b1A`
}

test.each(printing)('"%s" shows no text that could steer the terminal', async (words, call, body) => {
  answer(call, hostile(body))
  terminal.environment['NO_COLOR'] = '1'
  for (const columns of [undefined, 60, 140]) {
    terminal.columns = columns
    const { exitCode, out, err } = await terminal.keywitness(words)
    expect(exitCode, err).toBe(0)
    // oxlint-disable-next-line no-control-regex -- it is what must not be there
    expect(out + err).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(out).toContain(String.raw`\u001b`)
  }
})

test.each(printing.filter(([words]) => !words.includes('calendars show') && words !== 'rules export'))(
  '"%s" has an answer for programs, too',
  async (words, call, body) => {
    answer(call, body)
    expect(JSON.parse(await good(`${words} --json`))).toBeTypeOf('object')
  },
)

test('at a narrow terminal no line of a list is longer than it', async () => {
  answer('GET /rules', { rules: Array.from({ length: 3 }, () => view) })
  answer('GET /alerts', { alerts: [alert], next: null })
  terminal.environment['NO_COLOR'] = '1'
  terminal.columns = 60
  for (const words of ['rules list', 'alerts list']) {
    for (const line of (await good(words)).split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  }
})

test('how often a rule fired is told as that: its firings may have joined one alert', async () => {
  answer('GET /rules/burst', { ...view, fired: 8, lastFired: at })
  expect(await good('rules show burst')).toMatch(new RegExp(`fired +8 times, the last at ${at}`))
})

test('an alert is shown with what it is about, its events by index and id, what to do and what was done', async () => {
  answer(`GET /alerts/${alert.id}`, alert)
  const out = await good(`alerts show ${alert.id}`)
  expect(out).toContain('ana (IBMid-1)')
  expect(out).toContain('ana deleted a key\n    entry 41, 0190a2b4-0000-7c3d-8e9f-001122334455\n')
  expect(out).toContain('what to do\n  Ask why.\n')
  expect(out).toContain(`${at}  raised by Keywitness\n`)
})

test('status is exit code 0 while a channel is only missing, and 1 when something is wrong', async () => {
  answer('GET /alerts/status', status)
  expect(await good('alerts status')).toContain('open: 1 critical, 2 warning, 0 info; 1 acknowledged, 4 muted')
  answer('GET /alerts/status', { ...status, troubles: [{ code: 'ENGINE_BEHIND', text: 'Alerts come late.' }] })
  const { exitCode, out, err } = await terminal.keywitness('alerts status')
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: 'error: silence cannot be trusted: ENGINE_BEHIND\n' })
  expect(out).toContain('ENGINE_BEHIND\n    Alerts come late.')
  answer('GET /alerts/status', { ...status, troubles: [] })
  expect(await good('alerts status')).toContain('none: alerting works, and alerts are open')
  const none = { critical: 0, warning: 0, info: 0 }
  answer('GET /alerts/status', { ...status, counts: { ...status.counts, open: none }, troubles: [] })
  expect(await good('alerts status')).toContain('none: silence means that no rule fired')
})

test('alerts are asked for page by page until there are as many as wanted', async () => {
  const alerts = Array.from({ length: 1_000 }, () => alert)
  answer('GET /alerts', { alerts, next: 'x' })
  const words = 'alerts list --state all --severity critical --rule burst --limit 1500 --json'
  const { alerts: found, more } = JSON.parse(await good(words)) as { alerts: unknown[]; more: boolean }
  expect({ count: found.length, more }).toEqual({ count: 1_500, more: true })
  const queries = server.seen.filter(({ path }) => path === `${trail}/alerts`).map(({ query }) => query.toString())
  expect(queries).toEqual([
    'state=all&severity=critical&rule=burst&limit=1000',
    'state=all&severity=critical&rule=burst&limit=500&after=x',
  ])
})

test('alerts are told of as their events come, each asked for once, and nothing in them steers the terminal', async () => {
  const event = { action: 'activity-tracker.alert.raise', responseData: { alert: alert.id } }
  server.instead.set(`GET ${trail}/tail`, (_seen, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: events\nid: 7\ndata: ${JSON.stringify({ events: [{ index: 7, event }], covered: 0 })}\n\n`)
    response.end('event: end\ndata: {}\n\n')
  })
  answer(`GET /alerts/${alert.id}`, { ...alert, isMuted: true, title: 'A burst: \u001b[2J' })
  const out = await good('alerts watch --count 2')
  expect(out).toBe(String.raw`${at}  warning   A burst: \u001b[2J (muted)  ${alert.id}`.concat('\n').repeat(2))
  const tails = server.seen.filter(({ path }) => path === `${trail}/tail`)
  expect(tails.map(({ query, headers }) => [query.get('query'), headers['last-event-id']])).toEqual([
    ['action:==activity-tracker.alert.raise outcome:success', undefined],
    ['action:==activity-tracker.alert.raise outcome:success', '7'],
  ])
  expect(asked(`GET /alerts/${alert.id}`)).toHaveLength(2)
  expect(JSON.parse(await good('alerts watch --count 1 --json'))).toMatchObject({ id: alert.id })
})

test('each step of an alert sends what it says, and a refusal comes with what to do', async () => {
  for (const how of ['acknowledge', 'assign', 'comment', 'close', 'reopen']) {
    answer(`POST /alerts/${alert.id}/${how}`, alert)
  }
  expect(await good(['alerts', 'acknowledge', alert.id, '--comment', 'on it'])).toBe(`acknowledged ${alert.id}\n`)
  await good(`alerts acknowledge ${alert.id}`)
  expect(asked(`POST /alerts/${alert.id}/acknowledge`)).toEqual([{ comment: 'on it' }, {}])
  await good(`alerts assign ${alert.id} IBMid-1`)
  expect(await good(`alerts assign ${alert.id} nobody`)).toBe(`assigned to nobody: ${alert.id}\n`)
  expect(asked(`POST /alerts/${alert.id}/assign`)).toEqual([{ assignee: 'IBMid-1' }, { assignee: null }])
  for (const how of ['comment', 'close', 'reopen']) {
    await good(['alerts', how, alert.id, 'was meant'])
    expect(asked(`POST /alerts/${alert.id}/${how}`)).toEqual([{ comment: 'was meant' }])
  }
  expect((await terminal.keywitness(`alerts close ${alert.id}`)).exitCode).toBe(2)
  refuse(`POST /alerts/${alert.id}/close`, 409, 'ALERT_CLOSED')
  const { exitCode, err } = await terminal.keywitness(['alerts', 'close', alert.id, 'again'])
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('keywitness alerts reopen') })
})

test.each([
  ['A member of the body is not valid.', 'id', 'A member of the body is not valid: id. (400'],
  ['rule.when: Expected another.', 'rule.when', ': rule.when: Expected another. (400'],
])('a refusal names the member at fault, once: %s', async (detail, name, said) => {
  const body = { code: 'INVALID_FIELD_ERR', detail, at: { type: 'field', name } }
  answer('POST /mutes', body, 400)
  const words = ['alerts', 'mute', '--everything', '--until', '+1h', '--reason', 'x']
  expect((await terminal.keywitness(words)).err).toContain(said)
})

test('a mute counts its end from now, and takes what it is about only when that is said', async () => {
  answer('POST /mutes', mute, 201)
  answer(`DELETE /mutes/${mute.id}`, undefined, 204)
  const base = ['alerts', 'mute', '--reason', 'clean-up']
  await good([...base, '--rule', 'burst', '--group', 'initiator.id=a=b', '--until', '+4h'])
  await good([...base, '--everything', '--until', '2026-12-24T18:00:00+01:00'])
  expect(asked('POST /mutes')).toEqual([
    { rule: 'burst', group: { 'initiator.id': 'a=b' }, reason: 'clean-up', until: '2026-11-26T00:00:00.000Z' },
    { everything: true, reason: 'clean-up', until: '2026-12-24T17:00:00.000Z' },
  ])
  for (const [wrong, said] of [
    [['--until', '+4h'], 'which alerts?'],
    [['--everything', '--rule', 'x', '--until', '+4h'], 'everything, or only some?'],
    [['--rule', 'x', '--until', '4h'], 'not a time to come'],
    [['--rule', 'x', '--until', '2025-01-01T00:00:00Z'], 'is over already'],
    [['--rule', 'x', '--group', 'initiator', '--until', '+4h'], 'not a field and a value'],
    [['--query', 'outcome:(', '--until', '+4h'], '^'],
  ] as const) {
    const { exitCode, err } = await terminal.keywitness([...base, ...wrong])
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(said) })
  }
  expect(asked('POST /mutes')).toHaveLength(2)
  expect(await good(['alerts', 'unmute', mute.id, '--reason', 'done'])).toBe(`ended ${mute.id}\n`)
  expect(asked(`DELETE /mutes/${mute.id}`)).toEqual([{ reason: 'done' }])
})
