/** Redaction by type: no secret fits where it could hide, and where text may stand it is bounded. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { call, emitted, stamp } from '../test/facts.ts'
import { buildEvent } from './build.ts'
import type { CatalogueEntry, FieldSpec } from './catalogue/entry.ts'
import type { ActionName } from './catalogue.ts'
import { entryBytes } from './entry.ts'
import { EventError } from './error.ts'
import type { EventFacts } from './event.ts'

interface Slot {
  readonly entry: CatalogueEntry
  readonly side: 'request' | 'response'
  readonly field: FieldSpec
}

const slots: readonly Slot[] = emitted.flatMap((entry) =>
  (['request', 'response'] as const).flatMap((side) => entry[side].map((field) => ({ entry, side, field }))),
)
const closed = slots.filter(({ field }) => !['name', 'identifier', 'identifier[]'].includes(field.type))
const open = slots.filter(({ field }) => ['name', 'identifier', 'identifier[]'].includes(field.type))

/** What a key, a nonce or a token looks like, each with a mark in it that can be searched for. */
const mark = 'plantedSecret'
const bytes = fc
  .uint8Array({ minLength: 12, maxLength: 64 })
  .map((random) => Buffer.concat([Buffer.from(mark), random]))
const secrets: Record<string, fc.Arbitrary<string>> = {
  base64: bytes.map((secret) => secret.toString('base64')),
  base64url: bytes.map((secret) => secret.toString('base64url')),
  // 25 bytes and more; 32 bytes exactly in hexadecimal cannot be told from a hash.
  hexadecimal: bytes.map((secret) => secret.toString('hex')).filter((secret) => secret.length !== 64),
  PEM: bytes.map((secret) => `-----BEGIN PRIVATE KEY-----\n${secret.toString('base64')}\n-----END PRIVATE KEY-----\n`),
  JWT: bytes.map((secret) => `eyJhbGciOiJFUzI1NiJ9.${secret.toString('base64url')}.${secret.toString('base64url')}`),
  'an API key': bytes.map((secret) => secret.toString('base64url').slice(0, 44)),
}

function put({ entry, side, field }: Slot, value: unknown): string {
  const facts = { ...call(entry.action as ActionName), [side]: { [field.name]: value } } as EventFacts<ActionName>
  const event = buildEvent(facts, stamp)
  return new TextDecoder().decode(entryBytes(event, { id: stamp.id, epoch: 1 }, 1))
}

/** The error that refused the value. */
function refusal(slot: Slot, value: unknown): unknown {
  try {
    return `${slot.entry.action} ${slot.field.name} took ${JSON.stringify(put(slot, value))}`
  } catch (error) {
    return error
  }
}

test.each(Object.keys(secrets))('%s fits in no typed field of any action', (kind) => {
  const secret = secrets[kind] as fc.Arbitrary<string>
  fc.assert(
    fc.property(secret, (value) => {
      for (const slot of closed) {
        const error = refusal(slot, slot.field.type === 'sha256[]' ? [value] : value)
        expect(error).toBeInstanceOf(EventError)
        expect(String(error)).not.toContain(value)
      }
    }),
    { numRuns: 20 },
  )
})

test('numbers and booleans are not taken from text, nor text from objects', () => {
  for (const slot of closed) {
    for (const value of ['1', 'true', '', null, {}, { secret: mark }, [mark], [[mark]], 1.5, Number.NaN])
      expect(refusal(slot, value)).toBeInstanceOf(EventError)
  }
})

test('a PEM text fits in no field at all, and every text field is bounded', () => {
  for (const slot of open) {
    const wrap = (value: string): unknown => (slot.field.type === 'identifier[]' ? [value] : value)
    const bound = slot.field.type === 'name' ? slot.field.max : 128
    expect(refusal(slot, wrap('-----BEGIN PRIVATE KEY-----\nx\n'))).toBeInstanceOf(EventError)
    expect(refusal(slot, wrap('a'.repeat(bound + 1)))).toBeInstanceOf(EventError)
    expect(put(slot, wrap('a'.repeat(bound)))).toContain('a'.repeat(bound))
  }
})

test('members that hold secrets in requests and answers have no place in any action', () => {
  const names = ['payload', 'plaintext', 'ciphertext', 'encryptedNonce', 'iv', 'nonce', 'apikey', 'access_token', 'pin']
  for (const { action } of emitted) {
    for (const name of names) {
      for (const side of ['request', 'response']) {
        const facts = { ...call(action as ActionName), [side]: { [name]: mark } } as EventFacts<ActionName>
        expect(() => buildEvent(facts, stamp)).toThrow(expect.objectContaining({ code: 'UNKNOWN_FIELD' }))
      }
    }
  }
})

test('members beside the facts have no way in', () => {
  const facts = {
    ...call('hs-crypto.secrets.create'),
    payload: mark,
    initiator: {
      ...call('hs-crypto.secrets.create').initiator,
      token: mark,
      credential: { type: 'token', token: mark },
    },
    target: { ...call('hs-crypto.secrets.create').target, payload: mark },
  } as EventFacts<'hs-crypto.secrets.create'>
  expect(JSON.stringify(buildEvent(facts, stamp))).not.toContain(mark)
})

test('names of inherited members are no fields', () => {
  const request = JSON.parse('{"__proto__": "x", "constructor": "y"}') as object
  const facts = { ...call('hs-crypto.secrets.create'), request } as EventFacts<'hs-crypto.secrets.create'>
  expect(() => buildEvent(facts, stamp)).toThrow(expect.objectContaining({ code: 'UNKNOWN_FIELD' }))
})
