/** The inventory of keys: what it shows of each, to whom, in which order, and what it finds. */
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Caller } from '../../caller.ts'
import { readIdentities } from '../../iam/identities.ts'
import { readInstances } from '../../instances/instances.ts'
import { insertKeyPolicy, type KeyPolicyKind } from '../../policies/key-policy.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { insertRegistration } from '../../registrations/registration-row.ts'
import { spyingReader } from '../../testing/spying-reader.ts'
import { createAlias } from '../create-alias.ts'
import type { KeyRow } from '../key-row.ts'
import { setForDeletion } from '../set-for-deletion.ts'
import { houseDoor, houseListener } from '../testing/house-door.ts'
import { factsOf, type House, openHouse, startTime } from '../testing/house.ts'
import { addKey } from '../testing/wishes.ts'
import { addInventoryRoutes } from './routes.ts'

const dayMs = 24 * 3_600_000
const monthMs = 30 * dayMs
const time = (at: number): string => new Date(at).toISOString()

let house: House
let app: FastifyInstance
let caller: Caller
const statements: string[] = []

beforeEach(() => {
  house = openHouse()
  caller = house.call().caller
  app = houseListener(house)
  const door = houseDoor(house, () => caller)
  const policies = policiesInForce(house.store, house.parts.random)
  const http = { door, instances: readInstances(house.store), policies }
  const reader = spyingReader(house.store, statements)
  addInventoryRoutes(app, http, { ...house.parts, reader, identities: readIdentities(house.store) })
})
afterEach(() => app.close())

interface Listed {
  readonly keys: readonly (Record<string, unknown> & { readonly name: string })[]
  readonly counts: Record<string, number>
  readonly next: string | null
}

async function ask(path: string, as = house.call().caller, instance = house.instance.guid) {
  caller = as
  const answer = await app.inject({ method: 'GET', url: `/v1/instances/${instance}/inventory/keys${path}` })
  return { status: answer.statusCode, text: answer.body, json: answer.json<Listed>() }
}

async function names(query = '', as?: Caller): Promise<string[]> {
  return (await ask(query, as)).json.keys.map(({ name }) => name)
}

/** A key in a ring of its own. */
async function addIn(ring: string, name: string): Promise<KeyRow> {
  const key = await addKey(house, { name })
  house.store.run('UPDATE keys SET ring = ? WHERE id = ?', [ring, key.id])
  return key
}

function setPolicy(key: string, kind: KeyPolicyKind, months: number | null, enabled: 0 | 1 = 1): void {
  const stamps = { createdAt: 1, createdBy: 'somebody', updatedAt: 1, updatedBy: 'somebody' }
  const instance = house.instance.guid
  const policy = { instance, key, kind, id: `${key}-${kind}`, revision: 1, enabled, months, ...stamps }
  const { sql, params } = insertKeyPolicy(policy)
  house.store.run(sql, params)
}

function register(key: KeyRow, crn: string, preventsDeletion: 0 | 1): void {
  const { sql, params } = insertRegistration({
    instance: key.instance,
    key: key.id,
    crn,
    revision: 1,
    owner: caller.id,
    description: null,
    metadata: null,
    preventsDeletion,
    version: key.newest,
    versionAt: key.newestAt,
    createdAt: 1,
    updatedAt: null,
    updatedBy: null,
  })
  house.store.run(sql, params)
}

test('a key is shown with its policies, registrations, aliases and people, and never with material', async () => {
  const payload = Buffer.alloc(32, 0x5a)
  const wish = { name: 'billing', description: 'for invoices', tags: ['a'], extractable: true }
  const key = await addKey(house, { ...wish, material: { bytes: payload, text: payload.toString('base64') } })
  await house.run('hs-crypto.secrets-alias.create', createAlias(house.call(), key.id, 'invoices', house.parts))
  setPolicy(key.id, 'rotation', 3)
  setPolicy(key.id, 'dualAuthDelete', null)
  register(key, 'crn:v1:a', 0)
  register(key, 'crn:v1:b', 1)
  const { id: by, name } = house.call().caller
  const shown = {
    id: key.id,
    name: 'billing',
    aliases: ['invoices'],
    description: 'for invoices',
    tags: ['a'],
    ring: 'default',
    kind: 'standard',
    extractable: true,
    imported: true,
    state: 'active',
    createdAt: time(startTime),
    createdBy: { id: by, name },
    versions: 1,
    rotation: { everyMonths: 3, dueAt: time(startTime + 3 * monthMs), overdue: false },
    needsTwo: true,
    deletion: null,
    registrations: 2,
    protectedByRegistration: true,
  }
  const listed = await ask('')
  expect([listed.status, listed.json]).toEqual([
    200,
    {
      keys: [shown],
      counts: { 'pre-active': 0, active: 1, suspended: 0, deactivated: 0, destroyed: 0, waiting: 0, overdue: 0 },
      next: null,
    },
  ])
  expect(listed.text).not.toContain(payload.toString('base64'))
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.secrets.list',
    severity: 'normal',
    target: { id: house.instance.crn },
    responseData: { totalResources: 1 },
  })
  expect((await ask('/invoices')).json).toEqual(shown)
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.secrets-metadata.read',
    target: { id: `${house.instance.crn.slice(0, -2)}:key:${key.id}`, name: 'billing' },
    responseData: { keyState: 1, keyRingId: 'default' },
  })
})

