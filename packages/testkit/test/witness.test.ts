/** Witness coverage: every action the server can emit is emitted here, as success and, where it can fail, as failure. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue } from '@keywitness/cadf'
import { queries } from '@keywitness/crypto-unit/tke/command-block'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newCertificate, type Product, startProduct, TkeCommands } from '../src/index.ts'
import { adopterEnv, driveAdopters } from './drive-adopters.ts'
import { driveAlerts } from './drive-alerts.ts'
import { driveCertificates } from './drive-certificates.ts'
import { driveEp11 } from './drive-ep11.ts'
import { driveKeeping } from './drive-keeping.ts'
import { askOfServer, driveKmipClients } from './drive-kmip.ts'
import { driveKeystores } from './drive-keystores.ts'
import { driveLife } from './drive-life.ts'
import { driveUnits } from './drive-units.ts'
import { settled } from './second-person.ts'

let product: Product
let client: Client

beforeAll(async () => {
  product = await startProduct({ env: adopterEnv, fault: 'keys:impatient' })
  client = await new Client(product).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const serverSources = join(import.meta.dirname, '../../server/src')

/** Actions that stand in the server's code. */
function namedActions(): string[] {
  const files = readdirSync(serverSources, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((name) => name.endsWith('.ts') && !/\.test\.ts$|testing\//.test(name))
  const found = sources.flatMap((name) => [
    ...readFileSync(join(serverSources, name), 'utf8').matchAll(
      /'((?:hs-crypto|iam-identity|iam-access|activity-tracker)(?:\.[a-z0-9-]+){2})'/g,
    ),
  ])
  return [...new Set(found.map((match) => match[1] as string))]
}

/** Emitted by what this test cannot do to a running server; each has a test of its own, named here. */
const elsewhere: Readonly<Record<string, string>> = {
  'hs-crypto.mtlscert-cert.expiring': 'packages/server/src/certificates/ending.test.ts',
  'hs-crypto.mtlscert-cert.expired': 'packages/server/src/certificates/ending.test.ts',
  'hs-crypto.mtlscert-recovery.lapse': 'packages/server/src/certificates/recovery/recovery.test.ts',
  'hs-crypto.mtlscert-recovery.perform': 'packages/server/src/certificates/recovery/recovery.test.ts',
  'hs-crypto.clock.step': 'packages/server/src/record/guards.test.ts',
  'hs-crypto.storage.exhausted': 'packages/testkit/test/start.test.ts',
  'hs-crypto.storage.recovered': 'packages/testkit/test/start.test.ts',
  'activity-tracker.log.altered': 'packages/testkit/test/tamper.test.ts',
  'activity-tracker.log.verify': 'packages/testkit/test/verification.test.ts',
  'activity-tracker.log.prune': 'packages/testkit/test/retention.test.ts',
  'activity-tracker.hold.copy': 'packages/testkit/test/retention.test.ts',
  'activity-tracker.hold.read': 'packages/testkit/test/retention.test.ts',
  'activity-tracker.proposal.lapse': 'packages/testkit/test/proposals.test.ts',
  'hs-crypto.producer.heartbeat': 'packages/testkit/test/completeness.test.ts',
  'activity-tracker.counts.differ': 'packages/testkit/test/completeness.test.ts',
  'activity-tracker.numbers.missing': 'packages/testkit/test/completeness.test.ts',
  'activity-tracker.numbers.late': 'packages/testkit/test/completeness.test.ts',
  'activity-tracker.numbers.reused': 'packages/testkit/test/completeness.test.ts',
  'activity-tracker.epochs.contradicted': 'packages/testkit/test/completeness.test.ts',
  'activity-tracker.epochs.missing': 'packages/server/src/trail/voice.test.ts',
  'activity-tracker.events.late-dated': 'packages/server/src/trail/voice.test.ts',
  'activity-tracker.events.future-dated': 'packages/server/src/trail/voice.test.ts',
  'activity-tracker.events.forged': 'packages/server/src/trail/voice.test.ts',
  'iam-identity.authentication.flood': 'packages/testkit/test/flood.test.ts',
  'activity-tracker.alert.repeat': 'packages/server/src/alerts/raising/raise.test.ts',
  'activity-tracker.rule.suspend': 'packages/server/src/alerts/jobs.test.ts',
  'activity-tracker.mute.lapse': 'packages/server/src/alerts/jobs.test.ts',
  'activity-tracker.channel.fail': 'packages/server/src/alerts/jobs.test.ts',
  'activity-tracker.digest.send': 'packages/server/src/alerts/watch/digest.test.ts',
  'hs-crypto.tke-cryptounit.hold': 'packages/testkit/test/stale-units.test.ts',
  'hs-crypto.tke-cryptounit-process.restart': 'packages/testkit/test/unit-process.test.ts',
  // Wait for half a minute after the action before.
  'hs-crypto.secrets.ack-enable': 'packages/server/src/lifecycle/lifecycle.test.ts',
  'hs-crypto.secrets.ack-restore': 'packages/server/src/lifecycle/lifecycle.test.ts',
}

/** Actions that only refusals emit. */
const onlyFailures =
  /\.(default|request)$|^hs-crypto\.tke-cryptounit\.read$|^activity-tracker\.(?:log\.read|entries\.deliver)$|^hs-crypto\.notification\.deliver$/
/** Actions of the server itself, which cannot be refused. */
const onlySuccesses =
  /^hs-crypto\.(producer\.start|secrets\.expire)$|^hs-crypto\.tke-master-key-rotation\.complete$|^iam-identity\.sign-in-link\.create$|\.(instance|serviceid|user|apikey|role)\.list$|^activity-tracker\.(instance\.(delete|archive)|hold\.release|alert\.raise)$/

const unknown = '11111111-1111-4111-8111-111111111111'
const envelope = (resource: object): object => ({
  metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
  resources: [{ type: 'application/vnd.ibm.kms.key+json', name: 'covered', extractable: false, ...resource }],
})

async function driveKeys(): Promise<void> {
  const call = client.call.bind(client)
  const id = await client.createKey('covered')
  await call('POST', '/api/v2/keys', { body: envelope({ name: 'x' }) })
  const wrapped = await call<{ ciphertext: string }>('POST', `/api/v2/keys/${id}/actions/wrap`, { body: {} })
  const { ciphertext } = wrapped.json
  await call('POST', `/api/v2/keys/${id}/actions/unwrap`, { body: { ciphertext } })
  await call('POST', `/api/v2/keys/${id}/actions/rewrap`, { body: { ciphertext } })
  await call('POST', `/api/v2/keys/${id}/actions/rotate`, { body: {} })
  for (const action of ['wrap', 'unwrap', 'rewrap', 'rotate']) {
    await call('POST', `/api/v2/keys/${unknown}/actions/${action}`, { body: { ciphertext } })
  }
  for (const path of ['', '/metadata', '/versions']) {
    await call('GET', `/api/v2/keys/${id}${path}`)
    await call('GET', `/api/v2/keys/${unknown}${path}`)
  }
  for (const [method, limit] of [
    ['GET', '5'],
    ['GET', 'many'],
    ['HEAD', '5'],
    ['HEAD', 'many'],
  ] as const) {
    await call(method, `/api/v2/keys?${method === 'HEAD' ? 'state' : 'limit'}=${limit}`)
  }
  await call('DELETE', `/api/v2/keys/${id}`)
  await call('DELETE', `/api/v2/keys/${unknown}`)
  for (const path of [
    'keys/covered/nothing',
    'keys/covered/aliases/other',
    'keys/covered/policies/other',
    'keys/registrations',
    'key_rings',
    'import_token',
    'instance/other',
    'kmip_adapters',
  ]) {
    await call('PUT', `/api/v2/${path}`, { body: {} })
  }
}

async function drivePolicies(): Promise<void> {
  const call = client.call.bind(client)
  const id = await client.createKey('governed')
  const policies = (...resources: object[]): object => ({
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: resources.length },
    resources,
  })
  const rotation = { rotation: { enabled: true, interval_month: 12 } }
  const metrics = { policy_type: 'metrics', policy_data: { enabled: true } }
  for (const [path, body] of [
    [`keys/${id}/policies`, policies(rotation)],
    [`keys/${unknown}/policies`, policies(rotation)],
    ['instance/policies', policies(metrics)],
    ['instance/policies', policies({ policy_type: 'metrics' })],
  ] as const) {
    await call('PUT', `/api/v2/${path}`, { body })
  }
  for (const path of [`keys/${id}/policies`, `keys/${unknown}/policies`, 'instance/policies']) {
    await call('GET', `/api/v2/${path}`)
  }
  await call('GET', '/api/v2/instance/policies?policy=none')
  await call('GET', '/api/v2/instance/allowed_ip_port')
  await call('GET', '/api/v2/import_token')
  await call('POST', '/api/v2/import_token', { body: { expiration: 1 } })
  await call('POST', '/api/v2/import_token', { body: {} })
  await call('GET', '/api/v2/import_token')
  const nobody = await call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'without a role' } })
  const key = await call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: nobody.json.id, name: 'k' },
  })
  const other = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  await other.call('GET', '/api/v2/instance/allowed_ip_port')
}

