/** Errors of answers in both forms that the server has. */
import { expect, test } from 'vitest'
import { errorOf } from './problem.ts'

const refused = (body: object, status: number, headers: Record<string, string> = {}) =>
  errorOf(new Response(JSON.stringify(body), { status, headers }))

test('a refusal in the form of Key Protect is told by its one reason', async () => {
  const reason = { code: 'KEY_NOT_FOUND_ERR', message: 'There is no such key.', status: 404 }
  const body = { metadata: {}, resources: [{ errorMsg: 'Not Found: …', reasons: [reason] }] }
  expect(await refused(body, 404)).toMatchObject({
    kind: 'missing',
    code: 'KEY_NOT_FOUND_ERR',
    message: 'There is no such key.',
  })
})

test('a 401 of that form, which has no reasons, ends the session only if the caller is unknown', async () => {
  const body = { metadata: {}, resources: [{ errorMsg: 'Unauthorized: The user does not have access' }] }
  const of = (code: string) => refused(body, 401, { 'Keywitness-Reason': code })
  expect(await of('UNAUTHORIZED_ERR')).toMatchObject({ kind: 'forbidden', code: 'UNAUTHORIZED_ERR' })
  expect(await of('UNAUTHENTICATED')).toMatchObject({ kind: 'unauthenticated' })
})

test('what is no such envelope is an error all the same', async () => {
  for (const resources of [null, [], [null], [{ reasons: 'none' }], 'text']) {
    expect(await refused({ resources }, 400)).toMatchObject({ kind: 'refused', code: 'HTTP_400' })
  }
})
