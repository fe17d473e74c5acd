/** Two accounts on one server: whatever belongs to the other answers exactly like what does not exist. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type Product, type Reply, startProduct } from '../src/index.ts'

interface Things {
  readonly client: Client
  readonly instance: string
  readonly location: string
  readonly serviceId: string
  readonly user: string
  readonly apiKey: string
  readonly role: string
  readonly key: string
  readonly alias: string
  readonly ring: string
  readonly adapter: string
  readonly event: string
  readonly hold: string
  readonly keystore: string
  readonly object: string
  readonly unit: string
}

let product: Product
let mine: Things
let theirs: Things

beforeAll(async () => {
  product = await startProduct()
  const operator = await new Client(product).signIn()
  mine = await furnish(operator, product.instance, product.location)
  const founded = await operator.call<{ apikey: string }>('POST', '/v1/accounts', {
    body: { name: 'Other', home: 'eu-de', owner: 'bea' },
  })
  created(founded)
  const place = { url: product.url, apiKey: founded.json.apikey, location: 'eu-de' }
  const bare = await new Client({ ...place, instance: randomUUID() }).signIn()
  created(await bare.call('POST', '/v1/trackers', { body: { location: 'eu-de' } }))
  const made = await bare.call<{ guid: string }>('POST', '/v1/instances', {
    body: { name: 'theirs', location: 'eu-de' },
  })
  created(made)
  const owner = await new Client({ ...place, instance: made.json.guid }).signIn()
  theirs = await furnish(owner, made.json.guid, 'eu-de')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

function created(reply: Reply): void {
  if (reply.status !== 201) throw new Error(`not created: ${reply.status} ${reply.text}`)
}

async function furnish(client: Client, instance: string, location: string): Promise<Things> {
  const service = await client.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'service' } })
  const user = await client.call<{ id: string }>('POST', '/v1/iam/users', { body: { name: 'person' } })
  const apiKey = await client.call<{ id: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: service.json.id, name: 'key' },
  })
  const role = await client.call<{ id: string }>('POST', '/v1/iam/roles', {
    body: { identity: service.json.id, role: 'Reader', scope: { kind: 'instance', id: instance } },
  })
  for (const made of [service, user, apiKey, role]) created(made)
  const key = await client.createKey('a key')
  const alias = `alias-of-${location}`
  created(await client.call('POST', `/api/v2/keys/${key}/aliases/${alias}`))
  const ring = `ring-of-${location}`
  created(await client.call('POST', `/api/v2/key_rings/${ring}`))
  const adapter = `adapter-of-${location}`
  const type = 'application/vnd.ibm.kms.kmip_adapter+json'
  const profile = { name: adapter, profile: 'native_1.0', profile_data: { crk_id: key } }
  const body = { metadata: { collectionType: type, collectionTotal: 1 }, resources: [profile] }
  created(await client.call('POST', '/api/v2/kmip_adapters', { body }))
  const hold = await client.call<{ id: string }>('POST', `/v1/trackers/${location}/holds`, {
    body: { reason: 'a matter' },
  })
  created(hold)
  const keystores = `/v1/keystores/${instance}`
  const keystore = await client.call<{ id: string }>('POST', keystores, { body: { type: 'public' } })
  created(keystore)
  // Data are no key: no crypto unit need know them.
  const data = { object: Buffer.from('theirs').toString('base64'), attributes: { CKA_CLASS: 0 } }
  const object = await client.call<{ id: string }>('POST', `${keystores}/${keystore.json.id}/keys`, { body: data })
  created(object)
  const units = await client.call<{ hsms: { hsm_id: string }[] }>('GET', `/v1/tke/${instance}/hsms`)
  const readKey = await client.call('GET', `/api/v2/keys/${key}`)
  await client.event(readKey.eventId)
  return {
    client,
    instance,
    location,
    serviceId: service.json.id,
    user: user.json.id,
    apiKey: apiKey.json.id,
    role: role.json.id,
    key,
    alias,
    ring,
    adapter,
    event: readKey.eventId as string,
    hold: hold.json.id,
    keystore: keystore.json.id,
    object: object.json.id,
    unit: units.json.hsms[0]?.hsm_id ?? '',
  }
}

/** For each path with parameters: theirs, and one of the same form that nobody has. */
function fillings(path: string): { theirs: string; unknown: string } | undefined {
  const fill = (values: Record<string, [string, string]>): { theirs: string; unknown: string } => {
    const put = (at: 0 | 1): string =>
      Object.entries(values).reduce((text, [name, pair]) => text.replace(`{${name}}`, pair[at]), path)
    return { theirs: put(0), unknown: put(1) }
  }
  const other = (id: string): string => id.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, randomUUID())
  if (path.startsWith('/v1/iam/service-ids/')) return fill({ id: [theirs.serviceId, other(theirs.serviceId)] })
  if (path.startsWith('/v1/iam/users/')) return fill({ id: [theirs.user, other(theirs.user)] })
  if (path.startsWith('/v1/iam/api-keys/')) return fill({ id: [theirs.apiKey, other(theirs.apiKey)] })
  if (path.startsWith('/v1/iam/roles/')) return fill({ id: [theirs.role, other(theirs.role)] })
  if (path.startsWith('/v1/instances/')) return fill({ guid: [theirs.instance, randomUUID()] })
  if (path.startsWith('/api/v2/keys/')) {
    const crn = encodeURIComponent('crn:v1:bluemix:public:cloud-object-storage:global:a/1:2:bucket:b')
    return fill({ id: [theirs.key, randomUUID()], alias: [theirs.alias, 'alias-of-nobody'], crn: [crn, crn] })
  }
  if (path.startsWith('/api/v2/key_rings/')) return fill({ id: [theirs.ring, 'ring-of-nobody'] })
  if (path.startsWith('/api/v2/kmip_adapters/')) {
    return fill({
      adapter: [theirs.adapter, 'adapter-of-nobody'],
      certificate: ['one', 'one'],
      object: [theirs.key, theirs.key],
    })
  }
  if (path.startsWith('/v1/tke/'))
    return fill({
      instance: [theirs.instance, randomUUID()],
      unit: [theirs.unit, randomUUID()],
      region: ['us-east', 'us-east'],
    })
  if (path.startsWith('/v1/keystores/')) {
    return fill({
      instance: [theirs.instance, randomUUID()],
      keystore: [theirs.keystore, randomUUID()],
      key: [theirs.object, randomUUID()],
    })
  }
  if (path.startsWith('/v1/certs/')) {
    return fill({ instance: [theirs.instance, randomUUID()], certificate: ['web', 'web'] })
  }
  if (path.startsWith('/v1/adopters/'))
    return fill({ id: [theirs.serviceId, other(theirs.serviceId)], message: [randomUUID(), randomUUID()] })
  if (path.startsWith('/v1/trackers/')) {
    return fill({
      location: [theirs.location, 'jp-tok'],
      id: [theirs.event, randomUUID()],
      level: ['0', '0'],
      size: ['1', '1'],
      producer: [randomUUID(), randomUUID()],
      key: ['00000000', '00000000'],
      sha256: ['00'.repeat(32), '00'.repeat(32)],
      hold: [theirs.hold, randomUUID()],
      first: ['0', '0'],
      '*': ['000', '000'],
    })
  }
  return undefined
}

