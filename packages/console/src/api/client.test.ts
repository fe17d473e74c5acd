/** The client's calls: what they send, and what they make of answers that are no success. */
import { expect, test } from 'vitest'
import { createApi, queryParams } from './client.ts'
import { ApiError } from './problem.ts'

interface Sent {
  readonly path: string
  readonly init: RequestInit
}

function stub(answer: () => Response): { sent: Sent[]; request: typeof fetch } {
  const sent: Sent[] = []
  return {
    sent,
    request: (path, init) => {
      sent.push({ path: path instanceof Request ? path.url : path.toString(), init: init ?? {} })
      return Promise.resolve(answer())
    },
  }
}

const problem = (status: number, headers: Record<string, string> = {}): Response =>
  Response.json({ code: 'NOT_COVERED', detail: 'Not yet.', correlationId: 'c-1' }, { status, headers })

test('every call carries the console header and the cookie of this origin only', async () => {
  const { sent, request } = stub(() => new Response(null, { status: 204 }))
  await createApi(request).signOut()
  const [call] = sent
  expect(call?.path).toBe('/v1/session')
  expect(call?.init.method).toBe('DELETE')
  expect(call?.init.credentials).toBe('same-origin')
  expect(new Headers(call?.init.headers).get('X-Keywitness-Console')).toBe('1')
})

test('that something may not be done is told to whoever knows the rights; that something may not be read is not', async () => {
  const told: string[] = []
  const refused = () => Response.json({ code: 'UNAUTHORIZED_ERR' }, { status: 403 })
  const { calls } = createApi(stub(refused).request, { onForbidden: () => told.push('forbidden') })
  await expect(calls.read('/v1/iam/users')).rejects.toThrow(ApiError)
  expect(told).toEqual([])
  await expect(calls.send('/v1/iam/users', { method: 'POST' })).rejects.toThrow(ApiError)
  expect(told).toEqual(['forbidden'])
})

test('several values of a filter are joined, empty ones are left out', () => {
  const params = queryParams({ severity: ['critical', 'warning'], outcome: [], text: 'billing', keyId: '' })
  expect(params.toString()).toBe('severity=critical%2Cwarning&text=billing')
})

test('a location is one part of the path whatever it is called', async () => {
  const { sent, request } = stub(() => Response.json({ events: [], next: null, covered: 0 }))
  await createApi(request).events('a/../b', {})
  expect(sent[0]?.path).toBe('/v1/trackers/a%2F..%2Fb/events?limit=200')
})

test('a problem document becomes an error with its code, its text and how long to wait', async () => {
  const { request } = stub(() => problem(409, { 'Retry-After': '1' }))
  const error = await createApi(request)
    .receipt('us-south', '5')
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({
    kind: 'refused',
    status: 409,
    code: 'NOT_COVERED',
    message: 'Not yet.',
    correlationId: 'c-1',
    retryAfter: 1,
  })
})

test('an answer that is not JSON is an error of its own, not a crash', async () => {
  const { request } = stub(() => new Response('<html>', { status: 200 }))
  await expect(createApi(request).trackers()).rejects.toMatchObject({ code: 'NOT_JSON' })
})

test('no answer at all is a network error', async () => {
  const request: typeof fetch = () => Promise.reject(new TypeError('refused'))
  await expect(createApi(request).trackers()).rejects.toMatchObject({ kind: 'network', code: 'NETWORK' })
})

test('nobody signed in is an answer, not an error', async () => {
  const { request } = stub(() => problem(401))
  expect(await createApi(request).session()).toBeUndefined()
})

test('a call that finds the session ended says so, asking for the session does not', async () => {
  let ended = 0
  const { request } = stub(() => problem(401))
  const api = createApi(request, { onUnauthenticated: () => (ended += 1) })
  await api.session()
  expect(ended).toBe(0)
  await expect(api.trackers()).rejects.toMatchObject({ kind: 'unauthenticated' })
  expect(ended).toBe(1)
})

test('a caller who lacks a right stays signed in', async () => {
  let ended = 0
  const { request } = stub(() => Response.json({ code: 'UNAUTHORIZED_ERR' }, { status: 401 }))
  const api = createApi(request, { onUnauthenticated: () => (ended += 1) })
  const acknowledged = api.alerts('us-south').act('a', { kind: 'acknowledge' })
  await expect(acknowledged).rejects.toMatchObject({ kind: 'forbidden', code: 'UNAUTHORIZED_ERR' })
  expect(ended).toBe(0)
})

test('a step of an alert is one call that says only what it must', async () => {
  const { sent, request } = stub(() => Response.json({}))
  const alerts = createApi(request).alerts('us-south')
  await alerts.act('a/b', { kind: 'assign', assignee: null })
  await alerts.act('c', { kind: 'close', comment: 'mended' })
  expect(sent.map(({ path, init }) => [path, init.body])).toEqual([
    ['/v1/trackers/us-south/alerts/a%2Fb/assign', '{"assignee":null}'],
    ['/v1/trackers/us-south/alerts/c/close', '{"comment":"mended"}'],
  ])
})

test('a hash of a consistency proof that is not base64 is refused', async () => {
  const { request } = stub(() => Response.json({ hashes: ['%%%'] }))
  await expect(createApi(request).log('us-south').consistency(1, 2)).rejects.toMatchObject({ code: 'NOT_BASE64' })
})
