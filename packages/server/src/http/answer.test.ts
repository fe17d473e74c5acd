/** Refusals on the wire: which of them say when to come back. */
import pino from 'pino'
import { expect, test } from 'vitest'
import { type ErrorCode, Refusal } from '../errors.ts'
import { createListener } from './listener.ts'

const later: readonly ErrorCode[] = ['TOO_MANY_REQUESTS', 'UNIT_UNAVAILABLE', 'AUDIT_UNAVAILABLE', 'NOT_COVERED']
const never: readonly ErrorCode[] = ['BAD_BODY_ERR', 'NOT_FOUND', 'CONFLICT', 'INTERNAL', 'STORAGE_FULL']

test('what will pass says when to try again, and nothing else does', async () => {
  const app = createListener({ isPrivate: true, log: pino({ level: 'silent' }), trustedProxies: [] })
  app.get('/refused/:code', (request) => {
    throw new Refusal((request.params as { code: ErrorCode }).code)
  })
  for (const code of [...later, ...never]) {
    const { headers } = await app.inject({ url: `/refused/${code}` })
    expect(headers['retry-after'], code).toBe(later.includes(code) ? '1' : undefined)
  }
})