/** What a caller can tell two answers apart by. */
function visible(reply: Reply): unknown {
  const hidden = new Set(['correlation-id', 'keywitness-event-id', 'date', 'content-length'])
  const headers = [...reply.headers].filter(([name]) => !hidden.has(name)).toSorted(([a], [b]) => a.localeCompare(b))
  const text = reply.text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
  return { status: reply.status, headers, text }
}

test('every endpoint answers for the other account’s things as for unknown ones', async () => {
  const description = await mine.client.call<{ paths: Record<string, Record<string, unknown>> }>('GET', '/openapi.json')
  const paths = Object.entries(description.json.paths).filter(([path]) => path.includes('{'))
  expect(paths.length).toBeGreaterThan(10)
  for (const [path, methods] of paths) {
    const filled = fillings(path)
    expect(filled, `no filling for ${path}`).toBeDefined()
    for (const method of Object.keys(methods)) {
      const body = ['post', 'put', 'patch'].includes(method) ? { body: {} } : {}
      const call = (url: string) => mine.client.call(method.toUpperCase(), url, body)
      const forTheirs = await call(filled?.theirs ?? '')
      const forUnknown = await call(filled?.unknown ?? '')
      // A name that the caller chooses is free in his own instance, whoever else uses it.
      const least = path === '/api/v2/key_rings/{id}' ? 201 : 400
      expect(forTheirs.status, `${method} ${path}`).toBeGreaterThanOrEqual(least)
      expect(visible(forTheirs), `${method} ${path}`).toEqual(visible(forUnknown))
    }
  }
})

test('after all that their things are still there', async () => {
  const see = async (path: string): Promise<string> => (await theirs.client.call('GET', path)).text
  expect(await see('/api/v2/keys')).toContain(theirs.key)
  expect(await see('/api/v2/key_rings')).toContain(theirs.ring)
  expect(await see('/api/v2/kmip_adapters')).toContain(theirs.adapter)
  expect(await see('/v1/iam/service-ids')).toContain(theirs.serviceId)
  expect(await see('/v1/iam/roles')).toContain(theirs.role)
  expect(await see(`/v1/keystores/${theirs.instance}/${theirs.keystore}/keys`)).toContain(theirs.object)
})

