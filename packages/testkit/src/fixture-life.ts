/** The life that a data folder kept as a fixture has led: something of everything, and what is to be found of it later. */
import { randomBytes } from 'node:crypto'
import { Client, type Reply } from './client.ts'
import { type KeptEp11, leadEp11Life } from './fixture-ep11.ts'
import { type KeptKmip, leadKmipLife } from './fixture-kmip.ts'
import { newCertificate } from './new-certificate.ts'
import type { Product } from './product.ts'
import { bringAll, rotationAt } from './rotation-keys.ts'
import { ceremonyAdministrators, TkeCommands } from './tke-commands.ts'

/** A ciphertext, and what unwrapping it gives. */
interface Wrapped {
  readonly key: string
  readonly plaintext: string
  readonly ciphertext: string
  readonly aad?: readonly string[]
}

export interface KeptReceipt {
  readonly file: string
  readonly index: number
  readonly eventId: string
}

/** `made.json` of a fixture: what its archives hold. Times are RFC 3339. */
export interface MadeFixture {
  /** Commit of the code that made it, and the versions of its stores. */
  readonly commit: string
  readonly schemas: Readonly<Record<'server' | 'head' | 'segment' | 'index', number>>
  readonly instance: string
  readonly location: string
  readonly life: KeptLife
  readonly stopped: {
    /** After its last event. */
    readonly at: string
    readonly size: number
    readonly sealed: number
    /** What the API answered, by path. */
    readonly answers: Readonly<Record<string, unknown>>
    readonly receipts: readonly KeptReceipt[]
    /** Sizes of the checkpoints kept beside it, smallest first. */
    readonly checkpoints: readonly number[]
  }
  readonly killed: {
    /** Entries its log held, those that its index covered, and events that were answered and not delivered yet. */
    readonly size: number
    readonly indexed: number
    readonly waiting: readonly string[]
  }
}

export interface KeptLife {
  /** By active keys, under older versions of theirs too. */
  readonly wrapped: readonly Wrapped[]
  /** By a key that was suspended since. */
  readonly suspended: Wrapped
  readonly payloads: readonly { readonly id: string; readonly payload: string }[]
  /** A key rotated by hand at the end. */
  readonly rotated: string
  /** By alias. */
  readonly alias: { readonly alias: string; readonly id: string }
  readonly purged: string
  /** Undefined where no KMIP client had spoken yet. */
  readonly kmip?: KeptKmip
  /** Undefined where there was no EP11 yet. */
  readonly ep11?: KeptEp11
}

const keyType = 'application/vnd.ibm.kms.key+json'
const policyType = 'application/vnd.ibm.kms.policy+json'
/** Times that everything is unwrapped: most of what a log holds is use. */
const useRounds = 25
const unknown = '11111111-1111-4111-8111-111111111111'
const base64 = (bytes: number): string => randomBytes(bytes).toString('base64')
const envelope = (type: string, ...resources: object[]): object => ({
  metadata: { collectionType: type, collectionTotal: resources.length },
  resources,
})

interface Resource {
  readonly id: string
}

/** The owner, who is obeyed: any other status than the one named is an error. */
class Owner {
  readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  async act<Body = unknown>(status: number, method: string, path: string, body?: unknown, headers = {}): Promise<Body> {
    const reply: Reply<Body> = await this.client.call<Body>(method, path, {
      ...(body === undefined ? {} : { body }),
      headers,
    })
    if (reply.status !== status) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
    return reply.json
  }

  async key(name: string, members: object = {}, headers = {}): Promise<string> {
    const body = envelope(keyType, { type: keyType, name, extractable: false, ...members })
    const made = await this.act<{ resources: Resource[] }>(201, 'POST', '/api/v2/keys', body, headers)
    return (made.resources[0] as Resource).id
  }

  async wrap(key: string, aad?: readonly string[]): Promise<Wrapped> {
    const plaintext = base64(32)
    const bound = aad === undefined ? {} : { aad }
    const { ciphertext } = await this.act<{ ciphertext: string }>(200, 'POST', `/api/v2/keys/${key}/actions/wrap`, {
      plaintext,
      ...bound,
    })
    return { key, plaintext, ciphertext, ...bound }
  }

  async policy(key: string, policy: object): Promise<void> {
    const [name] = Object.keys(policy)
    const body = envelope(policyType, { type: policyType, ...policy })
    await this.act(200, 'PUT', `/api/v2/keys/${key}/policies?policy=${name}`, body)
  }
}