test('a rotation is overdue from its date on while the key is active, and a policy switched off is none', async () => {
  const [due, later, off] = [await addKey(house), await addKey(house), await addKey(house, { name: 'without' })]
  setPolicy(due.id, 'rotation', 1)
  setPolicy(later.id, 'rotation', 2)
  setPolicy(off.id, 'rotation', 1, 0)
  const found = async (query: string) => (await ask(query)).json.keys.map(({ id }) => id)
  expect(await found('?due=0')).toEqual([])
  expect(await found('?due=30')).toEqual([due.id])
  expect(new Set(await found('?due=60'))).toEqual(new Set([due.id, later.id]))
  house.time = startTime + monthMs
  const { keys, counts } = (await ask('?due=0')).json
  expect(keys).toMatchObject([{ id: due.id, rotation: { overdue: true } }])
  expect(counts).toMatchObject({ active: 3, overdue: 1 })
  expect((await ask(`/${off.id}`)).json).toMatchObject({ rotation: null })
  house.store.run('UPDATE keys SET state = 2 WHERE id = ?', [due.id])
  expect((await ask(`/${due.id}`)).json).toMatchObject({ rotation: { everyMonths: 1, dueAt: null, overdue: false } })
  expect((await ask('?due=0')).json).toMatchObject({ keys: [], counts: { suspended: 1, overdue: 0 } })
  house.store.run('UPDATE keys SET state = 1, expires_at = ? WHERE id = ?', [house.time, due.id])
  expect((await ask('?due=0')).json).toMatchObject({ keys: [], counts: { deactivated: 1, overdue: 0 } })
})

test('a deletion that waits for a second person says who agreed, when, and until when that holds', async () => {
  const key = await addKey(house)
  await addKey(house, { name: 'other' })
  setPolicy(key.id, 'dualAuthDelete', null)
  await house.run('hs-crypto.secrets.setkeyfordeletion', setForDeletion(house.call(), key.id, house.parts))
  const { id, name } = house.call().caller
  const { keys, counts } = (await ask('?waiting=true')).json
  expect(keys).toMatchObject([
    {
      id: key.id,
      deletion: {
        setForDeletion: true,
        by: { id, name },
        at: time(startTime),
        expiresAt: time(startTime + 7 * dayMs),
        needsSecond: true,
      },
    },
  ])
  expect(counts).toMatchObject({ waiting: 1 })
  house.time += 7 * dayMs
  expect((await ask('?waiting=true')).json).toMatchObject({ keys: [], counts: { waiting: 0 } })
  expect((await ask(`/${key.id}`)).json).toMatchObject({ deletion: null, needsTwo: true })
})

test('a destroyed key is listed on request only, with until when it can be restored and when it is purged', async () => {
  const key = await addKey(house)
  house.forceState(key.id, 5)
  expect((await ask('')).json).toMatchObject({ keys: [], counts: { active: 0, destroyed: 1 } })
  const { keys } = (await ask('?state=destroyed')).json
  expect(keys).toMatchObject([
    {
      state: 'destroyed',
      deletedAt: time(startTime),
      restoreUntil: time(startTime + 30 * dayMs),
      purgeFrom: time(startTime + 4 * 3_600_000),
      purgeAt: time(startTime + 90 * dayMs),
    },
  ])
  house.store.run('UPDATE keys SET deleted_from = 3 WHERE id = ?', [key.id])
  expect((await ask(`/${key.id}`)).json).not.toHaveProperty('restoreUntil')
})

test('pages hold each key once, by name without regard to case, or by id', async () => {
  for (const name of ['Delta', 'alpha', 'charlie', 'Bravo', 'alpha']) await addKey(house, { name })
  const pages = async (query: string) => {
    const found: string[][] = []
    for (let after: string | null = ''; after !== null;) {
      const { json } = await ask(`?limit=2&${query}&after=${encodeURIComponent(after)}`)
      found.push(json.keys.map((key) => `${key.name} ${String(key['id'])}`))
      after = json.next
    }
    return found
  }
  const byName = await pages('sort=name')
  expect(byName.map((page) => page.length)).toEqual([2, 2, 1])
  expect(byName.flat().map((key) => key.split(' ')[0])).toEqual(['alpha', 'alpha', 'Bravo', 'charlie', 'Delta'])
  expect(new Set(byName.flat()).size).toBe(5)
  const ids = (await pages('sort=id')).flat().map((key) => key.split(' ')[1] ?? '')
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(5)
  expect((await pages('search=a')).flat()).toHaveLength(5)
  expect((await pages('search=alp')).flat()).toHaveLength(2)
})

