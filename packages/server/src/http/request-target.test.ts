/** Request targets of every form: what is routed, what is refused, what no event may show. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AddressInfo } from 'node:net'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { sendRaw } from '../testing/raw-request.ts'
import { readTarget, segmentCharsMax, segmentsOf } from './request-target.ts'

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
  ['/api/v2/keys?a=%zz', '/api/v2/keys?a=%zz', false],
  ['http://user:secret@host:8080/api/v2/keys?limit=5', '/api/v2/keys?limit=5', false],
  ['HTTPS://host', '/', false],
  ['http://host?limit=5', '/?limit=5', false],
  ['*', '*', false],
  ['/%41%C3%BC', '/%41%C3%BC', false],
  ['/a/%zz/%', '/a/%25zz/%25', true],
  ['/a/%ff', '/a/%25ff', true],
  ['/a/%C3', '/a/%25C3', true],
  [`/${'x'.repeat(segmentCharsMax + 1)}/b`, `/${'x'.repeat(segmentCharsMax)}/b`, true],
])('%j is read as path and query', (target, url, isMalformed) => {
  expect(readTarget(target)).toEqual({ url, isMalformed })
})

test('whatever comes can be decoded afterwards', () => {
  const piece = fc.constantFrom('%', '%f', '%ff', '%C3', '%BC', '%2F', '/', 'a', '?', '#', 'http://h', '@')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const { url } = readTarget(pieces.join(''))
      expect(() => segmentsOf(url)).not.toThrow()
      expect(readTarget(url)).toEqual({ url, isMalformed: false })
    }),
    { seed: Number(process.env['SEED'] ?? 11) },
  )
})

test.each([
  '/api/v2/keys/nothing/here',
  '/api/v2/%6beys/nothing/here',
  'http://user:SECRET@host/api/v2/keys/nothing/here',
])('%s is no operation, and an event of its family', async (target) => {
  house.news()
  expect(await send(target)).toMatch(/^HTTP\/1\.1 404 /)
  const events = house.news()
  expect(events).toMatchObject([{ action: 'hs-crypto.secrets.default', outcome: 'failure' }])
  expect(JSON.stringify(events)).not.toContain('SECRET')
})

test.each(['http://user:SECRET@host/api/v2/keys?limit=5', '/%61pi/v2/keys?limit=5'])(
  'without a good token %s is recorded as a call of the key service',
  async (target) => {
    house.news()
    expect(await send(target, { authorization: 'Bearer none' })).toMatch(/^HTTP\/1\.1 401 [^]*collectionType/)
    const [event] = house.news()
    expect(event).toMatchObject({
      action: 'hs-crypto.secrets.list',
      logSourceCRN: expect.stringContaining(':hs-crypto:'),
      requestData: { instanceID: house.operator.instance },
    })
    expect(JSON.stringify(event)).not.toContain('SECRET')
  },
)

test('an answer to an absolute target shows nothing of its authority', async () => {
  const got = await send('http://user:SECRET@host/identity/nothing')
  expect(got).toContain('"url":"/identity/nothing"')
  expect(got + house.logged.join('')).not.toContain('SECRET')
})