async function driveKmip(): Promise<void> {
  const call = client.call.bind(client)
  const envelopeOf = (resource: object): object => ({
    metadata: { collectionType: 'application/vnd.ibm.kms.kmip_adapter+json', collectionTotal: 1 },
    resources: [resource],
  })
  const crk = await client.createKey('wrapping KMIP objects')
  const adapter = { name: 'covered', profile: 'native_1.0', profile_data: { crk_id: crk } }
  for (const body of [adapter, adapter]) await call('POST', '/api/v2/kmip_adapters', { body: envelopeOf(body) })
  const certificates = '/api/v2/kmip_adapters/covered/certificates'
  await call('POST', certificates, { body: envelopeOf({ name: 'host', certificate: newCertificate('host') }) })
  for (const path of ['?limit=10', '?limit=0', '/covered', '/other', '/covered/certificates', '/other/kmip_objects']) {
    await call('GET', `/api/v2/kmip_adapters${path}`)
  }
  for (const path of ['covered/certificates/host', `covered/kmip_objects/${unknown}`, 'covered', 'covered']) {
    await call('DELETE', `/api/v2/kmip_adapters/${path}`)
  }
  await call('GET', '/governance/v1/configs?resource_kind=key')
  await call('GET', '/governance/v1/configs?resource_kind=door')
}

