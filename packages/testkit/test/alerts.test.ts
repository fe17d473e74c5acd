/** Alerts through the API of a whole product: who may what, what is refused, what is told, and what stays secret. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesHolding } from '../src/files-holding.ts'
import { Client, type Product, startProduct } from '../src/index.ts'
import { sampleChannel, sampleRule } from './drive-alerts.ts'
import { secondAdministrator } from './second-person.ts'

let product: Product
let ana: Client
let officer: Client
let auditor: Client
let trail: string
let sink: Server
const received: { readonly url: string; readonly body: { readonly type: string; readonly [name: string]: unknown } }[] =
  []
/** What the sink answers. */
let answers = 200

beforeAll(async () => {
  sink = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      received.push({ url: request.url ?? '', body: JSON.parse(Buffer.concat(pieces).toString()) as never })
      response.writeHead(answers).end()
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  product = await startProduct({
    env: { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8', KEYWITNESS_CONSOLE_URL: 'https://audit.example.com' },
  })
  ana = await new Client(product).signIn()
  trail = `/v1/trackers/${product.location}`
  const scope = { kind: 'tracker', id: product.location }
  const as = async (name: string, role: string): Promise<Client> =>
    new Client({ ...product, apiKey: await secondAdministrator(ana, name, scope, role) }).signIn()
  officer = await as('otto', 'Officer')
  auditor = await as('audrey', 'Auditor')
})
afterAll(async () => {
  await product.stop()
  product.remove()
  sink.close()
})

const sinkUrl = (path: string): string => `http://127.0.0.1:${(sink.address() as AddressInfo).port}/${path}`
const reason = { reason: 'test' }

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const began = performance.now(); performance.now() - began < 15_000;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error('it did not come about within 15 s')
}

interface Alert {
  readonly id: string
  readonly state: string
  readonly count: number
  readonly isMuted: boolean
}

const alertsOf = async (rule: string): Promise<Alert[]> =>
  (await ana.call<{ alerts: Alert[] }>('GET', `${trail}/alerts?state=all&rule=${rule}`)).json.alerts

/** A rule of its own for each use of a key. */
async function watchedKey(id: string, severity = 'critical'): Promise<string> {
  const key = await ana.createKey(id)
  const when = { kind: 'match', query: `action:hs-crypto.secrets.wrap key:${key}` }
  const rule = { ...sampleRule(id, when), severity }
  expect((await officer.call('POST', `${trail}/rules`, { body: { rule } })).status).toBe(201)
  expect((await officer.call('POST', `${trail}/rules/${id}/enable`, { body: reason })).status).toBe(200)
  return key
}
const use = (key: string) => ana.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })

test('auditors see and change nothing, officers do everything but channels, others see nothing', async () => {
  const until90 = new Date(Date.now() + 60_000).toISOString()
  const calls = [
    ['GET', '/rules', undefined, [200, 200]],
    ['GET', '/rules/export', undefined, [200, 200]],
    ['GET', '/alerts', undefined, [200, 200]],
    ['GET', '/alerts/status', undefined, [200, 200]],
    ['GET', '/mutes', undefined, [200, 200]],
    ['GET', '/calendars', undefined, [200, 200]],
    ['GET', '/channels', undefined, [200, 200]],
    ['POST', '/rules', { rule: sampleRule('rights') }, [401, 201]],
    ['POST', '/rules/rights/enable', reason, [401, 200]],
    ['POST', '/rules/rights/disable', reason, [401, 200]],
    ['POST', '/rules/test', { rule: sampleRule('rights') }, [401, 200]],
    ['DELETE', '/rules/rights', reason, [401, 204]],
    ['POST', '/mutes', { ...reason, everything: true, until: until90 }, [401, 201]],
    ['GET', '/channels/none', undefined, [401, 401]],
    ['POST', '/channels', sampleChannel('rights'), [401, 401]],
  ] as const
  const stranger = await ana.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'stranger' } })
  const key = await ana.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: stranger.json.id, name: 'k' },
  })
  const nobody = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  for (const [method, path, body, [ofAuditor, ofOfficer]] of calls) {
    const options = body === undefined ? {} : { body }
    expect([path, (await auditor.call(method, `${trail}${path}`, options)).status]).toEqual([path, ofAuditor])
    expect([path, (await nobody.call(method, `${trail}${path}`, options)).status]).toEqual([path, 401])
    expect([path, (await officer.call(method, `${trail}${path}`, options)).status]).toEqual([path, ofOfficer])
  }
  for (const mute of (await ana.call<{ mutes: { id: string }[] }>('GET', `${trail}/mutes`)).json.mutes) {
    await officer.call('DELETE', `${trail}/mutes/${mute.id}`, { body: reason })
  }
})