test('the search looks at names and aliases of all keys, however many, and finds an id', async () => {
  house = openHouse({ searchSpace: 2 })
  const key = await addKey(house, { name: 'Über den Wolken' })
  await app.close()
  app = houseListener(house)
  const http = {
    door: houseDoor(house, () => caller),
    instances: readInstances(house.store),
    policies: policiesInForce(house.store, house.parts.random),
  }
  addInventoryRoutes(app, http, { ...house.parts, reader: house.store, identities: readIdentities(house.store) })
  for (let count = 0; count < 1_200; count++) {
    const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`
    const columns = 'instance, revision, description, tags, ring, state, extractable, imported, bits, versions, newest'
    const others = 'newest_at, created_at, created_by'
    house.store.run(
      `INSERT INTO keys (id, name, ${columns}, ${others})
       SELECT ?, ?, ${columns}, ${others} FROM keys WHERE id = ?`,
      [id, `copy ${count}`, key.id],
    )
  }
  expect(await names('?search=exact:name:copy%20777')).toEqual(['copy 777'])
  expect(await names('?search=%C3%BCBER')).toEqual(['Über den Wolken'])
  expect(await names(`?search=${key.id.toUpperCase()}`)).toEqual(['Über den Wolken'])
  expect(await names('?search=nowhere')).toEqual([])
  expect(await names('?search=not:copy')).toEqual(['Über den Wolken'])
})

test('who has a role on one ring sees, finds and counts the keys of that ring only', async () => {
  await addIn('payments', 'of payments')
  const hidden = await addIn('secret', 'of secret')
  setPolicy(hidden.id, 'dualAuthDelete', null)
  await house.run('hs-crypto.secrets.setkeyfordeletion', setForDeletion(house.call(), hidden.id, house.parts))
  const reader = house.caller(['Reader'], 'payments')
  const seen = (await ask('', reader)).json
  expect([seen.keys.map(({ name }) => name), seen.counts]).toMatchObject([
    ['of payments'],
    { active: 1, waiting: 0, overdue: 0 },
  ])
  for (const query of ['?search=secret', '?waiting=true', '?ring=secret'])
    expect(await names(query, reader)).toEqual([])
  expect((await ask(`/${hidden.id}`, reader)).status).toBe(401)
  expect(await names('?ring=secret')).toEqual(['of secret'])
  expect(house.lastEvent().requestData).toMatchObject({ keyRingId: 'secret' })
  expect((await ask('?ring=secret')).json.counts).toMatchObject({ active: 1, waiting: 1 })
})

test('who may not list keys is refused before anything else, and another account’s instance is like none', async () => {
  await addKey(house)
  for (const role of ['KeyPurge', 'CertificateAdministrator'] as const) {
    const refused = await ask('?limit=none', house.caller([role]))
    expect([refused.status, refused.json]).toMatchObject([401, { code: 'UNAUTHORIZED_ERR' }])
  }
  expect(factsOf(house.lastEvent())).toMatchObject({ action: 'hs-crypto.secrets.list', outcome: 'failure' })
  expect((await ask('', undefined, house.foreign.guid)).status).toBe(401)
  expect((await ask('/11111111-1111-4111-8111-111111111111')).json).toMatchObject({ code: 'KEY_NOT_FOUND_ERR' })
})

test.each(['limit=0', 'limit=1001', 'sort=age', 'state=4', 'kind=other', 'due=-1', 'waiting=1', 'ring=%2F', 'after=x'])(
  'the parameter %s is refused by its name',
  async (query) => {
    const answer = await ask(`?${query}`)
    expect([answer.status, answer.json]).toMatchObject([
      400,
      { code: 'INVALID_QUERY_PARAM_ERR', at: { type: 'query_param', name: query.split('=')[0] } },
    ])
  },
)

test('a page takes as many statements for many keys as for one, none of which sorts or walks a whole table', async () => {
  const read = async (): Promise<string[]> => {
    statements.length = 0
    await ask('')
    return [...statements]
  }
  await addKey(house)
  const one = await read()
  for (let count = 0; count < 20; count++) await addKey(house)
  const many = await read()
  expect(many).toEqual(one)
  await ask('?sort=id&search=x')
  for (const sql of new Set([...many, ...statements])) {
    const params = Array.from(
      { length: Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, at]) => Number(at))) },
      () => null,
    )
    const plan = house.store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...params).map(({ detail }) => detail)
    expect(
      plan.filter((step) => /^SCAN (?!json_each|CONSTANT)|B-TREE FOR ORDER/.test(step)),
      sql,
    ).toEqual([])
  }
})
