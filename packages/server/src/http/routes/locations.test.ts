/** Where instances may be made and listeners are: told to whoever is known, as it is now, without an event. */
import { X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../../testing/http-house.ts'
import { selfSigned } from '../../testing/self-signed.ts'
import { addLocationRoute, type Endpoints } from './locations.ts'

let house: HttpHouse
let endpoints: Endpoints
let now: number
beforeEach(async () => {
  endpoints = {}
  now = Date.parse('2026-03-01T12:00:00Z')
  house = await openHttpHouse({
    extend: (app, { door }) =>
      addLocationRoute(app, {
        door,
        locations: ['us-south', 'eu-de'],
        endpoints: () => endpoints,
        clock: { now: () => now },
      }),
  })
})
afterEach(() => house.close())

const [own, renewed, authority] = ['kmip', 'kmip again', 'authority'].map((name) => selfSigned(name).cert)
const fingerprintOf = (pem = ''): string => new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
const ask = (apiKey: string) => house.as(apiKey, { method: 'GET', url: '/v1/locations' })

test('whoever is known is told the locations and its own home, and that is no event', async () => {
  await house.token(house.operator.apiKey)
  const answer = await ask(house.other.apiKey)
  expect(answer.json()).toEqual({ home: 'eu-de', locations: ['eu-de', 'us-south'], endpoints: {} })
  expect([answer.headers['cache-control'], answer.headers['keywitness-event-id']]).toEqual(['no-store', undefined])
  expect((await ask(house.operator.apiKey)).json()).toMatchObject({ home: 'us-south' })
  expect(house.events().filter(({ action }) => action === 'hs-crypto.instance.list')).toEqual([])
})

test('each listener is told with its port and the certificate that it shows now', async () => {
  let cert = own
  const shown = () => ({ cert: Buffer.from(cert ?? ''), authority })
  const plain = () => ({ cert: Buffer.from(own ?? ''), authority: undefined })
  endpoints = {
    kmip: { host: 'keys.example.com', port: 5_696, shown },
    ep11: { public: { host: undefined, port: 9_876, shown: plain } },
  }
  const x509 = new X509Certificate(own ?? '')
  const facts = {
    fingerprint: fingerprintOf(own),
    subject: 'CN=kmip',
    notBefore: x509.validFromDate.toISOString(),
    notAfter: x509.validToDate.toISOString(),
    standing: 'valid',
  }
  const ca = { caCertificate: authority, caFingerprint: fingerprintOf(authority) }
  expect((await ask(house.operator.apiKey)).json()).toMatchObject({
    endpoints: {
      kmip: { host: 'keys.example.com', port: 5_696, ...facts, ...ca },
      ep11: { public: { port: 9_876, ...facts } },
    },
  })
  const { endpoints: told } = (await ask(house.operator.apiKey)).json<{ endpoints: { ep11: { public: object } } }>()
  expect(Object.keys(told.ep11.public)).not.toContain('host')
  expect(Object.keys(told.ep11.public)).not.toContain('caCertificate')
  for (const [at, standing] of [
    [x509.validToDate.getTime(), 'expired'],
    [x509.validFromDate.getTime() - 1, 'not_yet_valid'],
  ] as const) {
    now = at
    expect((await ask(house.operator.apiKey)).json()).toMatchObject({ endpoints: { kmip: { standing } } })
  }
  cert = renewed
  expect((await ask(house.operator.apiKey)).json()).toMatchObject({
    endpoints: { kmip: { fingerprint: fingerprintOf(renewed) } },
  })
})

test('a request without credentials is refused and recorded', async () => {
  house.news()
  const answer = await house.app.inject({ method: 'GET', url: '/v1/locations' })
  expect([answer.statusCode, answer.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }])
  expect(house.news()).toMatchObject([{ action: 'hs-crypto.instance.list', outcome: 'failure' }])
})