/** A rule of its own in its second version, a channel that is never reached, and later the alert of a ring. */
const ringRule = {
  id: 'archive-ring-made',
  name: 'A ring for the archive was made',
  description: 'Of the fixture.',
  remedy: 'Nothing.',
  severity: 'warning',
  groupBy: ['target.name'],
  when: { kind: 'match', query: 'action:==hs-crypto.key-rings.create target.name:==archive' },
}

async function watchRing(owner: Owner, location: string): Promise<void> {
  const act: Owner['act'] = owner.act.bind(owner)
  const trail = `/v1/trackers/${location}`
  await act(201, 'POST', `${trail}/rules`, { rule: { ...ringRule, severity: 'info' } })
  await act(200, 'PUT', `${trail}/rules/${ringRule.id}`, { rule: ringRule, version: 1 })
  await act(200, 'POST', `${trail}/rules/${ringRule.id}/enable`, { reason: 'for the fixture' })
  await act(201, 'POST', `${trail}/channels`, {
    id: 'pager',
    name: 'Pager',
    kind: 'pagerduty',
    minimum: 'warning',
    settings: { url: 'https://pager.invalid/enqueue' },
    secret: { routingKey: 'r0123456789abcdef' },
  })
}

/** Waits for the alert of the ring, and acknowledges it. */
async function acknowledgeRing(owner: Owner, location: string): Promise<void> {
  const act: Owner['act'] = owner.act.bind(owner)
  const path = `/v1/trackers/${location}/alerts`
  for (const began = performance.now(); performance.now() - began < 20_000;) {
    const { alerts } = await act<{ alerts: Resource[] }>(200, 'GET', `${path}?rule=${ringRule.id}`)
    const [alert] = alerts
    if (alert !== undefined)
      return void (await act(200, 'POST', `${path}/${alert.id}/acknowledge`, { comment: 'seen' }))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the alert of the ring did not come')
}

/** Leads the life in a product that knows no waiting times (`keys:impatient`). */
export async function leadLife(product: Product): Promise<KeptLife> {
  const owner = new Owner(await new Client(product).signIn())
  const act: Owner['act'] = owner.act.bind(owner)
  await watchRing(owner, product.location)
  for (const ring of ['payments', 'archive', 'forgotten']) await act(201, 'POST', `/api/v2/key_rings/${ring}`)
  await act(204, 'DELETE', '/api/v2/key_rings/forgotten')

  const wrapped: Wrapped[] = []
  const billing = await owner.key(
    'billing',
    { aliases: ['bills'], tags: ['quarterly', 'eu'], description: 'Invoices and reminders' },
    { 'x-kms-key-ring': 'payments' },
  )
  await act(201, 'POST', `/api/v2/keys/${billing}/aliases/invoices`)
  wrapped.push(await owner.wrap(billing), await owner.wrap(billing, ['customer 7', 'March']))
  const rotated = await owner.key('rotated')
  for (let version = 0; version < 3; version++) {
    wrapped.push(await owner.wrap(rotated))
    await act(204, 'POST', `/api/v2/keys/${rotated}/actions/rotate`)
  }
  const imported = await owner.key('imported', { payload: base64(16), expirationDate: '2094-11-22T11:12:44.195Z' })
  wrapped.push(await owner.wrap(imported))
  const payload = Buffer.from('password of the billing database').toString('base64')
  const secret = await owner.key('database password', { extractable: true, payload })
  const generated = await owner.key('generated', { extractable: true })

  const suspendedKey = await owner.key('suspended')
  const suspended = await owner.wrap(suspendedKey)
  await act(204, 'POST', `/api/v2/keys/${suspendedKey}/actions/disable`)
  const enabled = await owner.key('suspended once')
  await act(204, 'POST', `/api/v2/keys/${enabled}/actions/disable`)
  await act(204, 'POST', `/api/v2/keys/${enabled}/actions/enable`)
  wrapped.push(await owner.wrap(enabled))
  const deleted = await owner.key('deleted')
  await act(204, 'DELETE', `/api/v2/keys/${deleted}`)
  const restored = await owner.key('restored')
  await act(204, 'DELETE', `/api/v2/keys/${restored}`)
  await act(201, 'POST', `/api/v2/keys/${restored}/restore`)
  wrapped.push(await owner.wrap(restored))
  const purged = await purgedKey(product, owner)

  const needsTwo = await owner.key('for two people')
  await owner.policy(needsTwo, { dualAuthDelete: { enabled: true } })
  await act(204, 'POST', `/api/v2/keys/${needsTwo}/actions/setKeyForDeletion`)
  await owner.policy(billing, { rotation: { enabled: true, interval_month: 4 } })
  const network = { enabled: true, attributes: { allowed_network: 'public-and-private' } }
  for (const policy of [
    { policy_type: 'allowedNetwork', policy_data: network },
    { policy_type: 'metrics', policy_data: { enabled: true } },
  ]) {
    await act(204, 'PUT', `/api/v2/instance/policies?policy=${policy.policy_type}`, envelope(policyType, policy))
  }
  await act(200, 'POST', '/api/v2/import_token', { expiration: 86_400, maxAllowedRetrievals: 3 })
  await act(200, 'GET', '/api/v2/import_token')

  await adapters(owner, billing)
  const rootKey = await owner.key('root of what KMIP clients keep')
  const rotate = () => act<void>(204, 'POST', `/api/v2/keys/${rootKey}/actions/rotate`)
  const kmip = await leadKmipLife(product, owner.client, { rootKey, rotate })
  const ep11 = await leadEp11Life(product, owner.client)
  await services(product, owner, rotated)
  await refusals(product, owner, secret)
  const { resources } = await act<{ resources: { payload: string }[] }>(200, 'GET', `/api/v2/keys/${generated}`)
  for (let round = 0; round < useRounds; round++) {
    for (const { key, ciphertext, aad } of wrapped) {
      await act(200, 'POST', `/api/v2/keys/${key}/actions/unwrap`, { ciphertext, aad })
    }
    const aad = [`round ${round}`]
    await owner.client.call('POST', `/api/v2/keys/${billing}/actions/unwrap`, { body: { ...wrapped[0], aad } })
  }
  const payloads = [
    { id: secret, payload },
    { id: generated, payload: resources[0]?.payload ?? '' },
  ]
  await acknowledgeRing(owner, product.location)
  await rotateMasterKey(product, owner.client)
  return { wrapped, suspended, payloads, rotated, alias: { alias: 'invoices', id: billing }, purged, kmip, ep11 }
}

/** From the master key of the development ceremony to another one, which everything is under from then on. */
async function rotateMasterKey(product: Product, client: Client): Promise<void> {
  const administrators = ceremonyAdministrators(product.data, product.instance)
  const tke = new TkeCommands(client, product.instance, administrators)
  const pattern = await bringAll(tke, [randomBytes(32), randomBytes(32)])
  await tke.rotation('PUT')
  await rotationAt(tke, 'rewrapped')
  for (const unit of await tke.units()) await tke.carryOut(unit, 'ACTIVATE', Buffer.from(pattern, 'hex'))
  await rotationAt(tke, 'finished')
}

/** Purging is a role of its own. */
async function purgedKey(product: Product, owner: Owner): Promise<string> {
  const claims = Buffer.from(owner.client.token.split('.')[1] ?? '', 'base64url').toString()
  const { iam_id: identity } = JSON.parse(claims) as { iam_id: string }
  const scope = { kind: 'instance', id: product.instance }
  await owner.act(201, 'POST', '/v1/iam/roles', { identity, role: 'KeyPurge', scope })
  const id = await owner.key('purged')
  await owner.act(204, 'DELETE', `/api/v2/keys/${id}`)
  await owner.act(204, 'DELETE', `/api/v2/keys/${id}/purge`)
  return id
}

async function adapters(owner: Owner, key: string): Promise<void> {
  const adapter = { profile: 'native_1.0', profile_data: { crk_id: key }, name: 'vsphere', description: 'three hosts' }
  await owner.act(201, 'POST', '/api/v2/kmip_adapters', envelope('application/vnd.ibm.kms.kmip_adapter+json', adapter))
  const certificate = { certificate: newCertificate('host-1'), name: 'host-1' }
  const body = envelope('application/vnd.ibm.kms.kmip_client_certificate+json', certificate)
  await owner.act(201, 'POST', '/api/v2/kmip_adapters/vsphere/certificates', body)
}

/** Service IDs with roles, an adopting service among them whose address never answers. */
async function services(product: Product, owner: Owner, key: string): Promise<void> {
  const scope = { kind: 'instance', id: product.instance }
  const made: { id: string; apikey: string; keyId: string }[] = []
  for (const [name, role] of [
    ['storage', 'Reader'],
    ['reporting', 'ReaderPlus'],
    ['retired', 'Writer'],
  ] as const) {
    const { id } = await owner.act<Resource>(201, 'POST', '/v1/iam/service-ids', { name })
    await owner.act(201, 'POST', '/v1/iam/roles', { identity: id, role, scope })
    const apiKey = await owner.act<{ id: string; apikey: string }>(201, 'POST', '/v1/iam/api-keys', {
      identity: id,
      name: `${name} key`,
    })
    made.push({ id, apikey: apiKey.apikey, keyId: apiKey.id })
  }
  const [storage, reporting, retired] = made as [(typeof made)[0], (typeof made)[0], (typeof made)[0]]
  await owner.act(201, 'POST', '/v1/adopters', { serviceId: storage.id, url: 'https://storage.invalid/hooks' })
  const service = await new Client({ ...product, apiKey: storage.apikey }).signIn()
  for (const bucket of ['invoices', 'reminders']) {
    const crn = `crn:v1:keywitness:public:cloud-object-storage:global:a/${'a'.repeat(32)}:${unknown}:bucket:${bucket}`
    const registration = { description: bucket, preventKeyDeletion: bucket === 'invoices' }
    const body = envelope('application/vnd.ibm.kms.registration_input+json', registration)
    await service.call('POST', `/api/v2/keys/${key}/registrations/${encodeURIComponent(crn)}`, { body })
  }
  await owner.act(204, 'POST', `/api/v2/keys/${key}/actions/rotate`)
  const reader = await new Client({ ...product, apiKey: reporting.apikey }).signIn()
  await reader.call('GET', '/api/v2/keys')
  await reader.call('DELETE', `/api/v2/keys/${key}`)
  await owner.act(204, 'DELETE', `/v1/iam/api-keys/${retired.keyId}`)
}

/** What is refused is part of a life. */
async function refusals(product: Product, { client }: Owner, secret: string): Promise<void> {
  for (const [method, path, body] of [
    ['POST', `/api/v2/keys/${secret}/actions/wrap`, {}],
    ['POST', `/api/v2/keys/${unknown}/actions/wrap`, {}],
    ['POST', '/api/v2/keys', { resources: [] }],
    ['GET', '/api/v2/keys?limit=many', undefined],
    ['DELETE', `/api/v2/keys/${unknown}`, undefined],
    ['POST', '/api/v2/key_rings/payments', undefined],
    ['GET', `/v1/trackers/${product.location}/events?cursor=none`, undefined],
    ['GET', '/api/v2/nothing', undefined],
  ] as const) {
    await client.call(method, path, body === undefined ? {} : { body })
  }
  await client.call('GET', '/api/v2/keys', { headers: { authorization: 'Bearer nobody' } })
  await fetch(`${product.url}/identity/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: 'nobody' }),
  })
}

/** What the API answers about everything there is, by path. Keys come with what hangs on each. */
export async function answersNow(client: Client): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {}
  const ask = async <Body>(path: string): Promise<Body> => {
    const reply = await client.call<Body>('GET', path)
    answers[path] = { status: reply.status, body: reply.json }
    return reply.json
  }
  const keys = await ask<{ resources: Resource[] }>('/api/v2/keys?state=0,1,2,3,5&limit=200')
  for (const { id } of keys.resources) {
    for (const what of ['metadata', 'versions', 'policies', 'registrations']) await ask(`/api/v2/keys/${id}/${what}`)
  }
  for (const path of ['key_rings', 'instance/policies', 'instance/allowed_ip_port', 'keys/registrations']) {
    await ask(`/api/v2/${path}`)
  }
  for (const path of [
    '',
    '/vsphere',
    '/vsphere/certificates/host-1',
    '/datacentre/certificates',
    '/datacentre/kmip_objects?state=1,2,3,4,5,6',
  ]) {
    await ask(`/api/v2/kmip_adapters${path}`)
  }
  for (const path of ['iam/users', 'iam/service-ids', 'iam/roles', 'iam/api-keys', 'adopters', 'instances']) {
    await ask(`/v1/${path}`)
  }
  const { trackers } = await ask<{ trackers: { location: string }[] }>('/v1/trackers')
  for (const { location } of trackers) {
    await ask(`/v1/trackers/${location}/rules/${ringRule.id}/versions`)
    await ask(`/v1/trackers/${location}/alerts?rule=${ringRule.id}&state=all`)
  }
  // How far the log is changes with each answer.
  delete answers['/v1/trackers']
  return answers
}