test('a rule keeps its versions; each change is in the trail with before and after, and two do not overwrite each other', async () => {
  const rule = sampleRule('versions')
  await officer.call('POST', `${trail}/rules`, { body: { rule } })
  const changed = await officer.call('PUT', `${trail}/rules/versions`, {
    body: { rule: { ...rule, name: 'Another', lists: { keys: ['k1'] } }, version: 1 },
  })
  expect([changed.status, (changed.json as { version: number }).version]).toEqual([200, 2])
  const late = await officer.call('PUT', `${trail}/rules/versions`, { body: { rule, version: 1 } })
  expect([late.status, (late.json as { code: string }).code]).toEqual([409, 'CONFLICT'])
  const event = await ana.event(changed.eventId)
  expect(event).toMatchObject({
    action: 'activity-tracker.rule.update',
    requestData: { rule: 'versions', newValue: { lists: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    responseData: { ruleVersion: 2 },
  })
  const { initialValue, newValue } = event.requestData as { [side: string]: { rule: string } }
  expect([JSON.parse(initialValue?.rule ?? ''), JSON.parse(newValue?.rule ?? '')]).toMatchObject([
    { name: 'A sample' },
    { name: 'Another' },
  ])
  await officer.call('DELETE', `${trail}/rules/versions`, { body: reason })
  const { json } = await ana.call<{ versions: { version: number; isDeleted: boolean }[] }>(
    'GET',
    `${trail}/rules/versions/versions`,
  )
  expect(json.versions.map(({ version, isDeleted }) => [version, isDeleted])).toEqual([
    [3, true],
    [2, false],
    [1, false],
  ])
})

test.each([
  ['nothing in it', {}, 'rule.groupBy'],
  [
    'a query that cannot be read',
    { ...sampleRule('bad'), when: { kind: 'match', query: 'action:(' } },
    'rule.when.query',
  ],
  ['a field that is none', { ...sampleRule('bad'), groupBy: ['colour'] }, 'rule.groupBy.0'],
  ['a condition on time', { ...sampleRule('bad'), when: { kind: 'match', query: 'time:-5m' } }, 'rule.when.query'],
  [
    'a calendar that there is not',
    { ...sampleRule('bad'), during: { calendar: 'x', is: 'inside' } },
    'rule.during.calendar',
  ],
  ['a channel that there is not', { ...sampleRule('bad'), channels: ['x'] }, 'rule.channels'],
  [
    'a window that is none',
    { ...sampleRule('bad'), when: { kind: 'count', query: '', threshold: 3, within: 'soon' } },
    'rule.when.within',
  ],
])('a rule with %s is refused with the place at fault', async (_what, rule, name) => {
  const reply = await officer.call<{ code: string; at: { name: string } }>('POST', `${trail}/rules`, { body: { rule } })
  expect([reply.status, reply.json.code, reply.json.at.name]).toEqual([400, 'INVALID_FIELD_ERR', name])
})

test('a rule that needs a list or a database of locations cannot be turned on before it has it', async () => {
  for (const id of ['canary-touched', 'impossible-travel']) {
    const reply = await officer.call<{ code: string }>('POST', `${trail}/rules/${id}/enable`, { body: reason })
    expect([reply.status, reply.json.code]).toEqual([409, 'RULE_NEEDS'])
  }
  const key = await ana.createKey('canary')
  const { json } = await ana.call<{ rule: object }>('GET', `${trail}/rules/canary-touched`)
  await officer.call('PUT', `${trail}/rules/canary-touched`, {
    body: { rule: { ...json.rule, lists: { canaries: [key] } } },
  })
  expect((await officer.call('POST', `${trail}/rules/canary-touched/enable`, { body: reason })).status).toBe(200)
  await use(key)
  await until(async () => (await alertsOf('canary-touched'))[0])
})

test('rules are exported and imported as one document; what is the same stays, and nothing is half imported', async () => {
  const { json: whole } = await ana.call<{ rules: { rule: { id: string }; enabled: boolean }[] }>(
    'GET',
    `${trail}/rules/export`,
  )
  const imported = (rules: readonly object[], mode: string) =>
    officer.call('POST', `${trail}/rules/import`, { body: { ...whole, rules, mode, ...reason } })
  expect((await imported(whole.rules, 'replace')).json).toEqual({
    created: 0,
    updated: 0,
    removed: 0,
    unchanged: whole.rules.length,
  })
  const another = { rule: sampleRule('imported'), enabled: true }
  expect((await imported([another, { rule: { id: 'broken' } }], 'add')).status).toBe(400)
  expect((await ana.call('GET', `${trail}/rules/imported`)).status).toBe(404)
  const added = await imported([another], 'add')
  expect(added.json).toMatchObject({ created: 1, removed: 0 })
  expect((await ana.call<{ state: string }>('GET', `${trail}/rules/imported`)).json.state).toMatch(/^(on|learning)$/)
  const request = (await ana.event(added.eventId)).correlationId
  const events = await ana.events(`correlationId=${request}`)
  expect(events.map(({ event }) => event.action).toSorted()).toEqual([
    'activity-tracker.rule.create',
    'activity-tracker.rule.enable',
    'activity-tracker.rule.import',
  ])
  const without = whole.rules.filter(({ rule }) => rule.id !== 'new-key')
  expect((await imported(without, 'replace')).json).toMatchObject({ removed: 2, created: 0 })
  expect((await imported(whole.rules, 'replace')).json).toMatchObject({ removed: 0, created: 1 })
})

test('a test on what was recorded says what a rule would have fired, and raises nothing', async () => {
  const key = await ana.createKey('tested')
  for (let uses = 0; uses < 5; uses++) await use(key)
  await ana.event((await use(key)).eventId)
  const when = { kind: 'count', query: `action:hs-crypto.secrets.wrap key:${key}`, threshold: 3, within: '1h' }
  const reply = await officer.call<{
    total: number
    isComplete: boolean
    firings: { text: string; events: unknown[] }[]
  }>('POST', `${trail}/rules/test`, { body: { rule: sampleRule('tested', when), from: '-1h' } })
  expect(reply.json).toMatchObject({ total: 2, isComplete: true, firings: [{ count: 3 }, { count: 3 }] })
  expect(reply.json.firings[0]?.text).toMatch(/^3 events within 1h\./)
  expect(await alertsOf('tested')).toEqual([])
})

test('from an operation to the message, with a link, signed by nobody else; the life of an alert is told, too', async () => {
  const key = await watchedKey('told')
  const channel = { ...sampleChannel('told'), settings: { url: sinkUrl('told') } }
  expect((await ana.call('POST', `${trail}/channels`, { body: channel })).status).toBe(201)
  const toldOf = () =>
    received.flatMap(({ url, body }) => {
      const { alert } = body as { readonly alert?: { readonly rule: { readonly id: string } } }
      return url === '/told' && alert?.rule.id === 'told' ? [body] : []
    })
  await use(key)
  const [alert] = await until(async () => {
    const found = await alertsOf('told')
    return found.length > 0 ? found : undefined
  })
  const id = alert?.id ?? ''
  for (const [step, body] of [
    ['acknowledge', {}],
    ['comment', { comment: 'I ask her.' }],
    ['assign', { assignee: null }],
    ['close', { comment: 'It was planned.' }],
  ] as const) {
    expect((await officer.call('POST', `${trail}/alerts/${id}/${step}`, { body })).status).toBe(200)
  }
  expect((await officer.call('POST', `${trail}/alerts/${id}/close`, { body: { comment: 'again' } })).status).toBe(409)
  expect((await officer.call('POST', `${trail}/alerts/${id}/comment`, { body: {} })).status).toBe(400)
  await use(key)
  await until(async () => ((await alertsOf('told')).length === 2 ? true : undefined))
  // Another of its group is open by now.
  expect((await officer.call('POST', `${trail}/alerts/${id}/reopen`, { body: { comment: 'no' } })).status).toBe(409)
  await until(() => (toldOf().length >= 4 ? true : undefined))
  const told = toldOf()
  expect(told.map(({ type }) => type).toSorted()).toEqual([
    'alert.acknowledged',
    'alert.closed',
    'alert.raised',
    'alert.raised',
  ])
  expect(told.find(({ type }) => type === 'alert.closed')).toMatchObject({
    by: { name: 'otto' },
    comment: 'It was planned.',
    url: `https://audit.example.com/alerts/${product.location}?alert=${id}`,
  })
  const { json } = await ana.call<{ steps: { kind: string; by: { name: string } }[] }>('GET', `${trail}/alerts/${id}`)
  expect(json.steps.map(({ kind, by }) => `${kind} ${by.name}`)).toEqual([
    'raised Keywitness',
    'acknowledged otto',
    'commented otto',
    'assigned otto',
    'closed otto',
  ])
})

test('what is muted is raised and not told, until the mute is ended', async () => {
  const key = await watchedKey('muted')
  await ana.call('POST', `${trail}/channels`, {
    body: { ...sampleChannel('muted'), settings: { url: sinkUrl('muted') } },
  })
  const mute = await officer.call<{ id: string }>('POST', `${trail}/mutes`, {
    body: { rule: 'muted', until: new Date(Date.now() + 3_600_000).toISOString(), ...reason },
  })
  expect(mute.status).toBe(201)
  await use(key)
  expect(await until(async () => (await alertsOf('muted'))[0])).toMatchObject({ isMuted: true })
  await officer.call('DELETE', `${trail}/mutes/${mute.json.id}`, { body: reason })
  await use(key)
  await until(async () => ((await alertsOf('muted'))[0]?.isMuted === false ? true : undefined))
  const ofRule = ({ url, body }: (typeof received)[number]): boolean =>
    url === '/muted' && (body['alert'] as { rule?: { id: string } } | undefined)?.rule?.id === 'muted'
  await until(() => (received.some(ofRule) ? true : undefined))
  expect(received.filter(ofRule).map(({ body }) => (body['alert'] as { count: number }).count)).toEqual([2])
})

test.each([
  ['without an end', reason],
  ['of everything that nobody said', { ...reason, until: new Date(Date.now() + 60_000).toISOString() }],
  ['for more than ninety days', { ...reason, until: '2099-01-01T00:00:00Z' }],
  ['in the past', { ...reason, until: '2020-01-01T00:00:00Z' }],
  ['without a reason', { until: '2099-01-01T00:00:00Z' }],
  [
    'of a group that its rule does not make',
    { ...reason, rule: 'key-deleted', group: { foo: 'bar' }, until: new Date(Date.now() + 60_000).toISOString() },
  ],
  ['of a rule that there is not', { ...reason, rule: 'none', until: new Date(Date.now() + 60_000).toISOString() }],
  [
    'with an expression that is none',
    { ...reason, query: 'agent:/[/', until: new Date(Date.now() + 60_000).toISOString() },
  ],
  [
    'with a pattern for everything',
    { ...reason, query: '/(a|b?){80}/', until: new Date(Date.now() + 60_000).toISOString() },
  ],
  ['with a query that cannot be read', { ...reason, query: 'a:(', until: new Date(Date.now() + 60_000).toISOString() }],
])('a mute %s is refused', async (_what, body) => {
  expect((await officer.call('POST', `${trail}/mutes`, { body })).status).toBeGreaterThanOrEqual(400)
})

test('a channel that fails is seen at once, its message waits, and arrives when the receiver is back', async () => {
  const key = await watchedKey('failing')
  answers = 500
  await ana.call('POST', `${trail}/channels`, {
    body: { ...sampleChannel('failing'), settings: { url: sinkUrl('failing') } },
  })
  await use(key)
  interface Status {
    readonly channels: readonly { readonly id: string; readonly state: string; readonly waiting: number }[]
    readonly troubles: readonly { readonly code: string }[]
  }
  const status = async (): Promise<Status> => (await auditor.call<Status>('GET', `${trail}/alerts/status`)).json
  await until(async () =>
    (await status()).channels.some(({ id, state }) => id === 'failing' && state === 'failing') ? true : undefined,
  )
  expect((await status()).troubles).toContainEqual(expect.objectContaining({ code: 'CHANNEL_FAILING' }))
  expect(
    (await fetch(`${product.privateUrl}/metrics`).then((page) => page.text())).match(
      /^keywitness_alert_channels_failing (\d+)/m,
    )?.[1],
  ).not.toBe('0')
  answers = 200
  await until(async () =>
    (await status()).channels.every(({ state, waiting }) => state === 'ok' || waiting === 0) &&
    received.some(({ url, body }) => url === '/failing' && body.type === 'alert.raised')
      ? true
      : undefined,
  )
  await until(async () =>
    (await status()).channels.some(({ id, state }) => id === 'failing' && state === 'ok') ? true : undefined,
  )
})

test('a channel’s secret is answered by nothing, stands nowhere in clear, and goes nowhere it was not meant for', async () => {
  const secret = randomBytes(18).toString('hex')
  const email = {
    id: 'secret',
    name: 'Secret',
    kind: 'email',
    minimum: 'critical',
    settings: { to: ['a@example.com'], from: 'b@example.com', host: '127.0.0.1', port: 9, security: 'tls', user: 'u' },
    secret: { password: secret },
  }
  const texts: string[] = []
  const call = async (method: string, path: string, body?: object): Promise<number> => {
    const reply = await ana.call(method, `${trail}${path}`, body === undefined ? {} : { body })
    texts.push(reply.text)
    return reply.status
  }
  expect(await call('POST', '/channels', email)).toBe(201)
  const slack = {
    ...sampleChannel('slack'),
    kind: 'slack',
    settings: {},
    secret: { url: `https://127.0.0.1:9/${secret}` },
  }
  expect(await call('POST', '/channels', slack)).toBe(201)
  expect(await call('POST', '/channels', { ...slack, id: 'other', secret: { url: `ftp://x/${secret}` } })).toBe(400)
  expect(await call('POST', '/channels', { ...email, id: 'other', secret: { passphrase: secret } })).toBe(400)
  expect(await call('GET', '/channels/secret')).toBe(200)
  expect(await call('GET', '/channels')).toBe(200)
  // Whoever does not know it cannot have it sent to a host of their own.
  expect(await call('PUT', '/channels/secret', { settings: { ...email.settings, host: '127.0.0.2' } })).toBe(400)
  expect(await call('PUT', '/channels/secret', { name: 'Renamed' })).toBe(200)
  expect(await call('POST', '/channels/secret/test')).toBe(202)
  expect(await call('POST', '/channels/slack/test')).toBe(202)
  await until(async () => {
    const { channels } = (await ana.call<{ channels: { id: string; state: string }[] }>('GET', `${trail}/channels`))
      .json
    return channels.filter(({ id, state }) => ['secret', 'slack'].includes(id) && state === 'failing').length === 2
      ? true
      : undefined
  })
  expect(await call('GET', '/channels/slack/messages?state=waiting')).toBe(200)
  expect(texts.filter((text) => text.includes(secret))).toEqual([])
  expect((await ana.events()).filter(({ event }) => JSON.stringify(event).includes(secret))).toEqual([])
  expect(filesHolding(product.data, (content) => content.includes(secret))).toEqual([])
  for (const id of ['secret', 'slack']) expect(await call('DELETE', `/channels/${id}`)).toBe(204)
})

test('the URL of a webhook, whose path may be a token, is read by nobody who may not see channels', async () => {
  const token = randomBytes(18).toString('hex')
  const settings = { url: sinkUrl(`hook/${token}`) }
  const channel = { ...sampleChannel('hook'), settings }
  const made = await ana.call('POST', `${trail}/channels`, { body: channel })
  const changed = await ana.call('PUT', `${trail}/channels/hook`, { body: { settings: { url: `${settings.url}2` } } })
  expect([made.status, changed.status]).toEqual([201, 200])
  const event = await ana.event(changed.eventId)
  const { initialValue, newValue } = event.requestData as { [side: string]: { channelSettings: string } }
  const urls = [initialValue, newValue].map((side) => JSON.parse(side?.channelSettings ?? '').settings.url as string)
  expect(urls[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+ \(SHA-256 [0-9a-f]{16}\)$/)
  expect(urls[1]).not.toBe(urls[0])
  expect((await auditor.call('GET', `${trail}/channels`)).text).not.toContain(token)
  expect((await ana.events()).filter(({ event: one }) => JSON.stringify(one).includes(token))).toEqual([])
  expect((await ana.call('DELETE', `${trail}/channels/hook`)).status).toBe(204)
})

test('a rule that names only channels that are off is a trouble of the status', async () => {
  const channel = { ...sampleChannel('untold'), settings: { url: sinkUrl('untold') } }
  expect((await ana.call('POST', `${trail}/channels`, { body: channel })).status).toBe(201)
  const rule = { ...sampleRule('untold'), channels: ['untold'] }
  expect((await officer.call('POST', `${trail}/rules`, { body: { rule } })).status).toBe(201)
  expect((await officer.call('POST', `${trail}/rules/untold/enable`, { body: reason })).status).toBe(200)
  const untold = async (): Promise<boolean> => {
    const { json } = await ana.call<{ troubles: { code: string }[] }>('GET', `${trail}/alerts/status`)
    return json.troubles.some(({ code }) => code === 'RULE_UNTOLD')
  }
  expect(await untold()).toBe(false)
  expect((await ana.call('PUT', `${trail}/channels/untold`, { body: { isOn: false } })).status).toBe(200)
  expect(await untold()).toBe(true)
  expect((await ana.call('DELETE', `${trail}/channels/untold`)).status).toBe(409)
  expect((await officer.call('DELETE', `${trail}/rules/untold`, { body: reason })).status).toBe(204)
  expect((await ana.call('DELETE', `${trail}/channels/untold`)).status).toBe(204)
})

test('nobody silences alerting in silence: channels are told of it at once, and the status says so', async () => {
  const channel = { ...sampleChannel('guard'), minimum: 'critical', settings: { url: sinkUrl('guard') } }
  const spare = { ...sampleChannel('spare'), settings: { url: sinkUrl('spare') } }
  for (const one of [channel, spare]) {
    expect((await ana.call('POST', `${trail}/channels`, { body: one })).status).toBe(201)
  }
  const notices = (): string[] =>
    received.flatMap(({ url, body }) =>
      url === '/guard' && body.type === 'alerting.changed' ? [body['title'] as string] : [],
    )
  const told = (title: string): Promise<true> => until(() => (notices().includes(title) ? true : undefined))
  const troubles = async (): Promise<string[]> =>
    (await ana.call<{ troubles: { code: string }[] }>('GET', `${trail}/alerts/status`)).json.troubles.map(
      ({ code }) => code,
    )
  const key = await watchedKey('quiet')
  const until90 = new Date(Date.now() + 600_000).toISOString()
  const mute = await officer.call<{ id: string }>('POST', `${trail}/mutes`, {
    body: { ...reason, everything: true, until: until90 },
  })
  await told('otto muted all alerts')
  expect(await troubles()).toContain('ALL_MUTED')
  // The rule that watches for mutes is not muted by it.
  await until(async () => (await alertsOf('alerts-silenced')).some(({ isMuted }) => !isMuted) || undefined)
  await use(key)
  await until(async () => ((await alertsOf('quiet'))[0]?.isMuted === true ? true : undefined))
  expect((await officer.call('DELETE', `${trail}/mutes/${mute.json.id}`, { body: reason })).status).toBe(204)
  await told('1 alert that was muted is open')
  expect((await alertsOf('quiet'))[0]).toMatchObject({ state: 'open', isMuted: false })
  expect(await troubles()).not.toContain('ALL_MUTED')
  expect((await officer.call('POST', `${trail}/rules/alerts-silenced/disable`, { body: reason })).status).toBe(200)
  await told('otto turned off the rule “Alerts were muted, or a rule turned off”')
  const back = await officer.call('POST', `${trail}/rules/alerts-silenced/enable`, { body: reason })
  expect(back.status).toBe(200)
  expect((await ana.call('PUT', `${trail}/channels/spare`, { body: { isOn: false } })).status).toBe(200)
  await until(() => (notices().some((title) => title.includes('turned off the channel')) ? true : undefined))
  for (const id of ['guard', 'spare']) expect((await ana.call('DELETE', `${trail}/channels/${id}`)).status).toBe(204)
})

test('names of keys that mean harm are text wherever an alert shows them', async () => {
  const name = '<!channel> [x](https://evil.example) "];\u202e'.replace('\u202e', '')
  const key = await ana.createKey(name)
  await ana.call('POST', `${trail}/channels`, {
    body: { ...sampleChannel('hostile'), settings: { url: sinkUrl('hostile') } },
  })
  await ana.call('DELETE', `/api/v2/keys/${key}`)
  const message = await until(() =>
    received.find(({ url, body }) => url === '/hostile' && JSON.stringify(body).includes('evil')),
  )
  expect(message.body['title']).toBe(`A key was deleted or purged: ${name}`)
})
