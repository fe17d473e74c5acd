/** The neutral message: whatever it is made of, it stays within its bounds, and comes out of the queue as it went in. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { outboundLimits } from '../../outbound/limits.ts'
import { alertMessage, alertMessageTypes, messageLimits, readAlertMessage, webUrl } from './alert-message.ts'
import { cut, cutBytes, oneLine, someLines } from './clean-text.ts'
import { digest, hostileDigests, hostileFacts, longest, plainFacts } from './testing/hostile-messages.ts'

test('a plain message is kept as it is', () => {
  expect(alertMessage(plainFacts)).toEqual({ format: 'keywitness-alert/1', ...plainFacts })
})

test('whatever it is made of, a message fits the queue and reads back as the same', () => {
  fc.assert(
    fc.property(fc.oneof(hostileFacts, hostileDigests), (facts) => {
      const message = alertMessage(facts)
      const body = JSON.stringify(message)
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(outboundLimits.bodyBytes)
      expect(readAlertMessage(body)).toEqual(message)
      expect(message.title).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b]/u)
    }),
  )
})

test.each(alertMessageTypes)('the longest %s fits the queue', (type) => {
  expect(Buffer.byteLength(JSON.stringify(longest(type)))).toBeLessThanOrEqual(outboundLimits.bodyBytes)
})

test('a checkpoint is never cut', () => {
  const facts = { ...plainFacts, type: 'digest' as const, digest }
  expect(alertMessage(facts).digest?.checkpoint).toBe(digest.checkpoint)
  const long = { ...digest, checkpoint: 'x'.repeat(messageLimits.checkpoint + 1) }
  expect(() => alertMessage({ ...facts, digest: long })).toThrow(RangeError)
})

test.each([
  '',
  'null',
  '[]',
  '{}',
  '{"format":"keywitness-alert/1","type":"else"}',
  '{"format":"keywitness-alert/1","type":"digest"}',
])('the body %j is no message', (body) => {
  expect(readAlertMessage(body)).toBeUndefined()
})

test('only the web is linked to', () => {
  expect(webUrl('https://kms.example/a b?"')).toBe('https://kms.example/a%20b?%22')
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'https://a:b@kms.example/', '/alerts', '\n']) {
    expect(webUrl(bad)).toBeUndefined()
  }
})

test('text is cut between characters, and what was cut shows', () => {
  expect(oneLine('a\r\nb\u202ec\u0000', 10)).toBe('a b c')
  expect(someLines('a\r\nb\n\n\n\nc', 10)).toBe('a\nb\n\nc')
  expect(someLines('1\n2\n3\n4', 10, 3)).toBe('1\n2\n…')
  expect(cut('ab👩cd', 4)).toBe('ab…')
  expect(cut('ab👩cd', 5)).toBe('ab👩…')
  expect(cutBytes('ab漢字', 7)).toBe('ab…')
  expect(cutBytes('ab漢字', 8)).toBe('ab漢字')
  expect(oneLine('👩‍👩‍👧', 20)).toBe('👩‍👩‍👧')
})
