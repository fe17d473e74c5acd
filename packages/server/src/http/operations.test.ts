/** Health, metrics and the description of the API. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addHealthRoutes } from './health.ts'
import { addMetricsRoute, createMetrics } from './metrics.ts'
import { describeApi } from './openapi.ts'

let house: HttpHouse
let reasons: string[] = []
const metrics = createMetrics()
beforeAll(async () => {
  house = await openHttpHouse({
    listener: { isPrivate: true, observer: metrics },
    prepare: (app) => describeApi(app, '0.1.0'),
    extend: (app) => {
      addHealthRoutes(app, () => reasons)
      addMetricsRoute(app, metrics.registry)
    },
  })
})
afterAll(() => house.close())

test('a living process is healthy', async () => {
  expect((await house.app.inject({ url: '/healthz' })).statusCode).toBe(200)
})

test('a server that cannot serve says why', async () => {
  reasons = []
  expect((await house.app.inject({ url: '/readyz' })).json()).toEqual({ ready: true, reasons: [] })
  reasons = ['no crypto unit answers']
  const answer = await house.app.inject({ url: '/readyz' })
  expect([answer.statusCode, answer.json()]).toEqual([503, { ready: false, reasons }])
})

test('metrics count requests by route, without ids in any label', async () => {
  const authorization = `Bearer ${await house.token(house.operator.apiKey)}`
  const secretKeyId = 'key-id-that-is-in-no-label'
  for (const method of ['GET', 'PUT'] as const) {
    await house.app.inject({
      method,
      url: `/api/v2/keys/${secretKeyId}`,
      headers: { authorization, 'bluemix-instance': house.operator.instance },
    })
  }
  await house.app.inject({ url: `/${secretKeyId}` })
  const { body, headers } = await house.app.inject({ url: '/metrics' })
  expect(headers['content-type']).toContain('text/plain')
  expect(body).toContain('keywitness_http_request_seconds_count{method="GET",route="/api/v2/keys/:id",status="200"} 1')
  expect(body).toContain('route="none",status="404"')
  for (const id of [secretKeyId, house.operator.account, house.operator.instance]) expect(body).not.toContain(id)
})

test('metrics are refused to a public listener', async () => {
  await expect(openHttpHouse({ extend: (app) => addMetricsRoute(app, metrics.registry) })).rejects.toThrow(
    'private listener only',
  )
})

interface Description {
  readonly openapi: string
  readonly paths: Record<string, Record<string, { summary?: string; tags?: string[] }>>
}

test('every route of the identity service is described, with a summary and a tag', async () => {
  const described = (await house.app.inject({ url: '/openapi.json' })).json<Description>()
  expect(described.openapi).toBe('3.1.0')
  expect(Object.keys(described.paths)).toEqual(
    expect.arrayContaining([
      '/identity/token',
      '/identity/keys',
      '/v1/session',
      '/v1/iam/users',
      '/v1/iam/users/{id}',
      '/v1/iam/service-ids',
      '/v1/iam/api-keys/{id}',
      '/v1/iam/roles/{id}',
      '/v1/instances/{guid}',
      '/v1/accounts',
      '/healthz',
      '/readyz',
    ]),
  )
  const own = Object.entries(described.paths).filter(([path]) => !path.startsWith('/api/'))
  for (const [path, methods] of own) {
    for (const [method, route] of Object.entries(methods)) {
      expect([path, method, route.summary, route.tags]).toEqual([
        path,
        method,
        expect.any(String),
        [expect.any(String)],
      ])
    }
  }
})

test('the description has a page of its own files', async () => {
  const answer = await house.app.inject({ url: '/docs/' })
  expect(answer.statusCode).toBe(200)
  expect(answer.body).not.toMatch(/(?:src|href)="https?:/)
  expect(answer.headers['content-security-policy']).toContain("script-src 'self'")
})
