/** Saved views on the real server: who sees and changes which, what is refused, and what the trail tells of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type Product, startProduct } from '../src/index.ts'
import { secondAdministrator } from './second-person.ts'

interface View {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly code?: string
  readonly at?: object
}

let product: Product
let ana: Client
let officer: Client
let auditor: Client
let trail: string

beforeAll(async () => {
  product = await startProduct()
  ana = await new Client(product).signIn()
  trail = `/v1/trackers/${product.location}/views`
  const scope = { kind: 'tracker', id: product.location }
  officer = await person('officer', scope, 'Officer')
  auditor = await person('auditor', scope, 'Auditor')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

async function person(name: string, scope: object, role: string): Promise<Client> {
  const apiKey = await secondAdministrator(ana, name, scope, role)
  return await new Client({ ...product, apiKey }).signIn()
}

const save = (client: Client, body: object) => client.call<View>('POST', trail, { body })
const names = async (client: Client): Promise<string[]> =>
  (await client.call<{ views: View[] }>('GET', trail)).json.views.map(({ name }) => name)

test('a view comes back as it was saved, with who made it and its version as ETag', async () => {
  const made = await save(auditor, { name: 'Refused', query: 'outcome:failure', from: '-24h' })
  expect(made.status).toBe(201)
  const time = expect.stringMatching(/^2\d{3}-.*Z$/)
  expect(made.json).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: 'Refused',
    category: '',
    query: 'outcome:failure',
    from: '-24h',
    to: null,
    by: 'severity',
    isShared: false,
    owner: { id: expect.any(String), name: 'auditor' },
    version: 1,
    createdAt: time,
    updatedAt: time,
  })
  expect(made.headers.get('etag')).toBe('"1"')
  expect((await auditor.call<{ views: View[] }>('GET', trail)).json).toEqual({ views: [made.json] })
})

test('own views are seen by their owner alone; shared ones by all, and written by officers', async () => {
  expect((await save(auditor, { name: 'Ours', isShared: true })).status).toBe(401)
  const shared = await save(officer, { name: 'Ours', category: 'Daily', isShared: true })
  expect(shared.status).toBe(201)
  const own = await save(officer, { name: 'Mine' })
  expect(await names(officer)).toEqual(['Mine', 'Ours'])
  expect(await names(auditor)).toEqual(['Ours', 'Refused'])
  const path = `${trail}/${shared.json.id}`
  for (const method of ['PUT', 'DELETE'] as const) {
    const options = method === 'PUT' ? { body: { name: 'x' } } : {}
    expect((await auditor.call(method, path, options)).status).toBe(401)
    expect((await auditor.call(method, `${trail}/${own.json.id}`, options)).status).toBe(404)
    expect((await ana.call(method, `${trail}/${own.json.id}`, options)).status).toBe(404)
  }
  // Another officer changes it, but does not take it away from the others into somebody's own ones.
  const changed = await ana.call<View>('PUT', path, { body: { name: 'Ours', query: 'code:403', isShared: true } })
  expect(changed.json).toMatchObject({ version: 2, query: 'code:403', category: '', owner: { name: 'officer' } })
  expect((await ana.call('PUT', path, { body: { name: 'Ours' } })).status).toBe(401)
  expect((await officer.call('PUT', path, { body: { name: 'Ours' } })).status).toBe(200)
  expect(await names(auditor)).toEqual(['Refused'])
})

test('what cannot be read is refused with its place, and never saved', async () => {
  const bad = await save(auditor, { name: 'Broken', query: 'outcome:failure AND (' })
  expect([bad.status, bad.json.code]).toEqual([400, 'INVALID_FIELD_ERR'])
  expect(bad.json.at).toEqual({ type: 'field', name: 'query', from: 21, length: 0 })
  for (const [member, wish] of [
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(101) }],
    ['name', { name: 'a\u202eb' }],
    ['category', { name: 'a', category: 'x'.repeat(51) }],
    ['query', { name: 'a', query: 'two\u0000words' }],
    ['query', { name: 'a', query: 'x'.repeat(2_001) }],
    ['from', { name: 'a', from: 'yesterday-ish' }],
    ['by', { name: 'a', by: 'colour' }],
    ['isShared', { name: 'a', isShared: 'yes' }],
  ] as const) {
    const refused = await save(auditor, wish)
    expect([wish, refused.status, refused.json.at]).toEqual([wish, 400, { type: 'field', name: member }])
  }
  for (const wish of [{ name: 'a', colour: 'red' }, { name: 'a\ud800b' }]) {
    expect((await save(auditor, wish)).status).toBe(400)
  }
  expect(await names(auditor)).toEqual(['Refused'])
})

test('a name is taken once among the own ones, and once among the shared', async () => {
  const made = await save(ana, { name: 'Same' })
  const taken = await save(ana, { name: 'Same' })
  expect([taken.status, taken.json.code]).toEqual([409, 'ALREADY_EXISTS'])
  expect((await save(ana, { name: 'Same', isShared: true })).status).toBe(201)
  expect((await save(officer, { name: 'Same', isShared: true })).status).toBe(409)
  expect((await save(officer, { name: 'Same' })).status).toBe(201)
  const moved = await ana.call<View>('PUT', `${trail}/${made.json.id}`, { body: { name: 'Same', isShared: true } })
  expect(moved.json.code).toBe('ALREADY_EXISTS')
  const both = await Promise.all(['a', 'b'].map(() => save(auditor, { name: 'Raced' })))
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
})

test('who changes what somebody else changed meanwhile is told so', async () => {
  const { json } = await save(officer, { name: 'Versions', isShared: true })
  const path = `${trail}/${json.id}`
  const put = (tag: string) =>
    ana.call<View>('PUT', path, { headers: { 'if-match': tag }, body: { name: 'Versions', isShared: true } })
  expect((await put('"1"')).json.version).toBe(2)
  const late = await put('"1"')
  expect([late.status, late.json.code]).toEqual([412, 'PRECONDITION_FAILED'])
  expect((await put('other')).status).toBe(412)
  expect((await officer.call('DELETE', path, { headers: { 'if-match': '"1"' } })).status).toBe(412)
  expect((await officer.call('DELETE', path, { headers: { 'if-match': 'W/"2"' } })).status).toBe(204)
  expect((await officer.call('DELETE', path)).status).toBe(404)
})

test('each change is in the trail with before and after, without a secret that was pasted', async () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`
  const made = await save(officer, { name: 'Told', category: 'Daily', query: `agent:"${token}"`, isShared: true })
  const created = await ana.event(made.eventId)
  expect(JSON.stringify(created)).not.toContain(token)
  expect(created).toMatchObject({
    action: 'activity-tracker.view.create',
    severity: 'normal',
    requestData: {
      viewScope: 'shared',
      newValue: { viewName: 'Told', viewCategory: 'Daily', viewQuery: 'agent:"(masked)"', viewScope: 'shared' },
    },
    responseData: { view: made.json.id },
  })
  const path = `${trail}/${made.json.id}`
  const body = { name: 'Told again', query: 'code:403', from: '-7d', isShared: true }
  const changed = await officer.call('PUT', path, { body })
  expect((await ana.event(changed.eventId)).requestData).toMatchObject({
    view: made.json.id,
    initialValue: { viewName: 'Told', viewCategory: 'Daily' },
    newValue: { viewName: 'Told again', viewQuery: 'code:403', viewTimes: '-7d..' },
  })
  const gone = await officer.call('DELETE', path)
  expect(await ana.event(gone.eventId)).toMatchObject({
    action: 'activity-tracker.view.delete',
    severity: 'warning',
    requestData: { viewScope: 'shared', initialValue: { viewName: 'Told again' } },
  })
  const own = await save(officer, { name: 'Short-lived' })
  const ownGone = await officer.call('DELETE', `${trail}/${own.json.id}`)
  expect((await ana.event(ownGone.eventId)).severity).toBe('normal')
})

test('nobody saves more than there is room for', async () => {
  const before = (await names(auditor)).length
  for (let at = 0; ; at++) {
    const { status, json } = await save(auditor, { name: `many ${at}` })
    if (status === 201 && at <= 200) continue
    expect([status, json.code]).toEqual([409, 'QUOTA_EXCEEDED'])
    break
  }
  const { views } = (await auditor.call<{ views: { isShared: boolean }[] }>('GET', trail)).json
  expect(views.filter(({ isShared }) => !isShared)).toHaveLength(200)
  expect(views.length).toBeGreaterThan(before)
  expect((await save(officer, { name: 'Still room for others' })).status).toBe(201)
}, 60_000)
