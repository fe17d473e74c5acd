/** Whatever is sent, to whatever path: an answer below 500, within its form, and an event for what aimed at something. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)

let house: HttpHouse
let authorization: string
beforeAll(async () => {
  house = await openHttpHouse()
  authorization = `Bearer ${await house.token(house.operator.apiKey)}`
})
afterAll(() => house.close())

const visible = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
})
const word = fc.constantFrom(
  'keys',
  'v1',
  'iam',
  'users',
  'roles',
  'api-keys',
  'service-ids',
  'instances',
  'accounts',
  'session',
  'token',
  '%2f',
  '%00',
  '..',
  '%zz',
)
const path = fc
  .tuple(
    fc.constantFrom('/api/v2', '/v1/iam', '/v1', '/identity', ''),
    fc.array(fc.oneof(word, visible.map(encodeURIComponent)), { maxLength: 4 }),
    fc.option(fc.webQueryParameters()),
  )
  .map(([root, parts, query]) => `${root}/${parts.join('/')}${query === null ? '' : `?${query}`}`)
const request = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
  path,
  body: fc.option(fc.oneof(fc.json(), fc.string(), fc.constant('null'))),
  isKnown: fc.boolean(),
  headers: fc.dictionary(
    fc.constantFrom(
      'content-type',
      'content-encoding',
      'correlation-id',
      'x-kms-key-ring',
      'prefer',
      'cookie',
      'origin',
      'user-agent',
      'bluemix-instance',
    ),
    visible,
  ),
})

test('no request makes the server fail', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path: url, body, isKnown, headers }) => {
      house.clock.elapsed += 60_000
      house.identity.flood.ended()
      const answer = await house.app.inject({
        method: method as 'GET',
        url,
        headers: { ...headers, ...(isKnown ? { authorization } : {}) },
        ...(body === null ? {} : { payload: body }),
      })
      expect([method, url, answer.statusCode < 500]).toEqual([method, url, true])
      const eventId = answer.headers['keywitness-event-id']
      const event = house.events().at(-1)
      // What names an event was the last thing recorded, with the status that was answered.
      expect(eventId === undefined ? undefined : event?.reason.reasonCode).toBe(eventId && answer.statusCode)
      expect(eventId === undefined ? undefined : event?.id).toBe(eventId)
    }),
    { seed, numRuns: 400 },
  )
})