async function driveIdentities(): Promise<void> {
  const call = client.call.bind(client)
  for (const kind of ['service-ids', 'users']) {
    const made = await call<{ id: string }>('POST', `/v1/iam/${kind}`, { body: { name: 'covered' } })
    await call('POST', `/v1/iam/${kind}`, { body: { nome: 'covered' } })
    await call('GET', `/v1/iam/${kind}`)
    const { id } = made.json
    for (const target of [id, id.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, unknown)]) {
      await call('GET', `/v1/iam/${kind}/${target}`)
      await call('PATCH', `/v1/iam/${kind}/${target}`, { body: { state: 'active' } })
    }
    const scope = { kind: 'instance', id: product.instance }
    const role = await call<{ id: string }>('POST', '/v1/iam/roles', { body: { identity: id, role: 'Reader', scope } })
    await call('POST', '/v1/iam/roles', { body: { identity: id, role: 'Emperor', scope } })
    await call('GET', '/v1/iam/roles')
    await call('DELETE', `/v1/iam/roles/${role.json.id}`)
    await call('DELETE', `/v1/iam/roles/${unknown}`)
    const key = await call<{ id: string; apikey: string }>('POST', '/v1/iam/api-keys', {
      body: { identity: id, name: 'k' },
    })
    await call('POST', '/v1/iam/api-keys', { body: { identity: id } })
    await call('GET', '/v1/iam/api-keys')
    for (const target of [key.json.id, `ApiKey-${unknown}`]) {
      await call('GET', `/v1/iam/api-keys/${target}`)
      await call('PATCH', `/v1/iam/api-keys/${target}`, { body: { state: 'disabled' } })
      await call('DELETE', `/v1/iam/api-keys/${target}`)
    }
    for (const target of [id, id.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, unknown)]) {
      await call('DELETE', `/v1/iam/${kind}/${target}`)
    }
  }
  await call('POST', '/v1/accounts', { body: { name: 'covered', home: 'eu-gb', owner: 'somebody' } })
  await call('POST', '/v1/accounts', { body: { name: 'covered', home: 'the moon', owner: 'somebody' } })
  await fetch(`${product.url}/identity/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: 'y'.repeat(44) }),
  })
  const json = { 'content-type': 'application/json' }
  const signIn = (body: object) =>
    fetch(`${product.url}/v1/session`, { method: 'POST', headers: json, body: JSON.stringify(body) })
  const signedIn = await signIn({ apikey: product.apiKey })
  await signIn({ apikey: 'z'.repeat(44) })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const signOut = (headers: Record<string, string>) => fetch(`${product.url}/v1/session`, { method: 'DELETE', headers })
  await signOut({ cookie })
  await signOut({ cookie, 'x-keywitness-console': '1', origin: product.url })
}

/** Another server, as one that delivers: who it is, and what it may not. */
async function driveDelivery(trail: string): Promise<void> {
  const call = client.call.bind(client)
  const made = await call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'other server' } })
  const key = await call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: made.json.id, name: 'k' },
  })
  const scope = { kind: 'tracker', id: product.location }
  await call('POST', '/v1/iam/roles', { body: { identity: made.json.id, role: 'Producer', scope } })
  const sender = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  const producer = '3f0e2d1c-0b0a-4908-8706-050403020100'
  await sender.call('GET', `${trail}/producers/${producer}`)
  await sender.call('GET', `${trail}/producers/none`)
  await sender.call('POST', `${trail}/producers`, { body: { producer } })
  await sender.call('POST', `${trail}/producers`, { body: { producer: 'none' } })
  await sender.call('POST', `${trail}/producers/${producer}/entries`, { body: 'none' })
  await call('GET', `${trail}/producers`)
  await sender.call('GET', `${trail}/producers`)
  await call('DELETE', `${trail}/producers/${producer}`)
  await call('DELETE', `${trail}/producers/${producer}`)
  await call('POST', `${trail}/producers/${producer}/admit`)
  await call('POST', `${trail}/producers/none/admit`)
}

async function driveTrail(): Promise<void> {
  const call = client.call.bind(client)
  const trail = `/v1/trackers/${product.location}`
  await call('GET', '/v1/trackers')
  await call('GET', `${trail}/events?limit=1`)
  await call('GET', `${trail}/events?limit=none`)
  for (const id of ['0', unknown]) {
    await call('GET', `${trail}/events/${id}`)
    await call('GET', `${trail}/events/${id}/receipt`)
  }
  const tail = new AbortController()
  await fetch(`${product.url}${trail}/tail`, {
    headers: { authorization: `Bearer ${client.token}` },
    signal: tail.signal,
  })
  tail.abort()
  await call('GET', `${trail}/tail?after=x`)
  await driveViews(trail)
  await call('GET', `${trail}/export?format=csv`)
  await call('GET', `${trail}/export?format=none`)
  await call('GET', `${trail}/continuity`)
  await driveDelivery(trail)
  await call('GET', `${trail}/continuity?from=once`)
  await call('GET', `${trail}/log/tile/entries/000.p/1`)
  await call('GET', `${trail}/log/tile/entries/999`)
  await call('GET', '/v1/trackers/nowhere/log/checkpoint')
  await call('POST', `${trail}/log/verifications`)
  await call('POST', '/v1/trackers/nowhere/log/verifications')
  for (const limit of ['1', 'none']) await call('GET', `${trail}/log/verifications?limit=${limit}`)
  await call('POST', `${trail}/log/keys`, { body: { overlapSeconds: -1 } })
  await call('POST', `${trail}/log/keys`, { body: { overlapSeconds: 300 } })
  await call('POST', '/v1/trackers', { body: { location: product.location } })
  await call('GET', '/v1/instances')
  await call('POST', '/v1/instances', { body: { name: 'covered', location: product.location } })
  await call('POST', '/v1/instances', { body: { name: 'covered' } })
  await call('GET', `/v1/instances/${product.instance}`)
  await call('GET', `/v1/instances/${unknown}`)
}

async function driveViews(trail: string): Promise<void> {
  const call = client.call.bind(client)
  const body = { name: 'driven', query: 'outcome:failure', isShared: true }
  const made = await call<{ id: string }>('POST', `${trail}/views`, { body })
  await call('POST', `${trail}/views`, { body })
  for (const location of [product.location, 'nowhere']) await call('GET', `/v1/trackers/${location}/views`)
  for (const id of [made.json.id, 'none']) await call('PUT', `${trail}/views/${id}`, { body })
  for (const id of [made.json.id, 'none']) await call('DELETE', `${trail}/views/${id}`)
}

test('every action of the server’s code is in the trail, as success and as failure', async () => {
  await driveKeys()
  await driveLife(product, client)
  await drivePolicies()
  await driveKmip()
  await driveEp11(product, client)
  await driveKmipClients(product, client)
  await driveKeystores(product, client)
  await driveCertificates(product, client)
  await driveIdentities()
  await driveTrail()
  await driveKeeping(product, client)
  await driveAdopters(product, client)
  await driveAlerts(product, client)
  await driveUnits(product, client)
  await settled(client)
  const emitted = new Set((await client.events()).map(({ event }) => `${event.action} ${event.outcome}`))
  const missed = namedActions().flatMap((action) => {
    expect(catalogue.entry(action), `${action} is not in the catalogue`).toBeDefined()
    if (Object.hasOwn(elsewhere, action)) return []
    const wanted = [
      ...(onlyFailures.test(action) ? [] : [`${action} success`]),
      ...(onlySuccesses.test(action) ? [] : [`${action} failure`]),
    ]
    return wanted.filter((one) => !emitted.has(one))
  })
  expect(missed).toEqual([])
}, 120_000)

test('what is not recorded is exactly the documented list', async () => {
  const trail = `/v1/trackers/${product.location}`
  const units = `/v1/tke/${product.instance}`
  const quiet = [
    ['GET', '/healthz'],
    ['GET', '/readyz'],
    ['GET', '/openapi.json'],
    ['GET', '/docs/'],
    ['GET', '/'],
    ['GET', '/identity/keys'],
    ['GET', '/v1/session'],
    ['GET', `${trail}/log/key`],
    ['GET', `${trail}/log/checkpoint`],
    ['GET', `${trail}/log/checkpoints`],
    ['GET', `${trail}/log/keys`],
    ['GET', `${trail}/log/minimum-index`],
    ['GET', `${trail}/status`],
    ['GET', `${trail}/alerts/status`],
    ['GET', `${trail}/log/checkpoints/1`],
    ['GET', `${trail}/log/tile/0/000.p/1`],
    ['GET', `${trail}/log/consistency?from=1&to=2`],
    ['GET', `${units}/hsms`],
    ['GET', `${units}/root`],
    ['GET', `${units}/key_roll`],
    ['GET', '/v1/tke/availableBackupRegions?type=failover'],
    ['GET', `/any/prefix${units}/hsms`],
    ['GET', '/nothing/here'],
    ['GET', '/api/v2/nothing'],
    ['GET', '/nothing/%zz'],
    ['GET', '/api/v2/nothing/%ff'],
  ] as const
  for (const [method, path] of quiet) {
    const reply = await client.call(method, path)
    expect(reply.eventId, `${method} ${path} left an event`).toBeUndefined()
    expect(reply.status, `${method} ${path}`).toBeLessThan(500)
  }
  const tke = new TkeCommands(client, product.instance, [])
  for (const unit of await tke.units()) {
    for (const id of [...Object.values(queries), 0x1_00ff]) {
      const { status, eventId } = await tke.postQuery(unit, id)
      expect([id, status, eventId]).toEqual([id, 200, undefined])
    }
  }
  const asking = await askOfServer(product, client)
  await settled(client)
  expect(await client.events(`query=initiator:CertificateID-${asking}`)).toEqual([])
  const metrics = await fetch(`${product.privateUrl}/metrics`)
  expect(metrics.status).toBe(200)
  expect((await fetch(`${product.url}/metrics`)).status).toBe(404)
})

test('nothing that arrives on the private listener carries a host address', async () => {
  const inside = await new Client({ ...product, url: product.privateUrl }).signIn()
  const reply = await inside.call('GET', '/api/v2/keys')
  expect(reply.status).toBe(200)
  const event = await client.event(reply.eventId)
  expect(event.initiator.host?.address).toBeUndefined()
  expect(event.initiator.host?.agent).toBeDefined()
})
