/** Two accounts: whatever belongs to the other answers exactly like what never was. */
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

let house: HttpHouse
let theirs: { user: string; service: string; key: string; role: string; instance: string }
beforeAll(async () => {
  house = await openHttpHouse()
  const made = async (url: string, payload: object): Promise<string> => {
    const answer = await house.as(house.other.apiKey, { method: 'POST', url, payload })
    return answer.json<{ id: string }>().id
  }
  const service = await made('/v1/iam/service-ids', { name: 'theirs' })
  theirs = {
    user: house.other.owner,
    service,
    key: await made('/v1/iam/api-keys', { identity: service, name: 'theirs' }),
    role: await made('/v1/iam/roles', { identity: service, role: 'Reader', scope: { kind: 'account' } }),
    instance: house.other.instance,
  }
})
afterAll(() => house.close())

/** Status, headers and body, with ids and times made the same. */
function shapeOf(answer: LightMyRequestResponse, ids: readonly string[]): unknown {
  let text = JSON.stringify([answer.statusCode, answer.headers, answer.body])
  for (const id of ids) text = text.replaceAll(id, 'ID')
  return text
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/"date":"[^"]*"/g, '"date":""')
}

type Probe = readonly [what: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object]

function probes(ids: typeof theirs): Probe[] {
  return [
    ['read a user', 'GET', `/v1/iam/users/${ids.user}`],
    ['disable a user', 'PATCH', `/v1/iam/users/${ids.user}`, { state: 'disabled' }],
    ['delete a user', 'DELETE', `/v1/iam/users/${ids.user}`],
    ['read a service ID', 'GET', `/v1/iam/service-ids/${ids.service}`],
    ['delete a service ID', 'DELETE', `/v1/iam/service-ids/${ids.service}`],
    ['read an API key', 'GET', `/v1/iam/api-keys/${ids.key}`],
    ['disable an API key', 'PATCH', `/v1/iam/api-keys/${ids.key}`, { state: 'disabled' }],
    ['delete an API key', 'DELETE', `/v1/iam/api-keys/${ids.key}`],
    ['list API keys', 'GET', `/v1/iam/api-keys?identity=${ids.service}`],
    ['make an API key', 'POST', '/v1/iam/api-keys', { identity: ids.service, name: 'mine now' }],
    ['revoke a role', 'DELETE', `/v1/iam/roles/${ids.role}`],
    [
      'grant to an identity',
      'POST',
      '/v1/iam/roles',
      { identity: ids.service, role: 'Reader', scope: { kind: 'account' } },
    ],
    [
      'grant on an instance',
      'POST',
      '/v1/iam/roles',
      { identity: house.operator.owner, role: 'Reader', scope: { kind: 'instance', id: ids.instance } },
    ],
    ['read an instance', 'GET', `/v1/instances/${ids.instance}`],
  ]
}

test('every route answers for the things of another account as for unknown ones', async () => {
  const unknown = {
    user: `KWid-${nobody}`,
    service: `iam-ServiceId-${nobody}`,
    key: `ApiKey-${nobody}`,
    role: nobody,
    instance: nobody,
  }
  const ids = [...Object.values(theirs), ...Object.values(unknown)]
  const foreign = probes(theirs)
  const never = probes(unknown)
  for (const [index, [what, method, url, payload]] of foreign.entries()) {
    const probe = async (path: string, body: object | undefined): Promise<LightMyRequestResponse> =>
      house.as(house.operator.apiKey, {
        method,
        url: path,
        headers: { 'correlation-id': 'probe' },
        ...(body === undefined ? {} : { payload: body }),
      })
    const one = await probe(url, payload)
    const other = await probe(never[index]?.[2] ?? '', never[index]?.[3])
    expect([what, shapeOf(one, ids)]).toEqual([what, shapeOf(other, ids)])
  }
  expect((await house.as(house.other.apiKey, { url: `/v1/iam/api-keys/${theirs.key}` })).json()).toMatchObject({
    state: 'active',
  })
})

test('the key API answers for the instance of another account as for an unknown one, also in its events', async () => {
  const shapes: unknown[] = []
  const told: unknown[] = []
  for (const instance of [theirs.instance, nobody, 'no guid at all']) {
    house.news()
    const answer = await house.as(house.operator.apiKey, {
      url: '/api/v2/keys',
      headers: { 'bluemix-instance': instance, 'correlation-id': 'probe' },
    })
    shapes.push(shapeOf(answer, [instance]))
    const event = house.news().at(-1)
    told.push({ ...event, id: '', eventTime: '', requestData: {} })
    expect(event).toMatchObject({ outcome: 'failure', severity: 'critical', reason: { reasonCode: 401 } })
  }
  expect(new Set(shapes).size).toBe(1)
  expect(told[1]).toEqual(told[0])
})

test('lists hold nothing of the other account', async () => {
  for (const url of ['/v1/iam/users', '/v1/iam/service-ids', '/v1/iam/api-keys', '/v1/iam/roles', '/v1/instances']) {
    const { body } = await house.as(house.operator.apiKey, { url })
    for (const id of [...Object.values(theirs), house.other.account])
      expect([url, body.includes(id)]).toEqual([url, false])
  }
})
