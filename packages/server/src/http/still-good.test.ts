/** What an answer that goes on asks again: whether the credentials it was given for are still good. */
import { Type } from 'typebox'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tokenLifetimeS } from '../iam/token.ts'
import { sessionLifetimeMs } from '../iam/sessions.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addAccountRoute } from './account-route.ts'

let house: HttpHouse
let stillGood: () => boolean
beforeEach(async () => {
  house = await openHttpHouse({
    extend: (app, { door }) =>
      addAccountRoute(app, door, {
        method: 'GET',
        url: '/v1/lasting',
        action: 'activity-tracker.events.tail',
        schema: { params: Type.Object({}) },
        operation: (request) => {
          stillGood = request.stillGood
          return { code: 200, result: {} }
        },
      }),
  })
})
afterEach(() => house.close())

async function ask(headers: Record<string, string>): Promise<void> {
  expect((await house.app.inject({ url: '/v1/lasting', headers })).statusCode).toBe(200)
  expect(stillGood()).toBe(true)
}

/** Asks with the token of a service ID of its own; answers its id and its API key's. */
async function askAsService(): Promise<{ identity: string; key: string }> {
  const as = (url: string, payload: object) => house.as(house.operator.apiKey, { method: 'POST', url, payload })
  const { id } = (await as('/v1/iam/service-ids', { name: 'watcher' })).json<{ id: string }>()
  const made = await as('/v1/iam/api-keys', { identity: id, name: 'watching' })
  const key = made.json<{ id: string; apikey: string }>()
  await ask({ authorization: `Bearer ${await house.token(key.apikey)}` })
  return { identity: id, key: key.id }
}

async function signIn(): Promise<{ cookie: string; host: string }> {
  const payload = { apikey: house.operator.apiKey }
  const answer = await house.app.inject({ method: 'POST', url: '/v1/session', payload })
  return { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', host: 'localhost:80' }
}

const owner = (request: { method: 'PATCH' | 'DELETE'; url: string; payload?: object }) =>
  house.as(house.operator.apiKey, request)

test('a token is no longer good once its API key is disabled', async () => {
  const { key } = await askAsService()
  await owner({ method: 'PATCH', url: `/v1/iam/api-keys/${key}`, payload: { state: 'disabled' } })
  expect(stillGood()).toBe(false)
})

test('a token is no longer good once its API key is deleted', async () => {
  const { key } = await askAsService()
  await owner({ method: 'DELETE', url: `/v1/iam/api-keys/${key}` })
  expect(stillGood()).toBe(false)
})

test('a token is no longer good once its identity is disabled, nor once it is deleted', async () => {
  const { identity } = await askAsService()
  const url = `/v1/iam/service-ids/${identity}`
  await owner({ method: 'PATCH', url, payload: { state: 'disabled' } })
  expect(stillGood()).toBe(false)
  await owner({ method: 'PATCH', url, payload: { state: 'active' } })
  expect(stillGood()).toBe(true)
  await owner({ method: 'DELETE', url })
  expect(stillGood()).toBe(false)
})

test('a token is no longer good once it has expired', async () => {
  await ask({ authorization: `Bearer ${await house.token(house.operator.apiKey)}` })
  house.clock.time += tokenLifetimeS * 1_000
  expect(stillGood()).toBe(false)
})

test('a session is no longer good once it is signed out', async () => {
  const headers = await signIn()
  await ask(headers)
  const same = { 'x-keywitness-console': '1', origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }
  const out = await house.app.inject({ method: 'DELETE', url: '/v1/session', headers: { ...headers, ...same } })
  expect(out.statusCode).toBe(204)
  expect(stillGood()).toBe(false)
})

test('a session is no longer good once it has expired', async () => {
  await ask(await signIn())
  house.clock.time += sessionLifetimeMs
  expect(stillGood()).toBe(false)
})