test('with the other account’s instance in the header every key call answers as with an unknown one', async () => {
  for (const [method, path] of [
    ['GET', '/api/v2/keys'],
    ['POST', '/api/v2/keys'],
    ['GET', `/api/v2/keys/${theirs.key}`],
    ['POST', `/api/v2/keys/${theirs.key}/actions/wrap`],
    ['DELETE', `/api/v2/keys/${theirs.key}`],
  ] as const) {
    const call = (instance: string) =>
      mine.client.call(method, path, {
        headers: { 'bluemix-instance': instance },
        ...(method === 'POST' ? { body: {} } : {}),
      })
    expect(visible(await call(theirs.instance)), `${method} ${path}`).toEqual(visible(await call(randomUUID())))
  }
})

test('no list, search or event shows anything of the other account', async () => {
  expect(theirs.unit).not.toBe('')
  const marks = [theirs.serviceId, theirs.user, theirs.apiKey, theirs.role, theirs.key, theirs.hold, theirs.unit]
  for (const path of [
    '/api/v2/keys',
    '/v1/instances',
    '/v1/trackers',
    '/v1/iam/service-ids',
    '/v1/iam/users',
    '/v1/iam/api-keys',
    '/v1/iam/roles',
    '/v1/removed-trackers',
    `/v1/tke/${mine.instance}/hsms`,
    `/v1/trackers/${mine.location}/holds`,
    `/v1/trackers/${mine.location}/proposals`,
  ]) {
    const { text } = await mine.client.call('GET', path)
    for (const mark of [...marks, theirs.instance]) expect(text, path).not.toContain(mark)
  }
  // What I asked for above stands in my own events; theirs hold what they did.
  const events = await mine.client.events()
  const accounts = new Set(events.map((one) => /:a\/([0-9a-f]{32}):/.exec(one.event.logSourceCRN)?.[1]))
  expect(accounts.size).toBe(1)
})

test('no count, histogram, facet, group or context holds anything of the other account', async () => {
  const theirEvents = new Set((await theirs.client.events()).map(({ event }) => event.id))
  const trail = `/v1/trackers/${mine.location}`
  const all = await mine.client.events()
  expect(all.some(({ event }) => theirEvents.has(event.id))).toBe(false)
  const count = async (query: string): Promise<number> =>
    (await mine.client.call<{ count: number }>('GET', `${trail}/count?query=${encodeURIComponent(query)}`)).json.count
  for (const query of [`key:${theirs.key}`, `instance:${theirs.instance}`, `initiator:${theirs.serviceId}`]) {
    // But for what I did to find them, by their ids.
    const own = all.filter(({ event }) => JSON.stringify(event).includes(query.slice(query.indexOf(':') + 1)))
    expect([query, (await count(query)) <= own.length]).toEqual([query, true])
  }
  const { text } = await mine.client.call('GET', `${trail}/facets?field=initiator,instance&values=100`)
  const groups = await mine.client.call('GET', `${trail}/groups?by=initiator,instance&values=1000`)
  for (const mark of [theirs.serviceId, theirs.user]) expect(text + groups.text).not.toContain(mark)
  const bounded = await count(`index:<=${all.at(-1)?.index ?? 0}`)
  expect(bounded).toBe(all.length)
  const histogram = await mine.client.call<{ count: number }>('GET', `${trail}/histogram?query=index:<${all.length}`)
  expect(histogram.json.count).toBe(all.length)
})

test('no form of export holds anything of the other account', async () => {
  const account = /:a\/([0-9a-f]{32}):/.exec((await mine.client.events())[0]?.event.logSourceCRN ?? '')?.[1]
  /** Where each form says which service instance logged an event. */
  const sources = {
    jsonl: /"logSourceCRN":"crn:[^"]*:a\/([0-9a-f]{32}):/g,
    csv: /,"?crn:[^",]*:a\/([0-9a-f]{32}):[^",]*"?,[0-9a-f-]{36}\.\d+,\d+\r\n/g,
    cadf: /"observer":\{"id":"crn:[^"]*:a\/([0-9a-f]{32}):/g,
    evidence: /"logSourceCRN":"crn:[^"]*:a\/([0-9a-f]{32}):/g,
  }
  for (const [format, source] of Object.entries(sources)) {
    const { status, text } = await mine.client.call('GET', `/v1/trackers/${mine.location}/export?format=${format}`)
    expect(status).toBe(200)
    expect(new Set([...text.matchAll(source)].map(([, found]) => found))).toEqual(new Set([account]))
    const foreign = await mine.client.call('GET', `/v1/trackers/${theirs.location}/export?format=${format}`)
    const nowhere = await mine.client.call('GET', `/v1/trackers/jp-tok/export?format=${format}`)
    expect(visible(foreign)).toEqual(visible(nowhere))
  }
})

test('what I tried on the other account is in my trail, and nothing of it in theirs', async () => {
  const tried = await mine.client.call('GET', '/api/v2/keys', { headers: { 'bluemix-instance': theirs.instance } })
  expect(await mine.client.event(tried.eventId)).toMatchObject({ outcome: 'failure', reason: { reasonCode: 401 } })
  const inTheirs = await theirs.client.events()
  expect(inTheirs.some((one) => one.event.id === tried.eventId)).toBe(false)
})
