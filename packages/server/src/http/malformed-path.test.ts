/** Paths that cannot be decoded: refused, and recorded like every other invalid request of a known caller. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AddressInfo } from 'node:net'
import { type HttpHouse, openHttpHouse, tellingOf } from '../testing/http-house.ts'
import { sendRaw } from '../testing/raw-request.ts'
import { segmentCharsMax } from './request-target.ts'

let house: HttpHouse
let authorization: string
let port: number
beforeAll(async () => {
  house = await openHttpHouse()
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  port = (house.app.server.address() as AddressInfo).port
  authorization = `Bearer ${await house.token(house.operator.apiKey)}`
})
afterAll(() => house.close())

const send = (target: string, headers: Record<string, string> = {}): Promise<string> =>
  sendRaw(port, target, { authorization, 'bluemix-instance': house.operator.instance, ...headers })

test.each([
  ['%zz', '/api/v2/keys/%zz', 'hs-crypto.secrets.default'],
  ['%ff', '/api/v2/keys/%ff/policies', 'hs-crypto.policies.default'],
  ['%', '/api/v2/key_rings/%', 'hs-crypto.key-rings.request'],
  ['a segment without end', `/api/v2/keys/${'x'.repeat(segmentCharsMax + 1)}`, 'hs-crypto.secrets.default'],
  ['%zz', '/v1/iam/users/%zz', 'iam-identity.user.read'],
])('a path with %s and a good token leaves an event (%#)', async (_what, target, action) => {
  house.news()
  expect(await send(target)).toMatch(/^HTTP\/1\.1 400 [^]*MALFORMED_REQUEST/)
  expect(house.news().map(tellingOf)).toEqual([
    { action, outcome: 'failure', code: 400, initiator: house.operator.owner },
  ])
})

test('a path with %zz and no good token is a failed authentication', async () => {
  house.news()
  expect(await send('/api/v2/keys/%zz', { authorization: 'Bearer none' })).toMatch(/^HTTP\/1\.1 401 /)
  expect(house.news().map(tellingOf)).toMatchObject([{ outcome: 'failure', code: 401, initiator: 'unknown' }])
})

test('a path that cannot be decoded in no family is not there, and no event', async () => {
  house.news()
  expect(await send('/nothing/%zz')).toMatch(/^HTTP\/1\.1 404 /)
  expect(await send('/api/v2/nothing/%zz')).toMatch(/^HTTP\/1\.1 404 /)
  expect(house.news()).toEqual([])
})
