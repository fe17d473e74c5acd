/** Errors of answers: what a refusal says in either form, and whether it ends the session. */
import { describe, expect, test } from 'vitest'
import { errorOf, networkError } from './problem.ts'

function refusal(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
}

const unauthorised = {
  metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
  resources: [{ errorMsg: 'Unauthorized: The user does not have access to the specified resource' }],
}

describe('the error of an answer', () => {
  test('is what a problem document says', async () => {
    const body = { code: 'LAST_ADMINISTRATOR', title: 'Conflict', detail: 'Nobody would remain.', correlationId: 'c1' }
    const error = await errorOf(refusal(409, body, { 'Retry-After': '3' }))
    expect(error).toMatchObject({ kind: 'refused', status: 409, code: 'LAST_ADMINISTRATOR', retryAfter: 3 })
    expect(error).toMatchObject({ message: 'Nobody would remain.', correlationId: 'c1' })
  })

  test('names the place that is at fault', async () => {
    const at = { type: 'field', name: 'rule.when.query', from: 3, length: 6 }
    const found = await errorOf(refusal(400, { code: 'INVALID_FIELD_ERR', at }))
    expect(found.at).toEqual({ name: 'rule.when.query', from: 3, length: 6 })
    expect((await errorOf(refusal(400, { code: 'INVALID_FIELD_ERR', at: { name: 7 } }))).at).toBeUndefined()
  })

  test('is the reason that an envelope of Key Protect gives', async () => {
    const reasons = [{ code: 'AUTHORIZATIONS_NOT_MET', message: 'Another identity must delete it.', status: 409 }]
    const body = { resources: [{ errorMsg: 'Conflict: Key could not be deleted', reasons }] }
    const error = await errorOf(refusal(409, body, { 'Correlation-Id': 'c2' }))
    expect(error).toMatchObject({ kind: 'refused', code: 'AUTHORIZATIONS_NOT_MET', correlationId: 'c2' })
    expect(error.message).toBe('Another identity must delete it.')
  })

  test("has the server's own code where the envelope has another's", async () => {
    const body = { resources: [{ errorMsg: 'Conflict', reasons: [{ code: 'PROTECTED_RESOURCE_ERR', message: 'm' }] }] }
    const error = await errorOf(refusal(409, body, { 'Keywitness-Reason': 'KMIP_ADAPTER_USES_KEY' }))
    expect(error.code).toBe('KMIP_ADAPTER_USES_KEY')
  })

  test.each([
    ['UNAUTHORIZED_ERR', 'forbidden'],
    ['UNAUTHENTICATED', 'unauthenticated'],
  ])('tells a missing right from an ended session: %s is %s', async (code, kind) => {
    expect((await errorOf(refusal(401, unauthorised, { 'Keywitness-Reason': code }))).kind).toBe(kind)
    expect((await errorOf(refusal(401, { code, title: 'Unauthorized' }))).kind).toBe(kind)
  })

  test('never takes an unexplained 401 of the key API for the end of the session', async () => {
    const error = await errorOf(refusal(401, unauthorised))
    expect(error).toMatchObject({ kind: 'forbidden', message: unauthorised.resources[0]?.errorMsg })
  })

  test.each([
    'no JSON',
    [],
    null,
    { resources: [] },
    { resources: [null] },
    { resources: [{ errorMsg: 7 }] },
    { code: 1 },
  ])('is made of the status alone when the body says nothing: %j', async (body) => {
    expect(await errorOf(refusal(500, body))).toMatchObject({ kind: 'server', code: 'HTTP_500' })
  })
})

test('a refusal is told with its code, and that nothing answered in words alone', async () => {
  const refused = await errorOf(refusal(409, { code: 'LAST_ADMINISTRATOR', detail: 'Nobody would remain.' }))
  expect(refused.told).toBe('Nobody would remain. (LAST_ADMINISTRATOR)')
  const cause = new TypeError('Failed to fetch')
  const unreached = networkError(cause)
  expect(unreached).toMatchObject({ kind: 'network', code: 'NETWORK', cause })
  expect(unreached.told).toBe('The server could not be reached. Try again in a moment.')
})
