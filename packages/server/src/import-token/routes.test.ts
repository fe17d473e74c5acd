/** Import tokens over HTTP: made, retrieved, counted, replaced, expired. */
import { createPublicKey } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Refusal } from '../errors.ts'
import { factsOf, openHouse } from '../keys/testing/house.ts'
import { openListeners } from '../policies/testing/listeners.ts'
import { keyPairs, type KeyPair } from './key-pairs.ts'

/** Smaller than the product's, so that tests need not wait; one test makes a real one. */
const small = keyPairs(2_048)

interface Token {
  readonly creationDate: string
  readonly expirationDate: string
  readonly maxAllowedRetrievals: number
  readonly remainingRetrievals: number
  readonly payload: string
  readonly nonce: string
}

function open(makeKeyPair: () => Promise<KeyPair> = small) {
  const house = openHouse()
  return { house, ...openListeners(house, makeKeyPair) }
}

test('a token is made with the defaults, and hands out an RSA-4096 key and a nonce', async () => {
  const { house, ask } = open(keyPairs(4_096))
  const made = await ask('POST', '/import_token', { body: {} })
  expect(made.status).toBe(200)
  const dates = { creationDate: '2026-03-01T12:00:00.000Z', expirationDate: '2026-03-01T12:10:00.000Z' }
  expect(made.json()).toEqual({ ...dates, expiration: 600, maxAllowedRetrievals: 1, remainingRetrievals: 1 })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.import-token.create',
    outcome: 'success',
    severity: 'normal',
    target: { id: house.instance.crn, typeURI: 'hs-crypto/import-token' },
    requestData: { expirationSeconds: 600 },
    responseData: { expirationDate: dates.expirationDate, maxAllowedRetrievals: 1 },
  })
  const got = (await ask('GET', '/import_token')).json<Token>()
  expect(got).toMatchObject({ ...dates, maxAllowedRetrievals: 1, remainingRetrievals: 0 })
  const pem = Buffer.from(got.payload, 'base64').toString()
  expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
  const key = createPublicKey(pem)
  expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]).toEqual(['rsa', 4_096])
  expect(Buffer.from(got.nonce, 'base64')).toHaveLength(12)
  const event = house.lastEvent()
  expect(factsOf(event)).toMatchObject({
    action: 'hs-crypto.import-token.read',
    outcome: 'success',
    responseData: { maxAllowedRetrievals: 1, remainingRetrievals: 0 },
  })
  expect(JSON.stringify(event)).not.toContain(got.nonce)
  expect(JSON.stringify(event)).not.toContain(got.payload.slice(0, 40))
}, 120_000)

test('each retrieval counts; one too many is refused', async () => {
  const { house, ask } = open()
  const body = { maxAllowedRetrievals: 3, expiration: 300 }
  expect((await ask('POST', '/import_token', { body })).json()).toMatchObject({ expiration: 300 })
  for (const left of [2, 1, 0]) {
    expect((await ask('GET', '/import_token')).json<Token>().remainingRetrievals).toBe(left)
  }
  const refused = await ask('GET', '/import_token')
  expect([refused.status, refused.code]).toEqual([409, 'IMPORT_TOKEN_EXPIRED_ERR'])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.import-token.read',
    outcome: 'failure',
    severity: 'warning',
    code: 409,
    responseData: {},
  })
})

test('retrievals at the same time are counted one by one', async () => {
  const { ask } = open()
  await ask('POST', '/import_token', { body: { maxAllowedRetrievals: 2 } })
  const answers = await Promise.all([1, 2, 3, 4].map(() => ask('GET', '/import_token')))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 409, 409])
})

test('a token expires by its date', async () => {
  const { house, ask } = open()
  await ask('POST', '/import_token', { body: { expiration: 86_400, maxAllowedRetrievals: 500 } })
  house.time += 86_399_999
  expect((await ask('GET', '/import_token')).status).toBe(200)
  house.time += 1
  expect((await ask('GET', '/import_token')).code).toBe('IMPORT_TOKEN_EXPIRED_ERR')
})

test('a new token takes the place of the one before', async () => {
  const { ask } = open()
  await ask('POST', '/import_token', { body: { maxAllowedRetrievals: 2 } })
  const first = (await ask('GET', '/import_token')).json<Token>()
  await ask('POST', '/import_token', { body: { maxAllowedRetrievals: 2 } })
  const second = (await ask('GET', '/import_token')).json<Token>()
  expect(second.remainingRetrievals).toBe(1)
  expect([second.payload === first.payload, second.nonce === first.nonce]).toEqual([false, false])
})

test('no token, no retrieval', async () => {
  const { house, ask } = open()
  const answer = await ask('GET', '/import_token')
  expect(answer.status).toBe(404)
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.import-token.read',
    outcome: 'failure',
    code: 404,
  })
})

test.each([
  { expiration: 299 },
  { expiration: 86_401 },
  { expiration: '600' },
  { expiration: 600.5 },
  { maxAllowedRetrievals: 0 },
  { maxAllowedRetrievals: 501 },
  { maxAllowedRetrievals: true },
])('%j is out of range', async (body) => {
  const { house, ask } = open()
  const answer = await ask('POST', '/import_token', { body })
  expect([answer.status, answer.code]).toEqual([400, 'INVALID_FIELD_ERR'])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.import-token.create',
    outcome: 'failure',
    code: 400,
  })
})

test.each([undefined, 'null', {}, { expiration: null, unknown: 1 }])(
  'a body of %j takes the defaults',
  async (body) => {
    const { ask } = open()
    const made = await ask('POST', '/import_token', body === undefined ? {} : { body })
    expect(made.json()).toMatchObject({ expiration: 600, maxAllowedRetrievals: 1 })
  },
)

test('writers and managers only', async () => {
  const { house, ask } = open()
  const reader = house.caller(['Reader', 'ReaderPlus'])
  for (const method of ['GET', 'POST'] as const) {
    expect((await ask(method, '/import_token', { caller: reader, body: {} })).status).toBe(401)
  }
  expect((await ask('POST', '/import_token', { caller: house.caller(['Writer']), body: {} })).status).toBe(200)
})

test('whoever would wait too long for a key pair is told so, and the others get theirs', async () => {
  const make = keyPairs(2_048)
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => make()))
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Refusal] : []))
  expect(refused.map(({ code }) => code)).toEqual(Array(4).fill('TOO_MANY_REQUESTS'))
  expect((await make()).publicKey).toContain('PUBLIC KEY')
})
