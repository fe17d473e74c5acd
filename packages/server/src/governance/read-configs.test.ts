/** The governance endpoint: what it shows of instances and keys, to whom, page by page. */
import { beforeEach, expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import { readInstances } from '../instances/instances.ts'
import { codeOf, factsOf, type House, openHouse, startTime } from '../keys/testing/house.ts'
import { addKey } from '../keys/testing/wishes.ts'
import { policiesInForce } from '../policies/in-force.ts'
import { putInstancePolicy, readInstancePolicies } from '../policies/instance-policy.ts'
import { parseConfigs } from './query.ts'
import { type GovernanceParts, readConfigs } from './read-configs.ts'

const action = 'hs-crypto.governance-config.read'
const address = '192.0.2.7'

let house: House
let parts: GovernanceParts
let instancePolicies: ReturnType<typeof readInstancePolicies>
beforeEach(() => {
  house = openHouse()
  instancePolicies = readInstancePolicies(house.store)
  const { access, keys, clock, random } = house.parts
  const policies = policiesInForce(house.store, random)
  parts = { access, instances: readInstances(house.store), keys, instancePolicies, policies, clock }
})

const reading = (query: string, caller: Caller = house.call().caller) =>
  readConfigs({ caller, address }, () => parseConfigs(new URLSearchParams(query)), parts)
const read = (query: string) => house.run(action, reading(query))
const refused = async (query: string, caller?: Caller) => codeOf(await house.refused(action, reading(query, caller)))

function setPolicy(kind: 'allowedIP' | 'rotation', attributes: object): void {
  const stamps = { createdAt: 1, createdBy: 'somebody', updatedAt: 1, updatedBy: 'somebody' }
  const { sql, params } = putInstancePolicy(house.instance.guid, undefined, {
    kind,
    enabled: true,
    attributes,
    ...stamps,
  })
  house.store.run(sql, params)
}

test('an instance shows every policy it can have, those never set with what holds instead', async () => {
  setPolicy('rotation', { interval_month: 3 })
  const { states } = await read('')
  expect(states).toMatchObject([{ crn: house.instance.crn, id: house.instance.guid }])
  expect(states[0]?.config.map(({ property }) => property)).toEqual([
    'allowedNetwork',
    'allowedIP',
    'dualAuthDelete',
    'keyCreateImportAccess',
    'metrics',
    'rotation',
  ])
  expect(states[0]?.config.at(0)).toEqual({
    property: 'allowedNetwork',
    properties: [
      { property: 'enabled', value: false },
      { property: 'allowed_network', value: 'public-and-private' },
    ],
  })
  expect(states[0]?.config.at(-1)).toEqual({
    property: 'rotation',
    properties: [
      { property: 'enabled', value: true },
      { property: 'interval_month', value: 3 },
    ],
  })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action,
    severity: 'normal',
    requestData: { resourceKind: 'instance' },
    responseData: { totalResources: 1 },
  })
})

test('a key shows its state, kind, ring, dates and policies, and never material', async () => {
  const { id } = await addKey(house, { expiresAt: startTime + 1000 })
  house.time = startTime + 1000
  const { states } = await read('resource_kind=key')
  expect(states).toMatchObject([{ id }])
  const values = states[0]?.config.flatMap((one) => ('value' in one ? [[one.property, one.value]] : []))
  expect(Object.fromEntries(values ?? [])).toEqual({
    state: 3,
    extractable: false,
    imported: false,
    keyRingID: 'default',
    creationDate: '2026-03-01T12:00:00.000Z',
    expirationDate: '2026-03-01T12:00:01.000Z',
  })
  expect(states[0]?.config.slice(-2)).toEqual([
    { property: 'rotation', properties: [{ property: 'enabled', value: false }] },
    { property: 'dualAuthDelete', properties: [{ property: 'enabled', value: false }] },
  ])
})

test('keys come page by page, each once, and the last page says so', async () => {
  const ids = new Set<string>()
  for (let made = 0; made < 5; made++) ids.add((await addKey(house)).id)
  const seen: string[] = []
  for (let offset = 0, more = true; more; offset += 2) {
    const { states, hasMore } = await read(`resource_kind=key&limit=2&offset=${offset}`)
    seen.push(...states.map(({ id }) => id))
    more = hasMore
  }
  expect(seen).toHaveLength(5)
  expect(new Set(seen)).toEqual(ids)
  expect((await read('resource_kind=key&offset=9')).states).toEqual([])
})

test('one instance or one resource group can be asked about', async () => {
  const { crn, resourceGroup } = house.instance
  expect((await read(`service_instance_crn=${encodeURIComponent(crn)}`)).states).toHaveLength(1)
  expect((await read(`resource_group_id=${resourceGroup}`)).states).toHaveLength(1)
  expect((await read(`resource_group_id=${'d'.repeat(32)}`)).states).toEqual([])
})

test('who manages no instance is refused, as is who asks about another account or its instance', async () => {
  expect(await refused('', house.caller(['Reader', 'Writer', 'KmipAdapterManager']))).toEqual(['UNAUTHORIZED_ERR', 401])
  expect(await refused('', house.caller(['Manager'], 'finance'))).toEqual(['UNAUTHORIZED_ERR', 401])
  expect(await refused(`account_id=${'b'.repeat(32)}`)).toEqual(['UNAUTHORIZED_ERR', 401])
  const foreign = encodeURIComponent(house.foreign.crn)
  expect(await refused(`service_instance_crn=${foreign}`)).toEqual(['UNAUTHORIZED_ERR', 401])
  expect(house.lastEvent()).toMatchObject({ action, outcome: 'failure', severity: 'critical' })
})

test('an instance that takes no requests from the caller’s address is not shown', async () => {
  setPolicy('allowedIP', { allowed_ip: ['198.51.100.0/24'] })
  expect(await refused('')).toEqual(['UNAUTHORIZED_ERR', 401])
})

test('parameters out of their bounds are refused by name', async () => {
  for (const query of ['resource_kind=user', 'limit=0', 'limit=1001', 'offset=-1', 'config_request_id=%3Cb%3E']) {
    const refusal = await house.refused(action, reading(query))
    expect(refusal, query).toMatchObject({
      code: 'INVALID_QUERY_PARAM_ERR',
      at: { type: 'query_param', name: query.split('=')[0] },
    })
  }
})
