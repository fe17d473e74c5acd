/** Failover units of a whole product: asked for over HTTP, set up by the client like the others, standing by and standing in. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Client,
  newDataFolder,
  newSigner,
  type Product,
  startProduct,
  TkeClient,
  TkeHttpError,
  type TkeSigner,
} from '../src/index.ts'

const signers = ['one', 'two', 'three'].map((name) => newSigner(`administrator ${name}`))
const wanted = { signatureThreshold: 2, revocationThreshold: 2, administrators: signers }
/** Clients make their base URL of whatever their user calls a region. */
const prefix = '/u@127.0.0.1:8443/x.hs-crypto.cloud.ibm.com'
const action = 'hs-crypto.tke-cryptounit-failover.enable'
const data = newDataFolder()
let product: Product
let client: Client
let tke: TkeClient
let key = ''

beforeAll(async () => {
  await start()
  await tke.update(wanted)
  key = await client.createKey('kept through it all')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

async function start(): Promise<void> {
  product = await startProduct({ data, env: { KEYWITNESS_PROFILE: 'production' } })
  client = await new Client(product).signIn()
  tke = clientOf(product.instance, signers)
}

function clientOf(instance: string, signing: readonly TkeSigner[]): TkeClient {
  const url = `${product.url}${prefix}`
  return new TkeClient({ url, instance, authorization: `Bearer ${client.token}` }, signing)
}

/** Operational, recovery, then failover units. */
async function states(): Promise<string[]> {
  return (await tke.wire.list()).map(({ state }) => state)
}

async function wraps(): Promise<number> {
  return (await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).status
}

async function serving(): Promise<string | undefined> {
  const text = await (await fetch(`${product.privateUrl}/metrics`)).text()
  return /^keywitness_crypto_units\{standing="serving"\} (\d+)$/m.exec(text)?.[1]
}

/** The refused request, and the event that witnesses it. */
async function refused(asking: Promise<unknown>): Promise<unknown[]> {
  const error = await asking.catch((thrown: unknown) => thrown)
  if (!(error instanceof TkeHttpError)) throw new Error('it was not refused')
  const { code } = JSON.parse(error.body) as { code: string }
  const event = await client.event(error.eventId)
  const { requestData } = event
  return [error.status, code, event.action, event.outcome, event.severity, event.reason.reasonCode, requestData]
}

test('the locations to choose from are those of the server, and asking for them leaves no event', async () => {
  const { json, eventId, status } = await client.call<{ availableBackupRegions: string[] }>(
    'GET',
    `${prefix}/v1/tke/availableBackupRegions?type=failover`,
  )
  expect([status, eventId]).toEqual([200, undefined])
  expect(json.availableBackupRegions).toEqual(expect.arrayContaining(['us-south', 'us-east', 'eu-es']))
  const other = await client.call('GET', '/v1/tke/availableBackupRegions?type=recovery')
  expect(other.status).toBe(400)
  expect(await client.event(other.eventId)).toMatchObject({
    action: 'hs-crypto.tke-cryptounit.read',
    outcome: 'failure',
  })
})

test.each([
  ['the location of the instance', 'us-south', 2, 'FAILOVER_REGION'],
  ['a location that nobody has', 'atlantis', 2, 'FAILOVER_REGION'],
  ['one unit', 'us-east', 1, 'FAILOVER_COUNT'],
  ['more than there are operational ones', 'us-east', 3, 'FAILOVER_COUNT'],
])('%s is refused, and that is witnessed', async (_, region, count, code) => {
  const isKnown = code === 'FAILOVER_COUNT'
  expect(await refused(tke.enableFailover(region, count))).toEqual([
    400,
    code,
    action,
    'failure',
    'critical',
    400,
    {
      failoverUnits: count,
      ...(isKnown ? { backupRegion: region } : {}),
      instanceID: product.instance,
      requestURI: expect.stringContaining(`/v1/tke/${product.instance}/hsmAssignment/${region}`) as string,
    },
  ])
  expect((await tke.wire.list()).length).toBe(3)
})

test('what is no request for failover units is refused, and that is witnessed', async () => {
  const path = `/v1/tke/${product.instance}/hsmAssignment/us-east`
  for (const [at, body, code] of [
    [`${path}?type=failover`, '{', 'BAD_BODY_ERR'],
    [`${path}?type=failover`, { numberOfHsmsRequested: 'two' }, 'INVALID_FIELD_ERR'],
    [`${path}?type=failover`, '', 'NO_BODY_ERR'],
    [path, { numberOfHsmsRequested: 2 }, 'INVALID_QUERY_PARAM_ERR'],
  ] as const) {
    const reply = await client.call<{ code: string }>('POST', at, { body })
    expect([reply.status, reply.json.code]).toEqual([400, code])
    expect(await client.event(reply.eventId)).toMatchObject({ action, outcome: 'failure' })
  }
})

test('two failover units begin in imprint mode in the other location; a call with the others goes on meanwhile', async () => {
  const asked = await client.event(await tke.enableFailover('us-east', 2))
  expect(asked).toMatchObject({
    outcome: 'success',
    severity: 'critical',
    reason: { reasonCode: 200 },
    target: { id: expect.stringContaining(`:${product.instance}::`) as string },
    requestData: { backupRegion: 'us-east', failoverUnits: 2 },
  })
  const units = await tke.query()
  const made = units.filter(({ type }) => type === 'failover')
  expect(made.map(({ location, state, version }) => [location, state, version])).toEqual([
    ['[us-east].[AZ4-SOFT].[00].[00]', 'imprint', 1],
    ['[us-east].[AZ5-SOFT].[00].[00]', 'imprint', 1],
  ])
  const creations = (await client.events('action=hs-crypto.tke-cryptounit.reset')).slice(-2)
  for (const [at, { event }] of creations.entries()) {
    expect([event.target.name, event.initiator, event.outcome]).toEqual([
      made[at]?.location,
      asked.initiator,
      'success',
    ])
  }
  expect((await tke.wire.http('GET', 'hsms')).json).toMatchObject({ backup_region: 'us-east' })
  expect(await states()).toEqual(['ready', 'ready', 'ready', 'imprint', 'imprint'])
  expect(await wraps()).toBe(200)
  expect((await fetch(`${product.url}/readyz`)).status).toBe(200)
  expect((await refused(tke.enableFailover('eu-de', 2))).slice(0, 3)).toEqual([409, 'FAILOVER_ENABLED', action])
})

test('the client sets them up and gives them the master key of the recovery unit, like operational ones', async () => {
  tke.sent.length = 0
  expect(await tke.check(wanted)).toEqual([])
  const units = await tke.update(wanted)
  const commands = (id: string) => tke.sent.filter(({ unit }) => unit === id).map(({ command }) => command)
  const beginning = ['ZEROIZE', 'ADD_ADMINISTRATOR', 'ADD_ADMINISTRATOR', 'ADD_ADMINISTRATOR', 'SET_ATTRIBUTES']
  const whole = [...beginning, 'GENERATE_IMPORTER', 'LOAD', 'COMMIT', 'ACTIVATE']
  expect(units.map(({ id, type }) => [type, commands(id)])).toEqual([
    ['operational', []],
    ['operational', []],
    ['recovery', ['EXPORT', 'EXPORT']],
    ['failover', whole],
    ['failover', whole],
  ])
  expect(new Set(units.map(({ currentPattern }) => currentPattern)).size).toBe(1)
  for (const { type, permissions } of units) expect(permissions).toBe(type === 'recovery' ? 0x01ff_205f : 0x01ff_2055)
  expect(await states()).toEqual(['ready', 'ready', 'ready', 'ready', 'ready'])
  expect(await serving()).toBe('0')
})

test('when no operational unit holds the master key they serve, and lists and metrics say so, after a kill too', async () => {
  const [first, second] = await tke.query()
  if (first === undefined || second === undefined) throw new Error('units are missing')
  await tke.command(first, 'ZEROIZE', Buffer.alloc(0), 1)
  expect(await states()).toEqual(['imprint', 'ready', 'ready', 'ready', 'ready'])
  await tke.command(second, 'CLEAR_CURRENT', Buffer.alloc(0), 1)
  expect(await states()).toEqual(['imprint', 'no_master_key', 'ready', 'serving', 'serving'])
  expect(await serving()).toBe('2')
  expect(await wraps()).toBe(200)
  const other = await client.createKey('made by a failover unit')
  await product.kill()
  await start()
  expect(await states()).toEqual(['imprint', 'no_master_key', 'ready', 'serving', 'serving'])
  expect(await wraps()).toBe(200)
  expect((await client.call('POST', `/api/v2/keys/${other}/actions/wrap`, { body: {} })).status).toBe(200)
})

test('an operational unit that gets the master key again relieves them', async () => {
  await tke.update(wanted)
  expect(await states()).toEqual(['ready', 'ready', 'ready', 'ready', 'ready'])
  expect(await serving()).toBe('0')
  expect(await wraps()).toBe(200)
})

test('after a zeroize of all units nothing works, and initialised anew all have one other master key', async () => {
  await tke.zeroize()
  expect(await states()).toEqual(Array(5).fill('imprint'))
  expect(await wraps()).toBe(503)
  const units = await tke.update(wanted)
  expect(new Set(units.map(({ currentPattern }) => currentPattern)).size).toBe(1)
  expect(await states()).toEqual(['ready', 'ready', 'ready', 'ready', 'ready'])
  await client.createKey('of another master key')
})

test('an instance of three operational units may have three failover units', async () => {
  const made = await client.call<{ guid: string }>('POST', '/v1/instances', {
    body: { name: 'large', location: 'us-south', units: 3 },
  })
  const large = clientOf(made.json.guid, signers)
  await large.enableFailover('eu-es', 3)
  await large.update(wanted)
  expect((await large.wire.list()).map(({ state }) => state)).toEqual(Array(7).fill('ready'))
})
