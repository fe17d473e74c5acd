/** Calls on the pipe are read as they were put, whatever they hold; what was not put so is refused as malformed. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fields, FrameBatch, ProtocolError } from '../frames.ts'
import { putCall, putOutcome, readCall, readOutcome } from './call-codec.ts'
import { calls, factNames, type CallFacts, type CallName, type CallOutcome, type CallRequest } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import type { MechanismParameter } from './parameter.ts'

const u32 = fc.nat(0xffff_ffff)
const bytes = fc.uint8Array({ maxLength: 80 }).map((value) => Buffer.from(value))
const parameter: fc.Arbitrary<MechanismParameter> = fc.oneof(
  fc.record({ kind: fc.constantFrom('none' as const, 'other' as const) }),
  fc.record({ kind: fc.constant('bytes' as const), bytes }),
  fc.record({
    kind: fc.constant('oaep' as const),
    hash: u32,
    mgf: u32,
    label: fc.option(bytes, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('pss' as const), hash: u32, mgf: u32, saltBytes: u32 }),
  fc.record({ kind: fc.constant('ecdh' as const), kdf: u32, shared: bytes, peer: bytes }),
  fc.record({ kind: fc.constant('btc' as const), type: u32, childIndex: u32, chainCode: bytes, version: u32 }),
  fc.record({ kind: fc.constant('ecsg' as const), type: u32 }),
  fc.record({ kind: fc.constant('kem' as const), version: u32, mode: u32, kdf: u32, ciphertext: bytes }),
)
const attribute = fc.oneof(
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  bytes,
  fc.constant(undefined),
)
const fields = {
  bytes,
  own: bytes,
  u32,
  u32s: fc.array(u32, { maxLength: 100 }),
  mechanism: fc.record({ value: u32, parameter }),
  template: fc.array(fc.tuple(u32, attribute), { maxLength: 64 }).map((entries) => new Map(entries)),
}
const text = fc.string({ maxLength: 40 })
const fact = fc.oneof(text, fc.integer(), fc.boolean())
const factName = fc.constantFrom(...factNames)
const facts: fc.Arbitrary<CallFacts> = fc.record({
  request: fc.dictionary(factName, fc.oneof(fact, fc.array(text, { maxLength: 64 })), {
    maxKeys: 20,
    noNullPrototype: true,
  }),
  response: fc.dictionary(factName, fact, { maxKeys: 5, noNullPrototype: true }),
})

function valuesOf(shape: Readonly<Record<string, keyof typeof fields>>) {
  return fc.record(Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, fields[type]])), {
    noNullPrototype: true,
  })
}

function payloadOf(put: (frame: FrameBatch) => void): Buffer {
  const frame = new FrameBatch()
  put(frame)
  return Buffer.from(frame.take())
}

test.each(Object.keys(calls) as CallName[])('%s is read as it was put, and so is what comes of it', (name) => {
  const session = fc.option(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((value) => Buffer.from(value)),
    {
      nil: undefined,
    },
  )
  fc.assert(
    fc.property(valuesOf(calls[name].request), session, fc.uuid(), (request, shown, instance) => {
      const head = { instance, session: shown }
      const payload = payloadOf((frame) => putCall(frame, head, name, request as CallRequest<CallName>))
      expect(readCall(new Fields(payload))).toEqual({ ...head, name, request })
    }),
    { numRuns: 30 },
  )
  fc.assert(
    fc.property(facts, valuesOf(calls[name].answer), u32, text, (told, answer, code, message) => {
      for (const outcome of [
        { facts: told, answer },
        { facts: told, refusal: { code, message } },
      ] as CallOutcome<CallName>[]) {
        // What an answer has alone is erased where it is put.
        const kept = 'answer' in outcome ? { ...outcome, answer: copied(outcome.answer) } : outcome
        const payload = payloadOf((frame) => putOutcome(frame, name, kept))
        const read = readOutcome(new Fields(payload), name)
        // Whoever reads an outcome keeps it: the frame is zeroed.
        payload.fill(0)
        expect(read).toEqual(outcome)
        expect(Object.keys(read.facts.request)).toEqual(Object.keys(outcome.facts.request))
      }
    }),
    { numRuns: 30 },
  )
})

function copied<Answer extends object>(answer: Answer): Answer {
  const copies = Object.entries(answer).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? Buffer.from(value) : value,
  ])
  return Object.fromEntries(copies) as Answer
}

test('the memory of a ciphertext or plaintext is erased and given back where it is put; memory of others is not touched', () => {
  const none = { request: {}, response: {} }
  const put = (plain: Buffer) =>
    payloadOf((frame) => putOutcome(frame, 'DecryptSingle', { facts: none, answer: { plain } }))
  const alone = Buffer.allocUnsafeSlow(1024).fill(7)
  expect(put(alone).subarray(-1024)).toEqual(Buffer.alloc(1024, 7))
  expect(alone.length).toBe(0)
  const shared = Buffer.alloc(3000, 1)
  put(shared.subarray(1000, 2000))
  expect(shared).toEqual(Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(1000), Buffer.alloc(1000, 1)]))
  const key = Buffer.allocUnsafeSlow(32).fill(7)
  payloadOf((frame) => putOutcome(frame, 'RewrapKeyBlob', { facts: none, answer: { key } }))
  expect(key).toEqual(Buffer.alloc(32, 7))
})

test('a fact of no known name, or a list of them that does not end, is malformed', () => {
  const answer = payloadOf((frame) =>
    putOutcome(frame, 'Logout', { facts: { request: { keySize: 256 }, response: {} }, answer: {} }),
  )
  expect(readOutcome(new Fields(answer), 'Logout').facts.request).toEqual({ keySize: 256 })
  for (const code of [factNames.length + 1, 255]) {
    const other = Buffer.from(answer)
    other[0] = code
    expect(faultOf(() => readOutcome(new Fields(other), 'Logout'))).toMatchObject({ code: 'MALFORMED' })
  }
  expect(faultOf(() => readOutcome(new Fields(answer.subarray(0, -3)), 'Logout'))).toMatchObject({ code: 'MALFORMED' })
})

function faultOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

test('any bytes are a call, or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(50), (tail, code) => {
      const head = payloadOf((frame) => {
        frame.text('instance')
        frame.bytes(Buffer.alloc(0))
        frame.u8(code)
      })
      expect(faultOf(() => readCall(new Fields(Buffer.concat([head, tail]))))).toSatisfy(
        (fault: unknown) => fault === undefined || fault instanceof ProtocolError,
      )
    }),
    { numRuns: 2000 },
  )
})

test('what the pipe has no room for is refused before it is sent', () => {
  const head = { instance: 'any', session: undefined }
  const put = (name: CallName, request: object): unknown => {
    try {
      putCall(new FrameBatch(), head, name, request as CallRequest<CallName>)
      return undefined
    } catch (error) {
      return error instanceof Ep11Error ? error.returnValue : error
    }
  }
  const many = new Map(Array.from({ length: 65 }, (_, index) => [index, true]))
  expect(put('SetAttributeValue', { object: Buffer.alloc(1), attributes: many })).toBe('CKR_IBM_TRANSPORT_LIMIT')
  const long = new Map([[1, Buffer.alloc(64 * 1024 + 1)]])
  expect(put('SetAttributeValue', { object: Buffer.alloc(1), attributes: long })).toBe('CKR_IBM_TRANSPORT_LIMIT')
  expect(put('Digest', { state: Buffer.alloc(4 * 1024 * 1024 + 1), data: Buffer.alloc(1) })).toBe(
    'CKR_IBM_TRANSPORT_LIMIT',
  )
  const mechanism = { value: 1, parameter: { kind: 'bytes', bytes: Buffer.alloc(9_000) } }
  expect(put('DigestInit', { mechanism })).toBe('CKR_MECHANISM_PARAM_INVALID')
  const salt = { value: 1, parameter: { kind: 'pss', hash: 1, mgf: 1, saltBytes: 2 ** 40 } }
  expect(put('DigestInit', { mechanism: salt })).toBe('CKR_MECHANISM_PARAM_INVALID')
})
