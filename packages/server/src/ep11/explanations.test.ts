/** What is said of a failed EP11 call after it: its true cause, alone, with what to do. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue, explain } from '@keywitness/cadf'
import { type ReturnValue, returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errors } from '../errors.ts'
import { statusOf } from './return-statuses.ts'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import type { Grep11Client } from './testing/grep11-client.ts'

let house: Ep11House
let client: Grep11Client
beforeAll(async () => {
  house = await openEp11House()
  client = await house.client()
})
afterAll(() => house.close())

const explained = new Set(
  catalogue.entry('hs-crypto.ep11.use')?.explanations.flatMap(({ when }) => when.refusals ?? []),
)

/** Of these what every service says is enough: the server failed, or others were quicker. */
const general = new Set([500, 408])

test('whatever a crypto unit refuses with is explained in its own words', () => {
  const folder = join(import.meta.dirname, '../../../crypto-unit/src')
  const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !/\.test\.ts$|testing|return-values/.test(file))
  const source = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  const thrown = (Object.keys(returnValues) as ReturnValue[]).filter((value) => source.includes(`'${value}'`))
  const unexplained = thrown.filter((value) => !explained.has(value) && !general.has(statusOf(value).status))
  expect(unexplained).toEqual([])
})

test('whatever the server refuses calls with is explained in its own words', () => {
  const own = Object.keys(errors).filter((code) => code.startsWith('EP11_'))
  expect(own).toHaveLength(11)
  const unexplained = [...own, 'UNAUTHENTICATED', 'TOO_MANY_REQUESTS', 'UNIT_UNAVAILABLE'].filter(
    (code) => !explained.has(code),
  )
  expect(unexplained).toEqual([])
})

test.each([
  ['CKR_PIN_INCORRECT', /PIN is not the one/],
  ['CKR_PIN_LOCKED', /no further one is tried/],
  ['CKR_SESSION_CLOSED', /belongs to a login session/],
  ['CKR_IBM_BLOB_ERROR', /another instance or altered/],
  ['CKR_IBM_WKID_MISMATCH', /another master key/],
  ['CKR_IBM_WK_NOT_INITIALIZED', /no active master key/],
  ['CKR_MECHANISM_INVALID', /not offered/],
  ['CKR_KEY_FUNCTION_NOT_PERMITTED', /lacks the usage bit/],
  ['CKR_SIGNATURE_INVALID', /was verified/],
  ['CKR_ENCRYPTED_DATA_INVALID', /do not open/],
  ['CKR_DEVICE_REMOVED', /No crypto unit/],
  ['CKR_IBM_REQ_TIMEOUT', /took too long/],
  ['CKR_SLOT_ID_INVALID', /do not fit together/],
] as const)('%s is explained by its own cause', async (value, words) => {
  house.unit.respond = () => ({ refusal: { code: returnValues[value], message: 'No.' } })
  await client.fails('Logout', {})
  expect(explain(house.lastEvent()).map(({ meaning }) => meaning)).toEqual([expect.stringMatching(words)])
})

test('who may not is told apart from who is not known', async () => {
  house.unit.respond = () => ({})
  const meanings = (): string[] => explain(house.lastEvent()).map(({ meaning }) => meaning)
  await client.fails('Logout', {}, { authorization: 'nonsense' })
  expect(meanings()).toEqual([expect.stringMatching(/token was missing/)])
  await client.fails('Logout', {}, { 'bluemix-instance': house.other.instance })
  expect(meanings()).toEqual([expect.stringMatching(/No role of the caller/)])
  await client.raw('/grep11.Crypto/Nothing', Buffer.alloc(0))
  expect(meanings()).toEqual([expect.stringMatching(/method is not offered/)])
})
