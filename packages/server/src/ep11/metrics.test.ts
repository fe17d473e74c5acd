/** What metrics tell of EP11: methods and how they ended, in labels that nobody outside can choose; rates of callers. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Ep11House, openEp11House } from './testing/ep11-house.ts'
import { detailOf } from './testing/grep11-client.ts'

let house: Ep11House
beforeEach(async () => {
  house = await openEp11House({
    settings: { KEYWITNESS_EP11_CALLS_PER_SECOND: '1', KEYWITNESS_EP11_CALL_BURST: '3' },
  })
})
afterEach(() => house.close())

test('calls are counted by method and status, and timed by method', async () => {
  const client = await house.client()
  house.unit.respond = () => ({ refusal: { code: 0x70, message: 'No.' } })
  await client.ends('DigestInit', { Mech: { Mechanism: 1 } })
  house.unit.respond = () => ({})
  await client.ends('Logout', {})
  await client.raw('/grep11.Crypto/Made.Up', Buffer.alloc(0))
  await client.ends('Logout', {}, { authorization: 'nonsense' })
  const page = await house.registry.metrics()
  const calls = [...page.matchAll(/^keywitness_ep11_calls_total\{method="(.*)",status="(.*)"\} (\d+)$/gm)]
  expect(calls.map(([, method, status, count]) => `${method} ${status} ${count}`)).toEqual([
    'DigestInit INVALID_ARGUMENT 1',
    'Logout OK 1',
    'unknown UNIMPLEMENTED 1',
    'Logout UNAUTHENTICATED 1',
  ])
  const timed = [...page.matchAll(/^keywitness_ep11_call_seconds_count\{method="(.*)"\} (\d+)$/gm)]
  expect(timed.map(([, method, count]) => `${method} ${count}`)).toEqual(['DigestInit 1', 'Logout 2', 'unknown 1'])
  expect(page).toMatch(/^keywitness_ep11_connections 1$/m)
  expect(page).not.toContain(house.operator.instance)
})

test('a caller who asks too much is refused, told and recorded once in a while, and others are served', async () => {
  const client = await house.client()
  for (let call = 0; call < 3; call++) await client.ask('Logout', {})
  const refused = await Promise.all([1, 2, 3].map(() => client.fails('Logout', {})))
  for (const error of refused) expect(detailOf(error)).toMatchObject({ code: 8, retry: true })
  expect(house.uses().map(({ reason }) => reason.reasonCode)).toEqual([200, 200, 200, 429])
  const another = await house.client('b', { apiKey: await house.withRole('Reader') })
  await another.ask('Logout', {})
  house.clock.elapsed += 1_000
  await client.ask('Logout', {})
})
